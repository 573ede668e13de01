"""Columns of many rows as arrays: exact money, moments, names. Django's own way makes an object of every value."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import Func, TextField
from django.db.models.functions import Cast

from analytics.money import Money
from dashboard.fields import INTEGER_DIGITS, NINES, PLACES, WIDTH

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Digits = npt.NDArray[np.uint8]
TENS = 10 ** np.arange(PLACES - 1, -1, -1, dtype=np.int64)
ZERO = ord("0")


class AsText(Cast):
    """The stored text of a column."""

    def __init__(self, column: str) -> None:
        super().__init__(column, TextField())


class AsMicros(Func):
    """A moment as microseconds since 1970 on PostgreSQL, as the stored text on SQLite."""

    output_field = TextField()
    template = "CAST(%(expressions)s AS text)"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(extract(epoch from %(expressions)s) * 1000000)::bigint"
        return self.as_sql(compiler, connection, template=template, **context)


def moments(values: Sequence[Any]) -> Ints:
    """What `AsMicros` selected, as microseconds since 1970, UTC."""
    if connection.vendor == "sqlite":
        return np.array(values, dtype="datetime64[us]").astype(np.int64)
    return np.array(values, dtype=np.int64)


def money(values: Sequence[str | None]) -> Money:
    """What `AsText` selected of an exact decimal; what is not known is 0."""
    if not values:
        return Money.of([])
    return Money.of_parts(*parts(values))


def floats(values: Sequence[str | None]) -> Floats:
    """What `AsText` selected of an exact decimal, as doubles; what is not known is NaN."""
    if not values:
        return np.empty(0)
    known = np.fromiter((value is not None for value in values), dtype=bool, count=len(values))
    return np.where(known, money(values).floats(), np.nan)


def parts(values: Sequence[str | None]) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """The 18 digits before and the 18 after the point, and which are below zero."""
    if connection.vendor == "sqlite":
        nothing = "1" + "0" * WIDTH
        digits = table([value or nothing for value in values], WIDTH + 1)
        minus = digits[:, 0] == ZERO
        digits = digits[:, 1:] - ZERO
        digits[minus] = 9 - digits[minus]
    else:
        nothing = "0." + "0" * PLACES
        filled = np.strings.zfill(np.array([value or nothing for value in values], dtype=bytes), WIDTH + 2)
        digits = table(filled, WIDTH + 2)
        minus = digits[:, 0] == ord("-")
        digits = np.delete(digits, [0, INTEGER_DIGITS + 1], axis=1) - ZERO
    return digits[:, :INTEGER_DIGITS] @ TENS, digits[:, INTEGER_DIGITS:] @ TENS, minus


def table(values: Any, width: int) -> Digits:
    """Texts of one width as rows of bytes."""
    return np.array(values, dtype=f"S{width}").view(np.uint8).reshape(len(values), width)


assert 10**WIDTH - 1 == NINES, "below zero each digit of the stored text is its nine's complement"


@dataclass(frozen=True)
class Names:
    """Names of rows: codes, shape (n,), into the list of names."""

    codes: Ints
    names: tuple[str | None, ...]

    @classmethod
    def of(cls, values: Sequence[str | None]) -> "Names":
        known: dict[str | None, int] = {}
        codes = np.fromiter((known.setdefault(value, len(known)) for value in values), np.int64, len(values))
        return cls(codes, tuple(known))

    def __getitem__(self, which: Any) -> "Names":
        return Names(self.codes[which], self.names)

    @classmethod
    def joined(cls, first: "Names", second: "Names") -> "Names":
        known = {name: code for code, name in enumerate(first.names)}
        again = np.array([known.setdefault(name, len(known)) for name in second.names], dtype=np.int64)
        return cls(np.concatenate([first.codes, again[second.codes]]), tuple(known))

    def lists(self) -> list[list[str]]:
        """The names as the lists of which they are the JSON text."""
        return [json.loads(name or "[]") for name in self.names]
