"""Money to the last digit, as arrays: whole numbers of 10^-18 in 128 bits, two words to an amount."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from analytics.checks import BoolArray, FloatArray, InputError, IntArray

PLACES = 18
# Inexact is trapped, so a sum is exact or an error.
EXACT = Context(prec=100, traps=[Inexact, InvalidOperation])
ZERO = Decimal(0)
SCALE = Decimal(10) ** PLACES
WORD, HALF = 64, 32
HALVED = 2**HALF - 1


@dataclass(frozen=True, slots=True, eq=False)
class Money:
    """Amounts of one currency, shape (n,). Made once from Decimals, then sums by any group cost what arrays cost.

    Attributes
    ----------
    high : ndarray of int64, shape (n,)
    low : ndarray of uint64, shape (n,)
        high 2^64 + low = amount 10^18.
    """

    high: IntArray
    low: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, amounts: Iterable[Decimal]) -> "Money":
        """Return finite Decimals with at most 18 digits before and after the point; raise InputError for others."""
        units = []
        with localcontext(EXACT):
            try:
                for amount in amounts:
                    if type(amount) is not Decimal:
                        raise InputError("money must be Decimals")
                    units.append(int((amount * SCALE).to_integral_exact()))
            except (ArithmeticError, ValueError):
                raise InputError("money must be finite, with at most 18 digits before and after the point") from None
        return cls.of_units(units)

    @classmethod
    def of_units(cls, units: Sequence[int]) -> "Money":
        """Return whole numbers of 10^-18; raise InputError for 10^36 and beyond."""
        if units and max(max(units), -min(units)) >= 10 ** (2 * PLACES):
            raise InputError("money must be finite, with at most 18 digits before and after the point")
        words = np.fromiter(units, dtype=object, count=len(units))
        return cls((words >> WORD).astype(np.int64), (words & (2**WORD - 1)).astype(np.uint64))

    @classmethod
    def of_parts(cls, whole: IntArray, fraction: IntArray, minus: BoolArray) -> "Money":
        """Return amounts from their 18 digits before and 18 after the point, all shape (n,), and their signs."""
        # Schoolbook multiplication of half words: no product is beyond 64 bits.
        a1, a0 = (half.astype(np.uint64) for half in (whole >> HALF, whole & HALVED))
        k1, k0 = np.uint64(10**PLACES >> HALF), np.uint64(10**PLACES & HALVED)
        least = a0 * k0
        middle = a0 * k1 + a1 * k0 + (least >> np.uint64(HALF))
        product = (middle << np.uint64(HALF)) | (least & np.uint64(HALVED))
        low = product + fraction.astype(np.uint64)
        high = (a1 * k1 + (middle >> np.uint64(HALF))).astype(np.int64) + (low < product)
        return cls(
            np.where(minus, ~high + (low == 0), high),
            np.where(minus, ~low + np.uint64(1), low),
        )

    @classmethod
    def joined(cls, first: "Money", second: "Money") -> "Money":
        return cls(np.concatenate([first.high, second.high]), np.concatenate([first.low, second.low]))

    def units(self) -> list[int]:
        """Return the amounts as whole numbers of 10^-18."""
        return [(high << WORD) + low for high, low in zip(self.high.tolist(), self.low.tolist(), strict=True)]

    def at(self, index: int) -> Decimal:
        return _decimal(int(self.high[index]), int(self.low[index]))

    def running(self, begin: Decimal) -> "Sums":
        """Return `begin` and then the sum of it and all amounts until each one, exactly; shape (n + 1,)."""
        units = accumulate(self.units(), initial=Money.of([begin]).units()[0])
        return Sums(np.fromiter(units, dtype=object, count=len(self) + 1))

    def __len__(self) -> int:
        return self.high.size

    def __getitem__(self, which: BoolArray | npt.NDArray[np.intp] | slice) -> "Money":
        return Money(self.high[which], self.low[which])

    @property
    def positive(self) -> BoolArray:
        """Which amounts are above zero."""
        above: BoolArray = (self.high > 0) | ((self.high == 0) & (self.low > 0))
        return above

    @property
    def negative(self) -> BoolArray:
        """Which amounts are below zero."""
        below: BoolArray = self.high < 0
        return below

    def sizes(self) -> "Money":
        """Return how large the amounts are, whatever their signs."""
        minus = self.negative
        return Money(
            np.where(minus, ~self.high + (self.low == 0), self.high),
            np.where(minus, ~self.low + np.uint64(1), self.low),
        )

    def floats(self) -> FloatArray:
        """Return the amounts as doubles, to their last bit but one."""
        sizes = self.sizes()
        size = (sizes.high * 2.0**WORD + sizes.low) / 10.0**PLACES
        return np.where(self.negative, -size, size)

    def decimals(self) -> list[Decimal]:
        return [_decimal(*words) for words in zip(self.high.tolist(), self.low.tolist(), strict=True)]

    def total(self) -> Decimal:
        """Return the exact sum."""
        return self.sums(np.array([0, len(self)]))[0]

    def sums(self, bounds: IntArray) -> list[Decimal]:
        """Return the exact sum of each group: of the amounts from bounds[i] until before bounds[i + 1]."""
        found = [ZERO] * (bounds.size - 1)
        some = np.flatnonzero(bounds[1:] > bounds[:-1])
        if some.size:
            # Of half words a 64-bit sum holds two thousand million.
            low = self.low.view(np.int64)
            halves = self.high >> HALF, self.high & HALVED, (low >> HALF) & HALVED, low & HALVED
            columns = (np.add.reduceat(half, bounds[some]).tolist() for half in halves)
            for group, a, b, c, d in zip(some.tolist(), *columns, strict=True):
                found[group] = _decimal(0, (((a << HALF) + b << HALF) + c << HALF) + d)
        return found

    def extreme(self, function: np.ufunc, bounds: IntArray) -> list[Decimal | None]:
        """Return the largest (np.maximum) or smallest (np.minimum) amount of each group as in `sums`, None for an empty
        one."""
        found: list[Decimal | None] = [None] * (bounds.size - 1)
        some = np.flatnonzero(bounds[1:] > bounds[:-1])
        if some.size:
            highs = function.reduceat(self.high, bounds[some])
            # Of those with the same high word the low one decides, and each group has one such.
            same = np.flatnonzero(self.high == np.repeat(highs, np.diff(bounds)[some]))
            lows = function.reduceat(self.low[same], np.searchsorted(same, bounds[some]))
            for group, *words in zip(some.tolist(), highs.tolist(), lows.tolist(), strict=True):
                found[group] = _decimal(*words)
        return found

    def sums_by(self, groups: IntArray, count: int) -> list[Decimal]:
        """Return the exact sum of each group; `groups`, shape (n,), are from 0 to count - 1 in any order."""
        order, bounds = in_order(groups, count)
        return self[order].sums(bounds)


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Exact sums of any size: whole numbers of 10^-18 as Python's own, shape (n,)."""

    units: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return self.units.size

    def __getitem__(self, which: BoolArray | npt.NDArray[np.intp] | slice) -> "Sums":
        return Sums(self.units[which])

    def at(self, index: int) -> Decimal:
        return Decimal(self.units[index]).scaleb(-PLACES, EXACT)

    def floats(self) -> FloatArray:
        amounts: FloatArray = (self.units / 10**PLACES).astype(np.float64)
        return amounts


def in_order(groups: IntArray, count: int) -> tuple[npt.NDArray[np.intp], IntArray]:
    """Return the positions group by group, each in the order it had, and where each group begins and the last ends."""
    # 16 bits are sorted by their digits, in a tenth of the time.
    order = np.argsort(groups.astype(np.int16) if count <= 2**15 else groups, kind="stable")
    return order, np.concatenate(([0], np.cumsum(np.bincount(groups, minlength=count))))


def _decimal(high: int, low: int) -> Decimal:
    return Decimal((high << WORD) + low).scaleb(-PLACES, EXACT)


def check_money(amounts: Sequence[Decimal] | Money, name: str, *, size: int | None = None) -> Money:
    """Return `amounts` as Money; raise InputError unless each is a Decimal that fits and they are `size` many."""
    if size is not None and len(amounts) != size:
        raise InputError(f"{name} must hold {size} values, not {len(amounts)}")
    if isinstance(amounts, Money):
        return amounts
    try:
        return Money.of(amounts)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Return the sum of Decimals of any size, exactly; raise InputError where that needs more than 100 digits."""
    with localcontext(EXACT):
        try:
            return sum(amounts, ZERO)
        except ArithmeticError:
            raise InputError("a sum of money must be finite and exact in 100 digits") from None
