"""The Market page: which candles it shows, what it says of the last day, and what it says without any."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.models import Account
from dashboard.services.market import candles_record
from tests.dashboard.test_pages import add_trade

START = datetime(2026, 1, 5, tzinfo=UTC)
LENGTH = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1), "1d": timedelta(days=1)}


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def record(account: Account, symbol: str, closes: list[float], timeframe: str = "1h", exchange: str = "x") -> None:
    """Candles whose prices go from one close to the next."""
    opens = [closes[0], *closes]
    rows = [
        (START + LENGTH[timeframe] * n, opened, max(opened, closed) + 1, min(opened, closed) - 1, closed, 10.0)
        for n, (opened, closed) in enumerate(zip(opens, closes, strict=False))
    ]
    candles_record(account=account, symbol=symbol, exchange=exchange, timeframe=timeframe, candles=rows)


def page(client: Client, query: str = "") -> str:
    response = client.get(f"/a/main/market{query}")
    assert response.status_code == 200
    return response.content.decode()


def figure(text: str, path: str) -> str:
    found = re.search(rf'data-bind="{re.escape(path)}"[^>]*>([^<]*)<', text)
    assert found, path
    return found[1].replace("\u202f", " ").strip("\u2007 ")


def source(text: str) -> tuple[str, dict[str, list[str]]]:
    found = re.search(r'id="chart-candles"[^>]* data-source="([^"]+)"', text)
    assert found
    parts = urlsplit(found[1].replace("&amp;", "&"))
    return parts.path, parse_qs(parts.query)


def test_without_candles_it_says_how_to_post_them(signed_in: Client, account: Account) -> None:
    text = page(signed_in)
    assert "No candles yet" in text
    assert "/api/market/BTC/USDT/ohlcv" in text
    assert "data-room" not in text


def test_the_posted_example_is_one_that_the_api_takes(signed_in: Client, account: Account, owner: User) -> None:
    command = re.search(r"-d &#x27;(\{.*?\})&#x27;|-d '(\{.*?\})'", page(signed_in))
    assert command
    body = command[1] or command[2]
    answer = signed_in.post("/api/market/BTC/USDT/ohlcv?account=main", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert "data-room" in page(signed_in, "?symbol=BTC/USDT")


def test_it_begins_with_the_symbol_that_was_traded_last(signed_in: Client, account: Account) -> None:
    for symbol in ("ADA/USDT", "ETC/USDT:USDT"):
        record(account, symbol, [1, 2])
    assert signed_in.get("/a/main/market")["Location"] == "/a/main/market?symbol=ADA%2FUSDT"
    add_trade(account, 1)
    assert signed_in.get("/a/main/market")["Location"] == "/a/main/market?symbol=ETC%2FUSDT%3AUSDT"


def test_the_chart_asks_for_what_the_address_says(signed_in: Client, account: Account) -> None:
    record(account, "BTC/USDT", [1, 2, 3], "5m")
    path, asked = source(page(signed_in, "?symbol=BTC/USDT&timeframe=4h"))
    assert path == "/api/market/BTC/USDT/ohlcv"
    assert asked == {"account": ["main"], "exchange": ["x"], "timeframe": ["4h"], "limit": ["1000"]}
    assert signed_in.get(f"{path}?account=main&exchange=x&timeframe=4h&limit=1000").status_code == 200


def test_candles_without_an_exchange_are_asked_for_without_one(signed_in: Client, account: Account) -> None:
    record(account, "BTC/USDT", [1, 2], exchange="")
    path, asked = source(page(signed_in, "?symbol=BTC/USDT"))
    assert "exchange" not in asked
    assert signed_in.get(path, {name: value[0] for name, value in asked.items()}).status_code == 200


def test_long_candles_of_short_ones_are_asked_for_in_smaller_numbers(signed_in: Client, account: Account) -> None:
    record(account, "BTC/USDT", [1, 2, 3], "5m")
    _, asked = source(page(signed_in, "?symbol=BTC/USDT&timeframe=1w"))
    assert int(asked["limit"][0]) == 200_000 // (7 * 24 * 12)


@pytest.mark.parametrize(
    ("query", "shown"), [("", "1h"), ("&timeframe=1d", "1d"), ("&timeframe=1m", "1h"), ("&timeframe=x", "1h")]
)
def test_timeframes_that_cannot_be_built_are_not_offered(
    signed_in: Client, account: Account, query: str, shown: str
) -> None:
    record(account, "BTC/USDT", [1, 2, 3], "5m")
    text = page(signed_in, f"?symbol=BTC/USDT{query}")
    bar = text[text.index('data-part="timeframes"') :].split("</nav>")[0]
    assert re.findall(r">(\w+)</a>", bar) == ["5m", "15m", "1h", "4h", "1d", "1w"]
    assert re.findall(r'aria-current="true">(\w+)<', bar) == [shown]


def test_exchanges_are_told_apart(signed_in: Client, account: Account) -> None:
    record(account, "BTC/USDT", [1, 2], exchange="one")
    record(account, "BTC/USDT", [5, 6], exchange="two")
    text = page(signed_in, "?symbol=BTC/USDT&exchange=two")
    assert source(text)[1]["exchange"] == ["two"]
    assert figure(text, "day.price") == "6.0000"
    assert "exchange=one" in text


def test_the_last_day(signed_in: Client, account: Account) -> None:
    record(account, "BTC/USDT", [100.0 + n for n in range(30)])
    text = page(signed_in, "?symbol=BTC/USDT")
    assert figure(text, "day.price") == "129.00"
    # The 24 hours up to the end of the last candle begin with candle 6; the close before it is 105.
    assert figure(text, "day.change_pct") == "+22.86 %"
    assert (figure(text, "day.high"), figure(text, "day.low")) == ("130.00", "104.00")
    assert figure(text, "day.volume") == "240"


def test_one_candle_has_no_change(signed_in: Client, account: Account) -> None:
    record(account, "BTC/USDT", [100.0])
    assert figure(page(signed_in, "?symbol=BTC/USDT"), "day.change_pct") == "–"


def test_indicators_are_kept_in_the_address(signed_in: Client, account: Account) -> None:
    record(account, "BTC/USDT", [1, 2])
    text = page(signed_in, "?symbol=BTC/USDT&indicator=rsi&indicator=sma&indicator=nothing")
    assert 'data-shows="sma rsi"' in text
    bar = text[text.index('data-part="indicators"') :].split("</nav>")[0]
    links = {title: url for url, title in re.findall(r'href="([^"]+)"[^>]*>(?:<[^>]+>|\+)*([^<+]+)</a>', bar)}
    assert "indicator=sma&amp;indicator=rsi&amp;indicator=ema" in links["EMA 50"]
    assert "indicator=rsi" not in links["RSI 14"]


def test_a_symbol_without_candles_says_so(signed_in: Client, account: Account) -> None:
    record(account, "BTC/USDT", [1, 2])
    text = page(signed_in, "?symbol=<b>XYZ</b>")
    assert "No candles of &lt;b&gt;XYZ&lt;/b&gt; yet" in text


def test_its_trades_and_no_others(signed_in: Client, account: Account) -> None:
    record(account, "BTC/USDT", [1, 2])
    add_trade(account, 1, symbol="BTC/USDT", net_pnl=5)
    add_trade(account, 2, symbol="ETH/USDT", net_pnl=7)
    text = page(signed_in, "?symbol=BTC/USDT")
    assert figure(text, "stats.total_pnl") == "+5.00"
    rows = text[text.index('data-part="traded"') :]
    assert re.findall(r'data-bind="net_pnl"[^>]*>([^<]*)<', rows) == ["+5.00"]
    assert "symbol=BTC%2FUSDT" in text


def test_annotations_belong_to_the_symbol(signed_in: Client, account: Account) -> None:
    record(account, "BTC/USDT:USDT", [1, 2])
    assert 'data-chart-id="market:BTC.USDT:USDT"' in page(signed_in, "?symbol=BTC/USDT:USDT")


@pytest.mark.parametrize(("role", "acts"), [("viewer", False), ("operator", True), ("owner", True)])
def test_only_who_may_write_is_offered_to(
    request: Any, client: Client, account: Account, role: str, acts: bool
) -> None:
    record(account, "BTC/USDT", [1, 2])
    client.force_login(request.getfixturevalue(role))
    text = page(client, "?symbol=BTC/USDT")
    assert ('data-note-act="add"' in text, 'data-dialog="annotation"' in text) == (acts, acts)
    assert 'data-note-act="save"' in text


def test_many_symbols_and_trades_cost_no_more_queries(signed_in: Client, account: Account) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            page(signed_in, "?symbol=S0/USDT")
        return len(found)

    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            record(account, f"S{number}/USDT", [1, 2])
            add_trade(account, number, symbol="S0/USDT")

    fill(0, 2)
    page(signed_in, "?symbol=S0/USDT")
    few = queries()
    fill(2, 20)
    assert queries() <= few + 1  # the book is read once after new trades
