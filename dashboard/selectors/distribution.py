"""How returns are spread, and what they may come to in another order."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analytics.distribution import box_plot, histogram
from analytics.montecarlo import PERCENTILES, monte_carlo
from analytics.periods import by_period
from analytics.returns import Daily
from dashboard.columns import Floats
from dashboard.models import Account
from dashboard.selectors.series import Named, Window, most_traded, series_of, strategies_series

MOST_BOXES = 50
MOST_OUTLIERS = 100
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
BOXED_BY = ("strategy", "year", "month", "weekday")


@dataclass(frozen=True)
class Boxes:
    """Box plots by name: whiskers within 1.5 times the distance of the quartiles, and the 100 outliers furthest from
    the median of all `outlier_counts`; `ids` are those of strategies."""

    ids: list[int]
    names: list[str]
    lower_whisker: list[float]
    lower_quartile: list[float]
    median: list[float]
    upper_quartile: list[float]
    upper_whisker: list[float]
    outliers: list[list[float]]
    outlier_counts: list[int]
    periods: list[int]


@dataclass(frozen=True)
class Distribution:
    """Bars of a histogram of returns (fractions a period) with the lines over it, and box plots by group."""

    source: str | None
    period: str
    periods: int
    edges: list[float]
    counts: list[int]
    mean: float
    median: float
    var_95: float
    var_99: float
    cvar_95: float
    cvar_99: float
    boxes: Boxes


def distribution_chart(
    account: Account, window: Window, period: str, bins: int | None, group_by: str | None
) -> Distribution:
    series = series_of(account, window.part, window.end).since(window.start)
    returns = by_period(series.daily, period)
    found = histogram(returns.values, bins)
    named: list[Named] = []
    if group_by == "strategy":
        named = most_traded(strategies_series(account, window), MOST_BOXES)
        groups = [(each.name, by_period(each.series.daily, period).values) for each in named]
    else:
        groups = list(calendar(returns, group_by))
    return Distribution(
        source=series.source,
        period=period,
        periods=len(returns.values),
        edges=found.edges.tolist(),
        counts=found.counts.tolist(),
        mean=found.mean,
        median=found.median,
        var_95=found.var_95,
        var_99=found.var_99,
        cvar_95=found.cvar_95,
        cvar_99=found.cvar_99,
        boxes=boxes(groups, [each.pk for each in named if each.pk is not None]),
    )


def calendar(returns: Daily, group_by: str | None) -> Iterator[tuple[str, Floats]]:
    """The returns of each year, month of the year or day of the week; all as one group where none is asked for."""
    months = returns.days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    keys = {
        "year": months // 12 + 1970,
        "month": months % 12 + 1,
        "weekday": (returns.days + 3) % 7,  # 1970-01-01 was a Thursday
    }.get(group_by or "", np.zeros(len(returns.days), np.int64))
    for key in np.unique(keys).tolist():
        name = "all" if group_by is None else WEEKDAYS[key] if group_by == "weekday" else str(key)
        yield name, returns.values[keys == key]


def boxes(groups: list[tuple[str, Floats]], ids: list[int]) -> Boxes:
    plots = [box_plot(values) for _, values in groups]
    return Boxes(
        ids=ids,
        names=[name for name, _ in groups],
        lower_whisker=[each.lower_whisker for each in plots],
        lower_quartile=[each.lower_quartile for each in plots],
        median=[each.median for each in plots],
        upper_quartile=[each.upper_quartile for each in plots],
        upper_whisker=[each.upper_whisker for each in plots],
        outliers=[furthest(each.outliers, each.median).tolist() for each in plots],
        outlier_counts=[len(each.outliers) for each in plots],
        periods=[len(values) for _, values in groups],
    )


def furthest(outliers: Floats, median: float) -> Floats:
    return np.sort(outliers[np.argsort(-np.abs(outliers - median), kind="stable")[:MOST_OUTLIERS]])


@dataclass(frozen=True)
class Paths:
    """Percentiles of what 1 becomes after `horizon` days and of how deep it falls on the way, over `paths` paths made
    of the daily returns; the same seed gives the same paths."""

    source: str | None
    periods: int
    paths: int
    horizon: int
    block: float
    seed: int
    percentiles: list[int]
    terminal: list[float]
    drawdown: list[float]


def monte_carlo_chart(
    account: Account, window: Window, *, paths: int, horizon: int, block: int | None, seed: int
) -> Paths:
    series = series_of(account, window.part, window.end).since(window.start)
    rng = np.random.default_rng(seed)
    found = monte_carlo(series.returns, rng, paths=paths, horizon=horizon, block=block)
    return Paths(
        source=series.source,
        periods=len(series.returns),
        paths=paths,
        horizon=horizon,
        block=found.block,
        seed=seed,
        percentiles=list(PERCENTILES),
        terminal=found.terminal.tolist(),
        drawdown=found.drawdown.tolist(),
    )
