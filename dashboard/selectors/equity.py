"""What the account was worth over time, and what it earned a day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

import numpy as np

from analytics.downsample import m4
from analytics.drawdown import current_drawdown, drawdown_series, max_drawdown
from analytics.money import Money, Sums
from analytics.ratios import sharpe
from analytics.returns import daily_returns, snapshot_returns, wealth_index
from dashboard.columns import Floats
from dashboard.columns import Ints as Micros
from dashboard.fields import exact_sum
from dashboard.models import Account, Strategy
from dashboard.moments import DAY_MICROS, micros
from dashboard.selectors.book import Book, books
from dashboard.selectors.closed import Closed
from dashboard.selectors.statistics import defined


@dataclass(frozen=True)
class Equity:
    """The value of an account at moments (int64 microseconds UTC), oldest first, from snapshots or from trades.

    `capital_first`: the first value is the capital, which was there at the end of the day before as well.
    """

    source: str | None
    times: Micros
    values: Money | Sums
    flow_times: Micros
    flow_amounts: Floats
    capital_first: bool = False

    def __len__(self) -> int:
        return len(self.times)

    @property
    def first(self) -> Decimal:
        return self.values.at(0)

    @property
    def last(self) -> Decimal:
        return self.values.at(-1)

    @cached_property
    def floats(self) -> Floats:
        return self.values.floats()

    @cached_property
    def curve(self) -> Floats | None:
        """What 1 unit grew to at each moment, deposits and withdrawals taken out; None where there was no value."""
        if not len(self) or self.floats.min() <= 0:
            return None
        returns = snapshot_returns(self.times, self.floats, self.flow_times, self.flow_amounts)
        index = wealth_index(np.nan_to_num(returns, nan=0.0))
        return index if np.isfinite(index).all() else None

    @cached_property
    def falls(self) -> Floats | None:
        """How far the curve is below its peak at each moment."""
        return None if self.curve is None else drawdown_series(self.curve)

    @cached_property
    def days(self) -> tuple[Micros, Floats]:
        # What trades earned is a return only on a capital that is there all the time.
        if len(self) < 2 or (self.source == "trades" and self.floats.min() <= 0):
            return np.empty(0, np.int64), np.empty(0)
        times = self.times
        if self.capital_first:
            times = np.concatenate([[times[0] // DAY_MICROS * DAY_MICROS - 1], times[1:]])
        found = daily_returns(times, self.floats, self.flow_times, self.flow_amounts)
        return found.days, found.values

    def between(self, start: datetime | None, end: datetime | None) -> "Equity":
        if start is None and end is None:
            return self
        first = 0 if start is None else int(np.searchsorted(self.times, micros(start)))
        last = len(self) if end is None else int(np.searchsorted(self.times, micros(end), side="right"))
        part = slice(first, last)
        capital_first = self.capital_first and first == 0
        return replace(self, times=self.times[part], values=self.values[part], capital_first=capital_first)

    def thin(self, points: int) -> Floats:
        """At most `points` values that draw the same line as all of them."""
        return self.floats if len(self) <= points else self.floats[m4(self.times, self.floats, points)]

    def daily(self) -> tuple[Micros, Floats]:
        """Days (numbers since 1970, UTC) and their time-weighted returns; empty without capital."""
        return self.days


def account_equity(account: Account) -> Equity:
    """The equity of one account; see `equities`."""
    return equities([account])[account.pk]


def equities(accounts: Sequence[Account]) -> dict[int, Equity]:
    """By account id: from snapshots where a bot sends them, else from closed trades on the capital begun with."""
    held = books(accounts)
    capital = capitals([account for account in accounts if not len(held[account.pk].values.times)])
    return {key: book.once("equity", capital.get(key), partial(equity_of, book)) for key, book in held.items()}


def book_equity(account: Account, book: Book) -> Equity:
    """The equity of the account of this book."""
    capital = None if len(book.values.times) else capitals([account])[account.pk]
    return book.once("equity", capital, partial(equity_of, book))


def equity_of(book: Book, capital: Decimal | None) -> Equity:
    if capital is None:
        return Equity("snapshots", book.values.times, book.values.amounts, book.flows.times, book.flows.amounts)
    return traded_equity(book.closed, capital)


def traded_equity(closed: Closed, capital: Decimal) -> Equity:
    """What closed trades made of a capital, after each close."""
    none = np.empty(0, np.int64)
    if not len(closed):
        return Equity(None, none, Money.of([]), none, np.empty(0))
    # Of several closes at one moment the last value counts.
    last = np.concatenate([[True], np.append(closed.exited[1:] != closed.exited[:-1], True)])
    times = np.concatenate([[closed.entered.min()], closed.exited])
    return Equity("trades", times[last], closed.net_pnl.running(capital)[last], none, np.empty(0), capital_first=True)


def capitals(accounts: Sequence[Account]) -> dict[int, Decimal]:
    """What each account began with: as it says itself, else the sum of what its strategies were given."""
    asked = [account.pk for account in accounts if account.initial_capital is None]
    given: dict[int, list[Decimal | None]] = {}
    if asked:
        rows = Strategy.objects.filter(account__in=asked, allocated_capital__isnull=False).order_by()
        for key, amount in rows.values_list("account_id", "allocated_capital"):
            given.setdefault(key, []).append(amount)
    return {
        account.pk: exact_sum(given.get(account.pk, [])) if account.initial_capital is None else account.initial_capital
        for account in accounts
    }


def risk_figures(account: Account, equity: Equity, returns: Floats) -> dict[str, Any]:
    """Sharpe ratio of daily returns and drawdowns of the whole series; None where undefined."""
    # Drawdowns are those of the time-weighted curve, so that a withdrawal is no loss.
    deepest = current = None
    if equity.curve is not None:
        deepest, current = max_drawdown(equity.curve) * 100, current_drawdown(equity.curve) * 100
    return {
        "sharpe_ratio": defined(sharpe(returns, account.periods_per_year)) if len(returns) > 1 else None,
        "sharpe_periods": len(returns),
        "max_drawdown_pct": deepest,
        "current_drawdown_pct": current,
    }
