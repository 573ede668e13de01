"""Authenticator apps and recovery codes: enrolled, asked for after the password, used once, removed."""

import json
import re
from base64 import b32decode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from dashboard.models import AuditEntry, Authenticator, RecoveryCode
from dashboard.services.factors import RECOVERY_CODES, TRIES, qr
from dashboard.services.links import sign_in_link_create
from dashboard.services.sealing import seal, unseal
from tests.api.conftest import Caller
from tests.api.persons import STEP, App, enrol, sign_in
from tests.conftest import PASSWORD
from tests.dashboard.commands import run

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]


@pytest.fixture
def hand(owner: User) -> Caller:
    return Caller(sign_in(owner))


def forget_password(caller: Caller) -> None:
    session = caller.client.session
    session["confirmed_at"] = 0
    session.save()


def begin(caller: Caller) -> tuple[App, dict[str, Any]]:
    begun = caller.post("me/authenticators/begin", None, status=200)
    return App(b32decode(begun["secret"])), begun


def actions() -> list[str]:
    return list(AuditEntry.objects.filter(account=None).order_by("id").values_list("action", flat=True))


def half_way(user: User) -> Client:
    client = Client()
    answer = client.post("/login", {"username": user.get_username(), "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/login/second")
    return client


def give(client: Client, code: str) -> bool:
    """Whether this code signs in."""
    answer = client.post("/login/second", {"code": code})
    return answer.status_code == 302 and client.get("/api/me").status_code == 200


# Enrolling


def test_an_app_is_enrolled_and_nothing_of_it_is_readable(hand: Caller, owner: User) -> None:
    other = Caller(sign_in(owner))
    app, begun = begin(hand)
    assert begun["uri"].startswith("otpauth://totp/BotV2:owner?") and f"secret={begun['secret']}" in begun["uri"]
    assert re.fullmatch(r"(M\d+ \d+h\d+v1h-\d+z)+", begun["qr"]["path"])
    made = hand.post("me/authenticators", {"name": "Phone", "code": app.code()}, status=201)
    assert hand.response["Cache-Control"] == "no-store"
    assert (made["item"]["name"], made["item"]["last_used_at"]) == ("Phone", None)
    assert len(set(made["recovery_codes"])) == RECOVERY_CODES
    stored = str(list(Authenticator.objects.values())) + str(list(RecoveryCode.objects.values()))
    assert begun["secret"] not in stored
    assert not any(code in stored or code.replace("-", "") in stored for code in made["recovery_codes"])
    found = hand.get("me/factors")
    assert found == {"authenticators": [made["item"]], "passkeys": [], "recovery_codes": RECOVERY_CODES}
    other.refused(401, "GET", "me")
    assert {"authenticator.add", "recovery_code.create", "session.revoke"} <= set(actions())


def test_a_second_one_brings_no_new_recovery_codes(hand: Caller, owner: User) -> None:
    for name in ("Phone", "Tablet"):
        app, _ = begin(hand)
        made = hand.post("me/authenticators", {"name": name, "code": app.code()}, status=201)
        assert bool(made["recovery_codes"]) == (name == "Phone")


def test_a_code_must_prove_it(hand: Caller) -> None:
    app, _ = begin(hand)
    for code in ("", "000000 ", "12345", "abcdef", "١٢٣٤٥٦", app.code(timezone.now().timestamp() - 10 * STEP)):
        if code != app.code():
            error = hand.refused(400, "POST", "me/authenticators", {"name": "Phone", "code": code})
            assert list(error["fields"]) == ["code"]
    assert not Authenticator.objects.exists()


def test_it_must_be_begun_lately_and_is_finished_once(hand: Caller) -> None:
    body = {"name": "Phone", "code": "000000"}
    assert list(hand.refused(400, "POST", "me/authenticators", body)["fields"]) == ["body"]
    begun = timezone.now()
    with time_machine.travel(begun, tick=False):
        app, _ = begin(hand)
    with time_machine.travel(begun + timedelta(minutes=9, seconds=59), tick=False):
        hand.post("me/authenticators", {**body, "code": app.code()}, status=201)
        hand.refused(400, "POST", "me/authenticators", {**body, "code": app.code()})
    app, _ = begin(hand)
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1)):
        forgotten = hand.refused(403, "POST", "me/authenticators", {**body, "code": app.code()})
        assert forgotten["code"] == "password_needed"
        hand.post("session/confirm", {"password": PASSWORD})
        assert list(hand.refused(400, "POST", "me/authenticators", {**body, "code": app.code()})["fields"]) == ["body"]


def test_changes_need_a_recent_password(hand: Caller, owner: User) -> None:
    enrol(owner)
    number = Authenticator.objects.get().pk
    hand = Caller(APIClient())
    hand.client.force_login(owner)
    forget_password(hand)
    for method, path in (
        ("POST", "me/authenticators/begin"),
        ("POST", "me/authenticators"),
        ("POST", "me/passkeys/begin"),
        ("POST", "me/recovery-codes"),
        ("DELETE", f"me/authenticators/{number}"),
    ):
        assert hand.refused(403, method, path, {})["code"] == "password_needed"


