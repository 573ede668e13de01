"""What strategies may lose and hold, beside what they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from analytics.drawdown import max_drawdown
from dashboard.models import Account, Strategy, Trade
from dashboard.moments import day_of
from dashboard.selectors.allocation import worth
from dashboard.selectors.series import closed_of, split, strategies_series
from dashboard.selectors.statistics import since

NAMES = ("max_drawdown", "max_daily_loss", "max_position_size")
LIMITED = Q(*((f"{name}__isnull", False) for name in NAMES), _connector=Q.OR)


@dataclass(frozen=True)
class Limit:
    """What a strategy may come to, and what it has: its deepest drawdown so far in percent, today's result of closed
    trades, the value at entry of its largest open position. None where that is not known."""

    pk: int
    strategy: str
    name: str
    limit: Decimal
    value: Decimal | float | None

    @property
    def within(self) -> bool | None:
        return within(self.name, self.value, self.limit)


def within(name: str, value: Decimal | float | None, limit: Decimal) -> bool | None:
    """Whether the limit is kept: losses are negative, limits are not. None for what is not known."""
    if value is None:
        return None
    return value <= limit if name == "max_position_size" else -value <= limit


def limits_of(account: Account, strategy: str) -> dict[str, Decimal]:
    """The limits that one strategy has."""
    row = Strategy.objects.filter(account=account, name=strategy).values(*NAMES).first() or {}
    return {name: limit for name, limit in row.items() if limit is not None}


def limits(account: Account, now: datetime, pks: Sequence[int] | None = None) -> list[Limit]:
    """The limits of all strategies that have any, or of those of `pks`, by name."""
    rows = Strategy.objects.filter(LIMITED, account=account).order_by("name")
    if pks is not None:
        rows = rows.filter(pk__in=pks)
    limited = list(rows.values_list("pk", "name", *NAMES))
    if not limited:
        return []
    deepest = fallen(account, [pk for pk, *_ in limited])
    today, largest = lost(account, day_of(now)), held(account)
    found = []
    for pk, strategy, *allowed in limited:
        values = deepest.get(pk), today.get(strategy, Decimal(0)), largest.get(pk, Decimal(0))
        for name, limit, value in zip(NAMES, allowed, values, strict=True):
            if limit is not None:
                found.append(Limit(pk, strategy, name, limit, value))
    return found


def fallen(account: Account, strategies: list[int]) -> dict[int | None, float]:
    """The deepest drawdown of each, in percent; none where returns are not defined."""
    every = strategies_series(account, pks=strategies)
    return {each.pk: 100 * max_drawdown(each.series.line) for each in every if len(each.series.returns)}


def lost(account: Account, today: datetime) -> dict[str, Decimal]:
    closed = closed_of(account)
    return {name: since(own, today).net_pnl for name, own in split(closed, closed.strategies).items()}


def held(account: Account) -> dict[int, Decimal]:
    """The value at entry of the largest open trade of each strategy."""
    found: dict[int, Decimal] = {}
    rows = Trade.objects.filter(account=account, status="open").values_list("strategy_id", "size", "entry_price")
    for strategy, size, price in rows.iterator(2000):
        value = worth(size, price)
        if value is not None:
            found[strategy] = max(value, found.get(strategy, value))
    return found
