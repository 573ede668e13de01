"""Candles of timeframes that are not stored are built from finer ones."""

import csv
import gzip
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashboard.models import Account, MarketData
from dashboard.selectors import resample
from tests.api.conftest import Caller
from tests.api.samples import candles

pytestmark = pytest.mark.django_db
PATH = "market/BTC/USDT/ohlcv"
MINUTES = {"1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "1h": 60, "4h": 240, "1d": 1440, "3d": 4320, "1w": 10080}


def text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def post(bot: Caller, rows: list[list[Any]], timeframe: str = "1m", **more: str) -> None:
    for first in range(0, len(rows), 1000):
        bot.post(PATH, candles(*rows[first : first + 1000], timeframe=timeframe, **more))


def walk(count: int, *, minutes: int = 1, begin: str = "2026-01-01T00:00:00Z", holes: float = 0) -> list[list[Any]]:
    """Candles of a random walk, some of them missing."""
    dice, price, at = random.Random(7), Decimal(100), datetime.fromisoformat(begin)
    rows = []
    for number in range(count):
        close = price + Decimal(dice.randint(-99, 100)).scaleb(-2)
        high, low = max(price, close) + Decimal("0.01"), min(price, close) - Decimal("0.03")
        volume = Decimal(dice.randint(0, 10**7)).scaleb(-dice.randint(0, 6))
        if dice.random() >= holes:
            rows.append([text(at + timedelta(minutes=minutes * number)), price, high, low, close, volume])
        price = close
    return rows


def slowly(rows: list[list[Any]], timeframe: str) -> list[list[Any]]:
    """The same candles by another way: each one searches all rows for its own."""
    length = timedelta(minutes=MINUTES[timeframe])
    first = datetime(2025, 12, 29, tzinfo=UTC)  # a Monday
    if timeframe == "3d":
        first = datetime(1970, 1, 1, tzinfo=UTC) + 6816 * timedelta(days=3)
    found = []
    while (opens := text(first)) <= rows[-1][0]:
        closes = text(first + length)
        inside = [row for row in rows if opens <= row[0] < closes]
        if inside:
            prices = [price for row in inside for price in row[1:5]]
            volume = sum((row[5] for row in inside), Decimal(0))
            found.append([opens, inside[0][1], max(prices), min(prices), inside[-1][4], volume])
        first += length
    return found


def rows_of(answer: dict[str, Any]) -> list[list[Any]]:
    return [list(candle.values())[:6] for candle in answer["candles"]]


def test_minutes(bot: Caller) -> None:
    rows = walk(3000, holes=0.2)
    post(bot, rows)
    for timeframe in ("3m", "5m", "15m", "1h", "4h", "1d"):
        answer = bot.get(f"{PATH}?timeframe={timeframe}&limit=1000")
        assert rows_of(answer) == slowly(rows, timeframe)[-1000:]
        assert (answer["timeframe"], answer["resampled_from"]) == (timeframe, "1m")
        assert answer["count"] == len(answer["candles"])
    assert [each["timeframes"] for each in bot.get("market")["symbols"]] == [["1m"]]


@pytest.mark.parametrize(("timeframe", "opens"), [("1w", "2025-12-29"), ("3d", "2025-12-29"), ("1d", "2025-12-31")])
def test_days_and_weeks_begin_in_utc_and_weeks_on_monday(bot: Caller, timeframe: str, opens: str) -> None:
    rows = walk(600, minutes=60, begin="2025-12-31T22:00:00Z")
    post(bot, rows, "1h")
    answer = bot.get(f"{PATH}?timeframe={timeframe}")
    assert rows_of(answer) == slowly(rows, timeframe)
    assert answer["candles"][0]["timestamp"] == f"{opens}T00:00:00Z" and answer["resampled_from"] == "1h"


def test_the_coarsest_that_divides_is_used(bot: Caller) -> None:
    for timeframe, close in (("1m", "1.1"), ("15m", "1.2"), ("2h", "1.3"), ("3d", "1.4")):
        row = ["2026-01-01T00:00:00Z", "1", "2", "0.5", close, "10"]
        bot.post(PATH, candles(row, timeframe=timeframe))

    def source(timeframe: str) -> tuple[str, Decimal]:
        answer = bot.get(f"{PATH}?timeframe={timeframe}")
        return answer["resampled_from"], answer["candles"][0]["close"]

    assert source("1w") == ("2h", Decimal("1.3"))  # three days do not divide a week
    assert source("1h") == ("15m", Decimal("1.2"))
    assert source("5m") == ("1m", Decimal("1.1"))
    assert source("15m") == (None, Decimal("1.2"))


def test_what_nothing_finer_is_stored_of_is_empty(bot: Caller) -> None:
    post(bot, walk(3, minutes=60), "1h")
    answer = bot.get(f"{PATH}?timeframe=30m")
    assert (answer["candles"], answer["count"], answer["resampled_from"], answer["partial"]) == ([], 0, None, False)
    bot.refused(404, "GET", "market/BTC/USDT?timeframe=30m")


def test_a_stored_timeframe_is_never_built_also_where_it_has_no_candles(bot: Caller) -> None:
    post(bot, walk(180))
    post(bot, walk(1, minutes=60), "1h")
    answer = bot.get(f"{PATH}?timeframe=1h&start=2026-01-01T01:00:00Z")
    assert (answer["candles"], answer["resampled_from"], answer["partial"]) == ([], None, False)


def test_stretches_hold_whole_candles(bot: Caller) -> None:
    rows = walk(600)
    post(bot, rows)
    whole = slowly(rows, "1h")

    def hours(query: str) -> list[int]:
        found = rows_of(bot.get(f"{PATH}?timeframe=1h&{query}"))
        assert all(row in whole for row in found)
        return [int(row[0][11:13]) for row in found]

    assert hours("limit=3") == [7, 8, 9]
    assert hours("limit=3&start=2026-01-01T02:00:00Z") == [2, 3, 4]
    assert hours("limit=3&start=2026-01-01T02:00:01Z") == [3, 4, 5]
    assert hours("limit=3&end=2026-01-01T05:00:00Z") == [3, 4, 5]
    assert hours("limit=3&end=2026-01-01T04:59:59Z") == [2, 3, 4]
    assert hours("start=2026-01-01T08:00:00Z&end=2026-01-01T20:00:00Z") == [8, 9]
    assert hours("start=2026-01-01T08:10:00Z&end=2026-01-01T08:50:00Z") == []
    assert hours("end=2025-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    "query", ["start=9999-12-31T23:59:59Z", "end=9999-12-31T23:59:59Z", "end=1970-01-01T00:00:00Z"]
)
def test_the_ends_of_the_calendar(bot: Caller, query: str) -> None:
    post(bot, walk(60))
    for timeframe in ("1w", "3d", "5m"):
        answer = bot.get(f"{PATH}?timeframe={timeframe}&{query}")
        assert bool(answer["candles"]) is query.startswith("end=9")


def test_a_last_candle_that_still_grows_is_partial(bot: Caller) -> None:
    def partial(query: str = "") -> bool:
        found: bool = bot.get(f"{PATH}?timeframe=5m{query}")["partial"]
        assert query or bot.get("market/BTC/USDT?timeframe=5m")["partial"] is found
        return found

    rows = walk(10)
    for number, row in enumerate(rows):
        post(bot, [row])
        assert partial() is (number not in (4, 9))
    post(bot, [["2026-01-01T00:13:00Z", 1, 1, 1, 1, 1]])
    assert partial() and not partial("&end=2026-01-01T00:05:00Z")


def test_a_candle_in_the_past_is_not_partial_for_a_hole_at_its_end(bot: Caller) -> None:
    post(bot, [row for row in walk(20) if row[0][14:16] != "04"])
    assert bot.get(f"{PATH}?timeframe=5m&end=2026-01-01T00:00:00Z")["partial"] is False


def test_the_latest_candle(bot: Caller) -> None:
    rows = walk(130)
    post(bot, rows)
    latest = bot.get("market/BTC/USDT?timeframe=1h")
    names = ("symbol", "exchange", "timeframe", "resampled_from", "partial")
    assert tuple(latest.pop(name) for name in names) == ("BTC/USDT", "", "1h", "1m", True)
    assert list(latest.values())[:6] == slowly(rows, "1h")[-1]
    assert bot.get("market/BTC/USDT")["timeframe"] == "1m"


def test_volumes_are_added_exactly(bot: Caller) -> None:
    volumes = ["0.1", "0.2", "1e-18".replace("1e-18", "0.000000000000000001"), "123456789.123456", "0.3"]
    post(bot, [[f"2026-01-01T00:0{n}:00Z", 1, 1, 1, 1, volume] for n, volume in enumerate(volumes)])
    assert bot.get(f"{PATH}?timeframe=5m")["candles"][0]["volume"] == Decimal("123456789.723456000000000001")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(2, 3, 10.0), (6, 5, 20.0)], (8, 17.5)),
        ([(2, 3, 10.0), (0, 0, None)], (3, 10.0)),
        ([(2, 3, 10.0), (1, 0, None)], (3, None)),
        ([(2, None, 10.0), (2, 1, 20.0)], (None, 15.0)),
        ([(0, 0, None)], (0, None)),
    ],
)
def test_average_price_and_count(bot: Caller, account: Account, parts: Any, expected: Any) -> None:
    for minute, (volume, count, vwap) in enumerate(parts):
        prices = dict.fromkeys(("open", "high", "low", "close"), 15.0)
        MarketData.objects.create(
            account=account,
            symbol="BTC/USDT",
            timeframe="1m",
            timestamp=datetime(2026, 1, 1, 0, minute, tzinfo=UTC),
            volume=volume,
            trades_count=count,
            vwap=vwap,
            **prices,
        )
    candle = bot.get(f"{PATH}?timeframe=5m")["candles"][0]
    assert (candle["trades_count"], candle["vwap"]) == expected


