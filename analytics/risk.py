"""How bad the bad periods are, and the shape of all.

In every function `returns` is an ndarray of shape (n,): fractions per period, finite, in any order unless said.
Fewer than two returns give NaN. Anything else: InputError.
"""

import math
from dataclasses import dataclass

import numpy as np

from analytics.checks import ROUNDING, FloatArray, InputError, check, defined, ratio
from analytics.drawdown import drawdown_series
from analytics.ratios import per_period
from analytics.returns import wealth_index

LEVELS = (0.95, 0.99)
# A strategy is at the first level whose bounds on yearly volatility and on the deepest drawdown it keeps below.
RISK_LEVELS = ("low", "medium", "high", "extreme")
VOLATILITY_BOUNDS = (0.10, 0.25, 0.50)
DRAWDOWN_BOUNDS = (0.05, 0.15, 0.30)
TAIL = 0.05  # of the returns on each side that the tail ratio compares


def value_at_risk(returns: FloatArray, level: float = 0.95) -> float:
    """Return the historical value at risk: the (1 - level) quantile of the returns, type 7 (linear interpolation).

    Parameters
    ----------
    level : float
        Between 0 and 1; 0.95 asks for the return that 5 % of the periods fall below.

    Returns
    -------
    float
        Return per period, so a loss is negative.

    References
    ----------
    Hyndman & Fan (1996), "Sample quantiles in statistical packages", American Statistician 50(4).
    """
    return tails(returns, (level,)).value_at_risk[0]


def risk_level(volatility: float, drawdown: float) -> str | None:
    """Return which of `RISK_LEVELS` a strategy is at: the worse of what its volatility and its drawdown say.

    Parameters
    ----------
    volatility : float
        A year, as a fraction; NaN where it is not defined.
    drawdown : float
        The deepest one, as a fraction: at most 0; NaN where it is not defined.

    Returns
    -------
    str or None
        None if neither is defined.
    """
    known = [
        sum(value >= bound for bound in bounds)
        for value, bounds in ((volatility, VOLATILITY_BOUNDS), (-drawdown, DRAWDOWN_BOUNDS))
        if not math.isnan(value)
    ]
    return RISK_LEVELS[max(known)] if known else None


def conditional_value_at_risk(returns: FloatArray, level: float = 0.95) -> float:
    """Return the expected shortfall: the mean of the worst n (1 - level) returns, the one at the boundary weighted
    with the fraction of it that belongs to them.

    Parameters
    ----------
    level : float
        Between 0 and 1.

    Returns
    -------
    float
        Return per period, at most the value at risk of the same level.

    References
    ----------
    Rockafellar & Uryasev (2000), "Optimization of conditional value-at-risk", Journal of Risk 2(3).
    Acerbi & Tasche (2002), "On the coherence of expected shortfall", Journal of Banking & Finance 26(7).
    """
    return tails(returns, (level,)).conditional[0]


def tail_ratio(returns: FloatArray) -> float:
    """Return abs(95 % quantile) / abs(5 % quantile), both type 7; at least 0, NaN where the lower one is 0."""
    return tails(returns, ()).ratio


@dataclass(frozen=True, slots=True)
class Tails:
    """The ends of a distribution of returns; NaN for fewer than two.

    Attributes
    ----------
    value_at_risk, conditional : tuple of float
        One for each level asked for, as in `value_at_risk` and `conditional_value_at_risk`.
    ratio : float
        As in `tail_ratio`.
    """

    value_at_risk: tuple[float, ...]
    conditional: tuple[float, ...]
    ratio: float


def tails(returns: FloatArray, levels: tuple[float, ...] = LEVELS) -> Tails:
    """Return all figures of the tails for the price of one: the returns are put in order once, where it matters.

    Raises
    ------
    InputError
        Also for a level not between 0 and 1.
    """
    values = check(returns, "returns")
    if not all(0 < level < 1 for level in levels):
        raise InputError("a level must be between 0 and 1")
    n = values.size
    if n < 2:
        nan = float("nan")
        return Tails((nan,) * len(levels), (nan,) * len(levels), nan)
    shares = [1.0 - level for level in levels]
    quantiles = [(n - 1) * share for share in (*shares, TAIL, 1.0 - TAIL)]
    lows = [int(position) for position in quantiles]
    bounds = [min(int(n * share), n - 1) for share in shares]
    ordered = np.partition(values, sorted({*lows, *(min(low + 1, n - 1) for low in lows), *bounds}))

    def quantile(position: float) -> float:
        low = int(position)
        below, above = float(ordered[low]), float(ordered[min(low + 1, n - 1)])
        return below + (above - below) * (position - low)

    *worst, bad, good = (quantile(position) for position in quantiles)
    conditional = [
        (float(ordered[:bound].sum()) + (n * share - bound) * float(ordered[bound])) / (n * share)
        for bound, share in zip(bounds, shares, strict=True)
    ]
    return Tails(tuple(map(defined, worst)), tuple(map(defined, conditional)), ratio(abs(good), abs(bad)))


