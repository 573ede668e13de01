"""Candles over the API; symbols hold slashes and colons."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from dashboard.models import Account, MarketData
from dashboard.selectors.market import FIRST_AND_LAST, symbols
from tests.api.conftest import Caller
from tests.api.samples import candles

pytestmark = pytest.mark.django_db
SYMBOLS = ["BTC/USDT", "BTC/USDT:USDT", "AAPL", "a.b_c-d@e", "ohlcv", "1000PEPE/USDT", "A" * 100]


def row(hour: int, close: str = "1.5", **changes: str) -> list[str]:
    return [f"2026-01-01T{hour:02}:00:00Z", "1", changes.get("high", "2"), "0.5", close, "10"]


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("encode", [lambda text: text, lambda text: quote(text, safe="")], ids=["raw", "encoded"])
def test_symbols_in_the_path(bot: Caller, symbol: str, encode: Callable[[str], str]) -> None:
    path = f"market/{encode(symbol)}"
    assert bot.post(f"{path}/ohlcv", candles(row(1), row(2, "1.25")))["summary"]["created"] == 2
    found = bot.get(f"{path}/ohlcv?timeframe=1h")
    assert (found["symbol"], found["timeframe"], found["count"]) == (symbol, "1h", 2)
    latest = bot.get(path)
    assert latest["symbol"] == symbol and latest["close"] == found["candles"][-1]["close"]
    assert [each["symbol"] for each in bot.get("market")["symbols"]] == [symbol]


def test_the_open_candle_may_come_again(bot: Caller) -> None:
    path = "market/BTC/USDT/ohlcv"
    assert bot.post(path, candles(row(1), row(2)))["summary"] == {"created": 2, "updated": 0, "duplicate": 0}
    again = bot.post(path, candles(row(2, "1.75"), row(3), row(1), row(3)))
    assert again["summary"] == {"created": 1, "updated": 1, "duplicate": 2} and again["count"] == 4
    found = bot.get(f"{path}?timeframe=1h")["candles"]
    assert [candle["timestamp"][11:13] for candle in found] == ["01", "02", "03"]
    assert found[1] == {
        "timestamp": "2026-01-01T02:00:00Z",
        "open": 1,
        "high": 2,
        "low": found[1]["low"],
        "close": found[1]["close"],
        "volume": 10,
        "trades_count": None,
        "vwap": None,
    }
    assert float(found[1]["close"]) == 1.75 and bot.get("events")["head"] == 0


def test_stretches(bot: Caller) -> None:
    path = "market/BTC/USDT/ohlcv"
    bot.post(path, candles(*[row(hour) for hour in range(10)]))

    def hours(query: str) -> list[int]:
        return [int(candle["timestamp"][11:13]) for candle in bot.get(f"{path}?timeframe=1h&{query}")["candles"]]

    assert hours("limit=3") == [7, 8, 9]
    assert hours("limit=3&start=2026-01-01T02:00:00Z") == [2, 3, 4]
    assert hours("limit=3&end=2026-01-01T05:00:00Z") == [3, 4, 5]
    assert hours("start=2026-01-01T08:00:00Z&end=2026-01-01T20:00:00Z") == [8, 9]


def test_several_exchanges_have_to_be_named(bot: Caller, account: Account) -> None:
    path = "market/BTC/USDT"
    bot.post(f"{path}/ohlcv", candles(row(1)))
    bot.post(f"{path}/ohlcv", candles(row(2), exchange="kraken"))
    for read in (path, f"{path}/ohlcv?timeframe=1h"):
        assert 'name one of "", kraken.' in bot.refused(400, "GET", read)["fields"]["exchange"][0]
    assert bot.get(f"{path}?exchange=kraken")["exchange"] == "kraken"
    assert bot.get(f"{path}/ohlcv?timeframe=1h&exchange=")["exchange"] == ""  # those that were reported without one
    assert bot.get(f"{path}?exchange=")["timestamp"] == "2026-01-01T01:00:00Z"
    bot.refused(404, "GET", f"{path}?exchange=binance")
    listed = bot.get("market")["symbols"]
    assert [(each["exchange"], each["timeframes"]) for each in listed] == [("", ["1h"]), ("kraken", ["1h"])]
    assert MarketData.objects.filter(account=account).count() == 2


def test_a_series_without_a_timeframe_answers_the_newest_candle_of_any(bot: Caller) -> None:
    bot.post("market/X/ohlcv", candles(row(1)))
    bot.post("market/X/ohlcv", candles(row(5), timeframe="4h"))
    assert bot.get("market/X")["timeframe"] == "4h" and bot.get("market/X?timeframe=1h")["timeframe"] == "1h"
    bot.refused(404, "GET", "market/X?timeframe=30m")


@pytest.mark.parametrize(
    "symbol",
    [
        "UNKNOWN",
        "..",
        ".",
        "../x",
        "a/../b",
        "a//b",
        "/a",
        "a/",
        "%2e%2e/x",
        "a%2F..%2Fb",
        "%00",
        "a%00b",
        "B T C",
        "a%0Ab",
        "é",
        "a;b",
        "'",
        "%ff",
        "A" * 101,
        "a\\b",
        "%3Cscript%3E",
    ],
)
def test_unknown_and_impossible_symbols_are_not_there(bot: Caller, symbol: str) -> None:
    bot.refused(404, "GET", f"market/{symbol}")
    bot.refused(404, "GET", f"market/{symbol}/ohlcv?timeframe=1h")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("market?x=1", "x"),
        ("market/X?timeframe=7m", "timeframe"),
        ("market/X/ohlcv", "timeframe"),
        ("market/X/ohlcv?timeframe=1h&limit=1001", "limit"),
        ("market/X/ohlcv?timeframe=1h&start=2026-01-01", "start"),
        ("market/X/ohlcv?timeframe=1h&timeframe=1d", "timeframe"),
        ("market/X/ohlcv?timeframe=1h&exchange=%00", "exchange"),
        ("market/X/ohlcv?timeframe=1h&days=3", "days"),
    ],
)
def test_bad_parameters_are_named(bot: Caller, path: str, field: str) -> None:
    bot.post("market/X/ohlcv", candles(row(1)))
    assert list(bot.refused(400, "GET", path)["fields"]) == [field]


def test_reads_are_conditional_on_the_candles(bot: Caller) -> None:
    bot.post("market/X/ohlcv", candles(row(1)))
    for path in ("market", "market/X", "market/X/ohlcv?timeframe=1h"):
        bot.get(path)
        etag = bot.response["ETag"]
        bot.send("GET", path, if_none_match=etag)
        assert bot.response.status_code in (200, 304)  # 200 only where the minute turned
        bot.post("market/X/ohlcv", candles(row(len(path) % 24)))
        bot.send("GET", path, if_none_match=etag)
        assert bot.response.status_code == 200


def test_candles_of_another_account_are_not_there(bot: Caller, program: Any, other_account: Account) -> None:
    bot.post("market/X/ohlcv", candles(row(1)))
    stranger = program(of=other_account)
    stranger.refused(404, "GET", "market/X")
    assert stranger.get("market")["symbols"] == []


def test_prices_of_any_size_are_written_plainly(bot: Caller) -> None:
    tiny, huge = "0.00000012345", "123456789012345680"
    bot.post("market/PEPE/ohlcv", candles(["2026-01-01T01:00:00Z", tiny, "0.0000002", "0.0000001", tiny, huge]))
    for path in ("market/PEPE/ohlcv?timeframe=1h", "market/PEPE/ohlcv?timeframe=1d", "market/PEPE"):
        bot.get(path)
        text = bot.response.content.decode()
        assert f'"open":{tiny},"high":0.0000002,"low":0.0000001' in text and f'"volume":{huge}' in text


def test_the_list_of_symbols(bot: Caller, other_account: Account, program: Any) -> None:
    program(of=other_account).post("market/AAA/ohlcv", candles(row(1)))
    bot.post("market/ZEC/ohlcv", candles(row(1), row(9), exchange="kraken"))
    bot.post("market/BTC/USDT/ohlcv", candles(row(3), row(7)))
    bot.post("market/BTC/USDT/ohlcv", candles(row(2), row(4), timeframe="15m"))
    bot.post("market/BTC/USDT/ohlcv", candles(row(5), exchange="kraken"))
    bot.post("market/BTC/USDT:USDT/ohlcv", candles(row(6)))
    found = bot.get("market")
    assert found["count"] == 4
    assert [(each["symbol"], each["exchange"], each["timeframes"], each["first"][11:13], each["last"][11:13])
            for each in found["symbols"]] == [
        ("BTC/USDT", "", ["15m", "1h"], "02", "07"),
        ("BTC/USDT", "kraken", ["1h"], "05", "05"),
        ("BTC/USDT:USDT", "", ["1h"], "06", "06"),
        ("ZEC", "kraken", ["1h"], "01", "09"),
    ]  # fmt: skip


def test_the_list_of_symbols_reads_no_more_of_many_candles(bot: Caller, account: Account) -> None:
    """It steps from series to series over the index, whatever lies between."""

    def fill(first: int, last: int) -> None:
        prices = {"open": 1.0, "high": 2.0, "low": 1.0, "close": 1.5, "volume": 1.0}
        times = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in range(first, last)]
        MarketData.objects.bulk_create(
            MarketData(account=account, symbol=symbol, exchange="", timeframe="1m", timestamp=at, **prices)
            for symbol in ("A", "B", "C")
            for at in times
        )

    fill(0, 100)
    few = effort(account)
    fill(100, 10_000)
    assert effort(account) < 1.5 * few
    assert bot.get("market")["symbols"][2]["last"] == "2026-01-07T22:39:00Z"


def effort(account: Account) -> int:
    """How many steps SQLite's machine takes, or how many rows PostgreSQL reads."""
    if connection.vendor == "sqlite":
        steps: list[int] = []
        connection.ensure_connection()
        connection.connection.set_progress_handler(lambda: steps.append(1), 10)
        symbols(account)
        connection.connection.set_progress_handler(None, 10)
        return len(steps)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE dashboard_marketdata")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {FIRST_AND_LAST}", [account.pk])
        return rows_read(cursor.fetchone()[0][0]["Plan"])


def rows_read(plan: dict[str, Any]) -> int:
    within = sum(rows_read(each) for each in plan.get("Plans", []))
    return int((plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]) + within
