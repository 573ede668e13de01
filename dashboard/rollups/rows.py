"""Writing only what has changed, so that following the same events twice changes nothing."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Model, QuerySet

DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of_day(number: int) -> datetime:
    return EPOCH + DAY * number


def day_number(day: datetime) -> int:
    return (day - EPOCH).days


def replace(stored: QuerySet[Any], wanted: Iterable[Model], fields: Iterable[str]) -> bool:
    """Make the stored rows those wanted, matched by timestamp. Return whether anything was written."""
    names = list(fields)
    known = {row.timestamp: row for row in stored}
    created, updated = [], []
    for row in wanted:
        before = known.pop(row.timestamp, None)  # type: ignore[attr-defined]
        if before is None:
            created.append(row)
        elif any(getattr(before, name) != getattr(row, name) for name in names):
            row.pk = before.pk
            updated.append(row)
    if known:
        stored.filter(pk__in=[row.pk for row in known.values()]).delete()
    stored.model.objects.bulk_create(created, batch_size=500)
    if updated:
        stored.model.objects.bulk_update(updated, names, batch_size=200)
    return bool(known or created or updated)