def ulcer_index(returns: FloatArray) -> float:
    """Return the root mean square of the drawdowns at the ends of the n periods, which begin at a peak.

    Parameters
    ----------
    returns : ndarray, shape (n,)
        Oldest first, each at least -1.

    Returns
    -------
    float
        Fraction, in [0, 1].

    References
    ----------
    Martin & McCann (1989), "The investor's guide to Fidelity funds".
    """
    index = wealth_index(returns)
    return ulcer_of(drawdown_series(index)) if index.size > 2 and np.isfinite(index).all() else float("nan")


def ulcer_of(falls: FloatArray) -> float:
    """Return the Ulcer index of an underwater series, shape (n + 1,), that begins with the 0 of the first peak."""
    return float(np.sqrt(np.mean(np.square(falls[1:]))))


def omega(returns: FloatArray, periods_per_year: float, minimum: float = 0.0) -> float:
    """Return sum(max(r - mar, 0)) / sum(max(mar - r, 0)).

    Parameters
    ----------
    periods_per_year : float
        Above zero.
    minimum : float
        Minimum acceptable return, annual, a fraction above -1.

    Returns
    -------
    float
        At least 0; above 1 where the mean exceeds the minimum. NaN where no return falls short by more than rounding.

    References
    ----------
    Keating & Shadwick (2002), "A universal performance measure", Journal of Performance Measurement 6(3).
    """
    return omega_of(check(returns, "returns") - per_period(minimum, periods_per_year))


def omega_of(excess: FloatArray) -> float:
    """Return the Omega ratio of `excess` = r - mar."""
    if excess.size < 2:
        return float("nan")
    with np.errstate(over="ignore"):
        above, below = float(np.maximum(excess, 0.0).sum()), -float(np.minimum(excess, 0.0).sum())
    noise = ROUNDING * excess.size * (1.0 + float(np.abs(excess).max()))
    return ratio(above, below) if below > noise else float("nan")


def skewness(returns: FloatArray) -> float:
    """Return the moment estimator g1 = m3 / m2^1.5 with m_k = mean((r - mean(r))^k).

    Returns
    -------
    float
        0 for a symmetric distribution, negative where the losses reach further; NaN where the spread is only rounding.

    References
    ----------
    Joanes & Gill (1998), "Comparing measures of sample skewness and kurtosis", The Statistician 47(1).
    """
    return shape(returns)[0]


def kurtosis(returns: FloatArray) -> float:
    """Return the excess kurtosis, moment estimator g2 = m4 / m2^2 - 3 with m_k = mean((r - mean(r))^k).

    Returns
    -------
    float
        0 for a normal distribution, at least -2; NaN where the spread is only rounding.

    References
    ----------
    Joanes & Gill (1998), "Comparing measures of sample skewness and kurtosis", The Statistician 47(1).
    """
    return shape(returns)[1]


def shape(returns: FloatArray) -> tuple[float, float]:
    """Return (skewness, kurtosis) for the price of one."""
    values = check(returns, "returns")
    if values.size < 2:
        return float("nan"), float("nan")
    with np.errstate(over="ignore", invalid="ignore"):
        centred = values - np.mean(values)
        largest = float(np.abs(centred).max())
        if not ROUNDING * (1.0 + float(np.abs(values).max())) < largest < np.inf:
            return float("nan"), float("nan")
        centred /= largest  # neither over- nor underflow in the fourth power
        squares = centred * centred
        second = float(np.mean(squares))
        third, fourth = float(np.mean(squares * centred)), float(np.mean(squares * squares))
    return third / (second * math.sqrt(second)), fourth / (second * second) - 3.0
