"""The admin: daily actions publish events, what the product records is read-only, keys show no secret."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.models import Account, Alert, ApiKey, AuditEntry, Authenticator, Membership, Strategy
from dashboard.services.alerts import alerts_record
from dashboard.services.keys import key_create
from dashboard.services.strategies import strategies_record
from realtime.log import read
from realtime.models import Event, Stream

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def act(client: Client, model: str, action: str, *keys: int) -> None:
    url = reverse(f"admin:dashboard_{model}_changelist")
    answer = client.post(url, {"action": action, "_selected_action": keys}, follow=True)
    assert answer.status_code == 200


def events(account: Account) -> list[str]:
    return [row.type for row in read(account.stream_key, 0, 100)]


def test_strategies_are_switched_and_every_switch_is_announced(staff: Client, account: Account) -> None:
    strategies_record(account=account, items=[{"name": "Trend"}, {"name": "Range"}], now=timezone.now())
    keys = Strategy.objects.values_list("pk", flat=True)
    act(staff, "strategy", "disable", *keys)
    assert not Strategy.objects.filter(enabled=True).exists()
    assert events(account) == ["strategy_update"] * 4
    act(staff, "strategy", "disable", *keys)
    assert len(events(account)) == 4
    assert [entry.actor for entry in AuditEntry.objects.filter(action="strategy.change")] == ["user:admin"] * 2
    act(staff, "strategy", "enable", keys[0])
    assert Strategy.objects.filter(enabled=True).count() == 1


def test_a_limit_set_in_the_form_is_exact_and_announced(staff: Client, account: Account) -> None:
    strategies_record(account=account, items=[{"name": "Trend"}], now=timezone.now())
    strategy = Strategy.objects.get()
    url = reverse("admin:dashboard_strategy_change", args=[strategy.pk])
    body = {
        "description": "",
        "parameters": '{"fast": 12}',
        "enabled": "on",
        "max_daily_loss": "12.3456789012345678912",
    }
    assert staff.post(url, body).status_code == 200
    assert Strategy.objects.get().max_daily_loss is None
    body["max_daily_loss"] = "12.345678901234567891"
    answer = staff.post(url, body)
    assert answer.status_code == 302, answer.context["errors"]
    assert str(Strategy.objects.get().max_daily_loss) == "12.345678901234567891"
    entry = AuditEntry.objects.get(action="strategy.change")
    assert entry.actor == "user:admin" and entry.after is not None
    assert entry.after["max_daily_loss"] == "12.345678901234567891"
    assert events(account) == ["strategy_update"] * 2


def test_alerts_are_acknowledged_and_resolved_and_do_not_go_back(staff: Client, account: Account) -> None:
    item = {"type": "risk", "severity": "warning", "title": "Losing week"}
    alerts_record(account=account, items=[item], now=timezone.now())
    alert = Alert.objects.get()
    act(staff, "alert", "acknowledge", alert.pk)
    alert.refresh_from_db()
    assert alert.status == "acknowledged"
    assert alert.acknowledged_by is not None
    act(staff, "alert", "resolve", alert.pk)
    act(staff, "alert", "acknowledge", alert.pk)
    alert.refresh_from_db()
    assert alert.status == "resolved"
    assert events(account) == ["alert"] * 3


def test_keys_show_no_secret_and_can_be_revoked(staff: Client, account: Account) -> None:
    key, token = key_create(account=account, scopes=["read"], now=timezone.now())
    for url in (
        reverse("admin:dashboard_apikey_changelist"),
        reverse("admin:dashboard_apikey_change", args=[key.pk]),
    ):
        page = staff.get(url).content.decode()
        assert key.prefix in page
        assert key.hash not in page
        assert token not in page
    act(staff, "apikey", "revoke", key.pk)
    assert ApiKey.objects.get().revoked_at is not None


def test_the_event_log_is_read_only(staff: Client, account: Account) -> None:
    strategies_record(account=account, items=[{"name": "Trend"}], now=timezone.now())
    url = reverse("admin:realtime_event_change", args=[Event.objects.get().pk])
    assert staff.get(url).status_code == 200
    assert staff.post(url, {"type": "forged"}).status_code == 403
    assert staff.post(reverse("admin:realtime_event_delete", args=[Event.objects.get().pk])).status_code == 403
    assert staff.get(reverse("admin:realtime_event_add")).status_code == 403


def test_an_account_made_in_the_admin_can_record(staff: Client) -> None:
    body = {
        "slug": "fresh",
        "name": "Fresh",
        "kind": "live",
        "base_currency": "USDT",
        "periods_per_year": "365",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
    }
    answer = staff.post(reverse("admin:dashboard_account_add"), body)
    assert answer.status_code == 302, answer.context["errors"]
    assert Stream.objects.filter(key=Account.objects.get(slug="fresh").stream_key).exists()


def account_form(**changes: str) -> dict[str, str]:
    return {
        "name": "Main", "exchange": "", "base_currency": "USDT", "periods_per_year": "365", "initial_capital": "",
        "memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0", **changes,
    }  # fmt: skip


def test_an_account_changed_in_the_admin_is_announced_and_noted(staff: Client, account: Account) -> None:
    url = reverse("admin:dashboard_account_change", args=[account.pk])
    assert staff.post(url, account_form(name="Perps", slug="else", kind="demo")).status_code == 302
    changed = Account.objects.get()
    assert (changed.name, changed.slug, changed.kind) == ("Perps", "main", "live")
    assert events(account) == ["account_update"]
    entry = AuditEntry.objects.get(action="account.change")
    assert (entry.actor, entry.before, entry.after) == ("user:admin", {"name": "Main"}, {"name": "Perps"})


def test_a_member_added_in_the_admin_is_noted_and_the_last_owner_stays(
    staff: Client, account: Account, owner: User, stranger: User
) -> None:
    url = reverse("admin:dashboard_account_change", args=[account.pk])
    row = {"memberships-0-id": "", "memberships-0-account": str(account.pk), "memberships-0-role": "viewer"}
    added = {**row, "memberships-TOTAL_FORMS": "1", "memberships-0-user": str(stranger.pk)}
    assert staff.post(url, account_form(**added)).status_code == 302
    assert Membership.objects.get(user=stranger).role == "viewer"
    assert AuditEntry.objects.get(action="member.add").target == "user:stranger"
    again = account_form(**{**added, "memberships-0-user": str(owner.pk)})
    assert b"The last owner" in staff.post(url, again, follow=True).content
    assert Membership.objects.get(user=owner).role == "owner"


def test_the_audit_log_is_read_only(staff: Client, account: Account) -> None:
    staff.post(reverse("admin:dashboard_account_change", args=[account.pk]), account_form(name="Perps"))
    pk = AuditEntry.objects.get(account=account).pk
    url = reverse("admin:dashboard_auditentry_change", args=[pk])
    assert staff.get(url).status_code == 200
    assert staff.post(url, {"actor": "forged"}).status_code == 403
    assert staff.post(reverse("admin:dashboard_auditentry_delete", args=[pk])).status_code == 403
    assert staff.get(reverse("admin:dashboard_auditentry_add")).status_code == 403


@pytest.mark.parametrize("model", [model._meta.label_lower for model in admin.site._registry])
def test_every_list_opens_with_few_queries(
    staff: Client, model: str, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        answer = staff.get(reverse(f"admin:{model.replace('.', '_')}_changelist"))
    assert answer.status_code == 200


def test_members_of_an_account_are_not_staff(client: Client, owner: User) -> None:
    client.force_login(owner)
    assert client.get(reverse("admin:dashboard_trade_changelist")).status_code == 302


def test_the_admin_asks_for_a_second_factor(client: Client, admin_user: User) -> None:
    client.force_login(admin_user)
    assert client.get("/admin/").status_code == 200
    Authenticator.objects.all().delete()
    answer = client.get("/admin/dashboard/trade/", follow=True)
    assert answer.status_code == 403 and "asks for a second factor" in answer.content.decode()
