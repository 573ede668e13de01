"""Python values as JSON text that BotV2 takes: ASCII, exact, numbers in plain notation."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

PLACES = Decimal(1).scaleb(-18)  # what BotV2 keeps after the point


def encode(value: object) -> str:
    """Raises TypeError, ValueError or RecursionError for what JSON cannot say."""
    return json.dumps(plain(value), allow_nan=False, separators=(",", ":"))


def plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Decimal):
        return notation(value)
    if isinstance(value, Real):
        return real(float(value))
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    raise TypeError(f"{type(value).__name__} is not a value to report")


def notation(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number")
    return format(value, "f")


def real(value: float) -> float | str:
    """A float as its shortest exact text says; as text where that has an exponent or more places than BotV2 keeps."""
    shown = Decimal(repr(value))
    places = shown.as_tuple().exponent
    if isinstance(places, int) and places < -18:
        return notation(shown.quantize(PLACES))
    return notation(shown) if "e" in repr(value) else value
