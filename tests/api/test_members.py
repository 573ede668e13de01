"""Members and invitations: who may change whom, and that an account keeps an owner."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.models import Account, AuditEntry, Invitation, Membership
from tests.api.conftest import Caller
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]
NEW = {"username": "grace", "password1": "a long enough secret", "password2": "a long enough secret"}


@pytest.fixture
def hand(owner: User, person: Person) -> Caller:
    return person(owner)


def number(user: User) -> int:
    return Membership.objects.get(user=user).pk


def role(user: User) -> str | None:
    return Membership.objects.filter(user=user).values_list("role", flat=True).first()


def token_of(link: str) -> str:
    found = re.fullmatch(rf"{re.escape(settings.SITE_URL)}/invite/([\w-]{{43}})", link)
    assert found
    return found[1]


def test_everybody_of_the_account_sees_its_people(
    hand: Caller, viewer: User, person: Person, program: Callable[..., Caller]
) -> None:
    listed = person(viewer).get("members")
    assert [(row["name"], row["role"]) for row in listed["members"]] == [("owner", "owner"), ("viewer", "viewer")]
    assert set(listed["members"][0]) == {"id", "name", "role", "created_at"} and listed["total"] == 2
    program().refused(403, "GET", "members")


def test_an_owner_changes_roles_and_removes(hand: Caller, viewer: User, person: Person) -> None:
    changed = hand.send("PATCH", f"members/{number(viewer)}", {"role": "operator"})["data"]
    assert (changed["name"], changed["role"], role(viewer)) == ("viewer", "operator", "operator")
    hand.send("DELETE", f"members/{number(viewer)}")
    assert (hand.response.status_code, hand.response.content, role(viewer)) == (204, b"", None)
    person(viewer).refused(404, "GET", "trades")
    entries = AuditEntry.objects.filter(action__startswith="member.").order_by("number")
    assert [(entry.action, entry.target, entry.before, entry.after) for entry in entries] == [
        ("member.change", "user:viewer", {"role": "viewer"}, {"role": "operator"}),
        ("member.remove", "user:viewer", {"role": "operator"}, None),
    ]


def test_the_same_role_again_changes_nothing(hand: Caller, viewer: User) -> None:
    hand.send("PATCH", f"members/{number(viewer)}", {"role": "viewer"})
    assert hand.response.status_code == 200 and not AuditEntry.objects.filter(action="member.change").exists()


def test_others_change_nobody_but_may_leave(viewer: User, operator: User, person: Person) -> None:
    helper = person(operator)
    helper.refused(403, "PATCH", f"members/{number(viewer)}", {"role": "owner"})
    helper.refused(403, "PATCH", f"members/{number(operator)}", {"role": "owner"})
    helper.refused(403, "DELETE", f"members/{number(viewer)}")
    helper.send("DELETE", f"members/{number(operator)}")
    assert helper.response.status_code == 204 and role(operator) is None and role(viewer) == "viewer"


def test_the_last_owner_stays(hand: Caller, owner: User, account: Account) -> None:
    for method, body in (("PATCH", {"role": "viewer"}), ("DELETE", None)):
        error = hand.refused(400, method, f"members/{number(owner)}", body)
        assert list(error["fields"]) == ["role"] and role(owner) == "owner"
    second = get_user_model().objects.create_user("second", password=PASSWORD, is_active=False)
    Membership.objects.create(user=second, account=account, role="owner")
    hand.refused(400, "DELETE", f"members/{number(owner)}")  # one who cannot sign in is no owner to leave it to
    get_user_model().objects.filter(pk=second.pk).update(is_active=True)
    hand.send("DELETE", f"members/{number(owner)}")
    assert hand.response.status_code == 204


@pytest.mark.parametrize("body", [{}, {"role": "admin"}, {"role": ""}, {"role": 1}, {"role": ["owner"]}])
def test_bad_roles_are_refused(hand: Caller, viewer: User, body: Any) -> None:
    assert list(hand.refused(400, "PATCH", f"members/{number(viewer)}", body)["fields"]) == ["role"]
    assert list(hand.refused(400, "POST", "invitations", body)["fields"]) == ["role"]
    assert role(viewer) == "viewer" and not Invitation.objects.exists()


def test_what_grants_access_needs_a_recent_password(hand: Caller, viewer: User) -> None:
    session = hand.client.session
    session["confirmed_at"] = 0
    session.save()
    for method, path in (("PATCH", f"members/{number(viewer)}"), ("POST", "invitations")):
        assert hand.refused(403, method, path, {"role": "owner"})["code"] == "password_needed"
    assert role(viewer) == "viewer" and not Invitation.objects.exists()


def test_members_of_another_account_are_not_there(hand: Caller, other_account: Account) -> None:
    foreign = get_user_model().objects.create_user("foreign")
    pk = Membership.objects.create(user=foreign, account=other_account, role="viewer").pk
    hand.refused(404, "PATCH", f"members/{pk}", {"role": "owner"})
    hand.refused(404, "DELETE", f"members/{pk}")
    invitation = Invitation.objects.create(
        account=other_account, role="viewer", token_hash="x", created_at=timezone.now(),
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    hand.refused(404, "DELETE", f"invitations/{invitation.pk}")
    assert len(hand.get("members")["members"]) == 1 and hand.get("invitations")["invitations"] == []


def test_an_invitation_is_shown_once_listed_and_taken_back(hand: Caller) -> None:
    made = hand.post("invitations", {"role": "operator"}, status=201)
    token = token_of(made["link"])
    assert hand.response["Cache-Control"] == "no-store"
    assert list(hand.refused(400, "POST", "invitations", {"role": "viewer"}, idempotency_key="k")["fields"])
    (row,) = hand.get("invitations")["invitations"]
    assert row == {name: made[name] for name in ("id", "role", "created_by", "created_at", "expires_at")}
    assert token not in str(list(Invitation.objects.values())) + str(list(AuditEntry.objects.values()))
    assert Client().get(f"/invite/{token}").status_code == 200
    hand.send("DELETE", f"invitations/{row['id']}")
    assert hand.response.status_code == 204 and hand.get("invitations")["total"] == 0
    assert Client().get(f"/invite/{token}").status_code == 410
    actions = AuditEntry.objects.filter(action__startswith="invitation.").order_by("number")
    assert [entry.action for entry in actions] == ["invitation.create", "invitation.revoke"]


def test_lists_cost_the_same_for_any_number(hand: Caller, account: Account) -> None:
    def cost() -> list[int]:
        found = []
        for path in ("members", "invitations", "audit"):
            with CaptureQueriesContext(connection) as captured:
                hand.get(path)
            found.append(len(captured))
        return found

    hand.post("invitations", {"role": "viewer"})
    few = cost()
    for index in range(10):
        user = get_user_model().objects.create_user(f"u{index}")
        Membership.objects.create(user=user, account=account, role="viewer")
        hand.post("invitations", {"role": "viewer"})
    assert cost() == few == [5, 5, 5]


@pytest.fixture
def invited(hand: Caller) -> str:
    """The path of an invitation for an operator."""
    return "/invite/" + token_of(hand.post("invitations", {"role": "operator"})["link"])


def test_a_signed_in_person_joins_with_one_button(invited: str, stranger: User, client: Client) -> None:
    client.force_login(stranger)
    assert b"Join as stranger" in client.get(invited).content
    assert role(stranger) is None
    answer = client.post(invited)
    assert (answer.status_code, answer["Location"], role(stranger)) == (302, "/a/main/", "operator")
    assert client.get("/a/main/").status_code == 200
    used = Invitation.objects.get()
    assert used.used_by == stranger and used.used_at
    entries = AuditEntry.objects.filter(account__slug="main").order_by("-number")[:2]
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("member.add", "user:stranger"), ("invitation.use", "user:stranger")]  # fmt: skip


def test_anybody_else_makes_a_user_who_is_signed_in(invited: str, client: Client) -> None:
    page = client.get(invited)
    assert "no-store" in page["Cache-Control"] and b"Choose a name" in page.content
    answer = client.post(invited, NEW)
    assert (answer.status_code, answer["Location"]) == (302, "/a/main/")
    user = get_user_model().objects.get(username="grace")
    assert role(user) == "operator" and user.check_password("a long enough secret")
    assert client.get("/api/me").json()["data"]["name"] == "grace"
    assert AuditEntry.objects.filter(action="member.add", actor="user:grace", user=user).exists()


@pytest.mark.parametrize(
    "change",
    [
        {"username": ""},
        {"username": "owner"},
        {"username": "OWNER"},
        {"username": "a b"},
        {"username": "a\x00b"},
        {"username": "x" * 151},
        {"password1": "short", "password2": "short"},
        {"password1": "password1234", "password2": "password1234"},
        {"password2": "something else again"},
        {"password1": ""},
    ],
)
def test_a_bad_name_or_password_uses_nothing_up(invited: str, client: Client, change: dict[str, str]) -> None:
    answer = client.post(invited, NEW | change)
    assert answer.status_code == 200 and b'role="alert"' in answer.content
    assert get_user_model().objects.count() == 1 and Invitation.objects.get().used_at is None
    assert client.post(invited, NEW).status_code == 302


def test_an_invitation_works_once(invited: str, client: Client, stranger: User) -> None:
    client.post(invited, NEW)
    other = Client()
    other.force_login(stranger)
    for answer in (other.get(invited), other.post(invited), Client().post(invited, {**NEW, "username": "eve"})):
        assert answer.status_code == 410 and b"used up" in answer.content
    assert role(stranger) is None and not get_user_model().objects.filter(username="eve").exists()


def test_an_invitation_ends_after_seven_days(invited: str, stranger: User, client: Client) -> None:
    invitation = Invitation.objects.get()
    assert invitation.expires_at - invitation.created_at == timedelta(days=7)
    Invitation.objects.update(expires_at=timezone.now())
    client.force_login(stranger)
    assert client.post(invited).status_code == 410 and role(stranger) is None
    assert client.get("/invite/unknown").status_code == 410


def test_a_member_keeps_the_role_and_the_invitation_its_use(invited: str, viewer: User, client: Client) -> None:
    client.force_login(viewer)
    assert b"belong to this account already" in client.get(invited).content
    assert client.post(invited).status_code == 200
    assert role(viewer) == "viewer" and Invitation.objects.get().used_at is None


def test_the_invited_name_may_sign_in_first(invited: str, stranger: User, client: Client) -> None:
    page = client.get(invited).content.decode()
    assert f"/login?next={invited}" in page
    answer = client.post("/login", {"username": "stranger", "password": PASSWORD, "next": invited})
    assert answer["Location"] == invited


def test_joining_needs_the_csrf_token(invited: str, stranger: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(stranger)
    assert client.post(invited).status_code == 403 and role(stranger) is None


@pytest.mark.parametrize("way", ["removed", "no owner any more", "leaves"])
def test_who_owns_no_longer_has_no_link_back_in(
    hand: Caller, account: Account, person: Person, way: str, client: Client
) -> None:
    second = get_user_model().objects.create_user("second", password=PASSWORD)
    Membership.objects.create(user=second, account=account, role="owner")
    link = token_of(person(second).post("invitations", {"role": "owner"})["link"])
    kept = token_of(hand.post("invitations", {"role": "viewer"})["link"])
    if way == "no owner any more":
        hand.send("PATCH", f"members/{number(second)}", {"role": "viewer"})
    else:
        (hand if way == "removed" else person(second)).send("DELETE", f"members/{number(second)}")
    assert client.get(f"/invite/{link}").status_code == 410
    assert client.get(f"/invite/{kept}").status_code == 200
    assert AuditEntry.objects.filter(action="invitation.revoke").count() == 1


def at_once(*works: Callable[[], Any]) -> None:
    """Do all of it at the same moment, each in a thread."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)


