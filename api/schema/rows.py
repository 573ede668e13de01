"""Rows as `dashboard.wire` gives them, described by the columns that they come from."""

from typing import Any

from django.db import models

from api.schema.shapes import FLAG, JSON, MOMENT, MONEY, NUMBER, TEXT, WHOLE, Shape, maybe, one_of, record
from dashboard.fields import ExactDecimalField
from dashboard.wire import Wire

# The first that a column is one of.
COLUMNS: list[tuple[type, Shape]] = [
    (ExactDecimalField, MONEY),
    (models.DateTimeField, MOMENT),
    (models.FloatField, NUMBER),
    (models.BooleanField, FLAG),
    (models.IntegerField, WHOLE),
    (models.GenericIPAddressField, TEXT),
    (models.CharField, TEXT),
    (models.TextField, TEXT),
    (models.JSONField, JSON),
]


def row(name: str, wire: Wire, model: type[models.Model], about: str, /, **known: Shape) -> Shape:
    """A row of `wire`; `known` says what a column alone does not tell, what is derived, and what is added."""
    paths = dict(zip(wire.names, wire.select, strict=True))
    parts = {each: known.pop(each) if each in known else column_shape(model, paths[each]) for each in wire.columns}
    return record(name, about, **parts, **known)


def column_shape(model: type[models.Model], path: str) -> Shape:
    column: Any = None
    null = False
    for part in path.split("__"):
        column = model._meta.get_field(part)
        null = null or column.null
        model = column.related_model
    shape = next(shape for kind, shape in COLUMNS if isinstance(column, kind))
    if column.choices:
        shape = one_of(*(value for value, _ in column.choices))
    return maybe(shape) if null else shape
