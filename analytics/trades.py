"""Closed trades: what they won and lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.checks import ROUNDING, BoolArray, FloatArray, InputError, IntArray, check, defined, ratio
from analytics.drawdown import max_drawdown_money
from analytics.money import Money, check_money, exact_sum, in_order


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
    net_pnl: Sequence[Decimal] | Money, durations: FloatArray, r_multiples: FloatArray | None = None
) -> TradeStatistics:
    """Return the statistics of closed trades.

    Parameters
    ----------
    net_pnl : Money or sequence of Decimal, length n
        After all costs, in one currency, in closing order. Make it Money once where more than one function wants it.
    durations : ndarray, shape (n,)
        Seconds from entry to exit.
    r_multiples : ndarray, shape (n,), optional
        As from `r_multiple`: NaN where the initial risk is not known.

    Raises
    ------
    InputError
        If the lengths differ, `durations` are not finite, or a P&L is no Decimal with at most 18 digits before and
        after the point.

    References
    ----------
    Tharp (2008), "The definitive guide to position sizing" (expectancy, R multiple, SQN).
    """
    (whole,) = grouped_statistics(net_pnl, durations, np.zeros(len(net_pnl), np.int64), 1, r_multiples)
    return whole


def grouped_statistics(
    net_pnl: Sequence[Decimal] | Money,
    durations: FloatArray,
    groups: IntArray,
    count: int,
    r_multiples: FloatArray | None = None,
) -> list[TradeStatistics]:
    """Return the statistics of each group of closed trades, in one pass over all of them.

    Parameters
    ----------
    net_pnl, durations, r_multiples
        As in `trade_statistics`. A trade that is in several groups is there several times.
    groups : ndarray of int, shape (n,)
        0 <= group < count.
    count : int
        Of groups.

    Returns
    -------
    list of TradeStatistics, length `count`
        Of a group without trades as of no trades at all.

    Raises
    ------
    InputError
        As in `trade_statistics`, and for a group out of range.
    """
    pnl = check_money(net_pnl, "net_pnl")
    seconds = check(durations, "durations", size=len(pnl))
    risk = None if r_multiples is None else check(r_multiples, "r_multiples", size=len(pnl), unknown=True)
    order, bounds = in_order(check_groups(groups, count, size=len(pnl)), count)
    pnl = pnl[order]
    won = pnl.positive
    up, down = np.flatnonzero(won), np.flatnonzero(pnl.negative)
    gains, costs = pnl[up], pnl[down]
    of_gains, of_costs = np.searchsorted(up, bounds), np.searchsorted(down, bounds)
    gross_wins, gross_losses = gains.sums(of_gains), costs.sums(of_costs)
    largest_win, largest_loss = gains.extreme(np.maximum, of_gains), costs.extreme(np.minimum, of_costs)
    longest_wins, longest_losses = _longest_runs(won, bounds), _longest_runs(~won, bounds)
    held = _reduce(np.add, seconds[order], bounds)
    quality = np.full(count, np.nan) if risk is None else _quality(risk[order], bounds)
    sizes, wins, losses = (np.diff(each).tolist() for each in (bounds, of_gains, of_costs))
    return [
        _statistics(
            counts=(sizes[i], wins[i], losses[i]),
            gross=(gross_wins[i], gross_losses[i]),
            largest=(largest_win[i], largest_loss[i]),
            longest=(int(longest_wins[i]), int(longest_losses[i])),
            held=float(held[i]),
            quality=float(quality[i]),
        )
        for i in range(count)
    ]


def _statistics(
    *,
    counts: tuple[int, int, int],
    gross: tuple[Decimal, Decimal],
    largest: tuple[Decimal | None, Decimal | None],
    longest: tuple[int, int],
    held: float,
    quality: float,
) -> TradeStatistics:
    size, wins, losses = counts
    total = exact_sum(gross)
    avg_win, avg_loss = ratio(float(gross[0]), wins), ratio(float(gross[1]), losses)
    return TradeStatistics(
        total_trades=size,
        winning_trades=wins,
        losing_trades=losses,
        breakeven_trades=size - wins - losses,
        win_rate=ratio(100.0 * wins, size),
        total_pnl=total,
        gross_wins=gross[0],
        gross_losses=gross[1],
        avg_win=avg_win,
        avg_loss=avg_loss,
        expectancy=ratio(float(total), size),
        profit_factor=ratio(float(gross[0]), -float(gross[1])),
        payoff_ratio=ratio(avg_win, -avg_loss),
        largest_win=largest[0],
        largest_loss=largest[1],
        max_consecutive_wins=longest[0],
        max_consecutive_losses=longest[1],
        avg_duration_seconds=ratio(held, size),
        sqn=quality,
    )


def check_groups(groups: IntArray, count: int, *, size: int) -> IntArray:
    """Return `groups`, shape (size,); raise InputError unless they are integers from 0 to count - 1."""
    codes = np.asarray(groups)
    if codes.shape != (size,) or (size and codes.dtype.kind not in "iu"):
        raise InputError(f"groups must be {size} integers")
    if size and not 0 <= int(codes.min()) <= int(codes.max()) < count:
        raise InputError(f"groups must be from 0 to {count - 1}")
    return codes.astype(np.int64, copy=False)


def _reduce(function: np.ufunc, values: npt.NDArray[Any], bounds: IntArray) -> npt.NDArray[Any]:
    """Return the reduction of each group, from bounds[i] until before bounds[i + 1]; 0 for an empty one."""
    result = np.zeros(bounds.size - 1, dtype=values.dtype)
    some = np.flatnonzero(bounds[1:] > bounds[:-1])
    if some.size:
        result[some] = function.reduceat(values, bounds[some])
    return result


def longest_run(flags: BoolArray) -> int:
    """Return the length of the longest stretch of True in `flags`, shape (n,); 0 without one."""
    return int(_longest_runs(flags, np.array([0, len(flags)]))[0])


def _longest_runs(flags: BoolArray, bounds: IntArray) -> IntArray:
    if not flags.size:
        return np.zeros(bounds.size - 1, np.int64)
    changes = np.concatenate(([True], flags[1:] != flags[:-1]))
    changes[bounds[bounds < flags.size]] = True
    begins = np.flatnonzero(changes)
    lengths = np.where(flags[begins], np.diff(begins, append=flags.size), 0)
    return _reduce(np.maximum, lengths, np.searchsorted(begins, bounds))


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
    return float(_quality(multiples, np.array([0, multiples.size]))[0])


def _quality(multiples: FloatArray, bounds: IntArray) -> FloatArray:
    """Return the SQN of each group as in `_reduce`."""
    known = np.flatnonzero(~np.isnan(multiples))
    risk, bounds = multiples[known], np.searchsorted(known, bounds)
    size = np.diff(bounds)
    mean = _reduce(np.add, risk, bounds) / np.maximum(size, 1)
    squares = _reduce(np.add, np.square(risk - np.repeat(mean, size)), bounds)
    spread = np.sqrt(squares / np.maximum(size - 1, 1))
    largest = _reduce(np.maximum, np.abs(risk), bounds)
    result = np.full(size.size, np.nan)
    np.divide(np.sqrt(size) * mean, spread, out=result, where=(size > 1) & (spread > ROUNDING * largest))
    return result


def profit_factor(net_pnl: FloatArray) -> float:
    """Return gross wins / abs(gross losses), of an ndarray of shape (n,), finite; NaN without a loss."""
    pnl = check(net_pnl, "net_pnl")
    return ratio(float(pnl[pnl > 0].sum()), -float(pnl[pnl < 0].sum()))


def recovery_factor(net_pnl: FloatArray) -> float:
    """Return net profit / abs(max drawdown in money) of the running sum of closed trades, which begins with 0.

    Parameters
    ----------
    net_pnl : ndarray, shape (n,)
        In one currency, in closing order, finite.

    Returns
    -------
    float
        Sign of the profit, at least -1; NaN without a loss.
    """
    worth = np.concatenate(([0.0], np.cumsum(check(net_pnl, "net_pnl"))))
    return ratio(float(worth[-1]), -max_drawdown_money(worth))


def kelly(net_pnl: FloatArray) -> float:
    """Return the share of the capital to put at risk that grows it fastest: w - (1 - w) / payoff.

    w = wins / (wins + losses), payoff = mean win / abs(mean loss); an outcome of 0 is neither.

    Parameters
    ----------
    net_pnl : ndarray, shape (n,)
        What each bet came to, in any one unit, finite.

    Returns
    -------
    float
        Fraction, at most 1; negative where the bets lose: best not to bet at all. NaN without a win or a loss.

    References
    ----------
    Kelly (1956), "A new interpretation of information rate", Bell System Technical Journal 35(4).
    """
    outcomes = check(net_pnl, "net_pnl")
    gains, costs = outcomes[outcomes > 0], -outcomes[outcomes < 0]
    if not gains.size or not costs.size:
        return float("nan")
    won = gains.size / (gains.size + costs.size)
    return defined(won - (1.0 - won) * ratio(float(np.mean(costs)), float(np.mean(gains))))
