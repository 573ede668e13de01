"""What may enter: the array types, the one error and the checks that raise it."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

# A difference this small beside the data is rounding: sums and products of 100,000 doubles stay below it.
ROUNDING = 1e-13


class InputError(ValueError):
    """The arguments are not what the function is defined for."""


def check(
    values: npt.ArrayLike,
    name: str,
    *,
    size: int | None = None,
    empty: bool = True,
    unknown: bool = False,
    at_least: float = -np.inf,
) -> FloatArray:
    """Return `values` as float64, shape (n,), without a copy where none is needed.

    Parameters
    ----------
    values : array_like, shape (n,)
    name : str
        How the message calls it.
    size : int, optional
        The n it must have.
    empty, unknown : bool
        Whether n = 0, and whether NaN, may pass. Infinity never does.
    at_least : float
        The smallest value that may pass.

    Raises
    ------
    InputError
        If a rule is broken.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} must be numbers") from None
    if array.ndim != 1:
        raise InputError(f"{name} must be 1-D, not {array.ndim}-D")
    if size is not None and array.size != size:
        raise InputError(f"{name} must hold {size} values, not {array.size}")
    if not empty and array.size == 0:
        raise InputError(f"{name} must not be empty")
    if unknown and np.isinf(array).any():
        raise InputError(f"{name} must not hold infinity")
    if not unknown and not np.isfinite(array).all():
        raise InputError(f"{name} must be finite")
    if (array < at_least).any():
        raise InputError(f"{name} must not be below {at_least:g}")
    return array


def check_times(timestamps: npt.ArrayLike, name: str, *, size: int | None = None, ordered: bool = True) -> IntArray:
    """Return `timestamps` as int64 microseconds since 1970 UTC, shape (n,); raise InputError unless they are
    integers, `size` many and (if `ordered`) never going back."""
    array = np.asarray(timestamps)
    if array.ndim != 1:
        raise InputError(f"{name} must be 1-D, not {array.ndim}-D")
    if array.size and array.dtype.kind not in "iu":
        raise InputError(f"{name} must be integers (microseconds)")
    if size is not None and array.size != size:
        raise InputError(f"{name} must hold {size} values, not {array.size}")
    times = array.astype(np.int64, copy=False)
    if ordered and (times[1:] < times[:-1]).any():
        raise InputError(f"{name} must be oldest first")
    return times


def defined(value: float) -> float:
    """Return `value` as a Python float, or NaN where it overflowed."""
    return float(value) if np.isfinite(value) else float("nan")


def ratio(numerator: float, denominator: float) -> float:
    """Return the quotient, or NaN where the denominator is zero."""
    return defined(numerator / denominator) if denominator else float("nan")
