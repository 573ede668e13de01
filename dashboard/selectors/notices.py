"""Notices of a person: those on the pages, and the newest of all."""

from typing import Any

from dashboard.models import SecurityNotice

MANY = 100
SHOWN = 20


def notices_of(user: Any) -> list[SecurityNotice]:
    """The newest, dismissed or not."""
    return list(SecurityNotice.objects.filter(user=user).select_related("account").order_by("-id")[:MANY])


def notices_open(user: Any) -> list[SecurityNotice]:
    """The newest that are not dismissed."""
    found = SecurityNotice.objects.filter(user=user, dismissed_at__isnull=True)
    return list(found.select_related("account").order_by("-id")[:SHOWN])
