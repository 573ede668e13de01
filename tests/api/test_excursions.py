"""How far a trade went: as its bot said, or by the candles that lie within it."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from dashboard.models import Account, Trade
from tests.api.conftest import Caller
from tests.api.samples import candles, closed, trade

pytestmark = pytest.mark.django_db


def hours(*rows: tuple[int, str, str]) -> list[list[str]]:
    """Candles of one hour of January 1st with these lows and highs."""
    return [[f"2026-01-01T{hour:02}:00:00Z", low, high, low, high, "1"] for hour, low, high in rows]


def detail(bot: Caller) -> Any:
    return bot.get(f"trades/{Trade.objects.get().pk}")


def test_as_reported(bot: Caller) -> None:
    bot.post("market/BTC/USDT/ohlcv", candles(*hours((10, "50", "200"), (11, "50", "200"))))
    made = bot.post("trades", closed(lowest_price="95", highest_price="112", stop_loss="90"))["item"]
    found = detail(bot)
    assert (found["mae_pct"], found["mfe_pct"], found["r_multiple"]) == (-5, 12, 1)
    assert found == {**made, "excursions_from": "reported"}


def test_from_candles_that_lie_within_the_trade(bot: Caller) -> None:
    rows = hours((9, "1", "999"), (10, "96", "105"), (11, "97", "108"), (12, "1", "999"))
    bot.post("market/BTC/USDT/ohlcv", candles(*rows))
    made = bot.post("trades", closed())["item"]
    found = detail(bot)
    assert (found["mae_pct"], found["excursions_from"]) == (-4, "candles")
    assert found["mfe_pct"] == 10  # it left at 110, above all candles
    assert made["mae_pct"] is None and (found["lowest_price"], found["highest_price"]) == (None, None)
    assert bot.get("trades")["trades"] == [made]


def test_what_was_reported_of_the_two_is_kept(bot: Caller) -> None:
    bot.post("market/BTC/USDT/ohlcv", candles(*hours((10, "96", "105"), (11, "97", "130"))))
    bot.post("trades", closed(direction="short", highest_price="115"))
    found = detail(bot)
    assert (found["mae_pct"], found["mfe_pct"], found["excursions_from"]) == (-15, 4, "candles")


def test_the_finest_that_covers_the_trade_counts(bot: Caller) -> None:
    bot.post("trades", closed(entry_time="2026-01-01T10:10:00Z"))
    bot.post("market/BTC/USDT/ohlcv", candles(*hours((11, "97", "108"))))
    assert detail(bot)["mae_pct"] == -3
    halves = [[f"2026-01-01T{at}:00Z", "96", "105", "96", "105", "1"] for at in ("10:30", "11:00", "11:30")]
    bot.post("market/BTC/USDT/ohlcv", candles(*halves[:1], timeframe="30m"))
    assert detail(bot)["mae_pct"] == -3
    bot.post("market/BTC/USDT/ohlcv", candles(*halves[1:], timeframe="30m"))
    assert detail(bot)["mae_pct"] == -4


@pytest.mark.parametrize("rows", [[], [10], [11]])
def test_candles_that_do_not_cover_it_say_nothing(bot: Caller, rows: list[int]) -> None:
    bot.post("trades", closed(entry_time="2026-01-01T09:00:00Z"))
    if rows:
        bot.post("market/BTC/USDT/ohlcv", candles(*hours(*[(hour, "96", "105") for hour in rows])))
    assert (detail(bot)["mae_pct"], detail(bot)["excursions_from"]) == (None, None)


def test_an_open_trade_goes_on(bot: Caller) -> None:
    bot.post("trades", trade())
    bot.post("market/BTC/USDT/ohlcv", candles(*hours((10, "96", "105"))))
    with time_machine.travel("2026-01-01T11:30:00Z", tick=False):
        assert (detail(bot)["mae_pct"], detail(bot)["mfe_pct"]) == (-4, 5)
        etag = bot.response["ETag"]
        bot.post("market/BTC/USDT/ohlcv", candles(*hours((10, "95", "105"))))
        assert bot.get(f"trades/{Trade.objects.get().pk}", if_none_match=etag)["mae_pct"] == -5
    with time_machine.travel("2026-01-01T14:00:00Z", tick=False):
        assert detail(bot)["mae_pct"] is None


def test_candles_of_another_exchange_are_of_another_price(bot: Caller, account: Account) -> None:
    bot.post("trades", closed())
    bot.post("market/BTC/USDT/ohlcv", candles(*hours((10, "96", "105"), (11, "96", "105")), exchange="kraken"))
    assert detail(bot)["mae_pct"] is None
    account.exchange = "kraken"
    account.save()
    with time_machine.travel("2026-01-02T00:00:00Z"):
        assert detail(bot)["mae_pct"] == -4


@pytest.mark.parametrize(
    "body", [trade(status="pending", entry_price=None, entry_time=None), trade(status="cancelled")]
)
def test_what_was_never_open_went_nowhere(bot: Caller, body: dict[str, Any]) -> None:
    bot.post("trades", body)
    bot.post("market/BTC/USDT/ohlcv", candles(*hours((10, "96", "105"))))
    with time_machine.travel("2026-01-01T11:30:00Z", tick=False):
        assert detail(bot)["excursions_from"] is None


def test_a_trade_of_years_asks_no_more(bot: Caller, django_assert_max_num_queries: Callable[..., Any]) -> None:
    bot.post("trades", closed(entry_time="1990-01-01T00:00:00Z"))
    with django_assert_max_num_queries(12):
        assert detail(bot)["excursions_from"] is None
