"""Figures of the last `window` periods, at each period, in O(n).

In every function `returns` is an ndarray of shape (n,): fractions per period, finite; `window` at least 2,
`periods_per_year` above zero. The answer is an ndarray of shape (n,): NaN for the first window - 1 periods, whose
window is not full, and where the figure is undefined. Anything else: InputError.

A window is the end of one block of `window` periods and the beginning of the next. Mean and squares about the mean are
run up to each period of a block and back from it, and the two parts put together, so that nothing outside the window,
and no difference of large sums, touches a figure: it is as accurate as one computed from its window alone.

References
----------
van Herk (1992), Pattern Recognition Letters 13(7) (blocks); Welford (1962), Technometrics 4(3) (running squares); Chan,
Golub & LeVeque (1983), American Statistician 37(3) (putting parts together).
"""

import math

import numpy as np

from analytics.checks import ROUNDING, FloatArray, InputError, check
from analytics.ratios import per_period
from analytics.returns import check_periods


def rolling_volatility(returns: FloatArray, window: int, periods_per_year: float) -> FloatArray:
    """Return std(r, ddof=1) sqrt(ppy) of each window: at least 0, exactly 0.0 where the spread is only rounding."""
    check_periods(periods_per_year)
    values, (means, squares) = _full_windows(returns, window)
    return _padded(_spread(means, squares, window) * math.sqrt(periods_per_year), values.size)


def rolling_sharpe(returns: FloatArray, window: int, periods_per_year: float, risk_free: float = 0.0) -> FloatArray:
    """Return mean(r - rf) / std(r - rf, ddof=1) sqrt(ppy) of each window.

    Parameters
    ----------
    risk_free : float
        Annual, a fraction above -1.

    Returns
    -------
    ndarray, shape (n,)
        NaN where the spread is only rounding.

    References
    ----------
    Sharpe (1994), "The Sharpe ratio", Journal of Portfolio Management 21(1).
    """
    rate = per_period(risk_free, periods_per_year)
    values, (means, squares) = _full_windows(returns, window)
    spread = _spread(means, squares, window)
    ratios = np.full(means.size, np.nan)
    np.divide((means - rate) * math.sqrt(periods_per_year), spread, out=ratios, where=spread > 0)
    return _padded(ratios, values.size)


def rolling_beta(returns: FloatArray, benchmark: FloatArray, window: int) -> FloatArray:
    """Return cov(r, b) / var(b) of each window.

    Parameters
    ----------
    benchmark : ndarray, shape (n,)
        Fractions of the same periods, finite.

    Returns
    -------
    ndarray, shape (n,)
        NaN where the spread of the benchmark is only rounding.
    """
    own = check(returns, "returns")
    other = check(benchmark, "benchmark", size=own.size)
    _, (means, squares) = _full_windows(other, window)
    together = _windows(own, other, window)[1] if own.size >= window else squares
    betas = np.full(means.size, np.nan)
    np.divide(together, squares, out=betas, where=_spread(means, squares, window) > 0)
    return _padded(betas, own.size)


def _full_windows(returns: FloatArray, window: int) -> tuple[FloatArray, tuple[FloatArray, FloatArray]]:
    """Return the checked values, and of every full window the mean and the sum of squares about it."""
    values = check(returns, "returns")
    if window < 2:
        raise InputError("window must be at least 2")
    if values.size < window:
        return values, (np.empty(0), np.empty(0))
    return values, _windows(values, values, window)


def _windows(first: FloatArray, second: FloatArray, window: int) -> tuple[FloatArray, FloatArray]:
    """Return of every full window the mean of `first` and the sum of products of both about their means."""
    full, blocks = first.size - window + 1, -(-first.size // window)
    padding = np.zeros(blocks * window - first.size)
    x = np.concatenate((first, padding)).reshape(blocks, window)
    y = x if second is first else np.concatenate((second, padding)).reshape(blocks, window)
    # The window that begins at place k of a block: the last window - k of this block and the first k of the next.
    old_x, old_y, old = _run(x[:, ::-1], y[:, ::-1] if y is not x else None)
    new_x, new_y, new = _run(x[1:], y[1:] if y is not x else None)
    ahead = np.arange(window) / window
    means, products = old_x[:, ::-1], old[:, ::-1]
    gap_x = np.negative(means)
    gap_x[:-1, 1:] += new_x[:, :-1]
    if y is x:
        gap = np.square(gap_x)
    else:
        gap = np.negative(old_y[:, ::-1])
        gap[:-1, 1:] += new_y[:, :-1]
        gap *= gap_x
    gap_x *= ahead
    gap *= ahead * (1.0 - ahead) * window
    gap_x += means
    gap += products
    gap[:-1, 1:] += new[:, :-1]
    return gap_x.ravel()[:full], gap.ravel()[:full]


def _run(x: FloatArray, y: FloatArray | None) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return running means of the rows of x and y (None: as x) and running sums of products about them."""
    counts = np.arange(1.0, x.shape[1] + 1)
    mean_x = np.cumsum(x, axis=1)
    mean_x /= counts
    mean_y = mean_x if y is None else np.cumsum(y, axis=1) / counts
    steps = np.zeros(x.shape)
    np.subtract(x[:, 1:], mean_x[:, :-1], out=steps[:, 1:])
    if y is None:
        np.square(steps, out=steps)
    else:
        steps[:, 1:] *= y[:, 1:] - mean_y[:, :-1]
    steps *= (counts - 1) / counts
    return mean_x, mean_y, np.cumsum(steps, axis=1, out=steps)


def _spread(means: FloatArray, squares: FloatArray, window: int) -> FloatArray:
    spread = np.sqrt(squares / (window - 1))
    spread[spread <= ROUNDING * (1.0 + np.abs(means))] = 0.0
    return spread


def _padded(figures: FloatArray, size: int) -> FloatArray:
    return np.concatenate((np.full(size - figures.size, np.nan), figures))
