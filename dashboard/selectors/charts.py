"""What the charts of returns draw, column by column. Undefined is NaN here and null outside; returns are fractions."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from analytics.breakdown import monthly_returns
from analytics.periods import by_period, period_starts
from analytics.returns import DAY, Daily, wealth_index
from analytics.rolling import rolling_beta, rolling_mean, rolling_sharpe, rolling_volatility
from dashboard.columns import Floats, Ints
from dashboard.models import Account
from dashboard.selectors.benchmark import Against, benchmark_returns
from dashboard.selectors.series import Series, Window, series_of
from dashboard.selectors.statistics import months


@dataclass(frozen=True)
class Returns:
    """The newest periods of `total`, oldest first: what was earned, from the beginning of the range on too, the P&L and
    number of the trades closed in each, and the benchmark beside them."""

    source: str | None
    period: str
    dates: list[date]
    returns: list[float]
    cumulative: list[float]
    net_pnl: list[Decimal]
    trades: list[int]
    benchmark: list[float] | None
    benchmark_cumulative: list[float] | None
    total: int


def returns_chart(account: Account, window: Window, period: str, against: Against, limit: int) -> Returns:
    series = series_of(account, window.part, window.end).since(window.start)
    own = by_period(series.daily, period)
    closed = period_starts(series.closed.exited // DAY, period)
    starts = np.union1d(own.days, closed)
    shown = slice(max(len(starts) - limit, 0), None)
    places = np.searchsorted(starts, closed)
    beside = compared(account, against, series)
    other = None if beside is None else by_period(beside, period)
    return Returns(
        source=series.source,
        period=period,
        dates=dates(starts[shown]),
        returns=placed(own, starts)[shown].tolist(),
        cumulative=grown(own, starts)[shown].tolist(),
        net_pnl=series.closed.net_pnl.sums_by(places, len(starts))[shown],
        trades=np.bincount(places, minlength=len(starts))[shown].tolist(),
        benchmark=None if other is None else placed(other, starts)[shown].tolist(),
        benchmark_cumulative=None if other is None else grown(other, starts)[shown].tolist(),
        total=len(starts),
    )


def compared(account: Account, against: Against, series: Series) -> Daily | None:
    """The benchmark's returns from the first of the days on; None where none is asked for."""
    if against.benchmark is None:
        return None
    found = benchmark_returns(account, against.benchmark, against.exchange, series.days)
    inside = np.isin(found.days, series.days)
    return Daily(found.days[inside], found.values[inside])


def placed(daily: Daily, starts: Ints) -> Floats:
    """The values at `starts`, NaN where there is none."""
    values = np.full(len(starts), np.nan)
    known = np.isin(daily.days, starts)
    values[np.searchsorted(starts, daily.days[known])] = daily.values[known]
    return values


def grown(daily: Daily, starts: Ints) -> Floats:
    """What the returns until each of `starts` came to; NaN where there are none at all."""
    if not len(daily.days):
        return np.full(len(starts), np.nan)
    return (wealth_index(daily.values) - 1.0)[np.searchsorted(daily.days, starts, side="right")]


def dates(days: Ints) -> list[date]:
    found: list[date] = days.astype("datetime64[D]").tolist()
    return found


@dataclass(frozen=True)
class ValueLine:
    """The value at the end of each UTC day, its moving average, and what the benchmark would have made of the first
    value of the range; the newest days of `total`."""

    source: str | None
    dates: list[date]
    equity: list[Decimal]
    sma: list[float] | None
    benchmark: list[float] | None
    total: int


def value_chart(account: Account, window: Window, sma: int | None, against: Against, limit: int) -> ValueLine:
    whole = series_of(account, window.part, window.end)
    visible = whole.since(window.start)
    days, places = day_ends(whole.equity.times)
    floats = whole.equity.floats[places]
    first = len(days) - len(day_ends(visible.equity.times)[0])
    shown = slice(max(first, len(days) - limit), None)
    benchmark = None
    beside = compared(account, against, visible)
    if beside is not None:
        growth = 1.0 + grown(beside, days)
        benchmark = growth[shown] / growth[first : first + 1] * floats[first : first + 1]
    return ValueLine(
        source=whole.source,
        dates=dates(days[shown]),
        equity=[whole.equity.values.at(place) for place in places[shown].tolist()],
        sma=None if sma is None else rolling_mean(floats, sma)[shown].tolist(),
        benchmark=None if benchmark is None else benchmark.tolist(),
        total=len(days) - first,
    )


def day_ends(times: Ints) -> tuple[Ints, Ints]:
    """Every UTC day from the first moment to the last one, and the place of the last moment until its end."""
    if not len(times):
        return times, times
    arrivals = times // DAY
    days = np.arange(arrivals[0], arrivals[-1] + 1, dtype=np.int64)
    return days, np.searchsorted(arrivals, days, side="right") - 1


@dataclass(frozen=True)
class Monthly:
    """Years by twelve months: returns, P&L and number of the trades closed; null for a month without returns."""

    source: str | None
    years: list[int]
    returns: list[list[float]]
    totals: list[float]
    net_pnl: list[list[Decimal]]
    net_pnl_totals: list[Decimal]
    trades: list[list[int]]


def monthly_chart(account: Account, window: Window) -> Monthly:
    series = series_of(account, window.part, window.end).since(window.start)
    found = monthly_returns(series.days, series.returns)
    closed = months(series.closed.exited)
    traded = np.unique(closed // 12 + 1970)
    years = np.union1d(found.years, traded)
    years = np.arange(years[0], years[-1] + 1) if len(years) else years
    table, totals = np.full((len(years), 12), np.nan), np.full(len(years), np.nan)
    at = np.searchsorted(years, found.years)
    table[at], totals[at] = found.months, found.totals
    cells = closed - (int(years[0]) - 1970) * 12 if len(years) else closed
    sums = series.closed.net_pnl.sums_by(cells, 12 * len(years))
    by_year = series.closed.net_pnl.sums_by(cells // 12, len(years))
    counts = np.bincount(cells, minlength=12 * len(years)).reshape(len(years), 12)
    return Monthly(
        source=series.source,
        years=years.tolist(),
        returns=table.tolist(),
        totals=totals.tolist(),
        net_pnl=[sums[first : first + 12] for first in range(0, len(sums), 12)],
        net_pnl_totals=by_year,
        trades=counts.tolist(),
    )


@dataclass(frozen=True)
class Rolling:
    """Figures of the last `window` days at each day; the newest days of `total`."""

    source: str | None
    window: int
    dates: list[date]
    sharpe_ratio: list[float]
    volatility: list[float]
    beta: list[float] | None
    total: int


def rolling_chart(account: Account, window: Window, length: int, against: Against, limit: int) -> Rolling:
    whole = series_of(account, window.part, window.end)
    first = len(whole.days) - len(whole.since(window.start).days)
    shown = slice(max(first, len(whole.days) - limit), None)
    ppy = account.periods_per_year
    beta = None
    beside = compared(account, against, whole)
    if beside is not None:
        own = whole.returns[np.isin(whole.days, beside.days)]
        beta = placed(Daily(beside.days, rolling_beta(own, beside.values, length)), whole.days)
    return Rolling(
        source=whole.source,
        window=length,
        dates=dates(whole.days[shown]),
        sharpe_ratio=rolling_sharpe(whole.returns, length, ppy, against.risk_free)[shown].tolist(),
        volatility=rolling_volatility(whole.returns, length, ppy)[shown].tolist(),
        beta=None if beta is None else beta[shown].tolist(),
        total=len(whole.days) - first,
    )
