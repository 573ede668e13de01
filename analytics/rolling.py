"""Figures of the last `window` periods, at each period, in O(n).

In every function `returns` is an ndarray of shape (n,): fractions per period, finite; `window` at least 2,
`periods_per_year` above zero. The answer is an ndarray of shape (n,): NaN for the first window - 1 periods, whose
window is not full, and where the figure is undefined. Anything else: InputError.

Where the returns are of one kind, windows are differences of running sums over a few thousand periods. Where one window
is quiet beside the rest, that would cost it its digits: then mean and squares about the mean are run up to each period
of a block of `window` periods and back from it, and each window is the end of one block and the beginning of the next,
put together. Nothing outside a window touches it, and it is as accurate as one computed alone.

References
----------
van Herk (1992), Pattern Recognition Letters 13(7) (blocks); Welford (1962), Technometrics 4(3) (running squares); Chan,
Golub & LeVeque (1983), American Statistician 37(3) (putting parts together).
"""

import math
from collections.abc import Callable

import numpy as np

from analytics.checks import ROUNDING, FloatArray, InputError, check
from analytics.ratios import per_period
from analytics.returns import check_periods

STRIP = 2**14  # values worked on together: they stay in the processor's cache
QUIET = 1e-4  # share of the squares of all below which a window would lose more than four digits


def rolling_mean(values: FloatArray, window: int) -> FloatArray:
    """Return the mean of each window of `values`, any unit, finite: the simple moving average."""
    return _windows(window, lambda means, products: means, values)


def rolling_volatility(returns: FloatArray, window: int, periods_per_year: float) -> FloatArray:
    """Return std(r, ddof=1) sqrt(ppy) of each window: at least 0, exactly 0.0 where the spread is only rounding."""
    check_periods(periods_per_year)
    year = math.sqrt(periods_per_year)
    return _windows(window, lambda means, products: _spread(means, products, window) * year, returns)


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
    rate, year = per_period(risk_free, periods_per_year), math.sqrt(periods_per_year)

    def figure(means: FloatArray, products: FloatArray) -> FloatArray:
        return (means - rate) * year / _spread(means, products, window)

    return _windows(window, figure, returns)


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

    def figure(means: FloatArray, products: FloatArray) -> FloatArray:
        betas: FloatArray = products[1] / (np.square(_spread(means, products, window)) * (window - 1))
        return betas

    return _windows(window, figure, benchmark, returns)


def _windows(
    window: int, figure: Callable[[FloatArray, FloatArray], FloatArray], first: FloatArray, *others: FloatArray
) -> FloatArray:
    """Return a figure of every full window, made of the mean of the first column and of the sums of products, about
    the means, of each column with the first."""
    values = check(first, "returns")
    columns = [values, *(check(other, "returns", size=values.size) for other in others)]
    if window < 2:
        raise InputError("window must be at least 2")
    blocks = -(-values.size // window)
    table = np.zeros((len(columns), blocks + 1, window))  # one block more, of zeros that no full window holds
    for row, column in zip(table, columns, strict=True):
        row.ravel()[: values.size] = column
    result = np.full((blocks + 1) * window - 1, np.nan)
    step = max(STRIP // window, 1)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for begin in range(0, blocks, step):
            end = min(begin + step, blocks)
            strip = table[:, begin : end + 1]
            figures = figure(*(_differences(strip) or _parts(strip)))
            result[(begin + 1) * window - 1 : (end + 1) * window - 1] = figures.ravel()
    result[~np.isfinite(result)] = np.nan
    return result[: values.size]


def _differences(table: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Return means, shape (blocks, window), and products, shape (columns, blocks, window), of the windows that begin in
    each block but the last; `table` is of shape (columns, blocks + 1, window). None where a window is too quiet."""
    columns, blocks, window = table.shape
    flat = table.reshape(columns, -1)
    means = np.mean(flat, axis=1, keepdims=True)
    sums = np.zeros((3 * columns - 1, blocks * window + 1))
    centred = sums[:columns, 1:]
    np.subtract(flat, means, out=centred)
    np.multiply(centred, centred[0], out=sums[columns : 2 * columns, 1:])
    np.square(centred[1:], out=sums[2 * columns :, 1:])
    np.cumsum(sums, axis=1, out=sums)
    inside = sums[:, window:-1] - sums[:, : -window - 1]
    totals, products, others = np.split(inside, [columns, 2 * columns])
    products -= totals * (totals[0] / window)
    others -= np.square(totals[1:]) / window
    for own, whole in ((products[:1], sums[columns, -1]), (others, sums[2 * columns :, -1:])):
        if not (own > QUIET * whole).all():
            return None
    return (totals[0] / window + means[0]).reshape(-1, window), products.reshape(columns, -1, window)


def _parts(table: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the same to the last digits.

    The window that begins at place k is the last window - k values of its block and the first k of the next.
    """
    window = table.shape[2]
    means, products = (part[:, :, ::-1] for part in _run(table[:, :-1, ::-1]))
    new_means, new_products = _run(table[:, 1:, :-1])
    ahead = np.arange(1, window) / window
    gaps = new_means - means[:, :, 1:]
    means[0, :, 1:] += gaps[0] * ahead
    gaps *= gaps[0] * (ahead * (1.0 - ahead) * window)
    gaps += new_products
    products[:, :, 1:] += gaps
    return means[0], products


def _run(table: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return running means and running sums of products, about them, with the first column; both shaped as `table`."""
    counts = np.arange(1.0, table.shape[2] + 1)
    means = np.cumsum(table, axis=2)
    means /= counts
    steps = np.zeros(table.shape)
    np.subtract(table[:, :, 1:], means[:, :, :-1], out=steps[:, :, 1:])
    weighted = steps[0] * ((counts - 1) / counts)
    steps *= weighted
    return means, np.cumsum(steps, axis=2, out=steps)


def _spread(means: FloatArray, products: FloatArray, window: int) -> FloatArray:
    spread: FloatArray = np.sqrt(products[0] / (window - 1))
    return np.where(spread > ROUNDING * (1.0 + np.abs(means)), spread, 0.0)