def test_it_is_renamed_and_removed(hand: Caller, owner: User, viewer: User, person: Person) -> None:
    enrol(owner)
    hand.client.force_login(owner)
    number = hand.get("me/factors")["authenticators"][0]["id"]
    assert hand.send("PATCH", f"me/authenticators/{number}", {"name": "Old phone"})["data"]["name"] == "Old phone"
    person(viewer).refused(404, "DELETE", f"me/authenticators/{number}")
    hand.send("DELETE", f"me/authenticators/{number}")
    assert hand.response.status_code == 204
    assert hand.get("me/factors") == {"authenticators": [], "passkeys": [], "recovery_codes": 0}
    assert {"authenticator.rename", "authenticator.remove"} <= set(actions())
    assert sign_in(owner).get("/api/me").status_code == 200


# Signing in


def test_the_code_is_asked_for_after_the_password(owner: User) -> None:
    app, _ = enrol(owner)
    client = half_way(owner)
    for path in ("/api/me", "/api/trades"):
        assert client.get(path).status_code == 401
    assert client.get("/a/main/").status_code == 302
    assert client.get("/login/second").status_code == 200
    before = client.session.session_key
    assert give(client, app.code())
    assert client.session.session_key != before
    assert Authenticator.objects.get().last_used_at is not None


def test_it_leads_where_one_wanted_to_go(owner: User) -> None:
    app, _ = enrol(owner)
    client = Client()
    body = {"username": "owner", "password": PASSWORD}
    client.post("/login", {**body, "next": "/a/main/trades"})
    assert client.post("/login/second", {"code": app.code()})["Location"] == "/a/main/trades"
    client = Client()
    client.post("/login", {**body, "next": "https://evil.example/"})
    later = timezone.now() + timedelta(minutes=2)
    with time_machine.travel(later):
        client.post("/login", {**body, "next": "https://evil.example/"})
        assert client.post("/login/second", {"code": app.code(later.timestamp())})["Location"] == "/"


def test_a_code_works_once_and_one_step_early_or_late(owner: User) -> None:
    app, _ = enrol(owner)
    now = timezone.now().replace(microsecond=0)
    with time_machine.travel(now, tick=False):
        at = now.timestamp()
        for shift in (-2, 2, 10):
            assert not give(half_way(owner), app.code(at + shift * STEP))
        assert give(half_way(owner), app.code(at - STEP))
        assert not give(half_way(owner), app.code(at - STEP))
        assert give(half_way(owner), f" {app.code(at)[:3]} {app.code(at)[3:]} ")
        assert not give(half_way(owner), app.code(at))
        assert not give(half_way(owner), app.code(at - STEP))
        assert give(half_way(owner), app.code(at + STEP))


def test_ten_wrong_codes_close_it_for_an_hour(owner: User, viewer: User) -> None:
    app, codes = enrol(owner)
    other, _ = enrol(viewer)
    client = half_way(owner)
    wrong = "000000" if app.code() != "000000" else "000001"
    for _ in range(TRIES):
        assert client.post("/login/second", {"code": wrong}).status_code == 200
    for code in (app.code(), codes[0]):
        answer = client.post("/login/second", {"code": code})
        assert answer.status_code == 429 and "Too many wrong codes" in answer.content.decode()
    # The password, given anew, opens nothing; the next person is not concerned.
    assert not give(half_way(owner), app.code())
    assert give(half_way(viewer), other.code())
    later = timezone.now() + timedelta(hours=1, seconds=5)
    with time_machine.travel(later):
        assert give(half_way(owner), app.code(later.timestamp()))
    assert actions().count("factor.refuse") == TRIES


def test_being_half_way_in_is_short_and_ends_with_the_password(owner: User) -> None:
    app, _ = enrol(owner)
    client = half_way(owner)
    later = timezone.now() + timedelta(minutes=5, seconds=1)
    with time_machine.travel(later):
        assert client.post("/login/second", {"code": app.code(later.timestamp())})["Location"] == "/login"
    client = half_way(owner)
    owner.set_password("changed meanwhile, and long")
    owner.save()
    assert client.post("/login/second", {"code": app.code()})["Location"] == "/login"
    assert Client().get("/login/second")["Location"] == "/login"


def test_a_recovery_code_works_once(owner: User) -> None:
    _, codes = enrol(owner)
    assert give(half_way(owner), codes[0].upper())
    assert not give(half_way(owner), codes[0])
    assert give(half_way(owner), codes[1].replace("-", " "))
    assert RecoveryCode.objects.filter(user=owner).count() == RECOVERY_CODES - 2
    assert actions().count("recovery_code.use") == 2


def test_new_recovery_codes_end_the_old(hand: Caller, owner: User) -> None:
    _, old = enrol(owner)
    hand.client.force_login(owner)
    new = hand.post("me/recovery-codes", None, status=201)["recovery_codes"]
    assert not give(half_way(owner), old[0]) and give(half_way(owner), new[0])


