"""Days put together to weeks and months (UTC)."""

import numpy as np

from analytics.checks import InputError, IntArray, check, check_times
from analytics.returns import Daily

PERIODS = ("daily", "weekly", "monthly")


def period_starts(days: IntArray, period: str) -> IntArray:
    """Return the first day of the period that holds each day: itself ("daily"), its Monday ("weekly") or the first of
    its month ("monthly").

    Parameters
    ----------
    days : ndarray of int64, shape (n,)
        Days since 1970-01-01, in any order.
    period : str
        One of PERIODS; anything else: InputError.
    """
    dates = check_times(days, "days", ordered=False)
    if period == "daily":
        return dates
    if period == "weekly":
        return dates - (dates + 3) % 7  # 1970-01-01 was a Thursday
    if period == "monthly":
        return dates.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    raise InputError(f"period must be one of {', '.join(PERIODS)}")


def by_period(daily: Daily, period: str) -> Daily:
    """Return daily returns compounded by `period_starts`, each under the first day of its period. A period beyond the
    range of a double is left out.

    Parameters
    ----------
    daily : Daily
        Fractions, each at least -1.

    Raises
    ------
    InputError
        If the days are not ordered, a return is not finite or below -1, or `period` is not known.
    """
    growth = 1.0 + check(daily.values, "returns", at_least=-1.0)
    starts = period_starts(check_times(daily.days, "days", size=growth.size), period)
    if period == "daily" or not starts.size:
        return daily
    firsts = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
    with np.errstate(over="ignore"):
        whole = np.multiply.reduceat(growth, firsts) - 1.0
    known = np.isfinite(whole)
    return Daily(starts[firsts][known], whole[known])
