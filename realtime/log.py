"""Writing and reading the event log. The only writer of Stream and Event."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import connection, transaction
from django.db.models import BigIntegerField, Count, F, Max, Min, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from realtime import telemetry
from realtime.models import Event, Stream, new_epoch

logger = logging.getLogger(__name__)

HINT_GROUP = "botv2.hints"
HINT_TIMEOUT = 0.5  # seconds a frozen Redis may cost a request, once every HINT_PAUSE
HINT_PAUSE = 5.0  # seconds without hints after a failing layer
KEEP_SECONDS = 7 * 24 * 3600
KEEP_EVENTS = 50_000
KEEP_AT_MOST = 1_000_000
PURGE_CHUNK = 1_000
# Every report ends here, and what Django spends on a query is several times what the database does.
SELECT_STREAM = "SELECT id, key, epoch, head, floor FROM realtime_stream WHERE key = %s"
ADVANCE_STREAM = "UPDATE realtime_stream SET head = head + %s WHERE id = %s"
INSERT_EVENT = "INSERT INTO realtime_event (stream_id, seq, type, data, created_at) VALUES (%s, %s, %s, %s, %s)"


@dataclass(frozen=True)
class Position:
    """Where a stream stands: events floor..head can be read."""

    key: str
    epoch: str
    head: int
    floor: int


@dataclass(frozen=True)
class Row:
    """One event as read from the log; `data` is JSON text."""

    seq: int
    type: str
    at: datetime
    data: str

    def encode(self) -> bytes:
        """The event as it goes out: `{"s", "type", "at", "d"}`."""
        return b'{"s":%d,"type":"%s","at":"%s","d":%s}' % (
            self.seq,
            self.type.encode(),
            self.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode(),
            self.data.encode(),
        )


def stream_create(key: str) -> None:
    """Make the stream of `key` if it is not there."""
    Stream.objects.bulk_create([Stream(key=key)], ignore_conflicts=True)


def stream_lock(key: str) -> Stream:
    """Lock the stream until the transaction ends: whoever holds it is the only writer of what it announces."""
    with connection.cursor() as cursor:
        lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
        cursor.execute(SELECT_STREAM + lock, [key])
        row = cursor.fetchone()
        if row is None:
            stream_create(key)
            cursor.execute(SELECT_STREAM + lock, [key])
            row = cursor.fetchone()
    return Stream(*row)


def publish(key: str, events: Sequence[tuple[str, bytes]], *, at: datetime | None = None) -> int:
    """Append `(type, JSON)` events in the running transaction and return the number of the first.

    Numbers are taken under the stream's row lock, which is held to commit: they are gapless and in commit order,
    and a rollback gives them back. Readers are hinted after commit; a lost hint costs them at most a second.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("publish() belongs to the transaction that changes the rows")
    stream = stream_lock(key)
    first = stream.head + 1
    if events:
        created = connection.ops.adapt_datetimefield_value(at or timezone.now())
        rows = [(stream.pk, first + index, kind, data.decode(), created) for index, (kind, data) in enumerate(events)]
        with connection.cursor() as cursor:
            cursor.execute(ADVANCE_STREAM, [len(events), stream.pk])
            cursor.executemany(INSERT_EVENT, rows)
        hint_after_commit(key)
        kinds = [kind for kind, _ in events]
        transaction.on_commit(lambda: count_published(kinds), robust=True)
    return first


def hint_after_commit(key: str, tick: str | None = None) -> None:
    """Tell readers, after commit, to look at `key` again. `tick` names the kind of an unlogged change."""
    transaction.on_commit(lambda: send_hint(key, tick), robust=True)


_silent_until = 0.0


def count_published(kinds: Sequence[str]) -> None:
    for kind, count in Counter(kinds).items():
        telemetry.PUBLISHED.labels(kind).inc(count)


def send_hint(key: str, tick: str | None) -> None:
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        async_to_sync(broadcast)({"type": "hint", "key": key, "tick": tick})
    except Exception as error:
        _silent_until = time.monotonic() + HINT_PAUSE
        telemetry.HINTS_FAILED.inc()
        logger.warning("no hint sent (%s); readers look by themselves every second", error)


