"""From account values and cash flows to time-weighted returns. Deposits are not profit."""

from dataclasses import dataclass

import numpy as np

from analytics.checks import FloatArray, InputError, IntArray, check, check_times, defined

DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True, slots=True, eq=False)
class Daily:
    """One figure for each UTC day.

    Attributes
    ----------
    days : ndarray of int64, shape (n,)
        Days since 1970-01-01, ascending.
    values : ndarray of float64, shape (n,)
    """

    days: IntArray
    values: FloatArray


def day_end_values(timestamps: IntArray, values: FloatArray) -> Daily:
    """Return the last value of every UTC day from the first snapshot's to the last one's.

    Parameters
    ----------
    timestamps : ndarray of int64, shape (n,)
        Microseconds since 1970 UTC, oldest first; of equal ones the last counts.
    values : ndarray, shape (n,)
        Account value in account currency.

    Returns
    -------
    Daily
        A day without a snapshot carries the last value. Empty for no snapshots.

    Raises
    ------
    InputError
        If the arrays are not 1-D of one length, the times not ordered integers or the values not finite.
    """
    times, worth = _snapshots(timestamps, values)
    if not times.size:
        return Daily(times, worth)
    arrival = times // DAY
    days = np.arange(arrival[0], arrival[-1] + 1, dtype=np.int64)
    return Daily(days, worth[np.searchsorted(arrival, days, side="right") - 1])


def snapshot_returns(
    timestamps: IntArray, values: FloatArray, flow_timestamps: IntArray, flow_amounts: FloatArray
) -> FloatArray:
    """Return the time-weighted return from each snapshot to the next.

    A flow lies in the stretch that ends with the first snapshot at or after it, so a snapshot of the same microsecond
    contains it. The value at the very moment of a flow is not known: money put in counts as there from the beginning
    of its stretch, money taken out as there until its end. With snapshots close around the flow this is exact,
    and with distant ones a large withdrawal cannot blow up the return of what little remains.

    Parameters
    ----------
    timestamps, values
        As in `day_end_values`.
    flow_timestamps : ndarray of int64, shape (m,)
        Microseconds since 1970 UTC, in any order. Flows at or before the first snapshot and after the last are in
        no stretch and change nothing.
    flow_amounts : ndarray, shape (m,)
        Account currency, positive into the account. Only money from and to outside: trading fees and funding
        are part of the result.

    Returns
    -------
    ndarray, shape (max(n - 1, 0),)
        Fractions, at least -1 (an account that ends below zero has lost everything). NaN for a stretch that begins
        without capital (value and deposits not above zero): nothing was at work.

    Raises
    ------
    InputError
        As in `day_end_values`, and for flows of different lengths or not finite.

    References
    ----------
    CFA Institute, Global Investment Performance Standards: time-weighted return around external cash flows.
    """
    times, worth = _snapshots(timestamps, values)
    amounts = check(flow_amounts, "flow_amounts")
    flows = check_times(flow_timestamps, "flow_timestamps", size=amounts.size, ordered=False)
    if times.size < 2:
        return np.empty(0)
    arrival = np.searchsorted(times, flows, side="left")
    inside = (arrival > 0) & (arrival < times.size)
    stretch, amounts = arrival[inside] - 1, amounts[inside]
    put_in = np.bincount(stretch, weights=np.maximum(amounts, 0), minlength=times.size - 1)
    taken_out = np.bincount(stretch, weights=np.maximum(-amounts, 0), minlength=times.size - 1)
    begin, end = worth[:-1] + put_in, worth[1:] + taken_out
    result = np.full(begin.size, np.nan)
    np.divide(end - begin, begin, out=result, where=begin > 0)
    np.maximum(result, -1.0, out=result)
    return result


