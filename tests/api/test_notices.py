"""Notices: who is told of what, where they stand, and that dismissing is for one's own alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from dashboard.models import Account, ApiKey, AuditEntry, Authenticator, Membership, SecurityNotice
from dashboard.services.audit import COMMAND
from dashboard.services.factors import factor_remove
from dashboard.services.keys import key_create
from dashboard.services.notices import MOST_KEPT, notice_tell
from dashboard.services.passwords import password_set
from tests.api.conftest import Caller
from tests.api.persons import enrol, sign_in
from tests.conftest import member
from tests.dashboard.commands import run

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def told(user: User) -> list[str]:
    return list(SecurityNotice.objects.filter(user=user).order_by("id").values_list("kind", flat=True))


def test_a_sign_in_on_a_new_device_is_told_and_noted(owner: User, account: Account) -> None:
    desk = sign_in(owner)
    assert told(owner) == []  # the first device is no news
    desk.post("/logout")
    sign_in(owner, desk)
    assert told(owner) == []  # this browser is known
    sign_in(owner, APIClient(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="203.0.113.7"))
    assert told(owner) == ["new_device"]
    noted: Any = AuditEntry.objects.get(action="session.new_device")
    assert (noted.actor, noted.address) == ("user:owner", "203.0.113.7")
    text = desk.get("/a/main/").content.decode()
    assert "Signed in on a new device" in text and "Firefox on Linux, 203.0.113.7" in text


def test_a_cookie_that_was_not_made_here_makes_no_device_known(owner: User, viewer: User) -> None:
    sign_in(owner)
    other = sign_in(viewer)
    other.post("/logout")
    forged = APIClient()
    forged.cookies["known"] = "W10:1abc:x"
    sign_in(owner, forged)
    sign_in(owner, other)  # known for the viewer, not for the owner
    assert told(owner) == ["new_device", "new_device"] and told(viewer) == []


def test_passwords_and_second_factors_are_told(owner: User, viewer: User) -> None:
    enrol(owner)
    factor_remove(factor=Authenticator.objects.get(), session_key=None, now=timezone.now(), actor=COMMAND)
    password_set(user=owner, password="another long enough secret", now=timezone.now())
    assert told(owner) == ["factor_added", "factor_removed", "password_changed"] and told(viewer) == []


def test_a_recovery_code_that_was_used_is_told(owner: User) -> None:
    codes = enrol(owner)[1]
    client = sign_in(owner)
    client.post("/login/second", {"code": codes[0]})
    assert "recovery_code_used" in told(owner)


def test_a_new_key_is_told_to_every_owner(account: Account, owner: User, operator: User, person: Any) -> None:
    other = member(account, Membership.Role.OWNER, "second")
    person(owner).post("keys", {"name": "Grafana", "scopes": ["read"]})
    for each in (owner, other):
        notice = SecurityNotice.objects.get(user=each)
        assert (notice.kind, notice.account, notice.actor) == ("key_created", account, "user:owner")
        assert notice.about.startswith("Grafana bv2_…") and ApiKey.objects.get().prefix in notice.about
    assert told(operator) == []


def test_many_wrong_passwords_are_told_once(owner: User, settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    client = Client()
    for _ in range(5):
        client.post("/login", {"username": "owner", "password": "wrong"})
    client.post("/login", {"username": "nobody", "password": "wrong"})
    assert told(owner) == ["sign_in_paused"] and AuditEntry.objects.filter(action="session.pause").count() == 1


def test_dismissing_takes_ones_own_off_the_pages_and_keeps_them(
    owner: User, viewer: User, account: Account, person: Callable[[User], Caller]
) -> None:
    for user in (owner, owner, viewer):
        notice_tell(user=user, kind="password_changed", actor=COMMAND, now=timezone.now())
    mine, theirs = person(owner), person(viewer)
    foreign = SecurityNotice.objects.get(user=viewer).pk
    mine.refused(404, "POST", f"me/notices/{foreign}/dismiss")
    first, second = mine.get("me/notices")["notices"]
    assert first["id"] > second["id"] and not first["dismissed"]
    assert mine.post(f"me/notices/{first['id']}/dismiss", None) == {"dismissed": 1}
    assert "data-bulletin" in mine.client.get("/a/main/").content.decode()
    assert mine.post("me/notices/dismiss", None) == {"dismissed": 1}
    assert "data-bulletin" not in mine.client.get("/a/main/").content.decode()
    assert [each["dismissed"] for each in mine.get("me/notices")["notices"]] == [True, True]
    assert [each["dismissed"] for each in theirs.get("me/notices")["notices"]] == [False]
    assert "Password changed" in mine.client.get("/a/main/settings").content.decode()


def test_they_are_bounded_in_number_and_time(owner: User) -> None:
    now = timezone.now()
    for _ in range(MOST_KEPT + 3):
        notice_tell(user=owner, kind="new_device", actor=COMMAND, now=now)
    assert len(told(owner)) == MOST_KEPT
    with time_machine.travel(now + timedelta(days=91)):
        assert f"{MOST_KEPT} notices" in run("purge")
    assert told(owner) == []


def test_names_in_notices_are_text(owner: User, account: Account, client: Client) -> None:
    evil = "<img src=x onerror=alert(1)>"
    notice_tell(user=owner, kind="key_created", actor=COMMAND, now=timezone.now(), about=evil, account=account)
    client.force_login(owner)
    for path in ("/a/main/", "/a/main/settings"):
        text = client.get(path).content.decode()
        assert evil not in text and "&lt;img src=x" in text


def test_a_removed_account_takes_its_notices_along(owner: User, account: Account, person: Any) -> None:
    notice_tell(user=owner, kind="key_created", actor=COMMAND, now=timezone.now(), account=account)
    person(owner).send("DELETE", "accounts/main", {"name": "Main"})
    assert told(owner) == []


def test_a_key_by_command_is_no_news(owner: User, account: Account) -> None:
    key_create(account=account, scopes=["read"], now=timezone.now())
    assert told(owner) == []
