"""Fewer points for a chart that shows the same picture."""

import numpy as np
import numpy.typing as npt

from analytics.checks import FloatArray, InputError, IntArray, check, check_times

COLUMN = 4  # first, last, lowest and highest
MIN_POINTS = COLUMN + 2  # and the two ends of the maximum drawdown


def m4(timestamps: IntArray, values: FloatArray, points: int) -> npt.NDArray[np.intp]:
    """Return the positions of at most `points` values that draw the same line as all of them.

    Time is cut into equal pixel columns, of each its first, last, lowest and highest value stay. So the first and the
    last value stay, the lowest and the highest, and, added to them, peak and trough of the maximum drawdown (of the
    deepest fall in money when a value is not above zero): statistics of the extremes are the same before and after.

    Parameters
    ----------
    timestamps : ndarray of int64, shape (n,)
        Microseconds since 1970 UTC, oldest first.
    values : ndarray, shape (n,)
        Any unit, finite.
    points : int
        At least 6; the columns are (points - 2) // 4.

    Returns
    -------
    ndarray of intp, shape (m,), m <= points
        Strictly ascending; all of them for n <= points. Of equal extremes the first. O(n).

    Raises
    ------
    InputError
        If the arrays are not 1-D of one length, the times not ordered integers, the values not finite or
        `points` < 6.

    References
    ----------
    Jugel, Jerzak, Hackenbroich & Markl (2014), "M4: a visualization-oriented time series data aggregation", VLDB 7(10).
    """
    line = check(values, "values")
    times = check_times(timestamps, "timestamps", size=line.size)
    if points < MIN_POINTS:
        raise InputError(f"points must be at least {MIN_POINTS}")
    if line.size <= points:
        return np.arange(line.size)
    span = times[-1] - times[0]
    borders = times[0] + np.linspace(0, span, (points - 2) // COLUMN, endpoint=False, dtype=np.int64)
    firsts = np.unique(np.searchsorted(times, borders))
    lasts = np.append(firsts[1:], line.size) - 1
    lowest = _first_equal(line, np.minimum.reduceat(line, firsts), firsts, lasts)
    highest = _first_equal(line, np.maximum.reduceat(line, firsts), firsts, lasts)
    return np.unique(np.concatenate((firsts, lasts, lowest, highest, _max_drawdown(line))))


def _first_equal(
    line: FloatArray, extremes: FloatArray, firsts: npt.NDArray[np.intp], lasts: npt.NDArray[np.intp]
) -> npt.NDArray[np.intp]:
    """Return the first position of each column at which `line` has the column's extreme."""
    hits = np.flatnonzero(line == np.repeat(extremes, lasts - firsts + 1))
    return hits[np.searchsorted(hits, firsts)]


def _max_drawdown(line: FloatArray) -> npt.NDArray[np.intp]:
    peaks = np.maximum.accumulate(line)
    falls = (line - peaks) / peaks if line.min() > 0 else line - peaks
    trough = int(np.argmin(falls))
    return np.array([np.argmax(line[: trough + 1]), trough])
