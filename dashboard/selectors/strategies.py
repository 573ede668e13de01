"""Strategies side by side and one by one: settings, what their closed trades came to, and what is open."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from analytics.downsample import m4
from analytics.money import ZERO
from dashboard import wire
from dashboard.fields import EXACT, exact_sum
from dashboard.models import Account, Strategy, Trade
from dashboard.selectors.parts import risk_levels
from dashboard.selectors.performance import ratios
from dashboard.selectors.series import Named, Part, Series, Window, strategies_series
from dashboard.selectors.statistics import GROUPS, defined, grouped, statistics

Row = dict[str, Any]
LINE_POINTS = 48
LAST_TRADES = 20
RATIOS = ("return_pct", "sharpe_ratio", "sortino_ratio", "calmar_ratio")
BREAKDOWNS = tuple(name for name in GROUPS if name in ("symbol", "exit_reason", "weekday", "hour"))


def strategy_rows(account: Account, window: Window, pks: Sequence[int] | None = None) -> list[Row]:
    """Strategies by name; all, or those of `pks`. Figures are of the window's trades."""
    return [row for row, _ in strategies_found(account, window, pks)]


def strategies_found(account: Account, window: Window, pks: Sequence[int] | None) -> list[tuple[Row, Series]]:
    rows = Strategy.objects.filter(account=account)
    if pks is not None:
        rows = rows.filter(pk__in=pks)
    settings = {row["id"]: row for row in wire.STRATEGY.rows(rows)}
    opened, levels = open_by_strategy(account, window.part), risk_levels(account)
    return [
        (
            {
                **settings[each.pk],
                **figures(account, each),
                **opened.get(each.pk, NOTHING_OPEN),
                "risk_level": levels.get(each.name),
            },
            each.series,
        )
        for each in strategies_series(account, window, pks)
        if each.pk in settings
    ]


def figures(account: Account, named: Named) -> Row:
    series = named.series
    closed, falls = series.closed, series.equity.falls
    found = {name: defined(value) for name, value in ratios(series, account.periods_per_year).items()}
    return {
        **statistics(closed),
        **wire.pick(found, RATIOS),
        "volatility_pct": percent(found["volatility"]),
        # After every close, as the chart of drawdowns shows it; a day may end above its deepest fall.
        "max_drawdown_pct": None if falls is None else percent(float(falls.min())),
        "current_drawdown_pct": None if falls is None else percent(float(falls[-1])),
        "line": grown(series),
        "last": closed.net_pnl[max(len(closed) - LAST_TRADES, 0) :].decimals(),
    }


def percent(share: float | None) -> float | None:
    return None if share is None else share * 100


def grown(series: Series) -> list[float]:
    """P&L trade by trade from nothing, in as many points as a small drawing shows."""
    running = series.closed.net_pnl.running(ZERO).floats()
    return running[m4(np.arange(len(running)), running, LINE_POINTS)].tolist() if len(running) > 1 else []


NOTHING_OPEN: Row = {"open_trades": 0, "unrealized_pnl": ZERO, "exposure": ZERO}


def open_by_strategy(account: Account, part: Part) -> dict[int | None, Row]:
    """How many trades are open, what they have come to so far, and what they were worth at entry."""
    rows = Trade.objects.filter(account=account, status="open", **part.traits).order_by()
    found: dict[int | None, list[tuple[Decimal | None, Decimal]]] = {}
    for pk, size, price, net_pnl in rows.values_list("strategy_id", "size", "entry_price", "net_pnl"):
        found.setdefault(pk, []).append((net_pnl, EXACT.multiply(size, price or ZERO)))
    return {
        pk: {
            "open_trades": len(each),
            "unrealized_pnl": exact_sum(result for result, _ in each),
            "exposure": exact_sum(value for _, value in each),
        }
        for pk, each in found.items()
    }


def totals(rows: Sequence[Row]) -> Row:
    """What the rows of a table come to."""
    return {
        "strategies": len(rows),
        "enabled": sum(1 for row in rows if row["enabled"]),
        **{name: sum(row[name] for row in rows) for name in ("total_trades", "open_trades")},
        **{name: exact_sum(row[name] for row in rows) for name in ("total_pnl", "exposure")},
    }


def strategy_detail(account: Account, pk: int, window: Window) -> Row:
    """The row of one strategy, with its figures by each of `BREAKDOWNS`, names of the best first."""
    [(row, series)] = strategies_found(account, window, [pk])
    groups = {name: list(grouped(series.closed, name)) for name in BREAKDOWNS}
    for name in ("symbol", "exit_reason"):
        groups[name].sort(key=lambda group: (-group["total_pnl"], group["name"]))
    return {**row, "groups": groups}
