"""Dead letters: reports that were refused, each with the reason."""

import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from botv2_client.encoding import encode
from botv2_client.entry import MAX_BODY
from botv2_client.spool import Spool


@dataclass(frozen=True)
class DeadLetter:
    """`body` is the JSON that was refused; `retriable` is False where there never was any."""

    id: int
    kind: str
    body: str
    error: str
    at: datetime
    retriable: bool


def keep_unsendable(spool: Spool, kind: str, arguments: object, error: Exception) -> None:
    """Keep what a bot said and nobody can send. Never raises."""
    why = f"{type(error).__name__}: {error}"
    try:
        said = encode(repr(arguments))[:MAX_BODY]
    except Exception as unsayable:
        said = encode(f"unprintable: {type(unsayable).__name__}")
    spool.tally.refuse(kind, 1, why)
    with suppress(sqlite3.Error), spool.transaction() as db:
        letter = (kind, None, said, encode(why), time.time())
        db.execute("INSERT INTO dead (kind, series, body, error, at) VALUES (?, ?, ?, ?, ?)", letter)


def dead_letters(spool: Spool, limit: int) -> list[DeadLetter]:
    """The newest first. Raises sqlite3.Error."""
    with spool.transaction() as db:
        rows = db.execute("SELECT id, kind, body, error, at, series FROM dead ORDER BY id DESC LIMIT ?", (limit,))
        return [
            DeadLetter(number, kind, body, error, datetime.fromtimestamp(at, UTC), series is not None)
            for number, kind, body, error, at, series in rows
        ]


def retry_dead(spool: Spool, ids: Iterable[int] | None) -> int:
    """Put dead letters back into the queue, oldest first; return how many. Raises sqlite3.Error."""
    with spool.transaction() as db:
        chosen = [number for (number,) in db.execute("SELECT id FROM dead WHERE series IS NOT NULL ORDER BY id")]
        if ids is not None:
            wanted = set(ids)
            chosen = [number for number in chosen if number in wanted]
        for number in chosen:
            db.execute(
                "INSERT INTO queue (kind, series, body, at) SELECT kind, series, body, ?2 FROM dead WHERE id = ?1",
                (number, time.time()),
            )
            db.execute("DELETE FROM dead WHERE id = ?", (number,))
    return len(chosen)
