"""What an `Input` reads, as a shape: the same rules, as far as JSON Schema can say them."""

from typing import Any

from rest_framework.serializers import Field

from api.fields import (
    Choice,
    Choices,
    Exact,
    Flag,
    Input,
    Items,
    Json,
    Moment,
    Rows,
    Text,
    Texts,
    Whole,
)
from api.inputs import AnnotationInput, SymbolInput
from api.keyed import ByPage, FilterValues
from api.params import ListParam, Params
from api.schema import shapes
from api.schema.shapes import FLAG, JSON, MONEY, TEXT, Shape, closed, many, maybe, named, one_of
from dashboard.fields import LIMIT
from dashboard.filters import Filters
from dashboard.reading import DECIMAL, SINCE_1970

ROW_ID: Shape = {"type": "integer", "minimum": 0, "maximum": 10**15 - 1}
NOTHING = r"0(?:\.0+)?"


def body_shape(reader: type[Input]) -> Shape:
    """The named shape of what this reads. Null is the same as absent, or clears what was there."""
    fields = reader().readers
    shape = closed(
        {name: field_shape(field) for name, field in fields.items() if field.required},
        {name: maybe(field_shape(field)) for name, field in fields.items() if not field.required},
    )
    return named(reader.__name__, shape, reader.__doc__ or "")


def field_shape(field: Field[Any, Any, Any, Any]) -> Shape:
    match field:
        case Text():
            return field.reader.schema
        case Choices():
            return many(one_of(*field.choices), minItems=1, uniqueItems=True)
        case Choice():
            return one_of(*field.choices)
        case Exact():
            return decimal(field)
        case Whole():
            return {"type": "integer", "minimum": field.low, "maximum": field.high}
        case Flag():
            return FLAG
        case Moment():
            return {"type": "string", "format": "date-time", "pattern": SINCE_1970}
        case Texts():
            return many(field_shape(field.text), maxItems=field.count)
        case FilterValues():
            text = field_shape(field.text)
            return keyed(field.name, {"anyOf": [text, many(text, maxItems=field.MOST_TEXTS)]}, field.MOST)
        case ByPage():
            return keyed(field.page, maybe(field_shape(field.kept)), field.MOST)
        case Json():
            return JSON
        case Rows():
            places = list(field.make().readers.values())
            shape: Shape = {"type": "array", "prefixItems": [field_shape(place) for place in places]}
            shape |= {"items": False, "minItems": len(places)}
            return many(shape, minItems=1, maxItems=field.count)
        case Items():
            return many(body_shape(type(field.make())), maxItems=field.count)
    raise TypeError(f"{type(field).__name__} has no shape")


def keyed(name: Text, value: Shape, most: int) -> Shape:
    """An object whose names are not known before."""
    return {
        "type": "object",
        "propertyNames": field_shape(name),
        "additionalProperties": value,
        "maxProperties": most,
    }


def kept_shape(reader: type[Input]) -> Shape:
    """What of an object inside a list is kept: what was given, in the form of answers."""
    fields = reader().readers
    return closed(
        {name: kept_value(field) for name, field in fields.items() if field.required},
        {name: kept_value(field) for name, field in fields.items() if not field.required},
    )


def kept_value(field: Field[Any, Any, Any, Any]) -> Shape:
    match field:
        case Exact():
            return MONEY
        case Moment():
            return shapes.MOMENT
        case Choice():
            return one_of(*field.choices)
    return TEXT


def decimal(field: Exact) -> Shape:
    """An exact decimal: a number, or the same as text, which no JSON library on the way rounds."""
    number: Shape = {"type": "number", "format": "decimal", "exclusiveMaximum": int(LIMIT)}
    pattern = DECIMAL.pattern
    if field.positive:
        number["exclusiveMinimum"], pattern = 0, f"(?!-)(?!{NOTHING}$){pattern}"
    elif field.floor == 0:
        number["minimum"], pattern = 0, f"(?!-(?!{NOTHING}$)){pattern}"
    else:
        number["exclusiveMinimum"] = -int(LIMIT)
    return {"anyOf": [number, {"type": "string", "pattern": f"^{pattern}$"}]}


def query(form: type[Params], filters: type[Filters] | None) -> list[Shape]:
    """The parameters of an address, those of the filters first."""
    params: dict[str, Any] = form.base_fields
    found = [
        parameter(name, by.extra["read"].schema, by.extra["help_text"], many=by.extra["many"])
        for name, by in (filters.declared_filters.items() if filters else ())
    ]
    for name, param in params.items():
        shape = param.read.schema
        if param.default is not None:
            shape = {
                **shape,
                "default": param.default if isinstance(param.default, str | float | int) else str(param.default),
            }
        found.append(
            parameter(name, shape, param.help_text, many=isinstance(param, ListParam), required=param.required)
        )
    return found


def parameter(name: str, shape: Shape, about: str, *, many: bool = False, required: bool = False) -> Shape:
    schema = {"type": "array", "items": shape} if many else shape
    return {"name": name, "in": "query", "required": required, "description": about, "schema": schema}


CHART_ID = field_shape(AnnotationInput().readers["chart_id"])
SYMBOL = field_shape(SymbolInput().readers["symbol"])
