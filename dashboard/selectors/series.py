"""Value and daily returns: of an account, or of some of its trades on the capital they were given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np

from analytics.money import Money, in_order
from analytics.returns import DAY, Daily, simple_returns, wealth_index
from dashboard.columns import Floats, Ints, Names
from dashboard.fields import exact_sum
from dashboard.models import Account, Strategy
from dashboard.moments import micros
from dashboard.selectors.book import book_of
from dashboard.selectors.closed import Closed
from dashboard.selectors.equity import Equity, book_equity, traded_equity

NO_DAYS = np.empty(0, np.int64)


@dataclass(frozen=True)
class Part:
    """Which of an account's closed trades are meant; with nothing named the account as a whole is."""

    strategies: Sequence[str] | None = None
    symbol: str | None = None
    asset_class: str | None = None

    def __bool__(self) -> bool:
        return self != WHOLE

    def holds(self, strategy: str | None, symbol: str, asset_class: str | None) -> bool:
        """Whether a position of these is meant."""
        return (
            (self.strategies is None or strategy in self.strategies)
            and self.symbol in (None, symbol)
            and self.asset_class in (None, asset_class)
        )

    @property
    def of_any_strategy(self) -> "Part":
        return replace(self, strategies=None)

    @property
    def traits(self) -> dict[str, Any]:
        """The same as a filter of trades."""
        found = {"strategy__name__in": self.strategies, "symbol": self.symbol, "asset_class": self.asset_class}
        return {name: value for name, value in found.items() if value is not None}


WHOLE = Part()


@dataclass(frozen=True)
class Window:
    """Which part of an account between which moments."""

    part: Part = WHOLE
    start: datetime | None = None
    end: datetime | None = None


EVER = Window()


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
    book = book_of(account)
    return series_in(account, book.closed, partial(book_equity, account, book), part, end)


def series_in(account: Account, every: Closed, worth: Callable[[], Equity], part: Part, end: datetime | None) -> Series:
    """The same, where all closed trades of the account are known already; `worth` gives its value."""
    closed = until(chosen(every, part), end)
    if part:
        return traded(closed, capital_of(account, part, worth))
    equity = worth().between(None, end)
    days, returns = equity.daily()
    return Series(equity, closed, days, returns, wealth_index(returns))


def closed_of(account: Account, part: Part = WHOLE) -> Closed:
    """The closed trades of an account, or of a part of it, in closing order."""
    return chosen(book_of(account).closed, part)


def chosen(closed: Closed, part: Part) -> Closed:
    if not part:
        return closed
    inside = np.ones(len(closed), dtype=bool)
    wanted = (
        (closed.strategies, part.strategies),
        (closed.symbols, part.symbol and [part.symbol]),
        (closed.asset_classes, part.asset_class and [part.asset_class]),
    )
    for names, kept in wanted:
        if kept is not None:
            inside &= np.isin(names.codes, coded(names.names, kept))
    return closed[inside]


def coded(names: Sequence[str | None], wanted: Sequence[str]) -> list[int]:
    return [code for code, name in enumerate(names) if name in wanted]


def until(closed: Closed, end: datetime | None) -> Closed:
    return closed if end is None else closed[: int(np.searchsorted(closed.exited, micros(end), side="right"))]


def capital_of(account: Account, part: Part, worth: Callable[[], Equity]) -> Decimal | None:
    """What the named strategies were given, or else what the account began with; None where that is not known."""
    if part.strategies is None:
        equity = worth()
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


def strategies_series(account: Account, window: Window = EVER, pks: Sequence[int] | None = None) -> list[Named]:
    """Strategies of a part of an account with their trades closed in the window, by name; all, or those of `pks`."""
    rows = Strategy.objects.filter(account=account).order_by("name")
    if pks is not None:
        rows = rows.filter(pk__in=pks)
    if window.part.strategies is not None:
        rows = rows.filter(name__in=window.part.strategies)
    closed = until(closed_of(account, window.part.of_any_strategy), window.end)
    own = split(closed, closed.strategies)
    return [
        Named(pk, name, traded(own.get(name, closed[:0]), capital).since(window.start))
        for pk, name, capital in rows.values_list("pk", "name", "allocated_capital")
    ]


def symbols_series(account: Account, window: Window) -> list[Named]:
    """Every symbol traded, as `strategies_series`, on what the account began with."""
    book = book_of(account)
    closed = until(chosen(book.closed, window.part), window.end)
    capital = capital_of(account, WHOLE, partial(book_equity, account, book))
    own = split(closed, closed.symbols)
    return [Named(None, name, traded(own[name], capital).since(window.start)) for name in sorted(own)]


def split(closed: Closed, names: Names) -> dict[str, Closed]:
    """The trades of each name, in closing order."""
    order, bounds = in_order(names.codes, len(names.names))
    parts = zip(names.names, bounds[:-1], bounds[1:], strict=True)
    return {name or "": closed[order[first:last]] for name, first, last in parts if last > first}


def most_traded(found: list[Named], count: int) -> list[Named]:
    """Those with the most trades, by name."""
    chosen = sorted(found, key=lambda each: (-len(each.series.closed), each.name))[:count]
    return sorted(chosen, key=lambda each: each.name)
