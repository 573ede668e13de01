"""A strategy's results by day, week and month, built from its trades' P&L on its allocated capital."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import groupby

import numpy as np
from django.db.models import Model

from analytics.drawdown import drawdown_series
from analytics.ratios import sharpe, sortino, volatility
from analytics.returns import simple_returns
from dashboard import wire
from dashboard.columns import Floats
from dashboard.fields import EXACT, OutOfRange, check_exact, dumps
from dashboard.models import Strategy, StrategyPerformance, Trade
from dashboard.moments import day_of
from dashboard.rollups.rows import DAY, EPOCH, Part, difference
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


def performance_parts(strategy: Strategy, since: datetime) -> Iterator[Part]:
    """What has to be written for `since` (a day) and all later days to be right; nothing if it is stored so.

    Days before it are taken from their stored rows, so the cost is that of the trades from `since` on.
    """
    before = stored_days(strategy, since)
    if any(count.net is None for count in before.values()):
        before, since = {}, EPOCH  # a sum that could not be stored is made again
    days = before | traded_days(strategy, since)
    if before:
        # The quiet days since the last trade before appear with a later trade and go with it.
        since = min(since, max(before) + DAY)
    rows: list[Model] = []
    gone: list[int] = []
    for period, start_of in STARTS.items():
        stored = StrategyPerformance.objects.filter(strategy=strategy, period=period, timestamp__gte=start_of(since))
        changed, left = difference(stored, performance(strategy, days, period, start_of(since)), FIELDS)
        rows += changed
        gone += left
    whole = Part(StrategyPerformance, ("strategy", "period", "timestamp"), rows, gone, partial(announcement, strategy))
    if rows or gone:
        yield from whole.pieces()


def announcement(strategy: Strategy) -> tuple[str, bytes] | None:
    """The strategy as it is now: a person may have changed it since the work began."""
    found = Strategy.objects.filter(pk=strategy.pk).first()
    return None if found is None else ("strategy_update", dumps(wire.STRATEGY.instance(found)))


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
    ratios = None if equity is None else Ratios(np.array([float(value) for value in equity]))
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
        if equity is not None and ratios is not None:
            row.equity = storable(equity[inside[-1] + 1])
            ratios.put(row, inside[0], inside[-1] + 1, strategy.account.periods_per_year)
        yield row


def storable(amount: Decimal | None) -> Decimal | None:
    """The amount; None where a sum has grown beyond what a column holds."""
    try:
        return None if amount is None else check_exact(amount)
    except OutOfRange:
        return None


class Ratios:
    """What an equity `line` was up to each of its places, as long as it is above zero."""

    def __init__(self, line: Floats) -> None:
        self.line = line[: int(np.argmax(line <= 0)) if (line <= 0).any() else len(line)]
        self.returns = simple_returns(self.line)
        self.depths = np.minimum.accumulate(drawdown_series(self.line)) if len(self.line) else self.line

    def put(self, row: StrategyPerformance, begun: int, ended: int, ppy: int) -> None:
        """Set those over everything until place `ended`, and the row's own return since place `begun`."""
        if ended >= len(self.line):
            return
        returns = self.returns[:ended]
        row.return_pct = float(self.line[ended] / self.line[begun] - 1) * 100
        row.sharpe_ratio = defined(sharpe(returns, ppy))
        row.sortino_ratio = defined(sortino(returns, ppy))
        row.volatility = defined(volatility(returns, ppy))
        row.max_drawdown = defined(float(self.depths[ended]))


def running_equity(capital: Decimal | None, counts: list[Count]) -> list[Decimal] | None:
    """The capital, then the equity after each day; None without capital."""
    if capital is None:
        return None
    values = [capital]
    for count in counts:
        values.append(EXACT.add(values[-1], count.net))
    return values
