"""How a person sees the pages: kept for each on the server, and in force on the next page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.models import Account, Preferences
from tests.api.conftest import Caller
from tests.api.samples import closed

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]
DEFAULTS = {"theme": "auto", "language": "auto", "time_zone": "UTC", "privacy": False, "filters": {}, "columns": {}}


@pytest.fixture
def hand(owner: User, person: Person) -> Caller:
    return person(owner)


def change(caller: Caller, **values: Any) -> Any:
    answer = caller.send("PATCH", "me/preferences", values)
    assert caller.response.status_code == 200, answer
    return answer["data"]


def test_nothing_chosen_is_the_default_and_is_not_stored(hand: Caller) -> None:
    assert hand.get("me/preferences") == DEFAULTS
    assert not Preferences.objects.exists()


def test_what_is_named_changes_and_the_rest_stays(hand: Caller, viewer: User, person: Person) -> None:
    change(hand, theme="terminal", time_zone="America/Argentina/Buenos_Aires", privacy=True)
    assert change(hand, language="en") == hand.get("me/preferences")
    chosen = {"theme": "terminal", "time_zone": "America/Argentina/Buenos_Aires", "privacy": True, "language": "en"}
    assert hand.get("me/preferences") == DEFAULTS | chosen
    assert change(hand, theme=None, privacy=None) == DEFAULTS | chosen | {"theme": "auto", "privacy": False}
    assert person(viewer).get("me/preferences") == DEFAULTS


def test_filters_of_a_page_are_kept_for_each_account(hand: Caller) -> None:
    change(hand, filters={"main/trades": {"status": ["open"]}, "other/trades": {"status": ["closed"]}})
    assert change(hand, filters={"other/trades": None})["filters"] == {"main/trades": {"status": ["open"]}}
    for name in ("main/", "/trades", "a/b/trades", "main/Trades", f"{'x' * 51}/trades"):
        assert "filters" in hand.refused(400, "PATCH", "me/preferences", {"filters": {name: {}}})["fields"]


def test_filters_and_columns_are_kept_by_page(hand: Caller) -> None:
    change(hand, filters={"trades": {"status": "open", "strategy": ["a", "b"]}}, columns={"trades": ["net", "size"]})
    found = change(hand, filters={"alerts": {"severity": ""}})
    assert found["filters"] == {"trades": {"status": "open", "strategy": ["a", "b"]}, "alerts": {"severity": ""}}
    assert change(hand, filters={"trades": None})["filters"] == {"alerts": {"severity": ""}}
    assert change(hand, filters=None)["filters"] == {} and hand.get("me/preferences")["columns"] == {
        "trades": ["net", "size"]
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("theme", 1),
        ("language", "xx"),
        ("language", ["en"]),
        ("time_zone", "Mars/Base"),
        ("time_zone", "posix/Europe/Berlin"),
        ("time_zone", "../etc/passwd"),
        ("time_zone", ""),
        ("privacy", "yes"),
        ("filters", []),
        ("filters", {"Trades": {}}),
        ("filters", {"": {}}),
        ("filters", {"trades": "status=open"}),
        ("filters", {"trades": {"status": 1}}),
        ("filters", {"trades": {"a b": "x"}}),
        ("filters", {"trades": {"status": "x" * 201}}),
        ("filters", {"trades": {"status": ["x"] * 51}}),
        ("filters", {"trades": {"status": [["x"]]}}),
        ("filters", {"trades": {"status": "a\x00"}}),
        ("filters", {"trades": {f"n{number}": "x" for number in range(31)}}),
        ("filters", {f"page-{chr(97 + number)}": {} for number in range(21)}),
        ("columns", {"trades": ["x" * 51]}),
        ("columns", {"trades": ["x"] * 51}),
        ("columns", {"trades": {"net": True}}),
        ("colour", "red"),
    ],
    ids=repr,
)
def test_anything_else_is_refused_by_name(hand: Caller, name: str, value: Any) -> None:
    error = hand.refused(400, "PATCH", "me/preferences", {"privacy": True, name: value})
    assert list(error["fields"]) == [name]
    assert not Preferences.objects.exists()


def test_they_do_not_grow_without_bound(hand: Caller) -> None:
    for letter in "abcdefghijklmnopqrst":
        change(hand, columns={f"page-{letter}": []})
    hand.refused(400, "PATCH", "me/preferences", {"columns": {"page-u": []}})
    change(hand, columns={"page-a": None, "page-u": []})


def test_programs_have_none(program: Callable[..., Caller]) -> None:
    program().refused(403, "GET", "me/preferences")
    program().refused(403, "PATCH", "me/preferences", {"theme": "dark"})


def test_the_theme_is_on_the_next_page_and_on_another_browser(hand: Caller, owner: User) -> None:
    change(hand, theme="terminal")
    cookie = hand.response.cookies["theme"]
    assert (cookie.value, cookie["samesite"], cookie["path"]) == ("terminal", "Lax", "/")
    assert 'data-theme="terminal"' in hand.client.get("/a/main/").content.decode()
    other = Client()
    other.force_login(owner)
    other.cookies["theme"] = "light"
    page = other.get("/a/main/")
    assert 'data-theme="terminal"' in page.content.decode() and page.cookies["theme"].value == "terminal"
    other.post("/logout")
    assert 'data-theme="terminal"' in other.get("/login").content.decode()


def test_a_theme_that_only_the_browser_knows_stays(owner: User) -> None:
    client = Client()
    client.force_login(owner)
    client.cookies["theme"] = "light"
    page = client.get("/a/main/")
    assert 'data-theme="light"' in page.content.decode() and "theme" not in page.cookies


def test_the_language_is_one_of_those_there_are(hand: Caller, settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    change(hand, language="de")
    assert hand.response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "de"
    assert '<html lang="de"' in hand.client.get("/a/main/").content.decode()
    other = Client(headers={"accept-language": "en"})
    other.force_login(User.objects.get())
    page = other.get("/a/main/settings")
    assert '<html lang="de"' in page.content.decode()
    assert page.cookies[settings.LANGUAGE_COOKIE_NAME].value == "de"
    change(hand, language="auto")
    assert hand.response.cookies[settings.LANGUAGE_COOKIE_NAME]["max-age"] == 0
    change(hand, language="de")
    settings.LANGUAGES = [("en", "English")]
    assert hand.get("me/preferences")["language"] == "auto"
    assert '<html lang="en"' in hand.client.get("/a/main/").content.decode()


def test_pages_are_in_the_zone_and_the_api_is_not(hand: Caller, bot: Caller) -> None:
    bot.post("trades", closed(entry_time="2026-01-05T03:30:00Z", exit_time="2026-01-05T04:30:00Z"))
    change(hand, time_zone="America/New_York")
    page = hand.client.get("/a/main/trades").content.decode()
    assert "All times America/New York" in page and 'data-zone="America/New_York"' in page
    assert ">23:30</time>" in page or ">22:30</time>" in page
    assert ">4 Jan" in page and 'datetime="2026-01-05T03:30:00Z"' in page
    assert hand.get("trades")["trades"][0]["entry_time"] == "2026-01-05T03:30:00Z"


def test_private_pages_show_no_money(hand: Caller, bot: Caller, account: Account) -> None:
    bot.post("trades", closed(pnl="123.45"))
    figure = "123.45"
    assert figure in hand.client.get("/a/main/trades").content.decode()
    change(hand, privacy=True)
    for path in ("/a/main/", "/a/main/trades"):
        page = hand.client.get(path).content.decode()
        assert figure not in page and "•••" in page and "data-masked" in page
    assert str(hand.get("trades")["trades"][0]["net_pnl"]) == figure
