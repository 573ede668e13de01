"""The curve of an account or of a part of it, beside what a symbol's price would have made of the same money."""

from typing import Any

import numpy as np

from analytics.downsample import m4
from dashboard.columns import Floats, Ints
from dashboard.models import Account
from dashboard.moments import MICRO, micros, moment_of
from dashboard.selectors.benchmark import Against
from dashboard.selectors.market import Series, UnknownSymbol, series_find
from dashboard.selectors.series import Window, series_of
from dashboard.selectors.statistics import defined
from dashboard.timeframes import TIMEFRAMES

MOST_CANDLES = 2_000
NOTHING = Against()


def equity_curve(account: Account, window: Window, points: int, against: Against = NOTHING) -> dict[str, Any]:
    """At most `points` moments of value and drawdown, every visible extreme among them.

    The benchmark is what its price would have made of the first value. Raises the errors of `series_find`.
    """
    equity = series_of(account, window.part, window.end).since(window.start).equity
    price = None if against.benchmark is None else series_find(account, against.benchmark, against.exchange)
    if not len(equity):
        return {
            "timestamps": [], "equity": [], "drawdown": [], "benchmark": None if price is None else [],
            "start_value": None, "end_value": None, "return_pct": None, "source": None,
        }  # fmt: skip
    values = equity.floats
    curve, falls = equity.curve, equity.falls
    chosen = np.arange(len(values))
    if len(values) > points:
        chosen = m4(equity.times, values, points - 2)
        if curve is not None and falls is not None:
            # With deposits the deepest fall need not be where the value is lowest.
            trough = int(falls.argmin())
            chosen = np.union1d(chosen, [int(curve[: trough + 1].argmax()), trough])
    prices = None if price is None else grown(price, equity.times[chosen])
    return {
        "timestamps": [moment_of(int(equity.times[index])) for index in chosen],
        "equity": [equity.values.at(int(index)) for index in chosen],
        "drawdown": [None if falls is None else float(falls[index]) for index in chosen],
        "benchmark": None if prices is None else (prices * values[0]).tolist(),
        "start_value": equity.first,
        "end_value": equity.last,
        "return_pct": None if curve is None else defined(float(curve[-1] - 1) * 100),
        "source": equity.source,
    }


def grown(series: Series, times: Ints) -> Floats:
    """What 1 unit in a symbol grew to at each of these moments: by the last candle that had ended, of the finest stored
    timeframe that needs at most 2,000 of them; NaN before the first one. Raises UnknownSymbol."""
    lengths = {name: int(TIMEFRAMES[name].total_seconds()) * MICRO for name in series.newest()}
    if not lengths:
        raise UnknownSymbol
    names = sorted(lengths, key=lengths.__getitem__)
    reach = int(times[-1] - times[0])
    timeframe = next((name for name in names if reach <= MOST_CANDLES * lengths[name]), names[-1])
    length = lengths[timeframe]
    rows = series.of(timeframe).order_by("-timestamp").values_list("timestamp", "close")
    found = list(rows.filter(timestamp__lte=moment_of(int(times[-1]) - length))[: MOST_CANDLES + 2])[::-1]
    if not found:
        return np.full(len(times), np.nan)
    ends = np.array([micros(at) for at, _ in found], dtype=np.int64) + length
    closes = np.array([float(close) for _, close in found])
    places = np.searchsorted(ends, times, side="right") - 1
    prices = np.where(places < 0, np.nan, closes[places])
    known = np.flatnonzero(~np.isnan(prices))
    return prices / prices[known[0]] if len(known) else prices
