"""Whose device a browser is on: said at the sign-in, remembered for the person, named in every answer."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.models import Account
from tests.api.persons import enrol
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
PAGE, DATA = "/a/main/", "/api/snapshot?account=main"


def sign_in(client: Client, user: User, **more: str) -> None:
    client.post("/login", {"username": user.get_username(), "password": PASSWORD, **more})
    assert client.session["_auth_user_id"] == str(user.pk)


def kept_for(client: Client, path: str = PAGE) -> str | None:
    return client.get(path).headers.get("X-Kept-For")


def cookie(client: Client, name: str = "kept-for") -> str:
    return client.cookies[name].value if name in client.cookies else ""


def test_nothing_is_kept_unless_the_person_says_so(client: Client, viewer: User) -> None:
    assert kept_for(client, "/login") == kept_for(client, DATA) == "nobody"
    sign_in(client, viewer)
    assert kept_for(client) == kept_for(client, DATA) == "unkept" and not cookie(client)


def test_on_ones_own_device_every_answer_names_the_person_in_no_plain_word(client: Client, viewer: User) -> None:
    sign_in(client, viewer, own_device="1")
    whose = kept_for(client)
    assert whose and len(whose) == 16 and whose == kept_for(client, DATA) == cookie(client)
    assert whose not in ("nobody", "unkept", str(viewer.pk), viewer.username)
    assert client.cookies["own-device"]["httponly"] and not client.cookies["kept-for"]["httponly"]


def test_it_is_remembered_for_this_person_alone(client: Client, viewer: User, operator: User) -> None:
    sign_in(client, viewer, own_device="1")
    mine = kept_for(client)
    client.post("/logout")
    assert not cookie(client) and kept_for(client, "/login") == "nobody"
    sign_in(client, operator)
    assert kept_for(client) == "unkept" and not cookie(client)
    client.post("/logout")
    sign_in(client, viewer)
    assert kept_for(client) == mine


def test_a_forged_memory_is_none(client: Client, viewer: User) -> None:
    sign_in(client, viewer, own_device="1")
    client.post("/logout")
    client.cookies["own-device"] = "x" + cookie(client, "own-device")[1:]
    sign_in(client, viewer)
    assert kept_for(client) == "unkept"


def test_the_second_step_carries_it_on_and_may_change_it(client: Client, viewer: User) -> None:
    _app, codes = enrol(viewer)
    client.post("/login", {"username": viewer.username, "password": PASSWORD, "own_device": "1"})
    assert kept_for(client, "/login/second") == "nobody"
    assert 'name="own_device" value="1" checked' in client.get("/login/second").content.decode()
    client.post("/login/second", {"code": codes[0]})
    assert kept_for(client) == "unkept"
    client.post("/logout")
    client.post("/login", {"username": viewer.username, "password": PASSWORD})
    assert 'name="own_device" value="1">' in client.get("/login/second").content.decode()
    client.post("/login/second", {"code": codes[1], "own_device": "1"})
    assert len(kept_for(client) or "") == 16


def test_signing_out_clears_what_the_browser_holds(client: Client, viewer: User) -> None:
    sign_in(client, viewer, own_device="1")
    response = client.post("/logout")
    assert response["Clear-Site-Data"] == '"cache", "storage"' and response["X-Kept-For"] == "nobody"
    assert "Clear-Site-Data" not in client.get("/login")


def test_an_ended_session_takes_the_cookie_along(client: Client, viewer: User) -> None:
    sign_in(client, viewer, own_device="1")
    assert kept_for(client) == cookie(client) != ""
    client.session.flush()
    assert kept_for(client) == "nobody" and not cookie(client)


def test_keys_in_a_page_are_kept_nowhere(client: Client, owner: User, account: Account) -> None:
    sign_in(client, owner, own_device="1")
    assert "X-Kept-For" not in client.get("/a/main/settings")
    session = client.session
    session["confirmed_at"] = 0
    session.save()
    assert kept_for(client, "/a/main/settings") == kept_for(client)


def test_programs_are_told_nothing(api: Callable, make_key: Callable, account: Account) -> None:
    response = api(make_key(account)).get(DATA)
    assert response.status_code == 200 and "X-Kept-For" not in response and not response.cookies
