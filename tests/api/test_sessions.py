"""Who asks, and the password that is given again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dashboard.buckets import Buckets
from dashboard.models import Account, AuditEntry
from dashboard.services.links import sign_in_link_create
from tests.api.conftest import Caller
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]


@pytest.fixture(autouse=True)
def fresh_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.sessions.buckets", Buckets())


@pytest.fixture
def stale(owner: User, person: Person) -> Caller:
    """The owner, long after signing in."""
    caller = person(owner)
    session = caller.client.session
    session["confirmed_at"] = 0
    session.save()
    return caller


def test_the_password_opens_what_asks_for_it(stale: Caller) -> None:
    assert stale.refused(403, "GET", "keys")["code"] == "password_needed"
    until = stale.post("session/confirm", {"password": PASSWORD}, status=200)["confirmed_until"]
    assert stale.get("me")["confirmed_until"] == until > timezone.now().isoformat()
    stale.get("keys")


def test_a_wrong_password_opens_nothing_and_is_noted(stale: Caller) -> None:
    for password in ("", "wrong", PASSWORD.upper(), "x" * 4096):
        error = stale.refused(400, "POST", "session/confirm", {"password": password})
        assert list(error["fields"]) == ["password"]
    assert stale.refused(403, "GET", "keys")["code"] == "password_needed"
    noted = AuditEntry.objects.filter(action="session.refuse")
    assert [(entry.actor, entry.account) for entry in noted] == [("user:owner", None)] * 4


def test_guessing_is_slow(stale: Caller) -> None:
    for _ in range(5):
        stale.refused(400, "POST", "session/confirm", {"password": "guess"})
    error = stale.refused(429, "POST", "session/confirm", {"password": PASSWORD})
    assert error["code"] == "throttled" and 1 <= int(stale.response["Retry-After"]) <= 60
    assert stale.refused(403, "GET", "keys")["code"] == "password_needed"


@pytest.mark.parametrize("body", [{}, {"password": 5}, {"password": "x" * 4097}, {"password": "a\x00"}, [], {"x": 1}])
def test_bad_bodies_are_named(stale: Caller, body: Any) -> None:
    assert stale.refused(400, "POST", "session/confirm", body)["code"] == "invalid"


def test_a_program_has_no_password(program: Callable[..., Caller], account: Account) -> None:
    program().refused(403, "POST", "session/confirm", {"password": PASSWORD})


def test_signing_in_confirms_whatever_the_way(owner: User, client: Client, person: Person) -> None:
    client.post("/login", {"username": "owner", "password": PASSWORD})
    assert client.get("/api/keys").status_code == 200
    client.post("/logout")
    client.get(f"/sign-in/{sign_in_link_create(user=owner, now=timezone.now())}")
    assert client.get("/api/keys").status_code == 200


def test_who_asks(owner: User, stranger: User, person: Person, program: Callable[..., Caller]) -> None:
    mine = person(owner).get("me")
    assert (mine["kind"], mine["name"], mine["has_password"]) == ("person", "owner", True)
    assert mine["accounts"] == [{"slug": "main", "name": "Main", "role": "owner"}]
    assert person(stranger).get("me")["accounts"] == []
    owner.set_unusable_password()
    owner.save()
    assert person(owner).get("me")["has_password"] is False
    key = program("read", name="Grafana").get("me")
    assert (key["kind"], key["name"], key["accounts"][0]["role"]) == ("program", "Grafana", "viewer")
    program("ingest").refused(403, "GET", "me")


def test_signing_in_and_out_and_failing_to_is_noted(owner: User, client: Client) -> None:
    client.post("/login", {"username": "owner", "password": PASSWORD})
    client.post("/logout")
    client.post("/login", {"username": "owner", "password": "wrong"})
    client.post("/login", {"username": "my secret typed too early", "password": ""})
    client.post("/login", {"username": "my secret typed too early", "password": "x"})
    found = AuditEntry.objects.filter(account=None).order_by("number")
    assert [(entry.action, entry.actor, entry.target) for entry in found] == [
        ("session.begin", "user:owner", "user:owner"),
        ("session.end", "user:owner", "user:owner"),
        ("session.refuse", "nobody", "user:owner"),
        ("session.refuse", "nobody", "user:"),
    ]
    assert {entry.address for entry in found} == {"127.0.0.1"}
