"""Risk of an account or of a part of it, and how its parts move together."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.correlation import correlation_matrix, side_by_side
from analytics.periods import by_period
from analytics.ratios import sharpe
from analytics.report import risk_metrics
from analytics.returns import DAY
from dashboard import wire
from dashboard.models import Account
from dashboard.moments import moment_of
from dashboard.selectors.benchmark import Against, benchmark_returns
from dashboard.selectors.series import Window, most_traded, series_of, strategies_series, symbols_series

IN_MONEY = ("var_95", "var_99", "cvar_95", "cvar_99")
NAMES = [name for name in wire.RISK.names if name not in ("timestamp", "source", "start", "end", "benchmark")]


def risk(account: Account, window: Window, against: Against) -> dict[str, Any]:
    """Every figure of docs/metrics.md over the days that begin inside the window."""
    series = series_of(account, window.part, window.end).since(window.start)
    bounds = np.concatenate([series.days[:1], series.days + 1]) * DAY
    closed = series.closed
    if len(bounds):
        closed = closed[: int(np.searchsorted(closed.exited, bounds[-1]))]
    beside = None
    if against.benchmark is not None:
        found = benchmark_returns(account, against.benchmark, against.exchange, series.days)
        beside = (found.days + 1) * DAY, found.values
    figures = risk_metrics(
        bounds,
        series.returns,
        account.periods_per_year,
        risk_free=against.risk_free,
        minimum=against.minimum,
        benchmark=beside,
        net_pnl=closed.net_pnl.floats(),
        positions=(closed.entered, closed.exited),
        trial_sharpes=np.array(trials(account, Window(start=window.start, end=window.end), against.risk_free)),
    )
    worth = series.equity.last if len(series.equity) else None
    return {
        "source": series.source,
        "benchmark": against.benchmark,
        "start": None if figures.start is None else moment_of(figures.start),
        "end": None if figures.end is None else moment_of(figures.end),
        **{name: getattr(figures, name) for name in NAMES},
        "value": worth,
        **{f"{name}_money": None if worth is None else getattr(figures, name) * float(worth) for name in IN_MONEY},
    }


def trials(account: Account, window: Window, risk_free: float) -> list[float]:
    """The Sharpe ratio of every strategy that was tried: the best of many is good by luck alone."""
    found = (each.series.returns for each in strategies_series(account, window))
    return [sharpe(returns, account.periods_per_year, risk_free) for returns in found]


@dataclass(frozen=True)
class Correlation:
    """Pearson's coefficient of every two strategies (or symbols), null for a pair with fewer than 20 common periods.

    `ids` are those of the strategies; `observations` are the periods that both have; `total` is how many there are, of
    which the most traded are given.
    """

    period: str
    ids: list[int]
    strategies: list[str]
    symbols: list[str]
    correlations: list[list[float]]
    observations: list[list[int]]
    total: int


def correlation(account: Account, window: Window, by: str, period: str, limit: int) -> Correlation:
    every = symbols_series(account, window) if by == "symbol" else strategies_series(account, window)
    found = most_traded(every, limit)
    _, returns = side_by_side([by_period(each.series.daily, period) for each in found])
    matrix = correlation_matrix(returns)
    names = [each.name for each in found]
    return Correlation(
        period=period,
        ids=[each.pk for each in found if each.pk is not None],
        strategies=[] if by == "symbol" else names,
        symbols=names if by == "symbol" else [],
        correlations=matrix.correlations.tolist(),
        observations=matrix.observations.tolist(),
        total=len(every),
    )
