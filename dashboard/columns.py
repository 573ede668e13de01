"""Columns of many rows as arrays: exact money, moments, names. Django's own way makes an object of every value.

The database joins a column into one text, which NumPy reads as a whole. Columns of one query have one order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from django.db import connection
from django.db.models import Aggregate, Func, TextField
from django.db.models.functions import Cast

from analytics.money import Money
from dashboard.fields import INTEGER_DIGITS, PLACES, WIDTH

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Digits = npt.NDArray[np.uint8]
TENS = 10 ** np.arange(PLACES - 1, -1, -1, dtype=np.int64)
ZERO, MINUS, UNKNOWN = ord("0"), ord("-"), ord("?")
NINES = 10**PLACES - 1


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


class Listed(Aggregate):
    """A column as the text of a JSON list; read it with `listed`."""

    output_field = TextField()
    template = "json_group_array(%(expressions)s)"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="json_agg(%(expressions)s)::text", **context)


class Exact(Aggregate):
    """A column of exact decimals as one text, as many characters each; read it with `money` or `floats`."""

    output_field = TextField()
    template = f"group_concat(coalesce(CAST(%(expressions)s AS text), '?{'0' * WIDTH}'), '')"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        digits = f"to_char(%(expressions)s, 'S{'0' * INTEGER_DIGITS}.{'0' * PLACES}')"
        template = f"string_agg(coalesce({digits}, '?{'0' * (WIDTH + 1)}'), '')"
        return self.as_sql(compiler, connection, template=template, **context)


def listed(text: str | None) -> list[Any]:
    """What `Listed` selected."""
    return [] if text is None else orjson.loads(text)


def moments(values: Sequence[Any]) -> Ints:
    """What `AsMicros` selected, as microseconds since 1970, UTC."""
    if connection.vendor == "sqlite":
        return np.array(values, dtype="datetime64[us]").astype(np.int64)
    return np.array(values, dtype=np.int64)


def money(text: str | None) -> Money:
    """What `Exact` selected; what is not known is 0."""
    return Money.of_parts(*parts(characters(text)))


def floats(text: str | None) -> Floats:
    """What `Exact` selected, as doubles; what is not known is NaN."""
    rows = characters(text)
    return np.where(rows[:, 0] == UNKNOWN, np.nan, Money.of_parts(*parts(rows)).floats())


def characters(text: str | None) -> Digits:
    """Shape (n, characters of a value)."""
    width = WIDTH + 1 if connection.vendor == "sqlite" else WIDTH + 2
    return np.frombuffer((text or "").encode(), dtype=np.uint8).reshape(-1, width)


def parts(rows: Digits) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """The 18 digits before and the 18 after the point, and which are below zero."""
    whole, fraction = ((rows[:, part] - ZERO) @ TENS for part in (slice(1, 1 + INTEGER_DIGITS), slice(-PLACES, None)))
    if connection.vendor != "sqlite":
        return whole, fraction, rows[:, 0] == MINUS
    minus = rows[:, 0] == ZERO
    # Below zero each digit of the stored text is its nine's complement.
    return np.where(minus, NINES - whole, whole), np.where(minus, NINES - fraction, fraction), minus


@dataclass(frozen=True)
class Names:
    """Names of rows: codes, shape (n,), into the list of names."""

    codes: Ints
    names: tuple[Any, ...]

    @classmethod
    def of(cls, values: Sequence[Any]) -> "Names":
        names = tuple(dict.fromkeys(values))
        known = {name: code for code, name in enumerate(names)}
        return cls(np.fromiter(map(known.__getitem__, values), np.int64, len(values)), names)

    def __getitem__(self, which: Any) -> "Names":
        return Names(self.codes[which], self.names)

    @classmethod
    def joined(cls, first: "Names", second: "Names") -> "Names":
        known = {name: code for code, name in enumerate(first.names)}
        again = np.array([known.setdefault(name, len(known)) for name in second.names], dtype=np.int64)
        return cls(np.concatenate([first.codes, again[second.codes]]), tuple(known))

    def named(self, names: Mapping[Any, str]) -> "Names":
        """The same with names in the place of keys."""
        return Names(self.codes, tuple(names[key] for key in self.names))

    def lists(self) -> list[list[str]]:
        """The names as the lists of which they are the JSON text."""
        return [orjson.loads(name or "[]") for name in self.names]