def test_who_never_comes_in_leaves_nothing_for_long(owner: User) -> None:
    app, _ = enrol(owner)
    waiting, coming = half_way(owner), half_way(owner)
    assert give(coming, app.code())
    assert coming.session.get_expiry_age() == settings.SESSION_COOKIE_AGE
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert "1 sessions" in run("purge")
    assert list(Session.objects.values_list("pk", flat=True)) == [coming.session.session_key]
    assert waiting.get("/login/second")["Location"] == "/login"


def test_codes_of_others_open_nothing(owner: User, viewer: User) -> None:
    app, codes = enrol(owner)
    enrol(viewer)
    for code in (app.code(), codes[0]):
        assert not give(half_way(viewer), code)


def test_odd_codes_are_wrong_and_nothing_else(owner: User) -> None:
    enrol(owner)
    client = half_way(owner)
    for code in ("", "\x00", "x" * 5000, "１２３４５６", "'; --"):
        assert client.post("/login/second", {"code": code}).status_code == 200


def test_a_sign_in_link_stands_for_the_password_alone(owner: User) -> None:
    app, _ = enrol(owner)
    client = Client()
    answer = client.get(f"/sign-in/{sign_in_link_create(user=owner, now=timezone.now())}")
    assert answer["Location"] == "/login/second" and client.get("/api/me").status_code == 401
    assert give(client, app.code())


def test_the_admin_has_no_way_round_it(admin_user: User) -> None:
    app, _ = enrol(admin_user)
    client = Client()
    answer = client.post("/admin/login/?next=/admin/", {"username": "admin", "password": PASSWORD})
    assert answer["Location"] == "/login/second"
    assert client.get("/admin/").status_code == 302
    assert client.post("/login/second", {"code": app.code()})["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_who_is_no_staff_is_told_so_by_the_admin(owner: User) -> None:
    answer = sign_in(owner).get("/admin/", follow=True)
    assert answer.status_code == 403


def test_the_command_removes_all_of_it(owner: User) -> None:
    enrol(owner)
    theirs = Caller(APIClient())
    theirs.client.force_login(owner)
    assert "1 were removed" in run("remove_second_factor", "owner")
    assert not Authenticator.objects.exists() and not RecoveryCode.objects.exists()
    theirs.refused(401, "GET", "me")
    assert sign_in(owner).get("/api/me").status_code == 200


def test_secrets_are_sealed_with_the_pepper_and_for_one_purpose(settings: Any) -> None:
    sealed = seal(b"secret", "totp")
    assert "secret" not in sealed and unseal(sealed, "totp") == b"secret"
    assert unseal(sealed, "other") is None
    settings.KEY_PEPPER = "x" * 50
    assert unseal(sealed, "totp") is None


def test_a_qr_code_is_square_and_quiet_around() -> None:
    found = qr("otpauth://totp/x")
    starts = [tuple(map(int, each)) for each in re.findall(r"M(\d+) (\d+)h", found["path"])]
    assert min(min(each) for each in starts) == 4 and (4, 4) in starts
    ends = [int(x) + int(width) for x, width in re.findall(r"M(\d+) \d+h(\d+)v", found["path"])]
    assert max(ends) == found["size"] - 4


# Passkeys without a device: what is refused. With one: tests/e2e/test_second_factor.py


def test_passkeys_belong_to_a_name(hand: Caller, settings: Any) -> None:
    settings.SITE_ORIGINS = ["http://localhost:8000", "http://127.0.0.1:8000"]
    settings.ALLOWED_HOSTS = ["*"]
    assert hand.refused(400, "POST", "me/passkeys/begin", host="127.0.0.1:8000")["fields"]
    assert hand.refused(400, "POST", "me/passkeys/begin", host="evil.example")["fields"]
    hand.send("POST", "me/passkeys/begin", host="localhost:8000")
    options = hand.response.json()["data"]["options"]
    assert options["rp"] == {"name": "BotV2", "id": "localhost"} and "owner" not in options["user"]["id"]
    for credential in ({}, {"id": "x"}, {"rawId": 1, "response": []}, {"response": {"clientDataJSON": "e30"}}):
        error = hand.refused(400, "POST", "me/passkeys", {"name": "k", "credential": credential}, host="localhost:8000")
        assert list(error["fields"]) == ["credential"]


def test_a_made_up_passkey_signs_nobody_in(owner: User, settings: Any) -> None:
    settings.SITE_ORIGINS, settings.ALLOWED_HOSTS = ["http://localhost"], ["*"]
    client: Any = Client(HTTP_HOST="localhost")
    for body in (b"", b"[]", b"{", b"\xff", b'{"rawId":"eA"}', json.dumps({"rawId": "eA", "response": {}}).encode()):
        assert client.post("/login/passkey/options").json()["publicKey"]["userVerification"] == "required"
        answer = client.post("/login/passkey", body, content_type="application/json")
        assert answer.status_code == 403 and client.get("/api/me").status_code == 401
    assert client.get("/login/passkey").status_code == client.get("/login/passkey/options").status_code == 405
    assert Client().post("/login/passkey/options").status_code == 404
