"""Exact decimals and exact JSON on both databases.

SQLite has no decimal type: Django's DecimalField is REAL there and keeps 15 digits. `ExactDecimalField` is
`numeric(36, 18)` on PostgreSQL and, on SQLite, text of one width whose byte order is the numeric order, so that
equality, ranges and ORDER BY work in SQL. Arithmetic in SQL is refused on both, because on SQLite it would pass
through REAL without a word.
"""

import json
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db import NotSupportedError, models
from django.db.models.expressions import Combinable, register_combinable_fields
from django.utils.translation import gettext

INTEGER_DIGITS = 18
PLACES = 18
WIDTH = INTEGER_DIGITS + PLACES
EXACT = Context(prec=2 * WIDTH + 20, rounding=ROUND_HALF_EVEN)
UNIT = Decimal(1).scaleb(-PLACES)
LIMIT = Decimal(10) ** INTEGER_DIGITS
NINES = 10**WIDTH - 1
# Doubles below 0.00001 and from 1e16 on. The first may find one in a string, the second passes strings over.
EXPONENT = re.compile(rb"e[-+](?<=[0-9]..)[0-9]")
STRING_OR_EXPONENT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9.]+e[-+][0-9]+')


class OutOfRange(ValueError):
    """The value has more than 18 digits before or after the point."""


def check_exact(value: Decimal) -> Decimal:
    """Return `value` unchanged if it fits 18 digits before and 18 after the point, else raise OutOfRange."""
    if not value.is_finite():
        raise OutOfRange(gettext("must be a finite number"))
    if value.copy_abs() >= LIMIT:  # abs() would round to 28 digits
        raise OutOfRange(gettext("has more than 18 digits before the point"))
    if value != value.quantize(UNIT, context=EXACT):
        raise OutOfRange(gettext("has more than 18 digits after the point"))
    return value


def round_exact(value: Decimal) -> Decimal:
    """Round half-even to 18 places; raise OutOfRange if it does not fit before the point."""
    return check_exact(value.quantize(UNIT, context=EXACT) if value.copy_abs() < LIMIT else value)


def exact_sum(values: Iterable[Decimal | None]) -> Decimal:
    """The sum of those that are known, to the last digit; Python's own operators round to 28."""
    total = Decimal(0)
    for value in values:
        if value is not None:
            total = EXACT.add(total, value)
    return total


def plain(value: Decimal) -> str:
    """Plain notation of an exact decimal: no exponent, no trailing zeros, no negative zero."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def encode(value: Decimal) -> str:
    """Text of 37 characters whose byte order is the order of the numbers (nine's complement below zero)."""
    units = int(value.scaleb(PLACES, context=EXACT))
    return f"1{units:0{WIDTH}d}" if units >= 0 else f"0{NINES + units:0{WIDTH}d}"


def decode(text: str) -> Decimal:
    if text[0] == "1":
        whole, fraction = text[1 : INTEGER_DIGITS + 1].lstrip("0") or "0", text[INTEGER_DIGITS + 1 :].rstrip("0")
        return Decimal(f"{whole}.{fraction}" if fraction else whole)
    return Decimal(int(text[1:]) - NINES).scaleb(-PLACES, context=EXACT).normalize(EXACT)


class ExactDecimalField(models.Field):
    """A Decimal with up to 18 digits before and 18 after the point, equal and ordered alike on both databases."""

    description = "Exact decimal (18+18 digits)"

    def get_internal_type(self) -> str:
        return "ExactDecimalField"

    def db_type(self, connection: Any) -> str:
        return "text" if connection.vendor == "sqlite" else f"numeric({WIDTH}, {PLACES})"

    def db_check(self, connection: Any) -> str | None:
        if connection.vendor != "sqlite":
            return None
        name = connection.ops.quote_name(self.column)
        return f"{name} IS NULL OR (typeof({name}) = 'text' AND length({name}) = {WIDTH + 1})"

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, float):
            raise ValidationError("A float is not exact; give a Decimal or text.")
        try:
            return Decimal(value)
        except (InvalidOperation, TypeError, ValueError):
            raise ValidationError("Not a decimal number.") from None

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        value = super().clean(value, model_instance)
        if value is not None:
            try:
                check_exact(value)
            except OutOfRange as error:
                raise ValidationError(str(error)) from None
        return value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        if value is None or hasattr(value, "resolve_expression"):
            return value
        value = self.to_python(value)
        return check_exact(value) if value is not None else None

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = super().get_db_prep_value(value, connection, prepared)
        if isinstance(value, Decimal) and connection.vendor == "sqlite":
            return encode(value)
        return value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        if value is None:
            return None
        if connection.vendor == "sqlite":
            if not isinstance(value, str) or len(value) != WIDTH + 1:
                raise NotSupportedError("Exact decimals cannot be calculated in SQL; calculate in Python.")
            return decode(value)
        return value.normalize(EXACT) if value else Decimal(0)

    def value_to_string(self, obj: models.Model) -> str:
        value: Any = self.value_from_object(obj)
        return "" if value is None else plain(value)

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        options = {"max_digits": WIDTH, "decimal_places": PLACES, **kwargs}
        return super().formfield(form_class=forms.DecimalField, **options)


class NoArithmetic(models.Field):
    """What Django infers for SQL arithmetic on exact decimals: an error that says what to do instead."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise NotSupportedError("Exact decimals cannot be calculated in SQL; calculate in Python.")


for connector in (Combinable.ADD, Combinable.SUB, Combinable.MUL, Combinable.DIV, Combinable.MOD, Combinable.POW):
    register_combinable_fields(ExactDecimalField, connector, models.Field, NoArithmetic)
    register_combinable_fields(models.Field, connector, ExactDecimalField, NoArithmetic)


def dumps(value: Any, *, indented: bool = False) -> bytes:
    """JSON with all numbers in plain notation, Decimals with every digit; NaN is null, a time ends with Z."""
    found = orjson.dumps(value, default=fragment, option=orjson.OPT_UTC_Z | (orjson.OPT_INDENT_2 if indented else 0))
    return STRING_OR_EXPONENT.sub(without_exponent, found) if EXPONENT.search(found) else found


def without_exponent(token: re.Match[bytes]) -> bytes:
    return token[0] if token[0].startswith(b'"') else plain(Decimal(token[0].decode())).encode()


def fragment(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(plain(value))
    raise TypeError(f"{type(value).__name__} is not JSON")


class ExactEncoder(json.JSONEncoder):
    def encode(self, o: Any) -> str:
        return dumps(o).decode()


class ExactDecoder(json.JSONDecoder):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(parse_float=Decimal, **kwargs)


class ExactJSONField(models.JSONField):
    """JSON whose numbers keep their digits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("encoder", ExactEncoder)
        kwargs.setdefault("decoder", ExactDecoder)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("encoder", None)
        kwargs.pop("decoder", None)
        return name, path, args, kwargs


def raw_json(text: bytes) -> Any:
    """JSON text that `dumps` writes as it is."""
    return orjson.Fragment(text)
