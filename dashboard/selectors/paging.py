"""Lists page by page. A cursor is signed, belongs to one list with its filters and order, and stays good while rows
arrive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import F, Model, Q, QuerySet

from dashboard.wire import Wire

SALT = "cursor"


@dataclass(frozen=True)
class Page:
    rows: list[dict[str, Any]]
    total: int
    has_more: bool
    next_cursor: str | None


class BadCursor(ValueError):
    """The cursor was not made by this installation, or for other filters or another order."""


def page(
    rows: QuerySet[Any],
    form: Wire,
    key: str,
    *,
    ordering: str,
    paths: Mapping[str, str] | None = None,
    limit: int = 100,
    offset: int = 0,
    cursor: str | None = None,
) -> Page:
    """One page of rows. Those without the ordering value come last; `id` decides between equals. Raises BadCursor.

    `key` names the list and the filters that made `rows`: a cursor is good for these alone. `paths` says where the
    names of `ordering` stand that are not columns.
    """
    name, descending = ordering.lstrip("-"), ordering.startswith("-")
    path = (paths or {}).get(name, name)
    ordered = rows.order_by(
        F(path).desc(nulls_last=True) if descending else F(path).asc(nulls_last=True), "-id" if descending else "id"
    )
    total = rows.count()
    stretches = [ordered[offset : offset + limit + 1]]
    if cursor is not None:
        column = column_of(rows.model, path)
        value, last = read_cursor(cursor, ordering, key)
        stretches = [ordered.filter(each) for each in beyond(path, column, descending, column.to_python(value), last)]
    found: list[dict[str, Any]] = []
    for stretch in stretches:
        if len(found) <= limit:
            found += form.rows(stretch[: limit + 1 - len(found)])
    more, found = len(found) > limit, found[:limit]
    return Page(found, total, more, make_cursor(found[-1], ordering, name, key) if more else None)


def make_cursor(row: dict[str, Any], ordering: str, name: str, key: str) -> str:
    value = row[name]
    text = value.isoformat() if isinstance(value, datetime) else None if value is None else str(value)
    return signing.dumps([ordering, text, row["id"], key], salt=SALT, compress=True)


def read_cursor(cursor: str, ordering: str, key: str) -> tuple[str | None, int]:
    try:
        made_for, text, last, made_key = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError):
        raise BadCursor from None
    if (made_for, made_key) != (ordering, key):
        raise BadCursor
    return text, last


def column_of(model: type[Model], path: str) -> Any:
    *relations, name = path.split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model  # type: ignore[assignment]
    return model._meta.get_field(name)


def beyond(path: str, column: Any, descending: bool, value: Any, last: int) -> list[Q]:
    """What comes after a row with this value and id: stretches that an index can follow, one after the other."""
    further = "lt" if descending else "gt"
    if value is None:
        return [Q(**{f"{path}__isnull": True, f"id__{further}": last})]
    later = Q(**{f"{path}__{further}": value}) | Q(**{path: value, f"id__{further}": last})
    later &= Q(**{f"{path}__{further}e": value})  # the same once more as one range
    return [later, Q(**{f"{path}__isnull": True})] if column.null else [later]
