"""What a symbol's price returned a day, to be compared with."""

from dataclasses import dataclass

import numpy as np

from analytics.returns import DAY, Daily, simple_returns
from dashboard.columns import Ints
from dashboard.models import Account
from dashboard.moments import micros, moment_of
from dashboard.selectors.market import Series, UnknownSymbol, series_find
from dashboard.timeframes import TIMEFRAMES, finer

MOST_DAYS = 3_660


@dataclass(frozen=True)
class Against:
    """What an account is compared with: the daily closes of a symbol, and annual rates as fractions."""

    benchmark: str | None = None
    exchange: str | None = None
    risk_free: float = 0.0
    minimum: float = 0.0


def benchmark_returns(account: Account, symbol: str, exchange: str | None, days: Ints) -> Daily:
    """The returns of a symbol's daily closes on the newest 3,660 of `days` and those between them.

    Where no daily candles are stored, a day closes with the last candle it can have of the coarsest timeframe that is
    stored; the day of the newest candle closes with that one. A day without a close has no return, and the next one's
    is from the close before. Raises the errors of `series_find`.
    """
    series = series_find(account, symbol, exchange)
    newest = series.newest()
    timeframe = next((each for each in ("1d", *finer("1d")) if each in newest), None)
    if timeframe is None:
        raise UnknownSymbol
    if not days.size:
        return Daily(days, np.empty(0))
    found = closes(series, timeframe, max(int(days[0]), int(days[-1]) - MOST_DAYS) - 1, int(days[-1]))
    known = np.fromiter(found, np.int64, len(found))
    returns = simple_returns(np.fromiter(found.values(), float, len(found)))
    return Daily(known[1:], returns)


def closes(series: Series, timeframe: str, first: int, last: int) -> dict[int, float]:
    """The last close of each day (a number since 1970), oldest first."""
    begin, after = moment_of(first * DAY), moment_of((last + 1) * DAY)
    rows = series.of(timeframe).filter(timestamp__gte=begin, timestamp__lt=after).order_by("timestamp")
    newest = rows.reverse()[:1]
    if timeframe != "1d":
        lasts = [moment_of((day + 1) * DAY) - TIMEFRAMES[timeframe] for day in range(first, last + 1)]
        rows = rows.filter(timestamp__in=lasts)
    columns = ("timestamp", "close")
    pairs = [*rows.values_list(*columns), *newest.values_list(*columns)]
    return {micros(at) // DAY: close for at, close in pairs}
