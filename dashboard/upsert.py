"""Many rows in one statement: what Django spends on preparing each value is several times what the database does."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from django.db import connection, models

from dashboard.fields import ExactDecimalField, encode


def upsert(rows: Sequence[models.Model], *, unique: Sequence[str], update: Sequence[str]) -> None:
    """Insert the rows, or update those that are there by their `unique` columns; the running transaction's last word.

    Values are those of a checked report: what the columns' own checks refuse is a database error.
    """
    if not rows:
        return
    meta = type(rows[0])._meta
    fields = [field for field in meta.local_concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    names = {field.name: quote(str(field.column)) for field in fields}
    changes = ", ".join(f"{names[name]} = EXCLUDED.{names[name]}" for name in update)
    statement = (
        f"INSERT INTO {quote(meta.db_table)} ({', '.join(names.values())}) VALUES ({', '.join(['%s'] * len(fields))}) "
        f"ON CONFLICT ({', '.join(names[name] for name in unique)}) DO UPDATE SET {changes}"
    )
    columns = [column(field, rows) for field in fields]
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(zip(*columns, strict=True)))


def column(field: Any, rows: Sequence[models.Model]) -> list[Any]:
    """The values of one field as the database takes them."""
    if isinstance(field, models.ForeignKey):
        return [key(field, row) for row in rows]
    values = map(attrgetter(field.attname), rows)
    prepare = preparation(field)
    return list(values) if prepare is None else [None if value is None else prepare(value) for value in values]


def key(field: Any, row: models.Model) -> Any:
    """The key of a related row, which may have been saved after it was set."""
    related = getattr(row, field.name) if field.is_cached(row) else None
    return getattr(row, field.attname) if related is None else related.pk


def preparation(field: Any) -> Callable[[Any], Any] | None:
    """What has to be done to a value that is not None; None where it goes as it is."""
    if isinstance(field, ExactDecimalField):
        return encode if connection.vendor == "sqlite" else None
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    if isinstance(field, models.JSONField):
        return lambda value: field.get_db_prep_value(value, connection)
    return None