def test_other_symbols_exchanges_and_accounts_are_left_out(
    bot: Caller, program: Callable[..., Caller], other_account: Account
) -> None:
    post(bot, walk(5), exchange="a")
    post(bot, walk(5), exchange="b")
    post(bot, walk(10, minutes=5), "5m", exchange="b")
    post(program(of=other_account), walk(50), exchange="a")
    bot.post("market/ETH/USDT/ohlcv", candles(*walk(20), timeframe="1m", exchange="a"))
    answer = bot.get(f"{PATH}?timeframe=15m&exchange=a")
    assert (rows_of(answer), answer["resampled_from"]) == (slowly(walk(5), "15m"), "1m")
    assert bot.get(f"{PATH}?timeframe=15m&exchange=b")["resampled_from"] == "5m"


def test_no_more_is_read_than_the_candles_are_made_of(
    bot: Caller, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Key, place in the log, exchange, stored candles, which timeframes there are, parts."""
    monkeypatch.setattr(resample, "CHUNK", 50)
    post(bot, walk(3000))
    for limit in (1, 2, 50):
        with django_assert_num_queries(6) as queries:
            assert bot.get(f"{PATH}?timeframe=1h&limit={limit}")["count"] == limit
        assert f"LIMIT {60 * limit + 1}" in " ".join(query["sql"] for query in queries)


def test_too_much_to_read_is_refused(bot: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resample, "MOST", 300)
    post(bot, walk(400))
    assert bot.get(f"{PATH}?timeframe=1h&limit=4")["count"] == 4
    assert list(bot.refused(400, "GET", f"{PATH}?timeframe=1h&limit=6")["fields"]) == ["limit"]
    assert list(bot.refused(400, "GET", f"{PATH}?timeframe=1h&start=2026-01-01T00:00:00Z")["fields"]) == ["limit"]


def test_real_candles(bot: Caller, shared_data: Path) -> None:
    def load(name: str) -> list[list[Any]]:
        with gzip.open(shared_data / "candles" / f"BTC_PERP_{name}.csv.gz", "rt") as lines:
            rows = list(csv.reader(lines))[1:]
        return [[row[0] if "T" in row[0] else f"{row[0]}T00:00:00Z", *map(Decimal, row[1:])] for row in rows]

    post(bot, load("1m"))
    for timeframe in ("5m", "1h", "1d"):
        derived = load(f"{timeframe}_derived")[-500:]
        found = rows_of(bot.get(f"{PATH}?timeframe={timeframe}&limit={len(derived)}"))
        assert [row[:5] for row in found] == [row[:5] for row in derived]
        # The file adds volumes as doubles.
        assert [row[5] for row in found] == [pytest.approx(row[5], rel=Decimal("1e-12")) for row in derived]
