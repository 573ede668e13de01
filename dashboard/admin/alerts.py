"""Alerts: acknowledge and resolve through the service, so that every screen learns of it."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.admin.tables import ReadOnlyAdmin
from dashboard.models import Alert
from dashboard.services.alerts import alert_move
from dashboard.services.outcome import DomainError


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = (
        "title",
        "account",
        "severity",
        "type",
        "status",
        "strategy",
        "created_at",
        "acknowledged_by",
        "resolved_by",
    )
    list_filter = ("status", "severity", "type", "account")
    search_fields = ("title", "message", "dedupe_key")
    list_select_related = ("account", "strategy", "acknowledged_by", "resolved_by")
    date_hierarchy = "created_at"
    actions = ("acknowledge", "resolve")

    @admin.action(description=gettext_lazy("Acknowledge the chosen alerts"), permissions=["change_state"])
    def acknowledge(self, request: HttpRequest, queryset: Any) -> None:
        self.move(request, queryset, Alert.Status.ACKNOWLEDGED)

    @admin.action(description=gettext_lazy("Resolve the chosen alerts"), permissions=["change_state"])
    def resolve(self, request: HttpRequest, queryset: Any) -> None:
        self.move(request, queryset, Alert.Status.RESOLVED)

    def has_change_state_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("dashboard.change_alert")

    def move(self, request: HttpRequest, queryset: Any, status: str) -> None:
        now, count, refused = timezone.now(), 0, 0
        for alert in queryset.select_related("account"):
            try:
                alert_move(alert=alert, status=status, user=request.user, now=now)
                count += 1
            except DomainError:
                refused += 1
        self.message_user(request, ngettext("%d alert changed.", "%d alerts changed.", count) % count)
        if refused:
            self.message_user(request, _("%d were past that state already.") % refused, messages.WARNING)
