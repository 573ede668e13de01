"""Who moves with whom."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.checks import ROUNDING, FloatArray, InputError, IntArray
from analytics.returns import Daily

MIN_OBSERVATIONS = 20
LOST = 1e-4  # share of the squares left after which too few digits are


@dataclass(frozen=True, slots=True, eq=False)
class CorrelationMatrix:
    """Pearson's coefficients of s series, pair by pair.

    Attributes
    ----------
    correlations : ndarray, shape (s, s)
        Symmetric, in [-1, 1]; NaN for a pair with too few common dates or without spread on them. The diagonal is 1.
    observations : ndarray of int64, shape (s, s)
        Common dates of each pair; on the diagonal the dates of each.
    """

    correlations: FloatArray
    observations: IntArray


def side_by_side(series: Sequence[Daily]) -> tuple[IntArray, FloatArray]:
    """Return all days of all series, shape (t,), ascending, and their values, shape (t, s), NaN where one has none."""
    days = np.unique(np.concatenate([np.empty(0, np.int64), *(each.days for each in series)]))
    values = np.full((days.size, len(series)), np.nan)
    for column, each in enumerate(series):
        values[np.searchsorted(days, each.days), column] = each.values
    return days, values


def correlation_matrix(returns: FloatArray, minimum: int = MIN_OBSERVATIONS) -> CorrelationMatrix:
    """Return the correlation of every two columns over the dates on which both are known.

    Parameters
    ----------
    returns : ndarray, shape (t, s)
        Fractions per period, a column for each series, a row for each date; NaN where a series has no return.
    minimum : int
        Common dates below which a pair is undefined; at least 2.

    Raises
    ------
    InputError
        If `returns` is not 2-D, holds infinity, or `minimum` < 2.
    """
    values = _check_table(returns)
    if minimum < 2:
        raise InputError("minimum must be at least 2")
    known = ~np.isnan(values)
    if known.all():
        return _complete(values, minimum)
    # Centred and scaled by what each column knows, so that the sums below are of the size of what they measure.
    seen = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, values, 0.0)
    largest = np.abs(filled).max(axis=0, initial=0.0)
    filled = np.where(known, filled - filled.sum(axis=0) / seen, 0.0)
    filled /= _nonzero(np.abs(filled).max(axis=0, initial=0.0))
    mask = known.astype(np.float64)
    halved = mask.astype(np.float32)  # exact to 16 million dates
    counts = (halved.T @ halved).astype(np.float64)
    sums, squares = filled.T @ mask, (filled * filled).T @ mask
    common = np.maximum(counts, 1.0)
    products = filled.T @ filled - sums * sums.T / common
    spreads = squares - sums * sums / common
    enough = counts >= minimum
    with np.errstate(invalid="ignore", divide="ignore"):
        result = products / np.sqrt(spreads * spreads.T)
    # Where two have in common only a quiet stretch of one, the sums have cancelled: those pairs again, one by one.
    quiet = enough & (spreads <= LOST * squares)
    for i, j in np.argwhere(np.triu(quiet | quiet.T)):
        both = known[:, i] & known[:, j]
        result[i, j] = result[j, i] = _pearson(values[both, i], values[both, j])
    result[~enough] = np.nan
    return _finished(result, counts, _flat(values, largest))


def _check_table(returns: FloatArray) -> FloatArray:
    try:
        values = np.asarray(returns, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("returns must be numbers") from None
    if values.ndim != 2:
        raise InputError(f"returns must be 2-D, not {values.ndim}-D")
    if np.isinf(values).any():
        raise InputError("returns must not hold infinity")
    return values


def _complete(values: FloatArray, minimum: int) -> CorrelationMatrix:
    """Every date known of every column: one product does it."""
    rows, columns = values.shape
    counts = np.full((columns, columns), float(rows))
    if rows < minimum:
        return CorrelationMatrix(np.full((columns, columns), np.nan), counts.astype(np.int64))
    flat = _flat(values, np.abs(values).max(axis=0))
    centred = values - values.mean(axis=0)
    centred /= _nonzero(np.abs(centred).max(axis=0))
    centred /= _nonzero(np.sqrt((centred * centred).sum(axis=0)))
    return _finished(centred.T @ centred, counts, flat)


def _flat(values: FloatArray, largest: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which columns have a spread of rounding size only, `largest` their largest magnitude."""
    with np.errstate(invalid="ignore"):
        span = np.fmax.reduce(values, axis=0, initial=-np.inf) - np.fmin.reduce(values, axis=0, initial=np.inf)
    flat: npt.NDArray[np.bool_] = ~(span > ROUNDING * (1.0 + largest))
    return flat


def _finished(result: FloatArray, counts: FloatArray, flat: npt.NDArray[np.bool_]) -> CorrelationMatrix:
    result[flat, :] = result[:, flat] = np.nan
    np.clip(result, -1.0, 1.0, out=result)
    diagonal = np.diagonal(result)
    np.fill_diagonal(result, np.where(np.isnan(diagonal), np.nan, 1.0))
    return CorrelationMatrix(result, counts.astype(np.int64))


def _pearson(first: FloatArray, second: FloatArray) -> float:
    one, two = first - np.mean(first), second - np.mean(second)
    for centred, values in ((one, first), (two, second)):
        size = np.abs(centred).max()
        if size <= ROUNDING * (1.0 + np.abs(values).max()):
            return float("nan")
        centred /= size
    return float(np.sum(one * two) / np.sqrt(np.sum(one * one) * np.sum(two * two)))


def _nonzero(scale: FloatArray) -> FloatArray:
    return np.where(scale > 0, scale, 1.0)