@pytest.mark.django_db(transaction=True)
def test_owners_who_leave_at_once_leave_one_behind(account: Account, owner: User, person: Person) -> None:
    others = [get_user_model().objects.create_user(f"owner-{index}", password=PASSWORD) for index in range(3)]
    for user in others:
        Membership.objects.create(user=user, account=account, role="owner")
    hands = {number(user): person(user) for user in (owner, *others)}
    at_once(*(partial(hand.send, "DELETE", f"members/{pk}") for pk, hand in hands.items()))
    assert sorted(hand.response.status_code for hand in hands.values()) == [204, 204, 204, 400]
    assert Membership.objects.filter(account=account, role="owner").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_use_one_invitation_at_once_one_joins(invited: str) -> None:
    answers: list[int] = []

    def join(name: str) -> None:
        answers.append(Client().post(invited, {**NEW, "username": name}).status_code)

    at_once(*(partial(join, f"guest-{index}") for index in range(4)))
    assert sorted(answers) == [302, 410, 410, 410]
    assert get_user_model().objects.filter(username__startswith="guest").count() == 1
    assert Membership.objects.filter(role="operator").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_take_the_same_name_at_once(hand: Caller) -> None:
    links = [token_of(hand.post("invitations", {"role": "viewer"})["link"]) for _ in range(2)]
    answers: list[int] = []
    at_once(*(partial(lambda token: answers.append(Client().post(f"/invite/{token}", NEW).status_code), token)
              for token in links))  # fmt: skip
    assert sorted(answers) == [200, 302]
    assert get_user_model().objects.filter(username="grace").count() == 1
    assert Invitation.objects.filter(used_at__isnull=True).count() == 1
