"""Positions: what they risked, how far they went while open, how long and how much was open."""

import numpy as np

from analytics.checks import FloatArray, InputError, IntArray, check, check_times, ratio


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


def time_in_market(opened: IntArray, closed: IntArray, start: int, end: int) -> float:
    """Return the share of the time from `start` to `end` in which at least one position was open.

    Parameters
    ----------
    opened, closed : ndarray of int64, shape (n,)
        Microseconds since 1970 UTC, in any order; `closed` of a position still open is `end` or later.
    start, end : int
        Microseconds since 1970 UTC.

    Returns
    -------
    float
        Fraction, in [0, 1]; NaN where `end` is not after `start`.

    Raises
    ------
    InputError
        If the arrays are not 1-D of one length or not integers, or a position closes before it opens.
    """
    begins, ends = _stays(opened, closed)
    if end <= start:
        return float("nan")
    order = np.argsort(begins, kind="stable")
    begins, ends = np.clip(begins[order], start, end), np.clip(ends[order], start, end)
    # Of each stay counts what lies after all that began before it.
    covered = np.concatenate(([start], np.maximum.accumulate(ends)[:-1])) if ends.size else ends
    return float(np.maximum(ends - np.maximum(begins, covered), 0).sum()) / (end - start)


def open_value(opened: IntArray, closed: IntArray, values: FloatArray, moments: IntArray) -> FloatArray:
    """Return the sum of the values of the positions that are open at each moment, from `opened` until before `closed`.

    Parameters
    ----------
    opened, closed
        As in `time_in_market`.
    values : ndarray, shape (n,)
        What each position adds, finite: size times entry price for the gross exposure, with a sign for the net one.
    moments : ndarray of int64, shape (m,)
        Microseconds since 1970 UTC, oldest first.

    Returns
    -------
    ndarray, shape (m,)
        In the unit of `values`; divide by the equity of the same moments for the exposure as a fraction.

    Raises
    ------
    InputError
        As in `time_in_market`, and if `values` are not finite or the moments not ordered integers.
    """
    begins, ends = _stays(opened, closed)
    each = check(values, "values", size=begins.size)
    times = check_times(moments, "moments")
    first, last = np.searchsorted(times, begins), np.searchsorted(times, ends)
    change = np.bincount(first, each, times.size + 1) - np.bincount(last, each, times.size + 1)
    # With nothing open it is 0, whatever the sums before were rounded to.
    count = np.cumsum(np.bincount(first, minlength=times.size + 1) - np.bincount(last, minlength=times.size + 1))
    return np.where(count > 0, np.cumsum(change), 0.0)[: times.size]


def turnover(traded: FloatArray, equity: FloatArray) -> float:
    """Return how often the capital was turned over: half of what was bought and sold, by the mean equity.

    Parameters
    ----------
    traded : ndarray, shape (n,)
        Value of each purchase and of each sale (entry and exit of a trade), at least 0.
    equity : ndarray, shape (m,)
        Account values of the same time, finite.

    Returns
    -------
    float
        Times in that time, at least 0: 1.0 where all was sold and bought once. NaN without equity above zero.

    Raises
    ------
    InputError
        If an array is not 1-D or not finite, or a traded value is negative.
    """
    moved, worth = check(traded, "traded", at_least=0.0), check(equity, "equity")
    mean = float(np.mean(worth)) if worth.size else 0.0
    return ratio(float(moved.sum()) / 2.0, mean) if mean > 0 else float("nan")


def _stays(opened: IntArray, closed: IntArray) -> tuple[IntArray, IntArray]:
    begins = check_times(opened, "opened", ordered=False)
    ends = check_times(closed, "closed", size=begins.size, ordered=False)
    if (ends < begins).any():
        raise InputError("a position must not close before it opens")
    return begins, ends
