"""Falls from a running peak. The first value is a peak, so a loss in the first period counts."""

from dataclasses import dataclass

import numpy as np

from analytics.checks import ROUNDING, FloatArray, InputError, IntArray, check, check_times
from analytics.returns import DAY


@dataclass(frozen=True, slots=True)
class Drawdown:
    """One fall from a peak and the way back.

    Attributes
    ----------
    depth : float
        Fraction of the peak, in [-1, 0).
    peak, trough : int
        Positions of the last value before the fall and of its (first) lowest value.
    recovery : int or None
        Position of the first value back at the peak; None while it lasts.
    duration_days : float
        Peak to recovery; to the last value while it lasts.
    recovery_days : float
        Trough to recovery; NaN while it lasts.
    """

    depth: float
    peak: int
    trough: int
    recovery: int | None
    duration_days: float
    recovery_days: float


def drawdown_series(equity: FloatArray) -> FloatArray:
    """Return the underwater series: how far each value lies below the highest so far.

    Parameters
    ----------
    equity : ndarray, shape (n,)
        Account value or wealth index, oldest first, at least 0, the first value above 0.

    Returns
    -------
    ndarray, shape (n,)
        Fractions of the running peak, in [-1, 0]; -1 where everything is lost.

    Raises
    ------
    InputError
        If `equity` is not 1-D, is empty, begins with 0, or holds NaN, infinity or a value below 0.

    References
    ----------
    Magdon-Ismail & Atiya (2004), "Maximum drawdown", Risk 17(10).
    """
    worth = check(equity, "equity", empty=False, at_least=0.0)
    if not worth[0] > 0:
        raise InputError("equity must begin above zero")
    peaks = np.maximum.accumulate(worth)
    falls: FloatArray = (worth - peaks) / peaks
    return falls


def max_drawdown(equity: FloatArray) -> float:
    """Return the deepest fall from a running peak.

    Parameters
    ----------
    equity : ndarray, shape (n,)
        Account value or wealth index, oldest first, at least 0, the first value above 0.

    Returns
    -------
    float
        Fraction of the peak, in [-1, 0]; 0.0 when equity never falls.

    Raises
    ------
    InputError
        If `equity` is not 1-D, is empty, begins with 0, or holds NaN, infinity or a value below 0.

    References
    ----------
    Magdon-Ismail & Atiya (2004), "Maximum drawdown", Risk 17(10).
    """
    return float(drawdown_series(equity).min())


def current_drawdown(equity: FloatArray) -> float:
    """Return how far the last value lies below the highest, a fraction in [-1, 0].

    Input and errors as in `max_drawdown`.
    """
    return float(drawdown_series(equity)[-1])


def max_drawdown_money(values: FloatArray) -> float:
    """Return the deepest fall from a running peak in money.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Account value or cumulative P&L, oldest first, any sign. A cumulative P&L begins with 0.

    Returns
    -------
    float
        In the currency of `values`, at most 0.0.

    Raises
    ------
    InputError
        If `values` is not 1-D, is empty or not finite.
    """
    worth = check(values, "values", empty=False)
    return float((worth - np.maximum.accumulate(worth)).min())


def worst_drawdowns(equity: FloatArray, timestamps: IntArray, count: int) -> list[Drawdown]:
    """Return the deepest `count` drawdowns, deepest first, of equal ones the earlier first.

    Parameters
    ----------
    equity : ndarray, shape (n,)
        Account value or wealth index, oldest first, at least 0, the first value above 0.
    timestamps : ndarray of int64, shape (n,)
        Microseconds since 1970 UTC, oldest first.
    count : int
        At least 0.

    Returns
    -------
    list of Drawdown
        They do not overlap. A fall of rounding size is none.

    Raises
    ------
    InputError
        As in `max_drawdown`, and if `timestamps` differ in length or are not ordered integers, or count < 0.
    """
    falls = drawdown_series(equity)
    times = check_times(timestamps, "timestamps", size=falls.size)
    if count < 0:
        raise InputError("count must not be negative")
    below = np.concatenate(([False], falls < -ROUNDING, [False]))
    edges = np.flatnonzero(below[1:] != below[:-1])
    begins, ends = edges[::2], edges[1::2]
    if not begins.size:
        return []
    # reduceat also takes the stretches between the drawdowns; they are no deeper than rounding, and skipped.
    depths = np.minimum.reduceat(falls, edges[edges < falls.size])[::2]
    deepest = np.argsort(depths, kind="stable")[:count]
    return [_drawdown(falls, times, int(begins[i]), int(ends[i])) for i in deepest]


def drawdown_count(equity: FloatArray) -> int:
    """Return how many drawdowns `worst_drawdowns` would find if it were asked for all.

    Input and errors as in `max_drawdown`.
    """
    below = drawdown_series(equity) < -ROUNDING
    return int(np.count_nonzero(below[1:] & ~below[:-1]))


def deepest(falls: FloatArray, times: IntArray) -> Drawdown | None:
    """Return the deepest drawdown of an underwater series as from `drawdown_series`, or None where there is no fall."""
    trough = int(np.argmin(falls))
    if falls[trough] >= -ROUNDING:
        return None
    up = falls >= -ROUNDING
    after = int(np.argmax(up[trough:]))
    return _drawdown(falls, times, trough - int(np.argmax(up[trough::-1])) + 1, trough + after if after else falls.size)


def _drawdown(falls: FloatArray, times: IntArray, begin: int, end: int) -> Drawdown:
    peak, trough = begin - 1, begin + int(np.argmin(falls[begin:end]))
    recovery = end if end < falls.size else None
    last = falls.size - 1 if recovery is None else recovery
    return Drawdown(
        depth=float(falls[trough]),
        peak=peak,
        trough=trough,
        recovery=recovery,
        duration_days=float(times[last] - times[peak]) / DAY,
        recovery_days=float("nan") if recovery is None else float(times[recovery] - times[trough]) / DAY,
    )
