"""Whatever must follow the data reads the log by a cursor row, advanced in the transaction of its effects."""

import time
from collections.abc import Callable, Sequence

from django.db import transaction

from realtime.log import Row, read, stream_lock
from realtime.models import Cursor

PAGE = 1_000
MOST_REST = 1.0  # seconds

# Called with the next events, or with None when they cannot be followed from here: begin anew from the rows.
Handle = Callable[[Sequence[Row] | None], None]


def follow(name: str, key: str, handle: Handle) -> int:
    """Follow `key` to its head; return how many events were handled. Killed anywhere, it goes on where it was.

    With more to come it rests as long as a page took: the lock of SQLite is not fair, and bots report meanwhile.
    """
    handled, begun = 0, time.monotonic()
    while step := follow_once(name, key, handle):
        handled += step
        if step == PAGE:
            time.sleep(min(time.monotonic() - begun, MOST_REST))
        begun = time.monotonic()
    return handled


def follow_once(name: str, key: str, handle: Handle) -> int:
    """Handle one page of events, or the beginning; 0 when there is nothing to do."""
    with transaction.atomic():
        stream = stream_lock(key)
        cursor, created = Cursor.objects.get_or_create(
            name=name, stream=stream, defaults={"epoch": stream.epoch, "seq": stream.head}
        )
        astray = cursor.epoch != stream.epoch or not stream.floor - 1 <= cursor.seq <= stream.head
        if created or astray:
            cursor.epoch, cursor.seq = stream.epoch, stream.head
            cursor.save(update_fields=["epoch", "seq"])
            handle(None)
            return 1
        rows = read(key, cursor.seq, PAGE)
        if not rows:
            return 0
        cursor.seq = rows[-1].seq
        cursor.save(update_fields=["seq"])
        handle(rows)
        return len(rows)
