"""Which part of an account is meant, and how risky each of its strategies is."""

from collections.abc import Sequence

import numpy as np

from analytics.ratios import volatility
from analytics.risk import risk_level
from dashboard.models import Account, Strategy
from dashboard.selectors.book import book_of
from dashboard.selectors.series import Part, Series, split, traded

MOST_STRATEGIES = 1000


def strategy_names(account: Account) -> list[str]:
    """The names that a page may be filtered by, in their order."""
    found = Strategy.objects.filter(account=account).order_by("name").values_list("name", flat=True)
    return list(found[:MOST_STRATEGIES])


def risk_levels(account: Account) -> dict[str, str | None]:
    """The level of risk of each strategy by its name, over its whole past; None where no return is defined."""
    book = book_of(account)
    strategies = Strategy.objects.filter(account=account).order_by("name").values_list("name", "allocated_capital")

    def levels(_: object) -> dict[str, str | None]:
        own = split(book.closed, book.closed.strategies)
        return {name: level(traded(own.get(name, book.closed[:0]), capital), ppy) for name, capital in given[1]}

    given = ppy, _ = account.periods_per_year, tuple(strategies)
    return book.once("risk_levels", given, levels)


def level(series: Series, periods_per_year: int) -> str | None:
    falls = series.equity.falls
    return risk_level(volatility(series.returns, periods_per_year), np.nan if falls is None else float(falls.min()))


def at_risk(account: Account, levels: Sequence[str]) -> list[str]:
    """The names of the strategies at these levels of risk."""
    return [name for name, found in risk_levels(account).items() if found in levels]


def part_of(
    account: Account,
    strategies: Sequence[str] = (),
    symbol: str | None = None,
    asset_class: str | None = None,
    levels: Sequence[str] = (),
) -> Part:
    """The trades of these strategies and levels of risk, of a symbol, of a class; what is empty does not matter."""
    named = tuple(strategies) if strategies else None
    if levels:
        fitting = at_risk(account, levels)
        named = tuple(fitting if named is None else [name for name in named if name in fitting])
    return Part(named, symbol, asset_class)
