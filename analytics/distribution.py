"""How values are spread: the bars of a histogram and the figures of a box plot."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.checks import FloatArray, InputError, IntArray, check
from analytics.risk import tails

MAX_BINS = 100
WHISKER = 1.5  # of the distance between the quartiles


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How many returns lie where, and the lines to draw over it.

    Attributes
    ----------
    edges : ndarray, shape (k + 1,)
        Fractions, ascending, equally far apart; a bar holds its lower edge, the last one also its upper.
    counts : ndarray of int64, shape (k,)
        They sum to n.
    mean, median : float
    var_95, var_99, cvar_95, cvar_99 : float
        As in analytics.risk.
    """

    edges: FloatArray
    counts: IntArray
    mean: float
    median: float
    var_95: float
    var_99: float
    cvar_95: float
    cvar_99: float


@dataclass(frozen=True, slots=True, eq=False)
class BoxPlot:
    """Tukey's figures; NaN for no values.

    Attributes
    ----------
    lower_whisker, upper_whisker : float
        The lowest and highest value within 1.5 times the distance of the quartiles from them.
    lower_quartile, median, upper_quartile : float
        Type 7 quantiles.
    outliers : ndarray, shape (m,)
        The values beyond the whiskers, ascending.
    """

    lower_whisker: float
    lower_quartile: float
    median: float
    upper_quartile: float
    upper_whisker: float
    outliers: FloatArray


def histogram(returns: FloatArray, bins: int | None = None) -> Histogram:
    """Return the distribution of returns.

    Parameters
    ----------
    returns : ndarray, shape (n,)
        Fractions per period, finite.
    bins : int, optional
        At least 1; else by the rule of Freedman & Diaconis, or of Sturges where the quartiles coincide: at most 100.

    Returns
    -------
    Histogram
        No bars for no returns; one of width 1 around equal returns.

    Raises
    ------
    InputError
        If `returns` is not 1-D or not finite, or `bins` < 1.

    References
    ----------
    Freedman & Diaconis (1981), "On the histogram as a density estimator: L2 theory", Zeitschrift fuer
    Wahrscheinlichkeitstheorie 57(4).
    """
    values = check(returns, "returns")
    if bins is not None and bins < 1:
        raise InputError("bins must be at least 1")
    found = tails(values)
    if values.size:
        number = bins or _bins(values)
        counts, edges = np.histogram(values, number, _span(values, number))
        mean, median = float(np.mean(values)), float(np.median(values))
    else:
        counts, edges, mean, median = np.empty(0, np.int64), np.empty(0), float("nan"), float("nan")
    return Histogram(edges, counts.astype(np.int64), mean, median, *found.value_at_risk, *found.conditional)


def _span(values: FloatArray, number: int) -> tuple[float, float]:
    """Return where the bars begin and end: at the extremes, or around them where those are too close."""
    low, high = float(values.min()), float(values.max())
    least = 2.0 * number * float(np.spacing(max(abs(low), abs(high))))
    reach = max(least, 1.0) / 2.0
    return (low, high) if high - low > least else (low - reach, high + reach)


def _bins(values: FloatArray) -> int:
    low, first, third, high = np.quantile(values, (0.0, 0.25, 0.75, 1.0))
    width = 2.0 * (third - first) / values.size ** (1 / 3)
    # Also where the width is so small beside the span that the quotient overflows.
    number = (high - low) / width if width > (high - low) / MAX_BINS else MAX_BINS if width > 0 else 0.0
    return min(max(int(np.ceil(number)), 1), MAX_BINS) if number else int(np.ceil(np.log2(values.size))) + 1


def box_plot(values: FloatArray) -> BoxPlot:
    """Return the figures of a box plot of an ndarray of shape (n,), any unit, finite; anything else: InputError.

    References
    ----------
    Tukey (1977), "Exploratory data analysis".
    """
    ordered = np.sort(check(values, "values"))
    if not ordered.size:
        nan = float("nan")
        return BoxPlot(nan, nan, nan, nan, nan, ordered)
    first, median, third = map(float, np.quantile(ordered, (0.25, 0.5, 0.75)))
    reach = WHISKER * (third - first)
    inside: npt.NDArray[np.bool_] = (ordered >= first - reach) & (ordered <= third + reach)
    within = ordered[inside]
    # A quartile lies between two values and the reach may end before the one beyond: never a whisker inside the box.
    lower, upper = min(float(within[0]), first), max(float(within[-1]), third)
    return BoxPlot(lower, first, median, third, upper, ordered[~inside])
