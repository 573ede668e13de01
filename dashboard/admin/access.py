"""Accounts, members and keys. A key's secret is shown nowhere; keys are made by people in Settings or by command."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.admin.tables import ReadOnlyAdmin
from dashboard.models import Account, ApiKey, Membership
from dashboard.services.access import account_create
from dashboard.services.keys import key_revoke


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):
    list_display = ("slug", "name", "kind", "exchange", "base_currency", "initial_capital", "created_at")
    list_filter = ("kind",)
    search_fields = ("slug", "name")
    inlines = (MembershipInline,)

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        names = ("name", "kind", "exchange", "base_currency", "periods_per_year", "initial_capital")
        made = account_create(slug=obj.slug, **{name: getattr(obj, name) for name in names})
        obj.pk, obj.stream_key, obj.created_at = made.pk, made.stream_key, made.created_at

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        return False


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = (
        "prefix",
        "name",
        "account",
        "bot",
        "scopes",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    list_filter = ("account",)
    search_fields = ("prefix", "name")
    list_select_related = ("account", "bot")
    exclude = ("hash",)
    actions = ("revoke",)

    @admin.action(description=_("Revoke the chosen keys"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        for key in queryset:
            key_revoke(key, now=timezone.now())

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("dashboard.change_apikey")
