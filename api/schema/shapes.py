"""What values look like, in JSON Schema. Objects are closed: what is not described does not come.

A named shape stands once in the document and is referred to by its name.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from inspect import getdoc
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

Shape = dict[str, Any]

MONEY: Shape = {"type": "number", "format": "decimal"}
NUMBER: Shape = {"type": "number", "format": "double"}
WHOLE: Shape = {"type": "integer"}
TEXT: Shape = {"type": "string"}
FLAG: Shape = {"type": "boolean"}
MOMENT: Shape = {"type": "string", "format": "date-time"}
DAY: Shape = {"type": "string", "format": "date"}
JSON: Shape = {"type": "object", "additionalProperties": True}

COMPONENTS: dict[str, Shape] = {}


def named(name: str, shape: Shape, about: str = "") -> Shape:
    """Give a shape a name, and return what refers to it."""
    shape = {"description": about, **shape} if about else shape
    if COMPONENTS.setdefault(name, shape) != shape:
        raise ValueError(f"two shapes are named {name}")
    return {"$ref": f"#/components/schemas/{name}"}


def many(shape: Shape, **limits: int) -> Shape:
    return {"type": "array", "items": shape, **limits}


def maybe(shape: Shape) -> Shape:
    """The shape or null."""
    if isinstance(shape.get("type"), str):
        values = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
        return {**shape, "type": [shape["type"], "null"], **values}
    return {"anyOf": [shape, {"type": "null"}]}


def one_of(*values: Any) -> Shape:
    return {"type": "integer" if isinstance(values[0], int) else "string", "enum": list(values)}


def closed(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    shape: Shape = {"type": "object", "properties": {**required, **(optional or {})}, "additionalProperties": False}
    if required:
        shape["required"] = list(required)
    return shape


def record(name: str, about: str = "", /, **parts: Shape) -> Shape:
    """A named closed object that always has all its parts."""
    return named(name, closed(parts), about)


PLAIN: dict[Any, Shape] = {
    # NaN goes out as null.
    float: maybe(NUMBER),
    Decimal: MONEY,
    int: WHOLE,
    str: TEXT,
    bool: FLAG,
    datetime: MOMENT,
    date: DAY,
}


def shape_of(hint: Any, **known: Shape) -> Shape:
    """The shape that a value with this annotation has as JSON; `known` are parts of a dataclass said otherwise."""
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        parts = {each.name: known.get(each.name) or shape_of(hints[each.name]) for each in fields(hint)}
        return named(hint.__name__, closed(parts), getdoc(hint) or "")
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType) and len(inner) == 2 and NoneType in inner:
        shape = shape_of(inner[0] if inner[1] is NoneType else inner[1])
        return shape if shape == PLAIN[float] else maybe(shape)
    if origin is list:
        return many(shape_of(inner[0]))
    raise TypeError(f"{hint} has no shape")
