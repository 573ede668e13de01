"""Closed trades: what they won and lost, and how they behaved while open."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, localcontext
from itertools import compress

import numpy as np

from analytics.checks import ROUNDING, BoolArray, FloatArray, InputError, IntArray, check, ratio

# 100,000 trades of 18 + 18 digits need 41. Inexact is trapped, so a sum is exact or an error.
EXACT = Context(prec=100, traps=[Inexact])


@dataclass(frozen=True, slots=True)
class TradeStatistics:
    """What a set of closed trades came to. Sums and extremes of money are exact; averages and ratios are floats,
    NaN where undefined.

    Attributes
    ----------
    total_trades, winning_trades, losing_trades, breakeven_trades : int
        By the sign of the net P&L.
    win_rate : float
        Percent of all closed trades, breakeven ones included below the line.
    total_pnl, gross_wins, gross_losses : Decimal
        Of net P&L; gross_losses is at most 0.
    avg_win, avg_loss, expectancy : float
        Means over winning, losing and all trades; avg_loss is negative.
    profit_factor, payoff_ratio : float
        gross_wins / abs(gross_losses) and avg_win / abs(avg_loss).
    largest_win, largest_loss : Decimal or None
        None without a win or a loss; largest_loss is negative.
    max_consecutive_wins, max_consecutive_losses : int
        Longest runs in closing order. As in freqtrade a breakeven trade ends a run of wins and counts in a run
        of losses: the second figure is the longest wait for a win.
    avg_duration_seconds : float
    sqn : float
        System quality number, sqrt(n) mean(R) / std(R, ddof=1), over the trades whose R is known.
    """

    total_trades: int
    winning_trades: int
    losing_trades: int
    breakeven_trades: int
    win_rate: float
    total_pnl: Decimal
    gross_wins: Decimal
    gross_losses: Decimal
    avg_win: float
    avg_loss: float
    expectancy: float
    profit_factor: float
    payoff_ratio: float
    largest_win: Decimal | None
    largest_loss: Decimal | None
    max_consecutive_wins: int
    max_consecutive_losses: int
    avg_duration_seconds: float
    sqn: float


def trade_statistics(
    net_pnl: Sequence[Decimal], durations: FloatArray, r_multiples: FloatArray | None = None
) -> TradeStatistics:
    """Return the statistics of closed trades.

    Parameters
    ----------
    net_pnl : sequence of Decimal, length n
        After all costs, in one currency, in closing order.
    durations : ndarray, shape (n,)
        Seconds from entry to exit.
    r_multiples : ndarray, shape (n,), optional
        As from `r_multiple`: NaN where the initial risk is not known.

    Raises
    ------
    InputError
        If the lengths differ, `net_pnl` or `durations` is not finite, a P&L is no Decimal, or the sums need more than
        100 digits.

    References
    ----------
    Tharp (2008), "The definitive guide to position sizing" (expectancy, R multiple, SQN).
    """
    try:
        pnl = check(np.fromiter(map(float, net_pnl), np.float64, len(net_pnl)), "net_pnl")
    except (TypeError, ValueError) as error:
        raise InputError(str(error)) from None
    seconds = check(durations, "durations", size=pnl.size)
    risk = check(np.empty(0) if r_multiples is None else r_multiples, "r_multiples", unknown=True)
    if r_multiples is not None and risk.size != pnl.size:
        raise InputError(f"r_multiples must hold {pnl.size} values, not {risk.size}")
    won, lost = pnl > 0, pnl < 0
    wins, losses = int(won.sum()), int(lost.sum())
    gains, costs = list(compress(net_pnl, won.tolist())), list(compress(net_pnl, lost.tolist()))
    gross_wins, gross_losses, total = _exact_sum(gains), _exact_sum(costs), _exact_sum(net_pnl)
    avg_win, avg_loss = ratio(float(gross_wins), wins), ratio(float(gross_losses), losses)
    return TradeStatistics(
        total_trades=pnl.size,
        winning_trades=wins,
        losing_trades=losses,
        breakeven_trades=pnl.size - wins - losses,
        win_rate=ratio(100.0 * wins, pnl.size),
        total_pnl=total,
        gross_wins=gross_wins,
        gross_losses=gross_losses,
        avg_win=avg_win,
        avg_loss=avg_loss,
        expectancy=ratio(float(total), pnl.size),
        profit_factor=ratio(float(gross_wins), -float(gross_losses)),
        payoff_ratio=ratio(avg_win, -avg_loss),
        largest_win=max(gains, default=None),
        largest_loss=min(costs, default=None),
        max_consecutive_wins=longest_run(won),
        max_consecutive_losses=longest_run(~won),
        avg_duration_seconds=ratio(float(seconds.sum()), pnl.size),
        sqn=sqn(risk),
    )


def longest_run(flags: BoolArray) -> int:
    """Return the length of the longest stretch of True in `flags`, shape (n,); 0 without one."""
    padded = np.concatenate(([False], flags, [False]))
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return int((edges[1::2] - edges[::2]).max(initial=0))


def sqn(r_multiples: FloatArray) -> float:
    """Return the system quality number, sqrt(n) mean(R) / std(R, ddof=1).

    Parameters
    ----------
    r_multiples : ndarray, shape (n,)
        NaN where unknown: left out, also of n.

    Returns
    -------
    float
        Sign of the mean; NaN for fewer than two known R or a spread of rounding size.

    Raises
    ------
    InputError
        If `r_multiples` is not 1-D or holds infinity.
    """
    multiples = check(r_multiples, "r_multiples", unknown=True)
    known = multiples[~np.isnan(multiples)]
    if known.size < 2:
        return float("nan")
    spread = float(np.std(known, ddof=1))
    return ratio(known.size**0.5 * float(np.mean(known)), spread if spread > ROUNDING * np.abs(known).max() else 0.0)


def r_multiple(net_pnl: FloatArray, entry_price: FloatArray, initial_stop: FloatArray, size: FloatArray) -> FloatArray:
    """Return the P&L in units of what the initial stop put at risk: net_pnl / (abs(entry - stop) size).

    Parameters
    ----------
    net_pnl, entry_price, initial_stop, size : ndarray, shape (n,)
        Net P&L in quote currency, prices in it, size in base units. NaN where unknown.

    Returns
    -------
    ndarray, shape (n,)
        Sign of the P&L; NaN where an input is unknown or nothing was at risk.

    Raises
    ------
    InputError
        If the arrays are not 1-D of one length or hold infinity.

    References
    ----------
    Tharp (2008), "The definitive guide to position sizing".
    """
    pnl = check(net_pnl, "net_pnl", unknown=True)
    entry = check(entry_price, "entry_price", size=pnl.size, unknown=True)
    stop = check(initial_stop, "initial_stop", size=pnl.size, unknown=True)
    risk = np.abs(entry - stop) * np.abs(check(size, "size", size=pnl.size, unknown=True))
    result = np.full(pnl.size, np.nan)
    np.divide(pnl, risk, out=result, where=risk > 0)
    return result


def excursions(
    entry_price: FloatArray, lowest_price: FloatArray, highest_price: FloatArray, direction: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return the worst and the best excursion of each trade while it was open (MAE, MFE).

    Parameters
    ----------
    entry_price, lowest_price, highest_price : ndarray, shape (n,)
        Prices; the extremes while the trade was open. NaN where unknown.
    direction : ndarray of int, shape (n,)
        1 for long, -1 for short.

    Returns
    -------
    mae, mfe : ndarray, shape (n,)
        Fractions of the entry price, without leverage; mae at most 0, mfe at least 0 (the entry is itself a price
        while open). NaN where an input is unknown or the entry price is not above zero.

    Raises
    ------
    InputError
        If the arrays are not 1-D of one length, hold infinity, or a direction is neither 1 nor -1.

    References
    ----------
    Sweeney (1996), "Maximum adverse excursion".
    """
    entry = check(entry_price, "entry_price", unknown=True)
    lowest = check(lowest_price, "lowest_price", size=entry.size, unknown=True)
    highest = check(highest_price, "highest_price", size=entry.size, unknown=True)
    side = check(direction, "direction", size=entry.size)
    if not np.isin(side, (-1.0, 1.0)).all():
        raise InputError("direction must be 1 (long) or -1 (short)")
    base = np.where(entry > 0, entry, np.nan)
    down, up = (lowest - entry) / base, (highest - entry) / base
    worst, best = np.where(side > 0, down, -up), np.where(side > 0, up, -down)
    return np.minimum(worst, 0.0), np.maximum(best, 0.0)


def _exact_sum(amounts: Sequence[Decimal]) -> Decimal:
    with localcontext(EXACT):
        try:
            return sum(amounts, Decimal(0))
        except (Inexact, TypeError):
            raise InputError("net_pnl must be Decimals whose sum is exact in 100 digits") from None
