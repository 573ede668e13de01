"""Where the money came from and went to. Sums of money are exact."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

import numpy as np

from analytics.checks import FloatArray, InputError, IntArray, check, check_times
from analytics.money import ZERO, Money, check_money, exact_sum
from analytics.returns import DAY

HOUR = DAY // 24
ROUNDED = Context(prec=20)
OUTCOMES = ("losses", "breakeven", "wins")


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The steps from one account value to another; start + all steps == end, to the last digit.

    Attributes
    ----------
    start, end : Decimal
    trades : Decimal
        Gross price P&L of the closed trades.
    fees, slippage : Decimal
        Negative = cost.
    funding : Decimal
        Positive = received.
    deposits : Decimal
        Put in less taken out.
    other : Decimal
        What no trade and no cash flow explains: change of open positions, and what the bot does not report.
    """

    start: Decimal
    trades: Decimal
    fees: Decimal
    slippage: Decimal
    funding: Decimal
    deposits: Decimal
    other: Decimal
    end: Decimal


def waterfall(
    start: Decimal,
    end: Decimal,
    *,
    net_pnl: Sequence[Decimal] | Money,
    fees: Sequence[Decimal] | Money,
    slippage: Sequence[Decimal] | Money,
    funding: Sequence[Decimal] | Money,
    flows: Sequence[Decimal] | Money,
) -> Waterfall:
    """Return what made `end` out of `start`.

    Parameters
    ----------
    start, end : Decimal
        Account value before and after, of any size: it may be a sum.
    net_pnl, fees, slippage, funding : Money or sequence of Decimal
        Of the trades closed in between: after all costs; fees and slippage positive = cost, funding positive =
        received. Leave out what is not known: it then stays within the trades' own step, for the net is right anyhow.
    flows : Money or sequence of Decimal
        Cash flows in between, positive into the account.

    Raises
    ------
    InputError
        If an amount is no Decimal of at most 18 + 18 digits, or `start` or `end` not finite.
    """
    parts = {"net_pnl": net_pnl, "fees": fees, "slippage": slippage, "funding": funding, "flows": flows}
    net, paid, slipped, received, moved = (check_money(part, name).total() for name, part in parts.items())
    if not (start.is_finite() and end.is_finite()):
        raise InputError("start and end must be finite")

    def less(amount: Decimal) -> Decimal:
        return amount.copy_negate() if amount else ZERO  # the operator rounds to 28 digits

    return Waterfall(
        start=start,
        trades=exact_sum((net, paid, slipped, less(received))),
        fees=less(paid),
        slippage=less(slipped),
        funding=received,
        deposits=moved,
        other=exact_sum((end, less(start), less(net), less(moved))),
        end=end,
    )


@dataclass(frozen=True, slots=True)
class Flow:
    """One band of a Sankey diagram. A node is its level and its name, so a symbol and a strategy may share a name.

    Attributes
    ----------
    source, target : tuple of (int, hashable)
    value : Decimal
        At least 0; into each node between the ends flows what flows out.
    """

    source: tuple[int, Hashable]
    target: tuple[int, Hashable]
    value: Decimal


