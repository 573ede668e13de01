"""How sure one can be of a Sharpe ratio: it is an estimate, and of many strategies the best one looks good by luck.

`returns` is an ndarray of shape (n,): fractions per period, finite. `periods_per_year` is above zero. Fewer than two
returns, or a spread of rounding size, give NaN. Anything else: InputError.
"""

import math
from statistics import NormalDist

import numpy as np

from analytics.checks import FloatArray, InputError, check
from analytics.ratios import sharpe
from analytics.returns import check_periods
from analytics.risk import shape

NORMAL = NormalDist()
EULER = 0.5772156649015329


def probabilistic_sharpe(
    returns: FloatArray, periods_per_year: float, threshold: float = 0.0, risk_free: float = 0.0
) -> float:
    """Return the probability that the true Sharpe ratio is above `threshold`, given length, skewness and kurtosis.

    Phi((SR - SR*) sqrt(n - 1) / sqrt(1 - g1 SR + (g2 + 2) / 4 SR^2)), SR and SR* per period, g2 the excess kurtosis.

    Parameters
    ----------
    threshold : float
        SR*, annualised, finite.
    risk_free : float
        Annual, a fraction above -1.

    Returns
    -------
    float
        In [0, 1].

    References
    ----------
    Bailey & Lopez de Prado (2012), "The Sharpe ratio efficient frontier", Journal of Risk 15(2).
    """
    if not math.isfinite(threshold):
        raise InputError("threshold must be finite")
    found = sharpe(returns, periods_per_year, risk_free)
    return confidence(found, threshold, len(returns), shape(returns), periods_per_year)


def deflated_sharpe(
    returns: FloatArray, periods_per_year: float, trial_sharpes: FloatArray, risk_free: float = 0.0
) -> float:
    """Return the probability that the true Sharpe ratio is above what the best of all trials reaches by luck alone.

    Parameters
    ----------
    trial_sharpes : ndarray, shape (k,)
        Annualised Sharpe ratios of everything that was tried, this one included; NaN where undefined.
    risk_free : float
        Annual, a fraction above -1.

    Returns
    -------
    float
        In [0, 1], at most the probabilistic Sharpe ratio; NaN with no known trial.

    References
    ----------
    Bailey & Lopez de Prado (2014), "The deflated Sharpe ratio", Journal of Portfolio Management 40(5).
    """
    threshold = luck(trial_sharpes)
    return probabilistic_sharpe(returns, periods_per_year, threshold, risk_free) if threshold >= 0 else math.nan


def luck(trial_sharpes: FloatArray) -> float:
    """Return the Sharpe ratio that the best of k trials is expected to reach where none has any skill.

    std(SR, ddof=1) ((1 - e) Phi^-1(1 - 1/k) + e Phi^-1(1 - 1/(k exp(1)))), e the Euler-Mascheroni constant.

    Parameters
    ----------
    trial_sharpes : ndarray, shape (k,)
        In one unit (per period or annualised); NaN where undefined: left out, also of k.

    Returns
    -------
    float
        In that unit, at least 0; 0.0 for one trial, NaN for none.

    References
    ----------
    Bailey & Lopez de Prado (2014), "The deflated Sharpe ratio", Journal of Portfolio Management 40(5).
    """
    trials = check(trial_sharpes, "trial_sharpes", unknown=True)
    known = trials[~np.isnan(trials)]
    if known.size < 2:
        return 0.0 if known.size else math.nan
    best = (1 - EULER) * NORMAL.inv_cdf(1 - 1 / known.size) + EULER * NORMAL.inv_cdf(1 - 1 / (known.size * math.e))
    return float(np.std(known, ddof=1)) * best


def confidence(
    sharpe_ratio: float, threshold: float, count: int, shape: tuple[float, float], periods_per_year: float
) -> float:
    """Return `probabilistic_sharpe` from its parts: both ratios annualised, `shape` skewness and excess kurtosis."""
    check_periods(periods_per_year)
    year = math.sqrt(periods_per_year)
    found, skew, excess = sharpe_ratio / year, *shape
    variance = 1.0 - skew * found + (excess + 2.0) / 4.0 * found * found
    if not variance > 0:
        return math.nan
    return NORMAL.cdf((found - threshold / year) * math.sqrt((count - 1) / variance))