def daily_returns(
    timestamps: IntArray, values: FloatArray, flow_timestamps: IntArray, flow_amounts: FloatArray
) -> Daily:
    """Return the time-weighted return of each UTC day: its stretches of `snapshot_returns`, chained.

    A stretch belongs to the day it ends in. The first snapshot's day has no return, for it needs the day before; a day
    without snapshots carries the last value and returns 0.

    Parameters
    ----------
    timestamps, values, flow_timestamps, flow_amounts
        As in `snapshot_returns`.

    Returns
    -------
    Daily
        Fractions, at least -1, never NaN: a day without capital from beginning to end is left out, and so is one whose
        return is beyond the range of a double.

    Raises
    ------
    InputError
        As in `snapshot_returns`.
    """
    stretches = snapshot_returns(timestamps, values, flow_timestamps, flow_amounts)
    ends = day_end_values(timestamps, values)
    days = ends.days[1:]
    if not days.size:
        return Daily(days, np.empty(0))
    position = np.asarray(timestamps, dtype=np.int64)[1:] // DAY - days[0]
    # An idle day never gets a stretch: it is there if it has capital to carry.
    present = ends.values[1:] > 0
    present[position[position >= 0]] = False
    used = (position >= 0) & ~np.isnan(stretches)
    present[position[used]] = True
    growth = np.ones(days.size)
    with np.errstate(over="ignore"):
        np.multiply.at(growth, position[used], 1.0 + stretches[used])
    present &= np.isfinite(growth)
    return Daily(days[present], growth[present] - 1.0)


def simple_returns(values: FloatArray) -> FloatArray:
    """Return what each value is above or below the one before, as a fraction of it.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Prices, or account values between which nothing was put in or taken out; oldest first, finite.

    Returns
    -------
    ndarray, shape (max(n - 1, 0),)
        Fractions; NaN after a value that is not above zero.

    Raises
    ------
    InputError
        If `values` is not 1-D or not finite.
    """
    worth = check(values, "values")
    result = np.full(max(worth.size - 1, 0), np.nan)
    np.divide(worth[1:], worth[:-1], out=result, where=worth[:-1] > 0)
    result -= 1.0
    return result


def wealth_index(returns: FloatArray) -> FloatArray:
    """Return what 1.0 grows to: shape (n + 1,), beginning with 1.0; infinity (NaN once that is lost)
    beyond the range of a double.

    Parameters
    ----------
    returns : ndarray, shape (n,)
        Fractions per period, each at least -1.

    Raises
    ------
    InputError
        If `returns` is not 1-D, not finite or below -1.
    """
    growth = 1.0 + check(returns, "returns", at_least=-1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.concatenate(([1.0], np.cumprod(growth)))


def total_return(returns: FloatArray) -> float:
    """Return prod(1 + r) - 1.

    Parameters
    ----------
    returns : ndarray, shape (n,)
        Fractions per period, each at least -1.

    Returns
    -------
    float
        Fraction, at least -1; NaN for no returns.

    Raises
    ------
    InputError
        If `returns` is not 1-D, not finite or below -1.
    """
    growth = 1.0 + check(returns, "returns", at_least=-1.0)
    if not growth.size:
        return float("nan")
    with np.errstate(over="ignore"):
        return defined(float(np.prod(growth)) - 1.0)


def cagr(returns: FloatArray, periods_per_year: float) -> float:
    """Return the compound annual growth rate prod(1 + r)^(ppy / n) - 1.

    Parameters
    ----------
    returns : ndarray, shape (n,)
        Fractions per period, each at least -1.
    periods_per_year : float
        Above zero: 365 for markets that never close, 252 for exchanges with sessions.

    Returns
    -------
    float
        Fraction per year, at least -1; NaN for no returns or beyond the range of a double.

    Raises
    ------
    InputError
        If `returns` is not 1-D, not finite or below -1, or `periods_per_year` not above zero.
    """
    check_periods(periods_per_year)
    return compounded(total_return(returns), periods_per_year / max(len(returns), 1))


def compounded(rate: float, times: float) -> float:
    """Return (1 + rate)^times - 1, or NaN for a rate below -1 or beyond the range of a double."""
    if not rate >= -1.0:
        return float("nan")
    with np.errstate(over="ignore"):
        return defined(float(np.power(1.0 + rate, times)) - 1.0)


def check_periods(periods_per_year: float) -> None:
    if not 0 < periods_per_year < np.inf:
        raise InputError("periods_per_year must be above zero")


def _snapshots(timestamps: IntArray, values: FloatArray) -> tuple[IntArray, FloatArray]:
    worth = check(values, "values")
    return check_times(timestamps, "timestamps", size=worth.size), worth
