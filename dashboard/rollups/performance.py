"""A strategy's results by day, week and month, built from its trades' P&L on its allocated capital."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

import numpy as np

from analytics.drawdown import max_drawdown
from analytics.ratios import sharpe, sortino, volatility
from analytics.returns import simple_returns
from dashboard.columns import Floats
from dashboard.fields import EXACT, OutOfRange, check_exact
from dashboard.models import Strategy, StrategyPerformance, Trade
from dashboard.moments import day_of
from dashboard.rollups.rows import DAY, EPOCH, replace
from dashboard.selectors.statistics import defined

FIELDS = (
    "equity return_pct sharpe_ratio sortino_ratio max_drawdown volatility total_trades winning_trades losing_trades "
    "win_rate gross_pnl net_pnl"
).split()
STARTS: dict[str, Callable[[datetime], datetime]] = {
    "daily": day_of,
    "weekly": lambda day: day_of(day) - timedelta(days=day.weekday()),
    "monthly": lambda day: day_of(day).replace(day=1),
}


@dataclass
class Count:
    """The closed trades of one stretch of time. `gross` is None once a trade's gross P&L is unknown."""

    trades: int = 0
    wins: int = 0
    losses: int = 0
    gross: Decimal | None = field(default_factory=Decimal)
    net: Decimal = field(default_factory=Decimal)

    def add(self, other: "Count") -> None:
        self.trades += other.trades
        self.wins += other.wins
        self.losses += other.losses
        self.gross = None if self.gross is None or other.gross is None else EXACT.add(self.gross, other.gross)
        self.net = EXACT.add(self.net, other.net)


def performance_update(strategy: Strategy, since: datetime) -> bool:
    """Recompute what `since` (a day) and all later days say; return whether a row changed.

    Days before it are taken from their stored rows, so the cost is that of the trades from `since` on.
    """
    before = stored_days(strategy, since)
    if any(count.net is None for count in before.values()):
        before, since = {}, EPOCH  # a sum that could not be stored is made again
    days = before | traded_days(strategy, since)
    if before:
        # The quiet days since the last trade before appear with a later trade and go with it.
        since = min(since, max(before) + DAY)
    changed = False
    for period, start_of in STARTS.items():
        stored = StrategyPerformance.objects.filter(strategy=strategy, period=period, timestamp__gte=start_of(since))
        changed |= replace(stored, list(performance(strategy, days, period, start_of(since))), FIELDS)
    return changed


def stored_days(strategy: Strategy, before: datetime) -> dict[datetime, Count]:
    """The days with trades before a day, as they are stored."""
    rows = StrategyPerformance.objects.filter(strategy=strategy, period="daily", timestamp__lt=before)
    rows = rows.filter(total_trades__gt=0)
    columns = ("timestamp", "total_trades", "winning_trades", "losing_trades", "gross_pnl", "net_pnl")
    return {at: Count(*values) for at, *values in rows.order_by("timestamp").values_list(*columns)}


def traded_days(strategy: Strategy, since: datetime) -> dict[datetime, Count]:
    """The days with trades from a day on, as the trades say."""
    rows = Trade.objects.filter(strategy=strategy, status="closed", exit_time__gte=since).order_by("exit_time", "id")
    found: dict[datetime, Count] = {}
    for at, gross, net in rows.values_list("exit_time", "pnl", "net_pnl").iterator(chunk_size=2000):
        found.setdefault(day_of(at), Count()).add(Count(1, int(net > 0), int(net < 0), gross, net))
    return found


def performance(
    strategy: Strategy, days: dict[datetime, Count], period: str, since: datetime
) -> Iterable[StrategyPerformance]:
    """The rows from `since` to the last day with a trade; a day without trades carries the equity."""
    if not days:
        return
    calendar = [min(days) + DAY * number for number in range((max(days) - min(days)).days + 1)]
    equity = running_equity(strategy.allocated_capital, [days.get(day, Count()) for day in calendar])
    line = None if equity is None else np.array([float(value) for value in equity])
    starts = [STARTS[period](day) for day in calendar]
    for start, indices in groupby(range(len(calendar)), key=starts.__getitem__):
        if start < since:
            continue
        inside = list(indices)
        whole = Count()
        for index in inside:
            whole.add(days.get(calendar[index], Count()))
        row = StrategyPerformance(strategy=strategy, period=period, timestamp=start)
        row.total_trades, row.winning_trades, row.losing_trades = whole.trades, whole.wins, whole.losses
        row.win_rate = 100 * whole.wins / whole.trades if whole.trades else None
        row.gross_pnl, row.net_pnl = storable(whole.gross), storable(whole.net)
        if equity is not None and line is not None:
            row.equity = storable(equity[inside[-1] + 1])
            set_ratios(row, line[: inside[-1] + 2], inside[0], strategy.account.periods_per_year)
        yield row


def storable(amount: Decimal | None) -> Decimal | None:
    """The amount; None where a sum has grown beyond what a column holds."""
    try:
        return None if amount is None else check_exact(amount)
    except OutOfRange:
        return None


def set_ratios(row: StrategyPerformance, line: Floats, begun: int, ppy: int) -> None:
    """The ratios over all days until the end of the row, its own return since place `begun` of the equity `line`."""
    if line.min() <= 0:
        return
    returns = simple_returns(line)
    row.return_pct = float(line[-1] / line[begun] - 1) * 100
    row.sharpe_ratio = defined(sharpe(returns, ppy))
    row.sortino_ratio = defined(sortino(returns, ppy))
    row.volatility = defined(volatility(returns, ppy))
    row.max_drawdown = defined(max_drawdown(line))


def running_equity(capital: Decimal | None, counts: list[Count]) -> list[Decimal] | None:
    """The capital, then the equity after each day; None without capital."""
    if capital is None:
        return None
    values = [capital]
    for count in counts:
        values.append(EXACT.add(values[-1], count.net))
    return values