async def broadcast(message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is not None:
        async with asyncio.timeout(HINT_TIMEOUT):
            await layer.group_send(HINT_GROUP, message)


def positions(keys: Sequence[str]) -> dict[str, Position]:
    """Where each of the streams stands. Keys without a stream are absent."""
    rows = Stream.objects.filter(key__in=keys).values_list("key", "epoch", "head", "floor")
    return {row[0]: Position(*row) for row in rows}


def position(key: str) -> Position:
    with connection.cursor() as cursor:
        cursor.execute(SELECT_STREAM, [key])
        row = cursor.fetchone()
    if row is None:
        stream_create(key)
        return position(key)
    return Position(*row[1:])


def read(key: str, since: int, limit: int, epoch: str | None = None) -> list[Row]:
    """Events after `since`, oldest first, at most `limit`; none if `epoch` is given and no longer the stream's."""
    rows = Event.objects.filter(stream__key=key, seq__gt=since).order_by("seq")
    if epoch is not None:
        rows = rows.filter(stream__epoch=epoch)
    return [Row(*row) for row in rows.values_list("seq", "type", "created_at", "data")[:limit]]


def read_back(
    key: str,
    before: int | None,
    limit: int,
    *,
    kind: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[Row]:
    """Events before a number (None: from the head), newest first, at most `limit`."""
    given = {"seq__lt": before, "type": kind, "created_at__gte": start, "created_at__lte": end}
    wanted = {name: value for name, value in given.items() if value is not None}
    rows = Event.objects.filter(stream__key=key, **wanted).order_by("-seq")
    return [Row(*row) for row in rows.values_list("seq", "type", "created_at", "data")[:limit]]


def read_many(since: Mapping[str, int]) -> Iterator[tuple[str, str, str]]:
    """Key, type and data of all events after a number in each of the streams; the caller bounds how far that is."""
    wanted = Q()
    for key, seq in since.items():
        wanted |= Q(stream__key=key, seq__gt=seq)
    rows = Event.objects.filter(wanted).order_by("stream_id", "seq")
    return rows.values_list("stream__key", "type", "data").iterator(chunk_size=2000)


def broken_streams() -> dict[str, str]:
    """What is wrong with the streams whose events are not exactly floor..head, by key."""
    events = Event.objects.filter(stream=OuterRef("pk")).order_by().values("stream")
    number = BigIntegerField()
    rows = Stream.objects.annotate(
        count=Coalesce(Subquery(events.annotate(n=Count("pk")).values("n"), output_field=number), Value(0)),
        first=Subquery(events.annotate(n=Min("seq")).values("n"), output_field=number),
        last=Subquery(events.annotate(n=Max("seq")).values("n"), output_field=number),
    ).values_list("key", "floor", "head", "count", "first", "last")
    found = {}
    for key, floor, head, count, first, last in rows.iterator():
        wanted = head - floor + 1
        if count != wanted or (count and (first, last) != (floor, head)):
            found[key] = f"{wanted} events {floor} to {head} should be there, {count} are, {first} to {last}"
    return found


def newest_event_at() -> datetime | None:
    """When the newest event happened of the streams, by what each of them holds last."""
    heads = Event.objects.filter(stream__head=F("seq"))
    newest: datetime | None = heads.aggregate(at=Max("created_at"))["at"]
    return newest


def change_epoch(key: str | None = None) -> None:
    """Give one stream, or all, a new epoch: every reader loads a fresh snapshot."""
    streams = Stream.objects.all() if key is None else Stream.objects.filter(key=key)
    for stream in list(streams):
        Stream.objects.filter(pk=stream.pk).update(epoch=new_epoch())


def purge(now: datetime, progress: Callable[[str, int], None] | None = None) -> int:
    """Delete events that are both older than 7 days and more than 50,000 behind head, or beyond 1,000,000.

    Works in chunks of 1,000, each its own transaction with the new floor, and returns how many went.
    """
    gone = 0
    for key in list(Stream.objects.values_list("key", flat=True)):
        while chunk := purge_chunk(key, now):
            gone += chunk
            if progress:
                progress(key, gone)
    return gone


def purge_chunk(key: str, now: datetime) -> int:
    with transaction.atomic():
        stream = stream_lock(key)
        last = min(stream.floor + PURGE_CHUNK - 1, stream.head - KEEP_EVENTS - 1)
        kept = stream.events.filter(seq__lte=last, created_at__gte=now - timedelta(seconds=KEEP_SECONDS))
        first_young = kept.order_by("seq").values_list("seq", flat=True).first()
        if first_young is not None:
            last = min(last, max(first_young - 1, stream.head - KEEP_AT_MOST))
        if last < stream.floor:
            return 0
        count, _ = stream.events.filter(seq__lte=last).delete()
        Stream.objects.filter(pk=stream.pk).update(floor=last + 1)
        return count
