"""Strategies: switch on and off, set limits. Every change goes through the service, so it is announced."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from dashboard.models import Strategy
from dashboard.services.audit import Actor
from dashboard.services.strategies import SETTINGS, strategies_record, strategy_change


@admin.register(Strategy)
class StrategyAdmin(admin.ModelAdmin):
    list_display = ("name", "account", "enabled", "allocated_capital", "max_daily_loss", "max_drawdown", "updated_at")
    list_filter = ("enabled", "account")
    search_fields = ("name", "description")
    list_select_related = ("account",)
    list_per_page = 50
    ordering = ("account__slug", "name")
    actions = ("enable", "disable")
    fields = ("account", "name", *SETTINGS, "created_at", "updated_at")
    readonly_fields = ("created_at", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Strategy | None = None) -> tuple[str, ...]:
        return ("created_at", "updated_at", *(("account", "name") if obj else ()))

    def save_model(self, request: HttpRequest, obj: Strategy, form: Any, change: bool) -> None:
        values, now = {name: getattr(obj, name) for name in SETTINGS}, timezone.now()
        if change:
            actor = Actor.of_person(request, request.user)
            strategy_change(strategy=Strategy.objects.get(pk=obj.pk), values=values, now=now, actor=actor)
        else:
            strategies_record(account=obj.account, items=[{"name": obj.name, **values}], now=now)
        stored = Strategy.objects.get(account=obj.account, name=obj.name)
        obj.pk, obj.created_at, obj.updated_at = stored.pk, stored.created_at, stored.updated_at

    def has_delete_permission(self, request: HttpRequest, obj: Strategy | None = None) -> bool:
        return False

    @admin.action(description=_("Enable the chosen strategies"))
    def enable(self, request: HttpRequest, queryset: Any) -> None:
        self.switch(request, queryset, True)

    @admin.action(description=_("Disable the chosen strategies"))
    def disable(self, request: HttpRequest, queryset: Any) -> None:
        self.switch(request, queryset, False)

    def switch(self, request: HttpRequest, queryset: Any, enabled: bool) -> None:
        now, actor, count = timezone.now(), Actor.of_person(request, request.user), 0
        for strategy in queryset.select_related("account"):
            changed = strategy_change(strategy=strategy, values={"enabled": enabled}, now=now, actor=actor)
            count += changed.seq is not None
        self.message_user(request, ngettext("%d strategy changed.", "%d strategies changed.", count) % count)
