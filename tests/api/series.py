"""Days of trades and snapshots to make figures from, and figures made from them the slow way."""

import math
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.api.conftest import Caller
from tests.api.samples import candles, closed, portfolio

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)  # a Thursday


def day(number: int, hour: float = 0) -> str:
    """The moment `hour` hours into a day, counted from 2026-01-01."""
    return (BEGIN + timedelta(days=number, hours=hour)).isoformat().replace("+00:00", "Z")


def post_values(bot: Caller, values: Iterable[Any], *, hour: float = 12) -> None:
    """One snapshot a day."""
    found = [portfolio(timestamp=day(number, hour), total_value=str(value)) for number, value in enumerate(values)]
    for start in range(0, len(found), 500):
        bot.post("portfolio", found[start : start + 500])


def post_results(bot: Caller, results: Iterable[Any], *, strategy: str = "Trend", **changes: Any) -> None:
    """One trade a day, closed at noon after two hours."""
    found = [
        closed(
            trade_id=f"{strategy}-{changes.get('symbol', '')}-{number}".replace("/", ""),
            strategy=strategy,
            entry_time=day(number, 10),
            exit_time=day(number, 12),
            net_pnl=str(result),
            **changes,
        )
        for number, result in enumerate(results)
    ]
    for start in range(0, len(found), 500):
        bot.post("trades", found[start : start + 500])


def post_closes(bot: Caller, closes: Sequence[float], symbol: str = "SPX", **changes: Any) -> None:
    """One daily candle a day."""
    rows = [[day(number), *[str(close)] * 4, "1"] for number, close in enumerate(closes)]
    bot.post(f"market/{symbol}/ohlcv", candles(*rows, timeframe="1d", **changes))


def returns(values: Sequence[float]) -> list[float]:
    return [after / before - 1 for before, after in pairwise(values)]


def sharpe(found: Sequence[float], ppy: int = 365) -> float:
    return statistics.mean(found) / statistics.stdev(found) * math.sqrt(ppy)


def volatility(found: Sequence[float], ppy: int = 365) -> float:
    return statistics.stdev(found) * math.sqrt(ppy)


def fall(values: Sequence[float]) -> float:
    return min(value / max(values[: place + 1]) - 1 for place, value in enumerate(values))


def floats(values: Iterable[Any]) -> list[float | None]:
    return [None if value is None else float(value) for value in values]
