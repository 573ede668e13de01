"""Value and daily returns: of an account, or of some of its trades on the capital they were given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from analytics.money import Money, in_order
from analytics.returns import DAY, Daily, simple_returns, wealth_index
from dashboard.columns import Floats, Ints, Names
from dashboard.fields import exact_sum
from dashboard.models import Account, Strategy
from dashboard.moments import micros
from dashboard.selectors.book import book_of
from dashboard.selectors.closed import Closed
from dashboard.selectors.equity import Equity, account_equity, traded_equity

NO_DAYS = np.empty(0, np.int64)


@dataclass(frozen=True)
class Part:
    """Which of an account's closed trades are meant; with nothing named the account as a whole is."""

    strategies: Sequence[str] = ()
    symbol: str | None = None

    def __bool__(self) -> bool:
        return bool(self.strategies) or self.symbol is not None


@dataclass(frozen=True)
class Window:
    """Which part of an account between which moments."""

    part: Part = Part()
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, eq=False)
class Series:
    """What something was worth at each moment that is known, and day by day.

    `days` are numbers since 1970 (UTC), `returns` theirs; `line`, one longer, is the worth before the first day and at
    the end of each, in any unit. All three are empty (the line is one value) where no return is defined.
    """

    equity: Equity
    closed: Closed
    days: Ints
    returns: Floats
    line: Floats

    @property
    def source(self) -> str | None:
        return self.equity.source

    @property
    def daily(self) -> Daily:
        return Daily(self.days, self.returns)

    def since(self, start: datetime | None) -> "Series":
        """What lies at `start` or later: moments, closes, and days that begin there."""
        if start is None:
            return self
        first = int(np.searchsorted(self.days * DAY, micros(start)))
        return Series(
            self.equity.between(start, None),
            self.closed[int(np.searchsorted(self.closed.exited, micros(start))) :],
            self.days[first:],
            self.returns[first:],
            self.line[first:],
        )


def series_of(account: Account, part: Part, end: datetime | None) -> Series:
    """The series until `end`, from the very first day: figures over a window need what was before it."""
    closed = until(closed_of(account, part), end)
    if part:
        return traded(closed, capital_of(account, part))
    equity = account_equity(account).between(None, end)
    days, returns = equity.daily()
    return Series(equity, closed, days, returns, wealth_index(returns))


def closed_of(account: Account, part: Part | None = None) -> Closed:
    """The closed trades of an account, or of a part of it, in closing order."""
    closed = book_of(account).closed
    if part is None or not part:
        return closed
    chosen = np.ones(len(closed), dtype=bool)
    if part.strategies:
        chosen &= np.isin(closed.strategies.codes, coded(closed.strategies.names, part.strategies))
    if part.symbol is not None:
        chosen &= np.isin(closed.symbols.codes, coded(closed.symbols.names, [part.symbol]))
    return closed[chosen]


def coded(names: Sequence[str | None], wanted: Sequence[str]) -> list[int]:
    return [code for code, name in enumerate(names) if name in wanted]


def until(closed: Closed, end: datetime | None) -> Closed:
    return closed if end is None else closed[: int(np.searchsorted(closed.exited, micros(end), side="right"))]


def capital_of(account: Account, part: Part) -> Decimal | None:
    """What the named strategies were given, or else what the account began with; None where that is not known."""
    if not part.strategies:
        equity = account_equity(account)
        return equity.first if len(equity) else None
    named = Strategy.objects.filter(account=account, name__in=part.strategies).order_by("name")
    amounts = list(named.values_list("allocated_capital", flat=True))
    return exact_sum(amounts) if amounts and None not in amounts else None


def traded(closed: Closed, capital: Decimal | None) -> Series:
    """The series that closed trades make of a capital; without one, or once it is lost, there are no returns."""
    if capital is None or not len(closed):
        nothing = Equity(None, NO_DAYS, Money.of([]), NO_DAYS, np.empty(0))
        return Series(nothing, closed, NO_DAYS, np.empty(0), np.ones(1))
    equity = traded_equity(closed, capital)
    exits = closed.exited // DAY
    days = np.arange(exits[0], exits[-1] + 1, dtype=np.int64)
    worth = closed.net_pnl.running(capital)
    line = worth[np.concatenate([[0], np.searchsorted(exits, days, side="right")])].floats()
    if line.min() <= 0:
        return Series(equity, closed, NO_DAYS, np.empty(0), np.ones(1))
    return Series(equity, closed, days, simple_returns(line), line)


@dataclass(frozen=True, eq=False)
class Named:
    """A strategy, or a symbol without a number, with what its trades came to."""

    pk: int | None
    name: str
    series: Series


def strategies_series(
    account: Account, start: datetime | None, end: datetime | None, pks: Sequence[int] | None = None
) -> list[Named]:
    """Strategies of an account with their trades closed between `start` and `end`, by name; all, or those of `pks`."""
    rows = Strategy.objects.filter(account=account).order_by("name")
    if pks is not None:
        rows = rows.filter(pk__in=pks)
    closed = until(closed_of(account), end)
    own = split(closed, closed.strategies)
    return [
        Named(pk, name, traded(own.get(name, closed[:0]), capital).since(start))
        for pk, name, capital in rows.values_list("pk", "name", "allocated_capital")
    ]


def symbols_series(account: Account, start: datetime | None, end: datetime | None) -> list[Named]:
    """Every symbol traded, as `strategies_series`, on what the account began with."""
    closed, capital = until(closed_of(account), end), capital_of(account, Part())
    own = split(closed, closed.symbols)
    return [Named(None, name, traded(own[name], capital).since(start)) for name in sorted(own)]


def split(closed: Closed, names: Names) -> dict[str, Closed]:
    """The trades of each name, in closing order."""
    order, bounds = in_order(names.codes, len(names.names))
    parts = zip(names.names, bounds[:-1], bounds[1:], strict=True)
    return {name or "": closed[order[first:last]] for name, first, last in parts if last > first}


def most_traded(found: list[Named], count: int) -> list[Named]:
    """Those with the most trades, by name."""
    chosen = sorted(found, key=lambda each: (-len(each.series.closed), each.name))[:count]
    return sorted(chosen, key=lambda each: each.name)
