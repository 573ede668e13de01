"""A new password: by the person, by a link that an owner makes, by command. It ends sessions and no second factor."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.test import Client
from django.utils import timezone

from dashboard.buckets import Buckets
from dashboard.models import Account, AuditEntry, Membership, PasswordLink
from tests.api.conftest import Caller
from tests.api.persons import enrol, sign_in
from tests.conftest import PASSWORD, member
from tests.dashboard.commands import run

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]
NEW = "another long enough secret"


@pytest.fixture(autouse=True)
def fresh_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.sessions.buckets", Buckets())


@pytest.fixture
def hand(owner: User, person: Person) -> Caller:
    return person(owner)


def may_sign_in(user: User, password: str) -> bool:
    client = Client()
    client.post("/login", {"username": user.get_username(), "password": password})
    return client.get("/api/me").status_code == 200


def noted(action: str) -> list[tuple[str, str, str | None]]:
    found = AuditEntry.objects.filter(action=action).order_by("id")
    return list(found.values_list("actor", "target", "account__slug"))


# By the person


def test_it_is_changed_and_other_sessions_end(owner: User) -> None:
    here, there = Caller(sign_in(owner)), Caller(sign_in(owner))
    before = here.client.session.session_key
    here.send("POST", "me/password", {"old_password": PASSWORD, "new_password": NEW})
    assert here.response.status_code == 204
    assert [row["current"] for row in here.get("me/sessions")["sessions"]] == [True]
    assert here.client.session.session_key != before
    there.refused(401, "GET", "me")
    assert may_sign_in(owner, NEW) and not may_sign_in(owner, PASSWORD)
    assert noted("password.change") == [("user:owner", "user:owner", None)]


@pytest.mark.parametrize("password", ["short", "password123456", "", "qwertyuiop12"])
def test_a_weak_one_is_refused(hand: Caller, owner: User, password: str) -> None:
    body = {"old_password": PASSWORD, "new_password": password}
    error = hand.refused(400, "POST", "me/password", body)
    assert list(error["fields"]) == ["new_password"] and may_sign_in(owner, PASSWORD)


def test_the_old_one_is_asked_for_and_guessing_is_slow(hand: Caller, owner: User) -> None:
    body = {"old_password": "wrong", "new_password": NEW}
    for _ in range(5):
        assert list(hand.refused(400, "POST", "me/password", body)["fields"]) == ["old_password"]
    hand.refused(429, "POST", "me/password", {**body, "old_password": PASSWORD})
    hand.refused(429, "POST", "session/confirm", {"password": PASSWORD})
    assert may_sign_in(owner, PASSWORD) and len(noted("session.refuse")) == 5


def test_no_answer_holds_a_password(hand: Caller) -> None:
    hand.send("POST", "me/password", {"old_password": PASSWORD, "new_password": "tooshort"})
    assert PASSWORD not in hand.response.content.decode() and "tooshort" not in hand.response.content.decode()


# By a link that an owner makes


def ask_link(caller: Caller, user: User, account: str = "main") -> str:
    pk = Membership.objects.get(user=user, account__slug=account).pk
    made = caller.post(f"members/{pk}/password-link?account={account}", None, status=201)
    assert caller.response["Cache-Control"] == "no-store"
    found = re.fullmatch(rf"{re.escape(settings.SITE_URL)}(/reset/[\w-]{{43}})", made["link"])
    assert found
    return found[1]


def use(path: str, password: str = NEW, again: str | None = None) -> Any:
    client = Client()
    assert client.get(path).status_code in (200, 410)
    return client.post(path, {"password1": password, "password2": again or password})


def test_a_link_sets_a_password_once_and_signs_nobody_in(hand: Caller, viewer: User) -> None:
    theirs = Caller(sign_in(viewer))
    path = ask_link(hand, viewer)
    assert path.rpartition("/")[2] not in str(list(PasswordLink.objects.values()))
    answer = use(path)
    assert (answer.status_code, answer["Location"]) == (302, "/login")
    assert not answer.wsgi_request.user.is_authenticated
    theirs.refused(401, "GET", "me")
    assert may_sign_in(viewer, NEW) and not may_sign_in(viewer, PASSWORD)
    assert use(path, "yet another long secret").status_code == 410 and may_sign_in(viewer, NEW)
    assert noted("password.link") == [("user:owner", "user:viewer", "main")]
    assert noted("password.reset") == [("user:viewer", "user:viewer", "main"), ("user:viewer", "user:viewer", None)]


def test_what_is_wrong_with_the_new_password_is_said_and_the_link_stays(hand: Caller, viewer: User) -> None:
    path = ask_link(hand, viewer)
    assert "differ" in use(path, NEW, "something else").content.decode()
    assert "too short" in use(path, "short").content.decode()
    assert use(path, "").status_code == 200
    assert use(path).status_code == 302


def test_it_expires_and_the_next_one_ends_it(hand: Caller, viewer: User) -> None:
    first, second = ask_link(hand, viewer), ask_link(hand, viewer)
    assert use(first).status_code == 410
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        assert use(second).status_code == 410
    assert may_sign_in(viewer, PASSWORD)


def test_the_second_factor_is_asked_for_as_before(hand: Caller, viewer: User) -> None:
    enrol(viewer)
    use(ask_link(hand, viewer))
    client = Client()
    answer = client.post("/login", {"username": "viewer", "password": NEW})
    assert answer["Location"] == "/login/second"
    assert client.get("/api/me").status_code == 401


def test_only_for_those_who_belong_nowhere_else(
    hand: Caller, owner: User, viewer: User, operator: User, other_account: Account, person: Person
) -> None:
    """Else the owner of one account could speak for a person in another's."""
    theirs = Membership.objects.create(user=viewer, account=other_account, role="viewer")
    number = Membership.objects.get(user=viewer, account__slug="main").pk
    assert list(hand.refused(400, "POST", f"members/{number}/password-link")["fields"]) == ["member"]
    mine = Membership.objects.create(user=owner, account=other_account, role="operator")
    hand.refused(400, "POST", f"members/{number}/password-link?account=main")
    mine.role = "owner"
    mine.save()
    path = ask_link(hand, viewer)
    # What was true when it was made must still be true when it is used.
    mine.delete()
    assert use(path).status_code == 410
    theirs.delete()
    assert use(path).status_code == 302
    own = Membership.objects.get(user=owner).pk
    hand.refused(400, "POST", f"members/{own}/password-link")
    person(operator).refused(403, "POST", f"members/{number}/password-link")


