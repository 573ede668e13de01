"""Where a person is signed in: listed in words, ended one by one or all but this one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone
from rest_framework.test import APIClient

from dashboard.devices import device
from dashboard.models import AuditEntry, PersonSession
from tests.api.conftest import Caller
from tests.api.persons import sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile Safari/604.1"


def browser(user: User, agent: str, address: str = "10.1.2.3") -> Caller:
    return Caller(sign_in(user, APIClient(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)))


def listed(caller: Caller) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = caller.get("me/sessions")["sessions"]
    return rows


def test_sessions_are_told_in_words_and_without_their_keys(owner: User, viewer: User) -> None:
    desk, phone = browser(owner, WINDOWS), browser(owner, IPHONE, "2001:db8::7")
    browser(viewer, WINDOWS)
    rows = {row["device"]: row for row in listed(phone)}
    assert set(rows) == {"Chrome on Windows", "Safari on iPhone"}
    assert [rows[name]["current"] for name in rows] == [name == "Safari on iPhone" for name in rows]
    assert rows["Safari on iPhone"]["address"] == "2001:db8::7"
    text = phone.response.content.decode()
    assert not any(key in text for key in Session.objects.values_list("session_key", flat=True))
    assert [row["current"] for row in listed(desk)] == [row["device"] == "Chrome on Windows" for row in listed(desk)]


def test_use_is_seen_once_a_minute(owner: User) -> None:
    caller = browser(owner, WINDOWS)
    begun = PersonSession.objects.get().begun_at
    with time_machine.travel(begun + timedelta(hours=1)) as clock:
        caller.get("me")
        first = PersonSession.objects.get()
        assert first.seen_at - begun >= timedelta(minutes=59) and first.begun_at == begun
        clock.shift(timedelta(seconds=30))
        caller.get("me")
        assert PersonSession.objects.get().seen_at == first.seen_at
        clock.shift(timedelta(seconds=31))
        caller.client.get("/a/main/", HTTP_USER_AGENT=IPHONE)
        last = PersonSession.objects.get()
        assert last.seen_at > first.seen_at and last.user_agent == IPHONE


def test_one_is_ended_and_noted(owner: User) -> None:
    desk, phone = browser(owner, WINDOWS), browser(owner, IPHONE)
    number = next(row["id"] for row in listed(phone) if not row["current"])
    phone.send("DELETE", f"me/sessions/{number}")
    assert phone.response.status_code == 204
    desk.refused(401, "GET", "me")
    assert desk.client.get("/a/main/").status_code == 302
    assert len(listed(phone)) == 1
    noted: Any = AuditEntry.objects.get(action="session.revoke")
    assert (noted.actor, noted.target, noted.account) == ("user:owner", "user:owner", None)
    assert noted.before["user_agent"] == WINDOWS


def test_all_others_are_ended(owner: User, viewer: User) -> None:
    phone, others = browser(owner, IPHONE), [browser(owner, WINDOWS) for _ in range(3)]
    foreign = browser(viewer, WINDOWS)
    assert phone.send("DELETE", "me/sessions")["data"] == {"ended": 3}
    for other in others:
        other.refused(401, "GET", "me")
    foreign.get("me")
    assert [row["current"] for row in listed(phone)] == [True]


def test_those_of_others_are_not_there(owner: User, viewer: User) -> None:
    browser(viewer, WINDOWS)
    mine = browser(owner, WINDOWS)
    number = PersonSession.objects.get(user=viewer).pk
    mine.refused(404, "DELETE", f"me/sessions/{number}")
    assert PersonSession.objects.filter(pk=number).exists()


def test_what_is_over_is_not_listed(owner: User, person: Callable[[User], Caller]) -> None:
    """Signed out, expired, or of an older password."""
    mine, out, late = browser(owner, IPHONE), browser(owner, WINDOWS), browser(owner, WINDOWS)
    out.client.post("/logout")
    late_key = late.client.session.session_key
    Session.objects.filter(pk=late_key).update(expire_date=timezone.now())
    assert len(listed(mine)) == 1
    owner.set_password("another long secret")
    owner.save()
    assert len(listed(person(owner))) == 1


def test_signing_in_again_is_one_session(owner: User) -> None:
    caller = browser(owner, WINDOWS)
    caller.client.post("/login", {"username": "owner", "password": PASSWORD})
    caller.client.get("/login")
    assert len(listed(caller)) == 1 == PersonSession.objects.count()


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (WINDOWS, "Chrome on Windows"),
        (IPHONE, "Safari on iPhone"),
        (WINDOWS + " Edg/120.0", "Edge on Windows"),
        (WINDOWS + " OPR/105.0", "Opera on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Linux; Android 14; SM-G990B) SamsungBrowser/23.0 Chrome/115.0", "Samsung Internet on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.1 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) CriOS/120.0 Mobile Safari/604.1", "Chrome on iPad"),
        ("curl/8.4.0", "curl"),
        ("python-httpx/0.28", "Python"),
        ("<script>alert(1)</script>", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_devices_have_words(agent: str, words: str) -> None:
    assert device(agent) == words


def test_odd_headers_do_no_harm(owner: User) -> None:
    caller = browser(owner, "a\x1b[2Jb\n" + "x" * 9000, "fe80::1%eth0")
    assert (listed(caller)[0]["device"], listed(caller)[0]["address"]) == ("Unknown device", "fe80::1")
    assert len(PersonSession.objects.get().user_agent) == 500
