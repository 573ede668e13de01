"""Whatever must follow the data reads the log by a cursor row, advanced in the transaction of its effects.

What the events come to is worked out without any transaction, so that nobody waits for it, and written only if the
cursor still is the one that was seen before; else the work is thrown away and begins again. Every write makes the
cursor anew, so of two followers one goes on. What is too much for one short transaction is written in several, and
until the last of them the cursor is astray: after a kill all begins anew, from the rows.

The work may read rows that are newer than its events. That is harmless if it looks up what it takes back (where a
trade was counted) before it adds up, and touches what the events say as well as what the rows say: whatever it read
too early is named by an event that is still to come.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from realtime.log import Position, Row, positions, read, stream_lock
from realtime.models import Cursor

PAGE = 1_000
MOST_REST = 1.0  # seconds
PAUSE = 0.1  # seconds between two transactions: as long as a writer who waits for SQLite sleeps at most

ASTRAY = ""  # no stream's epoch

Write = Callable[[], None]


@dataclass(frozen=True)
class Plan:
    """What the first `count` of the events come to; each of `writes` fits into a short transaction."""

    count: int
    writes: Sequence[Write]


# Called with the next events, or with None when they cannot be followed from here: begin anew from the rows.
Work = Callable[[Sequence[Row] | None], Plan]


class Overtaken(Exception):
    """Somebody else has followed the stream meanwhile."""


def follow(name: str, key: str, work: Work) -> int:
    """Follow `key` to its head; return how many events were handled. Killed anywhere, it goes on where it was.

    With more to come it rests as long as a page took, because bots report meanwhile.
    """
    handled, begun = 0, time.monotonic()
    while True:
        try:
            step, more = follow_once(name, key, work)
        except Overtaken:
            continue
        if not step:
            return handled
        handled += step
        if more:
            time.sleep(min(time.monotonic() - begun, MOST_REST))
        begun = time.monotonic()


def follow_once(name: str, key: str, work: Work) -> tuple[int, bool]:
    """Handle some events, or the beginning; return how many and whether there were more, 0 if there is nothing."""
    at = positions([key]).get(key)
    if at is None:
        return 0, False
    seen = Cursor.objects.filter(name=name, stream__key=key).first()
    if seen is None:
        seen = Cursor(name=name, epoch=ASTRAY, seq=0)
    rows = read(key, seen.seq, PAGE) if seen.epoch == at.epoch and at.floor - 1 <= seen.seq <= at.head else None
    if rows is not None and not rows:
        return 0, False
    plan = work(rows)
    *early, last = plan.writes or [lambda: None]
    for write in early:
        seen = commit(seen, at, write, ASTRAY, seen.seq)
        time.sleep(PAUSE)
    if rows is None:
        commit(seen, at, last, at.epoch, at.head)
        return 1, False
    commit(seen, at, last, at.epoch, rows[plan.count - 1].seq)
    return plan.count, plan.count < len(rows) or len(rows) == PAGE


@transaction.atomic
def commit(seen: Cursor, at: Position, write: Write, epoch: str, seq: int) -> Cursor:
    """Write and set the cursor. Raises Overtaken when it, or the stream, is no longer the one that was seen."""
    stream = stream_lock(at.key)
    now = Cursor.objects.filter(name=seen.name, stream=stream).first()
    if stream.epoch != at.epoch or (now and now.pk) != seen.pk:
        raise Overtaken
    write()
    if now is not None:
        now.delete()
    return Cursor.objects.create(name=seen.name, stream=stream, epoch=epoch, seq=seq)
