"""/api/keys: an owner who has just given the password makes, lists and revokes keys; nobody else does."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core import serializers
from django.utils import timezone
from rest_framework.test import APIClient

from dashboard.models import Account, ApiKey, AuditEntry, Bot
from dashboard.services.keys import key_create
from tests.api.conftest import Caller, with_key
from tests.api.samples import trade

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]
BODY = {"name": "Trend bot", "scopes": ["read", "ingest"]}


@pytest.fixture
def hand(owner: User, person: Person) -> Caller:
    return person(owner)


def test_a_key_is_made_used_listed_and_revoked(hand: Caller, account: Account) -> None:
    made = hand.post("keys", {**BODY, "bot": "alpha", "expires_in_days": 30}, status=201)
    assert hand.response["Cache-Control"] == "no-store"
    program = Caller(with_key(made["token"]))
    assert program.post("trades", trade())["status"] == "created"
    listed = hand.get("keys")
    assert "no-store" in hand.response["Cache-Control"]
    (row,) = listed["keys"]
    assert listed["total"] == 1 and row["last_used_at"] and row["last_used_ip"] == "127.0.0.1"
    named = {name: row[name] for name in ("name", "scopes", "bot", "created_by")}
    assert named == {"name": "Trend bot", "scopes": ["ingest", "read"], "bot": "alpha", "created_by": "owner"}
    assert 29 <= (ApiKey.objects.get().expires_at - timezone.now()).days < 30  # type: ignore[operator]
    assert list(program.refused(400, "POST", "trades", trade(trade_id="t-2", bot="beta"))["fields"]) == ["bot"]
    hand.send("DELETE", f"keys/{row['id']}")
    assert (hand.response.status_code, hand.response.content) == (204, b"")
    program.refused(401, "GET", "trades")
    assert hand.get("keys")["keys"] == []
    hand.refused(404, "DELETE", f"keys/{row['id']}")


def test_the_token_is_in_one_answer_and_nowhere_else(
    hand: Caller, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    token = hand.post("keys", BODY)["token"]
    assert list(hand.refused(400, "POST", "keys", BODY, idempotency_key="k")["fields"]) == ["Idempotency-Key"]
    dump = "".join(serializers.serialize("json", model._default_manager.all()) for model in apps.get_models())
    secret = token.split("_")[3]
    for text in (dump, caplog.text, json.dumps(hand.get("keys"), default=str), json.dumps(hand.get("audit"))):
        assert secret not in text
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"name": None}, ["name"]),
        ({"name": ""}, ["name"]),
        ({"name": "x" * 101}, ["name"]),
        ({"name": "a\x00"}, ["name"]),
        ({"scopes": None}, ["scopes"]),
        ({"scopes": []}, ["scopes"]),
        ({"scopes": "read"}, ["scopes"]),
        ({"scopes": ["read", "read"]}, ["scopes"]),
        ({"scopes": ["admin"]}, ["scopes"]),
        ({"scopes": [1]}, ["scopes"]),
        ({"scopes": [["read"]]}, ["scopes"]),
        ({"bot": 5}, ["bot"]),
        ({"bot": " "}, ["bot"]),
        ({"expires_in_days": 0}, ["expires_in_days"]),
        ({"expires_in_days": 3651}, ["expires_in_days"]),
        ({"expires_in_days": "30"}, ["expires_in_days"]),
        ({"expires_at": "2026-01-01"}, ["expires_at"]),
        ({"expires_at": "2020-01-01T00:00:00Z"}, ["expires_at"]),
        ({"expires_at": "9999-01-01T00:00:00Z"}, ["expires_at"]),
        ({"expires_at": "2027-01-01T00:00:00Z", "expires_in_days": 5}, ["expires_at"]),
        ({"token": "bv2_live_x"}, ["token"]),
        ({"account": "other"}, ["account"]),
    ],
)
def test_what_is_refused_leaves_nothing(
    hand: Caller, stored: Callable[[], dict[str, int]], change: dict[str, Any], names: list[str]
) -> None:
    before = stored()
    body = {name: value for name, value in {**BODY, **change}.items() if value is not None}
    assert sorted(hand.refused(400, "POST", "keys", body)["fields"]) == names
    assert stored() == before and not ApiKey.objects.exists()


def test_the_end_may_be_a_moment(hand: Caller) -> None:
    until = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    made = hand.post("keys", {**BODY, "expires_at": until.isoformat()})
    assert ApiKey.objects.get(pk=made["id"]).expires_at == until


def test_without_a_recent_password_nothing_is_shown_made_or_revoked(hand: Caller, account: Account) -> None:
    key, _ = key_create(account=account, scopes=["read"], now=timezone.now())
    age(hand, minutes=11)
    for method, path, body in (
        ("GET", "keys", None),
        ("POST", "keys", BODY),
        ("DELETE", f"keys/{key.pk}", None),
    ):
        assert hand.refused(403, method, path, body)["code"] == "password_needed"
    assert ApiKey.objects.get().revoked_at is None
    age(hand, minutes=9)
    assert len(hand.get("keys")["keys"]) == 1


def test_a_bad_request_without_a_recent_password_tells_nothing_more(viewer: User, hand: Caller, person: Person) -> None:
    """The role is asked for first: who may not have keys is not sent for the password."""
    visitor = person(viewer)
    age(visitor, minutes=11)
    assert visitor.refused(403, "GET", "keys")["code"] == "forbidden"


def age(caller: Caller, *, minutes: int) -> None:
    """Let the password have been given so long ago."""
    session = caller.client.session
    session["confirmed_at"] = int(timezone.now().timestamp()) - minutes * 60
    session.save()


def test_no_key_lists_or_makes_keys(program: Callable[..., Caller], account: Account) -> None:
    everything = program("read", "ingest", "write")
    key = ApiKey.objects.get()
    for method, path, body in (("GET", "keys", None), ("POST", "keys", BODY), ("DELETE", f"keys/{key.pk}", None)):
        assert everything.refused(403, method, path, body)["code"] == "forbidden"
    assert ApiKey.objects.get().revoked_at is None


def test_keys_of_another_account_are_not_there(hand: Caller, other_account: Account) -> None:
    foreign, _ = key_create(account=other_account, scopes=["read"], now=timezone.now(), name="theirs")
    assert hand.get("keys")["keys"] == []
    hand.refused(404, "DELETE", f"keys/{foreign.pk}")
    assert ApiKey.objects.get().revoked_at is None


def test_the_list_is_paged_and_costs_the_same_for_any_number(
    hand: Caller, account: Account, django_assert_num_queries: Any
) -> None:
    bot = Bot.objects.create(account=account, name="b")
    for number in range(7):
        key_create(account=account, scopes=["read"], now=timezone.now(), name=f"k{number}", bot=bot)
    hand.get("keys")
    with django_assert_num_queries(5):  # session, person, membership, count, rows
        assert len(hand.get("keys")["keys"]) == 7
    first = hand.get("keys?limit=3")
    key_create(account=account, scopes=["read"], now=timezone.now(), name="late")
    second = hand.get(f"keys?limit=3&cursor={first['next_cursor']}")
    assert [row["name"] for row in first["keys"] + second["keys"]] == ["k6", "k5", "k4", "k3", "k2", "k1"]
    assert list(hand.refused(400, "GET", f"audit?cursor={first['next_cursor']}")["fields"]) == ["cursor"]


def test_what_is_done_with_keys_is_in_the_audit_log(hand: Caller, account: Account) -> None:
    made = hand.post("keys", BODY)
    request = hand.response["X-Request-Id"]
    hand.send("DELETE", f"keys/{made['id']}")
    create, revoke = AuditEntry.objects.filter(account=account).order_by("number")
    assert (create.action, create.target, create.actor) == ("key.create", f"key:{made['prefix']}", "user:owner")
    assert create.request_id == request and create.address == "127.0.0.1"
    assert create.after is not None and create.after["scopes"] == ["ingest", "read"] and create.before is None
    assert (revoke.action, revoke.target) == ("key.revoke", create.target)


def test_a_write_needs_the_csrf_token(owner: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(owner)
    caller = Caller(client)
    for method, path in (
        ("POST", "keys"),
        ("POST", "session/confirm"),
        ("POST", "invitations"),
        ("PATCH", "accounts/main"),
    ):
        assert caller.refused(403, method, path, BODY)["code"] == "csrf_failed"
