"""Risk and reward of a series of returns, annualised.

In every function `returns` is an ndarray of shape (n,): fractions per period, finite. `periods_per_year` is above zero,
365 for markets that never close, 252 for exchanges with sessions. Annual rates (`risk_free`, `minimum`) are fractions
above -1 and become a rate per period by compounding. Fewer than two returns give NaN. Anything else: InputError.
"""

import math

import numpy as np

from analytics.checks import ROUNDING, FloatArray, InputError, check, defined, ratio
from analytics.drawdown import max_drawdown
from analytics.returns import cagr, check_periods, wealth_index


def per_period(annual: float, periods_per_year: float) -> float:
    """Return the rate per period that compounds to `annual`: (1 + annual)^(1 / ppy) - 1."""
    check_periods(periods_per_year)
    if not -1 < annual < np.inf:
        raise InputError("an annual rate must be above -1 and finite")
    return float((1.0 + annual) ** (1.0 / periods_per_year) - 1.0)


def volatility(returns: FloatArray, periods_per_year: float) -> float:
    """Return the annualised standard deviation, std(r, ddof=1) sqrt(ppy).

    Returns
    -------
    float
        Fraction, at least 0; exactly 0.0 where the spread is only rounding.
    """
    check_periods(periods_per_year)
    return spread(check(returns, "returns")) * math.sqrt(periods_per_year)


def downside_volatility(returns: FloatArray, periods_per_year: float, minimum: float = 0.0) -> float:
    """Return the annualised downside deviation, sqrt(mean(min(r - mar, 0)^2)) sqrt(ppy), the mean over all n.

    Parameters
    ----------
    minimum : float
        Minimum acceptable return, annual.

    Returns
    -------
    float
        Fraction, at least 0; exactly 0.0 where the shortfall is only rounding.

    References
    ----------
    Sortino & Price (1994), "Performance measurement in a downside risk framework", Journal of Investing 3(3).
    """
    target = per_period(minimum, periods_per_year)
    return shortfall(check(returns, "returns") - target) * math.sqrt(periods_per_year)


def sharpe(returns: FloatArray, periods_per_year: float, risk_free: float = 0.0) -> float:
    """Return mean(r - rf) / std(r - rf, ddof=1) sqrt(ppy).

    Returns
    -------
    float
        Sign of the mean excess return; NaN where the spread is only rounding.

    References
    ----------
    Sharpe (1994), "The Sharpe ratio", Journal of Portfolio Management 21(1).
    """
    excess = check(returns, "returns") - per_period(risk_free, periods_per_year)
    return reward(excess, spread(excess), periods_per_year)


def sortino(returns: FloatArray, periods_per_year: float, minimum: float = 0.0) -> float:
    """Return mean(r - mar) / sqrt(mean(min(r - mar, 0)^2)) sqrt(ppy), the lower mean over all n.

    Parameters
    ----------
    minimum : float
        Minimum acceptable return, annual.

    Returns
    -------
    float
        Sign of the mean excess return; NaN where no return falls short by more than rounding.

    References
    ----------
    Sortino & Price (1994), "Performance measurement in a downside risk framework", Journal of Investing 3(3).
    """
    excess = check(returns, "returns") - per_period(minimum, periods_per_year)
    return reward(excess, shortfall(excess), periods_per_year)


def calmar(returns: FloatArray, periods_per_year: float) -> float:
    """Return CAGR / abs(max drawdown), both of the wealth index of all `returns` (each at least -1).

    Returns
    -------
    float
        Sign of the CAGR; NaN where the index never falls by more than rounding.

    References
    ----------
    Young (1991), "Calmar ratio: a smoother tool", Futures 20(1).
    """
    growth, index = cagr(returns, periods_per_year), wealth_index(returns)
    if index.size < 3 or not np.isfinite(index).all():
        return float("nan")
    depth = -max_drawdown(index)
    return ratio(growth, depth) if depth > ROUNDING else float("nan")


def spread(returns: FloatArray) -> float:
    """Return std(r, ddof=1), 0.0 where it is only rounding."""
    if returns.size < 2:
        return float("nan")
    with np.errstate(over="ignore", invalid="ignore"):
        return _above_rounding(float(np.std(returns, ddof=1)), returns)


def shortfall(excess: FloatArray) -> float:
    """Return sqrt(mean(min(r - mar, 0)^2)) of `excess` = r - mar, 0.0 where it is only rounding."""
    if excess.size < 2:
        return float("nan")
    with np.errstate(over="ignore"):
        below = np.minimum(excess, 0.0)
        return _above_rounding(float(np.sqrt(np.mean(below * below))), excess)


def _above_rounding(spread: float, returns: FloatArray) -> float:
    # A return is a quotient of values minus 1: it carries the rounding of 1 + r however small r is.
    return 0.0 if spread <= ROUNDING * (1.0 + float(np.abs(returns).max())) else defined(spread)


def reward(excess: FloatArray, risk: float, periods_per_year: float) -> float:
    """Return mean(excess) / risk, annualised; NaN without risk."""
    return ratio(float(np.mean(excess)), risk) * math.sqrt(periods_per_year) if excess.size > 1 else float("nan")