def sankey(
    strategies: Sequence[Hashable],
    symbols: Sequence[Hashable],
    amounts: Sequence[Decimal] | Money,
    net_pnl: Sequence[Decimal] | Money,
) -> list[Flow]:
    """Return the bands capital -> strategy -> symbol -> wins, losses or breakeven.

    Parameters
    ----------
    strategies, symbols : sequence, length n
        Of each closed trade.
    amounts : Money or sequence of Decimal, length n
        How wide a trade is, at least 0: the capital it used, or what it won or lost.
    net_pnl : Money or sequence of Decimal, length n
        Its sign says where the trade ends.

    Returns
    -------
    list of Flow
        Level by level, in the order the nodes are first met. Levels 0 to 3: ("capital"), strategies, symbols, and
        "wins", "losses", "breakeven".

    Raises
    ------
    InputError
        If the lengths differ, an amount is negative, or an amount or P&L is no Decimal of at most 18 + 18 digits.
    """
    count = len(net_pnl)
    width, pnl = check_money(amounts, "amounts", size=count), check_money(net_pnl, "net_pnl")
    if len(strategies) != count or len(symbols) != count:
        raise InputError(f"strategies and symbols must hold {count} values")
    if width.negative.any():
        raise InputError("amounts must not be negative")
    ends = [OUTCOMES[sign] for sign in (1 + pnl.positive.astype(int) - pnl.negative).tolist()]
    found = []
    # A band joins two levels, so each trade is three bands and each pair of names is summed once.
    for level, pairs in enumerate(
        (zip(["capital"] * count, strategies, strict=True), zip(strategies, symbols, strict=True),
         zip(symbols, ends, strict=True))
    ):  # fmt: skip
        bands: dict[tuple[Hashable, Hashable], int] = {}
        codes = np.array([bands.setdefault(pair, len(bands)) for pair in pairs], np.int64)
        sums = width.sums_by(codes, len(bands))
        found += [
            Flow((level, source), (level + 1, target), value)
            for (source, target), value in zip(bands, sums, strict=True)
        ]
    return found


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a whole.

    Attributes
    ----------
    name : hashable
    value : Decimal
        Sum of the values of that name.
    share : float
        abs(value) over the sum of all abs(value), in [0, 1]; NaN where that sum is 0.
    """

    name: Hashable
    value: Decimal
    share: float


def allocation(names: Sequence[Hashable], values: Sequence[Decimal] | Money) -> list[Share]:
    """Return what belongs to each name and how much of the whole it is, the largest first.

    Parameters
    ----------
    names : sequence, length n
        They may repeat.
    values : Money or sequence of Decimal, length n
        Short positions below zero; they take their share of the whole like long ones.

    Raises
    ------
    InputError
        If the lengths differ or a value is no Decimal of at most 18 + 18 digits.
    """
    amounts = check_money(values, "values", size=len(names))
    found: dict[Hashable, int] = {}
    codes = np.array([found.setdefault(name, len(found)) for name in names], np.int64)
    sums = amounts.sums_by(codes, len(found))
    sizes = [amount.copy_abs() for amount in sums]
    whole = exact_sum(sizes)
    shares = [
        Share(name, value, float(ROUNDED.divide(size, whole)) if whole else float("nan"))
        for name, value, size in zip(found, sums, sizes, strict=True)
    ]
    return sorted(shares, key=lambda part: part.value.copy_abs(), reverse=True)


@dataclass(frozen=True, slots=True, eq=False)
class MonthlyReturns:
    """A table of years and months.

    Attributes
    ----------
    years : ndarray of int64, shape (y,)
        Ascending, none left out between the first and the last.
    months : ndarray, shape (y, 12)
        Compounded returns, fractions; NaN for a month without any.
    totals : ndarray, shape (y,)
        Of the whole years.
    """

    years: IntArray
    months: FloatArray
    totals: FloatArray


def monthly_returns(days: IntArray, returns: FloatArray) -> MonthlyReturns:
    """Return daily returns compounded by calendar month (UTC).

    Parameters
    ----------
    days : ndarray of int64, shape (n,)
        Days since 1970-01-01, ascending.
    returns : ndarray, shape (n,)
        Fractions, each at least -1.

    Raises
    ------
    InputError
        If the arrays are not 1-D of one length, the days not ordered integers or the returns not finite or below -1.
    """
    growth = 1.0 + check(returns, "returns", at_least=-1.0)
    dates = check_times(days, "days", size=growth.size)
    if not dates.size:
        return MonthlyReturns(dates, np.empty((0, 12)), np.empty(0))
    months = dates.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)  # since 1970-01
    first, last = int(months[0]) // 12, int(months[-1]) // 12
    firsts = np.flatnonzero(np.diff(months, prepend=months[0] - 1))
    table: FloatArray = np.full((last - first + 1, 12), np.nan)
    table.flat[months[firsts] - first * 12] = np.multiply.reduceat(growth, firsts) - 1.0
    totals = np.nanprod(table + 1.0, axis=1) - 1.0
    totals[np.isnan(table).all(axis=1)] = np.nan
    return MonthlyReturns(np.arange(first, last + 1) + 1970, table, totals)


@dataclass(frozen=True, slots=True, eq=False)
class WeekdayHours:
    """What was earned when (UTC).

    Attributes
    ----------
    counts : ndarray of int64, shape (7, 24)
        Trades; the first row is Monday.
    totals : list of 7 lists of 24 Decimals
        Their net P&L.
    """

    counts: IntArray
    totals: list[list[Decimal]]


def weekday_hours(timestamps: IntArray, net_pnl: Sequence[Decimal] | Money) -> WeekdayHours:
    """Return trades and net P&L by weekday and hour.

    Parameters
    ----------
    timestamps : ndarray of int64, shape (n,)
        Microseconds since 1970 UTC, in any order; shift them for another time zone.
    net_pnl : Money or sequence of Decimal, length n

    Raises
    ------
    InputError
        If the lengths differ, the times are not integers or a P&L is no Decimal of at most 18 + 18 digits.
    """
    times = check_times(timestamps, "timestamps", ordered=False)
    amounts = check_money(net_pnl, "net_pnl", size=times.size)
    # 1970-01-01 was a Thursday.
    cells = (times // DAY + 3) % 7 * 24 + times // HOUR % 24
    sums = amounts.sums_by(cells, 7 * 24)
    return WeekdayHours(
        np.bincount(cells, minlength=7 * 24).reshape(7, 24), [sums[day : day + 24] for day in range(0, 7 * 24, 24)]
    )
