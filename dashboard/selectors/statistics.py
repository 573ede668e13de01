"""What closed trades came to: whole, by any group, by name and by stretch of time, all from the same columns."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import QuerySet

from analytics.money import Money, in_order
from analytics.trades import TradeStatistics, grouped_statistics
from dashboard.columns import Exact, Floats, Ints, Listed, Names, listed, money
from dashboard.models import Account, Trade
from dashboard.moments import DAY_MICROS, MICRO, micros
from dashboard.selectors.book import book_of
from dashboard.selectors.closed import Closed

HOUR = 3600 * MICRO
GROUPS = ("strategy", "symbol", "exit_reason", "tag", "direction", "weekday", "hour", "month")
COLUMNS = {"strategy": "strategies", "symbol": "symbols", "exit_reason": "exit_reasons", "direction": "directions"}


SPREAD = {"stake": "stakes", "duration_seconds": "durations", "r_multiple": "r_multiples", "pnl_pct": "pnl_pcts"}
NO_SPREAD = dict.fromkeys(("total", "average", "lowest", "highest"))


def trades_stats(account: Account, matching: QuerySet[Trade], key: str, group_by: str | None = None) -> dict[str, Any]:
    """Statistics of the closed ones of these trades, whole and by group; open ones apart.

    `key` names the filters that made `matching` from the trades of `account`; it is empty where there are none.
    """
    book = book_of(account)
    closed = matched(book.closed, matching) if key else book.closed
    unrealized = money(matching.filter(status="open").order_by().aggregate(results=Exact("net_pnl"))["results"])
    return {
        **(statistics(closed) if key else book.once("statistics", None, lambda _: statistics(closed))),
        "open_trades": len(unrealized),
        "unrealized_pnl": unrealized.total(),
        "columns": book.once("spreads", None, lambda _: spreads(closed)) if not key else spreads(closed),
        "groups": [] if group_by is None else list(grouped(closed, group_by)),
    }


def matched(closed: Closed, matching: QuerySet[Trade]) -> Closed:
    """The closed ones of these trades."""
    return closed.only(listed(matching.filter(status="closed").order_by().aggregate(ids=Listed("pk"))["ids"]))


def statistics(closed: Closed) -> dict[str, Any]:
    """The figures of /api/trades/stats for these trades; undefined is None."""
    return next(figures(closed, np.zeros(len(closed), np.int64), 1))


def spreads(closed: Closed) -> dict[str, dict[str, Any]]:
    """The sum, the mean, the lowest and the highest of each figure of these trades; None where none is known."""
    return {
        "net_pnl": money_spread(closed.net_pnl),
        "fees": money_spread(closed.fees),
        **{name: spread(getattr(closed, column)) for name, column in SPREAD.items()},
    }


def money_spread(amounts: Money) -> dict[str, Any]:
    if not len(amounts):
        return {**NO_SPREAD, "total": amounts.total()}
    bounds = np.array([0, len(amounts)])
    low, high = (amounts.extreme(function, bounds)[0] for function in (np.minimum, np.maximum))
    return {"total": amounts.total(), "average": float(amounts.floats().mean()), "lowest": low, "highest": high}


def spread(values: Floats) -> dict[str, Any]:
    known = values[~np.isnan(values)]
    if not len(known):
        return NO_SPREAD
    found = {"total": known.sum(), "average": known.mean(), "lowest": known.min(), "highest": known.max()}
    return {name: defined(float(value)) for name, value in found.items()}


def grouped(closed: Closed, group_by: str) -> Iterator[dict[str, Any]]:
    """The figures of each group, in the order of their names."""
    if group_by == "tag":
        which, groups = tagged(closed.tags)
        closed = closed[which]
    else:
        groups = groups_of(closed, group_by)
    names = [name or "none" for name in groups.names]
    found = list(figures(closed, groups.codes, len(names)))
    return ({"name": name, **each} for name, each in sorted(zip(names, found, strict=True), key=lambda pair: pair[0]))


def figures(closed: Closed, groups: Ints, count: int) -> Iterator[dict[str, Any]]:
    found = grouped_statistics(closed.net_pnl, closed.durations, groups, count, closed.r_multiples)
    for each, fees in zip(found, closed.fees.sums_by(groups, count), strict=True):
        values = {column.name: defined(getattr(each, column.name)) for column in fields(TradeStatistics)}
        yield {**values, "total_fees": fees}


def defined(value: Any) -> Any:
    """None for NaN and infinity."""
    return None if isinstance(value, float) and not np.isfinite(value) else value


def groups_of(closed: Closed, group_by: str) -> Names:
    if group_by in COLUMNS:
        found: Names = getattr(closed, COLUMNS[group_by])
        used, codes = np.unique(found.codes, return_inverse=True)
        return Names(codes, tuple(found.names[code] for code in used))
    if group_by == "month":
        used, codes = np.unique(months(closed.exited), return_inverse=True)
        return Names(codes, tuple(str(np.datetime64(number, "M")) for number in used.tolist()))
    weekday = group_by == "weekday"
    # 1970 began on a Thursday; Monday is 1.
    numbers = (closed.exited // DAY_MICROS + 3) % 7 + 1 if weekday else closed.exited // HOUR % 24
    used, codes = np.unique(numbers, return_inverse=True)
    return Names(codes, tuple(f"{number:0{1 if weekday else 2}}" for number in used.tolist()))


def months(times: Ints) -> Ints:
    """Months since 1970, UTC."""
    return times.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)


def tagged(tags: Names) -> tuple[Ints, Names]:
    """Which trade stands where, and the tag it stands there for: a trade with two tags stands twice."""
    order, bounds = in_order(tags.codes, len(tags.names))
    known: dict[str | None, int] = {}
    places, codes = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for each, first, last in zip(tags.lists(), bounds[:-1], bounds[1:], strict=True):
        for tag in (each or ["untagged"]) if last > first else []:
            places.append(order[first:last])
            codes.append(np.full(last - first, known.setdefault(tag, len(known))))
    which = np.concatenate(places)
    closing = np.argsort(which, kind="stable")
    return which[closing], Names(np.concatenate(codes)[closing], tuple(known))


@dataclass(frozen=True)
class Tally:
    """How many closed trades, how many of them won, and what they came to."""

    trades: int
    wins: int
    net_pnl: Decimal


def tally(net_pnl: Money) -> Tally:
    return Tally(len(net_pnl), int(net_pnl.positive.sum()), net_pnl.total())


def since(closed: Closed, moment: datetime) -> Tally:
    """The trades closed at `moment` and later."""
    return tally(closed.net_pnl[int(np.searchsorted(closed.exited, micros(moment))) :])


def by_day(closed: Closed, first: datetime, days: int) -> list[Decimal]:
    """The result of each of `days` days (UTC) from `first` on."""
    numbers = (closed.exited - micros(first)) // DAY_MICROS
    inside = (numbers >= 0) & (numbers < days)
    return closed.net_pnl[inside].sums_by(numbers[inside], days)


def by_name(closed: Closed, names: Names, most: int) -> list[dict[str, Any]]:
    """The names with the largest results either way, best first."""
    counts = np.bincount(names.codes, minlength=len(names.names)).tolist()
    sums = closed.net_pnl.sums_by(names.codes, len(names.names))
    rows = [(total, name, count) for total, name, count in zip(sums, names.names, counts, strict=True) if count]
    rows.sort(key=lambda row: (-abs(row[0]), row[1] or ""))
    largest = sorted(rows[:most], key=lambda row: (-row[0], row[1] or ""))
    return [{"name": name, "net_pnl": total, "trades": count} for total, name, count in largest]
