"""Reading any number of rows a chunk at a time."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from dashboard.wire import Wire


def chunks(rows: QuerySet[Any], form: Wire, *, key: str, size: int) -> Iterator[list[dict[str, Any]]]:
    """Rows in the order of `key`, which is unique and never changes.

    Each chunk begins after the last row of the one before: rows may come and go meanwhile, and neither a transaction
    nor a connection is held while a slow reader takes what was read.
    """
    place: dict[str, Any] = {}
    while True:
        found = list(rows.filter(**place).order_by(key).values_list(key, *form.select)[:size])
        if not connection.in_atomic_block:
            connection.close()
        if found:
            yield form.finish([dict(zip(form.names, values, strict=True)) for _, *values in found])
        if len(found) < size:
            return
        place = {f"{key}__gt": found[-1][0]}
