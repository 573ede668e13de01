"""A series of returns beside that of a benchmark, over the periods both have.

`returns` and `benchmark` are ndarrays of shape (n,): fractions of the same n periods, finite; bring them there with
`align`. `periods_per_year` is above zero. Fewer than two periods give NaN. Anything else: InputError.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.checks import ROUNDING, FloatArray, InputError, IntArray, check, check_times, defined, ratio
from analytics.ratios import per_period
from analytics.returns import check_periods, compounded


@dataclass(frozen=True, slots=True)
class Relation:
    """What ties returns to a benchmark; NaN where undefined. The functions of the same names say how."""

    beta: float
    alpha: float
    correlation: float
    tracking_error: float
    information_ratio: float


def align(first: IntArray, second: IntArray) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the positions, in each, of the dates both hold.

    Parameters
    ----------
    first, second : ndarray of int64, shapes (n,) and (m,)
        Days or microseconds since 1970 UTC, strictly ascending.

    Returns
    -------
    of_first, of_second : ndarray of intp, shape (k,), k <= min(n, m)
        `first[of_first] == second[of_second]`.

    Raises
    ------
    InputError
        If an array is not 1-D, not of integers or not strictly ascending.
    """
    one, two = check_times(first, "first"), check_times(second, "second")
    if (one[1:] == one[:-1]).any() or (two[1:] == two[:-1]).any():
        raise InputError("dates must not repeat")
    if np.array_equal(one, two):
        everything = np.arange(one.size)
        return everything, everything
    place = np.searchsorted(two, one)
    found = np.flatnonzero(place < two.size)
    found = found[two[place[found]] == one[found]]
    return found, place[found]


def beta(returns: FloatArray, benchmark: FloatArray) -> float:
    """Return the slope of the least-squares line of `returns` on `benchmark`: cov(r, b) / var(b).

    Returns
    -------
    float
        NaN where the spread of the benchmark is only rounding.

    References
    ----------
    Jensen (1968), "The performance of mutual funds in the period 1945-1964", Journal of Finance 23(2).
    """
    return relation(returns, benchmark, 1.0).beta


def alpha(returns: FloatArray, benchmark: FloatArray, periods_per_year: float, risk_free: float = 0.0) -> float:
    """Return Jensen's alpha: a = mean(r - rf) - beta mean(b - rf) per period, annualised as (1 + a)^ppy - 1.

    Parameters
    ----------
    risk_free : float
        Annual, a fraction above -1.

    Returns
    -------
    float
        Fraction per year; NaN where beta is, or where a is below -1.

    References
    ----------
    Jensen (1968), "The performance of mutual funds in the period 1945-1964", Journal of Finance 23(2).
    """
    return relation(returns, benchmark, periods_per_year, risk_free).alpha


def correlation(returns: FloatArray, benchmark: FloatArray) -> float:
    """Return Pearson's coefficient, in [-1, 1]; NaN where a spread is only rounding."""
    return relation(returns, benchmark, 1.0).correlation


def tracking_error(returns: FloatArray, benchmark: FloatArray, periods_per_year: float) -> float:
    """Return std(r - b, ddof=1) sqrt(ppy), a fraction, at least 0; exactly 0.0 where the spread is only rounding."""
    return relation(returns, benchmark, periods_per_year).tracking_error


def information_ratio(returns: FloatArray, benchmark: FloatArray, periods_per_year: float) -> float:
    """Return mean(r - b) / std(r - b, ddof=1) sqrt(ppy).

    Returns
    -------
    float
        Sign of the mean difference; NaN where the tracking error is 0.

    References
    ----------
    Goodwin (1998), "The information ratio", Financial Analysts Journal 54(4).
    """
    return relation(returns, benchmark, periods_per_year).information_ratio


def relation(returns: FloatArray, benchmark: FloatArray, periods_per_year: float, risk_free: float = 0.0) -> Relation:
    """Return beta, alpha, correlation, tracking error and information ratio for the price of one."""
    own = check(returns, "returns")
    other = check(benchmark, "benchmark", size=own.size)
    check_periods(periods_per_year)
    rate = per_period(risk_free, periods_per_year)
    if own.size < 2:
        return Relation(*(float("nan"),) * 5)
    year = math.sqrt(periods_per_year)
    with np.errstate(over="ignore", invalid="ignore"):
        own_mean, other_mean = float(np.mean(own)), float(np.mean(other))
        own_centred, other_centred = own - own_mean, other - other_mean
        own_spread = _spread(own_centred, own)
        other_spread = _spread(other_centred, other)
        together = float(np.mean(own_centred * other_centred))
        slope = ratio(together, other_spread**2)
        yearly = compounded((own_mean - rate) - slope * (other_mean - rate), periods_per_year)
        active = own_centred - other_centred
        # Both series carry the rounding of a quotient of values.
        error = _spread(active, np.maximum(np.abs(own), np.abs(other)))
        error *= math.sqrt(own.size / (own.size - 1))
    return Relation(
        beta=slope,
        alpha=yearly,
        correlation=float(np.clip(ratio(together, own_spread * other_spread), -1.0, 1.0)),
        tracking_error=defined(error * year),
        information_ratio=ratio(own_mean - other_mean, error) * year,
    )


def _spread(centred: FloatArray, values: FloatArray) -> float:
    """Return the root mean square of what is centred, 0.0 where it is only rounding of `values`."""
    spread = float(np.sqrt(np.mean(centred * centred)))
    return 0.0 if spread <= ROUNDING * (1.0 + float(np.abs(values).max())) else defined(spread)
