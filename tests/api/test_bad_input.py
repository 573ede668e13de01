"""No input answers 5xx, leaves anything behind, or goes by without its name."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.api.bad_inputs import Bad, trades
from tests.api.bad_reports import reports
from tests.api.conftest import Caller
from tests.api.samples import trade

pytestmark = pytest.mark.django_db
INPUTS = trades() + reports()
TRADES = [bad for bad in INPUTS if bad.path == "trades" and isinstance(bad.body, dict)]


@pytest.mark.parametrize("bad", INPUTS, ids=lambda bad: bad.name)
def test_it_is_refused_by_name_and_leaves_nothing(bot: Caller, stored: Callable[[], dict[str, int]], bad: Bad) -> None:
    before = stored()
    error = bot.refused(bad.status, bad.method, bad.path, bad.body, **bad.headers)
    assert error["code"] == "invalid"
    assert sorted(error["fields"]) == bad.fields
    assert all(isinstance(why, list) and why and all(why) for why in error["fields"].values())
    assert stored() == before


def test_in_a_list_each_is_named_and_the_others_are_stored(bot: Caller) -> None:
    assert len(TRADES) > 100
    for start in range(0, len(TRADES), 200):
        part = TRADES[start : start + 200]
        bodies: list[Any] = [bad.body for bad in part]
        answer = bot.post("trades", [trade(trade_id=f"first-{start}"), *bodies, trade(trade_id=f"last-{start}")])
        items = answer["items"]
        assert [sorted(item["errors"]) for item in items[1:-1]] == [bad.fields for bad in part]
        assert {item["status"] for item in items[1:-1]} == {"invalid"}
        assert items[0]["status"] == items[-1]["status"] == "created"
    names = {row["trade_id"][:5] for row in bot.get("trades?limit=1000")["trades"]}
    assert names == {"first", "last-"}


@pytest.mark.parametrize(
    "path",
    [
        "trades/1'--",
        "trades/%00",
        "trades/999999999999999",
        "trades/9999999999999999999999",
        "trades/-1",
        "trades/1e3",
        "trades/0x1",
        "trades/١",
        "trades/1/",
        "trades/1/fills",
        "strategies/%00",
        "strategies/9223372036854775808",
        "alerts/9223372036854775808/resolve",
        "alerts/0/resolve",
        "market/",
        "market//ohlcv",
        "trades%00",
        "trades;x",
        "trades%2f1",
        "trades/../accounts",
        ":key",
        "trades/:pk",
        "\u00ff",
        "%ff",
        "%c0%ae%c0%ae/",
        "trades\\1",
        "a" * 5000,
    ],
)
def test_odd_addresses_are_not_there(bot: Caller, stored: Callable[[], dict[str, int]], path: str) -> None:
    before = stored()
    for method in ("GET", "POST", "PATCH", "DELETE"):
        bot.send(method, path, b"{}")
        # No key may delete a trade: that is said before it is looked for.
        statuses = (403, 404, 405) if method == "DELETE" else (404, 405)
        assert bot.response.status_code in statuses, (method, bot.response.content)
    assert stored() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"accept": "\x00"},
        {"accept_language": "x" * 5000},
        {"accept_language": "en;q=9e99"},
        {"origin": "http://["},
        {"origin": "null"},
        {"if_none_match": "é\x00, W/"},
        {"if_none_match": "*"},
        {"content_length": "abc"},
        {"content_length": "-1"},
        {"cookie": "session=" + "x" * 5000},
        {"cookie": 'session="aaaaaaaaaaaa\\000"'},
        {"cookie": 'csrf="\\000"; session=é'},
        {"x_forwarded_for": "\x00"},
        {"x_forwarded_for": "999.1.1.1, ::::"},
        {"referer": "\x00"},
        {"user_agent": "\x00" * 100},
        {"if_modified_since": "yesterday"},
        {"range": "bytes=-1"},
        {"x_http_method_override": "DELETE"},
    ],
    ids=repr,
)
def test_odd_headers_change_nothing(bot: Caller, headers: dict[str, str]) -> None:
    for method, path, body in (("GET", "trades", None), ("POST", "heartbeat", {"bot": "a", "state": "running"})):
        answer = bot.send(method, path, body, **headers)
        assert bot.response.status_code in (200, 201, 400), answer


def test_odd_session_cookies_are_nobodys(db: None) -> None:
    """A quoted cookie may hold any character, NUL too, which a database refuses in its own way."""
    for value in ('"aaaaaaaaaaaa\\000"', "é" * 12, "x" * 5000, '"\\377\\376aaaaaaaaaa"', "' OR 1=1 --"):
        caller = Caller(APIClient())
        caller.refused(401, "GET", "trades", cookie=f"session={value}")
        page = caller.client.get("/login", HTTP_COOKIE=f"session={value}")
        assert page.status_code == 200