def test_not_for_those_with_a_wider_role(hand: Caller, viewer: User) -> None:
    number = Membership.objects.get(user=viewer).pk
    for name in ("is_staff", "is_superuser"):
        User.objects.filter(pk=viewer.pk).update(**{"is_staff": False, "is_superuser": False, name: True})
        hand.refused(400, "POST", f"members/{number}/password-link")


def test_a_removed_owner_or_member_ends_the_link(hand: Caller, account: Account, owner: User, viewer: User) -> None:
    member(account, Membership.Role.OWNER, "second")
    path = ask_link(hand, viewer)
    Membership.objects.filter(user=owner).update(role="operator")
    assert use(path).status_code == 410
    Membership.objects.filter(user=owner).update(role="owner")
    Membership.objects.filter(user=viewer).delete()
    assert use(path).status_code == 410


def test_it_needs_a_recent_password(hand: Caller, viewer: User) -> None:
    session = hand.client.session
    session["confirmed_at"] = 0
    session.save()
    number = Membership.objects.get(user=viewer).pk
    assert hand.refused(403, "POST", f"members/{number}/password-link")["code"] == "password_needed"


def test_a_made_up_link_is_gone(db: None) -> None:
    for path in ("/reset/x", "/reset/" + "a" * 43, "/reset/é%00"):
        assert Client().get(path).status_code in (404, 410)


# By command


def test_the_command_sets_it_and_ends_sessions(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = Caller(sign_in(owner))
    monkeypatch.setenv("BOTV2_PASSWORD", NEW)
    assert "owner has a new password" in run("set_password", "owner")
    theirs.refused(401, "GET", "me")
    assert may_sign_in(owner, NEW) and noted("password.set") == [("command", "user:owner", None)]


@pytest.mark.parametrize(("name", "password"), [("nobody", NEW), ("owner", "short"), ("owner", "")])
def test_the_command_refuses(owner: User, monkeypatch: pytest.MonkeyPatch, name: str, password: str) -> None:
    monkeypatch.setenv("BOTV2_PASSWORD", password)
    with pytest.raises(CommandError):
        run("set_password", name)
    assert may_sign_in(owner, PASSWORD)
