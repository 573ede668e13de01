"""Writing only what has changed, so that following the same events twice changes nothing, and little at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from django.db.models import Model, QuerySet

from dashboard.upsert import upsert

DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PIECE = 2_000  # rows of one transaction: some hundredths of a second in which nobody else writes


def moment_of_day(number: int) -> datetime:
    return EPOCH + DAY * number


def day_number(day: datetime) -> int:
    return (day - EPOCH).days


@dataclass(frozen=True)
class Part:
    """Rows of a table to write, keys of rows to delete, and what is announced with that."""

    model: type[Model]
    unique: Sequence[str]
    rows: Sequence[Model] = ()
    gone: Sequence[int] = ()
    told: Callable[[], tuple[str, bytes] | None] = lambda: None

    def __len__(self) -> int:
        return len(self.rows) + len(self.gone)

    def write(self) -> None:
        if self.gone:
            self.model._default_manager.filter(pk__in=self.gone).delete()
        names = [field.name for field in self.model._meta.local_concrete_fields if not field.primary_key]
        upsert(self.rows, unique=self.unique, update=[name for name in names if name not in self.unique])

    def pieces(self) -> "Iterator[Part]":
        """The same in small, whole if it is; the last one announces it."""
        if len(self) <= PIECE:
            yield self
            return
        small = [Part(self.model, self.unique, gone=each) for each in cut(self.gone)]
        small += [Part(self.model, self.unique, rows=each) for each in cut(self.rows)]
        yield from small[:-1]
        yield replace(small[-1], told=self.told)


def cut(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), PIECE):
        yield items[start : start + PIECE]


def packed(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """The parts in their order, as many together as one transaction may write."""
    together: list[Part] = []
    for part in parts:
        if together and sum(map(len, together)) + len(part) > PIECE:
            yield together
            together = []
        together.append(part)
    yield together


def difference(stored: QuerySet[Any], wanted: Iterable[Model], fields: Iterable[str]) -> tuple[list[Model], list[int]]:
    """Of the rows wanted, those that are not stored as they are, and the keys of rows stored beside; by timestamp."""
    names = list(fields)
    values = attrgetter(*names)
    known = {row[1]: row for row in stored.values_list("pk", "timestamp", *names).order_by()}
    changed = []
    for row in wanted:
        before = known.pop(row.timestamp, None)  # type: ignore[attr-defined]
        if before is None or before[2:] != values(row):
            changed.append(row)
    return changed, [row[0] for row in known.values()]
