"""Sums of money to the last digit."""

from collections.abc import Sequence
from decimal import Context, Decimal, Inexact, localcontext
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from analytics.checks import InputError, IntArray

MoneyArray: TypeAlias = npt.NDArray[np.object_]  # of Decimal

# 100,000 amounts of 18 + 18 digits need 41. Inexact is trapped, so a sum is exact or an error.
EXACT = Context(prec=100, traps=[Inexact])
ZERO = Decimal(0)


def check_money(amounts: Sequence[Decimal] | MoneyArray, name: str, *, size: int | None = None) -> MoneyArray:
    """Return `amounts` as an array of Decimal, shape (n,); raise InputError unless each is a finite Decimal and they
    are `size` many."""
    if size is not None and len(amounts) != size:
        raise InputError(f"{name} must hold {size} values, not {len(amounts)}")
    if not set(map(type, amounts)) <= {Decimal}:
        raise InputError(f"{name} must be Decimals")
    # A sum has no value that is not finite unless a term has.
    if not exact_sum(amounts).is_finite():
        raise InputError(f"{name} must be finite")
    return np.fromiter(amounts, dtype=object, count=len(amounts))


def exact_sum(amounts: Sequence[Decimal] | MoneyArray) -> Decimal:
    """Return the sum of Decimals, exactly; raise InputError where that needs more than 100 digits."""
    with localcontext(EXACT):
        try:
            return sum(amounts, ZERO)
        except Inexact:
            raise InputError("a sum of money must be exact in 100 digits") from None


def exact_sums(amounts: MoneyArray, groups: IntArray, count: int) -> MoneyArray:
    """Return the exact sum of each group.

    Parameters
    ----------
    amounts : ndarray of Decimal, shape (n,)
    groups : ndarray of int, shape (n,)
        0 <= group < count.

    Returns
    -------
    ndarray of Decimal, shape (count,)
        Decimal(0) for a group without amounts.

    Raises
    ------
    InputError
        Where a sum needs more than 100 digits.
    """
    sums = np.full(count, ZERO, dtype=object)
    with localcontext(EXACT):
        try:
            np.add.at(sums, groups, amounts)
        except Inexact:
            raise InputError("a sum of money must be exact in 100 digits") from None
    return sums
