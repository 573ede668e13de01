"""Accounts, members and keys. A key's secret is shown nowhere; keys are made by people in Settings or by command."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.admin.tables import ReadOnlyAdmin
from dashboard.models import Account, ApiKey, AuditEntry, Membership
from dashboard.services.access import SETTINGS, account_change, account_create
from dashboard.services.audit import Actor
from dashboard.services.keys import key_revoke
from dashboard.services.members import member_set
from dashboard.services.outcome import DomainError


class MembershipInline(admin.TabularInline):
    """Here an account gets its first members; the roles of those it has are changed in Settings."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):
    list_display = ("slug", "name", "kind", "exchange", "base_currency", "initial_capital", "created_at")
    list_filter = ("kind",)
    search_fields = ("slug", "name")
    inlines = (MembershipInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> tuple[str, ...]:
        return () if obj is None else ("slug", "kind")

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        actor = Actor.of_person(request, request.user)
        values = {name: getattr(obj, name) for name in SETTINGS}
        if change:
            account_change(account=Account.objects.get(pk=obj.pk), values=values, now=timezone.now(), actor=actor)
            return
        made = account_create(slug=obj.slug, kind=obj.kind, actor=actor, **values)
        obj.pk, obj.stream_key, obj.created_at = made.pk, made.stream_key, made.created_at

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        actor, now = Actor.of_person(request, request.user), timezone.now()
        for new in formset.save(commit=False):
            try:
                member_set(account=form.instance, user=new.user, role=new.role, now=now, actor=actor)
            except DomainError as error:
                self.message_user(request, " ".join(error.fields["role"]), messages.ERROR)

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
            key_revoke(key, now=timezone.now(), actor=Actor.of_person(request, request.user))

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("dashboard.change_apikey")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("account", "number", "at", "actor", "address", "action", "target")
    list_filter = ("action", "account")
    search_fields = ("actor", "target")
    list_select_related = ("account",)
