"""The admin is for staff who have a second factor."""

from typing import Any

from django.contrib.admin import AdminSite

from dashboard.services.factors import has_second_factor


class Site(AdminSite):
    def has_permission(self, request: Any) -> bool:
        return super().has_permission(request) and asked_for_two(request)


def asked_for_two(request: Any) -> bool:
    """Whether signing in takes two factors: a session that began before the second one was added has ended."""
    if not hasattr(request, "two_factors"):
        request.two_factors = has_second_factor(request.user)
    return bool(request.two_factors)
