"""How strategies did: by period, beside each other, and what they earned for the risk they took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce
from typing import Any

import numpy as np

from analytics.downsample import MIN_POINTS, m4
from analytics.drawdown import max_drawdown
from analytics.ratios import calmar, sharpe, sortino, volatility
from analytics.returns import DAY, wealth_index
from dashboard import wire
from dashboard.columns import Ints
from dashboard.models import Account, Strategy, StrategyPerformance
from dashboard.moments import moment_of
from dashboard.selectors.series import NO_DAYS, Series, Window, most_traded, strategies_series
from dashboard.selectors.statistics import statistics, tally

Row = dict[str, Any]
RATIOS = "total_return return_pct sharpe_ratio sortino_ratio calmar_ratio volatility max_drawdown".split()


def performance_rows(strategy: Strategy, period: str, since: datetime | None, limit: int) -> list[Row]:
    """The newest `limit` rows of a period, oldest first."""
    rows = StrategyPerformance.objects.filter(strategy=strategy, period=period).order_by("-timestamp")
    if since is not None:
        rows = rows.filter(timestamp__gte=since)
    return wire.PERFORMANCE.rows(rows[:limit])[::-1]


def ratios(series: Series, periods_per_year: int) -> dict[str, float | None]:
    """What the days of a strategy came to; None where its returns are not defined."""
    returns, line = series.returns, series.line
    if not len(returns):
        return dict.fromkeys(RATIOS)
    earned = float(line[-1] / line[0] - 1)
    return {
        "total_return": earned,
        "return_pct": earned * 100,
        "sharpe_ratio": sharpe(returns, periods_per_year),
        "sortino_ratio": sortino(returns, periods_per_year),
        "calmar_ratio": calmar(returns, periods_per_year),
        "volatility": volatility(returns, periods_per_year),
        "max_drawdown": max_drawdown(line),
    }


class UnknownStrategy(LookupError):
    """`args` names a strategy that is not one of the account's."""


@dataclass(frozen=True)
class Compared:
    """A strategy beside others: its row, its figures, and at each of the common moments its equity and what it had
    earned since the beginning, as a fraction; null where it was not trading."""

    strategy: Row
    performance: Row
    equity: list[Decimal | None]
    cumulative: list[float | None]


@dataclass(frozen=True)
class Comparison:
    """Strategies on common UTC days; each shows the extremes that it would show alone."""

    strategies: list[Compared]
    timestamps: list[datetime]
    count: int


def comparison(
    account: Account, pks: Sequence[int], start: datetime | None, end: datetime | None, points: int
) -> Comparison:
    """Raises UnknownStrategy."""
    found = {each.pk: each.series for each in strategies_series(account, Window(start=start, end=end), pks)}
    for pk in pks:
        if pk not in found:
            raise UnknownStrategy(pk)
    rows = {row["id"]: row for row in wire.STRATEGY.rows(Strategy.objects.filter(account=account, pk__in=pks))}
    days = shown([found[pk] for pk in pks], points)
    return Comparison(
        [compared(rows[pk], found[pk], days, account.periods_per_year) for pk in pks],
        [moment_of(day * DAY) for day in days.tolist()],
        len(pks),
    )


def shown(series: Sequence[Series], points: int) -> Ints:
    """At most `points` days on which each line has its visible extremes."""
    share = max(points // len(series), MIN_POINTS)
    chosen = [each.days[m4(each.days, each.line[1:], share)] for each in series if len(each.days)]
    return reduce(np.union1d, chosen, NO_DAYS)


def compared(row: Row, series: Series, days: Ints, periods_per_year: int) -> Compared:
    equity: list[Decimal | None] = [None] * len(days)
    cumulative: list[float | None] = [None] * len(days)
    own = np.isin(days, series.days)
    grown = wealth_index(series.returns)[1:] - 1.0
    moments = np.searchsorted(series.equity.times, (days + 1) * DAY) - 1
    for place in np.flatnonzero(own).tolist():
        equity[place] = series.equity.values.at(int(moments[place]))
        cumulative[place] = float(grown[np.searchsorted(series.days, days[place])])
    worth = series.equity.last if len(series.equity) else None
    performance = {"equity": worth, **ratios(series, periods_per_year), **statistics(series.closed)}
    return Compared(row, performance, equity, cumulative)


@dataclass(frozen=True)
class RiskReturn:
    """One point for each strategy, the most traded ones of `total`: returns and drawdown as fractions."""

    ids: list[int | None]
    strategies: list[str]
    trades: list[int]
    net_pnl: list[Decimal]
    win_rate: list[float | None]
    total_return: list[float | None]
    volatility: list[float | None]
    sharpe_ratio: list[float | None]
    sortino_ratio: list[float | None]
    max_drawdown: list[float | None]
    total: int


def risk_return(account: Account, window: Window, limit: int) -> RiskReturn:
    every = strategies_series(account, window)
    found = most_traded(every, limit)
    results = [tally(each.series.closed.net_pnl) for each in found]
    figures = [ratios(each.series, account.periods_per_year) for each in found]
    return RiskReturn(
        ids=[each.pk for each in found],
        strategies=[each.name for each in found],
        trades=[each.trades for each in results],
        net_pnl=[each.net_pnl for each in results],
        win_rate=[100 * each.wins / each.trades if each.trades else None for each in results],
        total_return=[each["total_return"] for each in figures],
        volatility=[each["volatility"] for each in figures],
        sharpe_ratio=[each["sharpe_ratio"] for each in figures],
        sortino_ratio=[each["sortino_ratio"] for each in figures],
        max_drawdown=[each["max_drawdown"] for each in figures],
        total=len(every),
    )
