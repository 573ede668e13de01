"""What might have been: paths made of the returns there are."""

from dataclasses import dataclass

import numpy as np

from analytics.checks import FloatArray, InputError, IntArray, check

PERCENTILES = (5, 25, 50, 75, 95)
AT_ONCE = 2**16  # returns drawn together; they stay in the processor's cache


@dataclass(frozen=True, slots=True, eq=False)
class MonteCarlo:
    """Where the paths end and how deep they fall.

    Attributes
    ----------
    terminal, drawdown : ndarray, shape (5,)
        Percentiles 5, 25, 50, 75, 95 of the terminal value of 1.0 and of the maximum drawdown (fraction of the peak, in
        [-1, 0], so the 5th is a bad one); type 7 quantiles. NaN without returns.
    terminals, drawdowns : ndarray, shape (paths,)
        Of each path; infinity and NaN beyond the range of a double.
    block : float
        Mean length of the blocks, in periods.
    """

    terminal: FloatArray
    drawdown: FloatArray
    terminals: FloatArray
    drawdowns: FloatArray
    block: float


def monte_carlo(
    returns: FloatArray, rng: np.random.Generator, *, paths: int = 1000, horizon: int | None = None,
    block: float | None = None,
) -> MonteCarlo:  # fmt: skip
    """Return what the returns may come to in another order: the stationary block bootstrap.

    A path is made of blocks of consecutive returns (the first follows the last) that begin anywhere and whose length
    is geometric, so that good and bad stretches stay together.

    Parameters
    ----------
    returns : ndarray, shape (n,)
        Fractions per period, oldest first, each at least -1.
    rng : numpy.random.Generator
        The only source of chance: the same seed gives the same paths.
    paths : int
        At least 1.
    horizon : int, optional
        Periods of a path, at least 1; else n.
    block : float, optional
        Mean block length, at least 1 (1 draws each return by itself); else the cube root of n, as the variance of the
        estimate asks for.

    Raises
    ------
    InputError
        If `returns` is not 1-D, not finite or below -1, or a number is too small.

    References
    ----------
    Politis & Romano (1994), "The stationary bootstrap", Journal of the American Statistical Association 89(428).
    """
    growth = 1.0 + check(returns, "returns", at_least=-1.0)
    length = float(max(growth.size, 1) ** (1 / 3)) if block is None else float(block)
    periods = max(growth.size, 1) if horizon is None else horizon
    if paths < 1 or periods < 1 or not 1 <= length < np.inf:
        raise InputError("paths, horizon and block must be at least 1")
    if not growth.size:
        unknown = np.full(len(PERCENTILES), np.nan)
        return MonteCarlo(unknown, unknown, np.full(paths, np.nan), np.full(paths, np.nan), length)
    terminals, drawdowns = np.empty(paths), np.empty(paths)
    step = max(AT_ONCE // periods, 1)
    for first in range(0, paths, step):
        part = slice(first, min(first + step, paths))
        with np.errstate(over="ignore", invalid="ignore"):
            worth = np.cumprod(growth[_positions(rng, growth.size, part.stop - first, periods, length)], axis=1)
            terminals[part] = worth[:, -1]
            peaks = np.maximum.accumulate(worth, axis=1)
            np.maximum(peaks, 1.0, out=peaks)  # the first value is a peak
            worth /= peaks
            drawdowns[part] = worth.min(axis=1) - 1.0
    with np.errstate(invalid="ignore"):
        ranks = np.percentile(terminals, PERCENTILES), np.percentile(drawdowns, PERCENTILES)
    return MonteCarlo(*ranks, terminals, drawdowns, length)


def _positions(rng: np.random.Generator, size: int, paths: int, periods: int, block: float) -> IntArray:
    """Return which return stands at each period of each path, shape (paths, periods)."""
    begins = rng.random((paths, periods)) < 1.0 / block
    begins[:, 0] = True
    at = np.flatnonzero(begins)
    lengths = np.diff(at, append=begins.size)
    # Where a block would lie if it had begun with the first period of all.
    origin = rng.integers(size, size=at.size) - at
    positions: IntArray = (np.repeat(origin, lengths) + np.arange(begins.size)) % size
    return positions.reshape(paths, periods)
