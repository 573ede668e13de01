"""The spool: a SQLite file that keeps every report until BotV2 has answered for it."""

import logging
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from botv2_client.database import UNREADABLE, checkpoint, fullness, open_database, set_aside, sync
from botv2_client.entry import CANDLE, ENVELOPE, HEARTBEAT, MAX_BODY, MAX_ITEMS, Batch, Entry
from botv2_client.tally import Tally

HELD = 10_000  # entries kept in memory while the file takes none
CHUNK = 200  # entries of one short write, for the bot may want to write too
DEAD_KEPT = 10_000
LESSER = (HEARTBEAT, CANDLE, "snapshot")  # what gives way, first things first
# Of the file that the lesser may help to fill. Not more: what they leave behind between trades is not filled again.
SHARE = 0.5
HEARTBEAT_LIFE = 60.0  # an old one would say that a bot lives which may not
TIDY_EVERY = 1.0


class Spool:
    """Safe to use from several threads and, by a Spool each, from several processes."""

    def __init__(self, path: str | os.PathLike[str], limit: int, tally: Tally) -> None:
        self.path, self.limit, self.tally = Path(path), limit, tally
        self.lock = threading.RLock()
        self.held: deque[Entry] = deque()
        self.db: sqlite3.Connection | None = None
        self.unopened = "it is closed"
        self.closed = self.unsynced = False
        self.tidied = 0.0
        self.open()

    def open(self) -> None:
        try:
            try:
                self.db = open_database(self.path, self.limit)
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", None) not in UNREADABLE:
                    raise
                aside = set_aside(self.path)
                self.tally.trouble(f"the spool {self.path} is damaged ({error}); it is now {aside}", logging.ERROR)
                self.db = open_database(self.path, self.limit)
        except (sqlite3.Error, OSError) as error:
            self.unopened = f"it cannot be opened: {error}"
            self.tally.trouble(f"the spool {self.path} takes nothing: {self.unopened}", logging.ERROR)

    def close(self) -> None:
        with self.lock:
            self.closed = True
            if self.held:
                self.tally.drop((entry.kind for entry in self.held), "the spool never took them")
                self.held.clear()
            if self.db is not None:
                self.db.close()
                self.db = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Raises sqlite3.Error; then nothing was written."""
        with self.lock:
            if self.db is None:
                raise sqlite3.OperationalError(self.unopened)
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise

    # Recording

    def put(self, entries: Sequence[Entry]) -> bool:
        """Keep entries; True once they are in the file. Never raises: what the file does not take waits in memory."""
        with self.lock:
            if self.closed:
                self.tally.drop((entry.kind for entry in entries), "the client is closed")
            elif self.held:
                self.hold(entries)
            else:
                try:
                    self.insert(entries)
                except sqlite3.Error as error:
                    self.tally.trouble(f"the spool {self.path} takes nothing: {error}", logging.ERROR)
                    self.hold(entries)
                else:
                    return True
        return False

    def insert(self, entries: Sequence[Entry]) -> None:
        now = time.time()
        with self.transaction() as db:
            for entry in entries:
                values = (entry.kind, entry.series, entry.slot, entry.body, now)
                db.execute("INSERT OR REPLACE INTO queue (kind, series, slot, body, at) VALUES (?, ?, ?, ?, ?)", values)
                if entry.trade is not None and entry.essentials is not None:
                    db.execute("INSERT OR REPLACE INTO trades VALUES (?, ?)", (entry.trade, entry.essentials))
                elif entry.trade is not None:
                    db.execute("DELETE FROM trades WHERE trade_id = ?", (entry.trade,))
        self.unsynced = True

    def hold(self, entries: Sequence[Entry]) -> None:
        self.held.extend(entries)
        while len(self.held) > HELD:
            least = next((entry for entry in self.held if entry.kind in LESSER), self.held[-1])
            self.held.remove(least)
            self.tally.drop([least.kind], "the spool takes nothing and the memory for that is used up")

    def essentials(self, trade: str) -> str | None:
        """What was remembered of a trade that is not over."""
        with self.lock, suppress(sqlite3.Error):
            for entry in reversed(self.held):
                if entry.trade == trade:
                    return entry.essentials
            if self.db is not None:
                row = self.db.execute("SELECT essentials FROM trades WHERE trade_id = ?", (trade,)).fetchone()
                return row[0] if row else None
        return None

    # Sending

    def batch(self, limit: int) -> Batch | None:
        """The oldest entry and those that may travel with it. Raises sqlite3.Error."""
        with self.lock:
            head = self.db and self.db.execute("SELECT id, kind, series FROM queue ORDER BY id LIMIT 1").fetchone()
            if not self.db or not head:
                return None
            first, kind, series = head
            stop = None
            if kind == "alert":
                # Kinds overtake each other so that batches get large, but an alert may name the trade before it.
                sooner = "SELECT min(id) FROM queue WHERE kind IN ('trade', 'strategy') AND id > ?"
                (stop,) = self.db.execute(sooner, (first,)).fetchone()
            rows = self.db.execute(
                "SELECT id, body FROM queue WHERE kind = ? AND series = ? AND (?3 IS NULL OR id < ?3) "
                "ORDER BY id LIMIT ?4",
                (kind, series, stop, 1 if kind == HEARTBEAT else min(limit, MAX_ITEMS)),
            ).fetchall()
        room = MAX_BODY - ENVELOPE
        for count, (_, body) in enumerate(rows):
            room -= len(body) + 1
            if count and room < 0:
                return Batch(kind, series, rows[:count])
        return Batch(kind, series, rows)

    def settle(self, batch: Batch, refused: dict[int, str]) -> None:
        """BotV2 has answered: forget the batch, keep what it refused as dead letters. Raises sqlite3.Error."""
        now = time.time()
        letters = [(batch.kind, batch.series, batch.rows[index][1], why, now) for index, why in refused.items()]
        with self.transaction() as db:
            # What replaced one of these meanwhile has a larger id.
            db.execute(
                "DELETE FROM queue WHERE kind = ? AND series = ? AND id BETWEEN ? AND ?",
                (batch.kind, batch.series, batch.rows[0][0], batch.rows[-1][0]),
            )
            db.executemany("INSERT INTO dead (kind, series, body, error, at) VALUES (?, ?, ?, ?, ?)", letters)
        self.unsynced = True

    def newest(self) -> int | None:
        """The id up to which entries were recorded; None if they have no ids yet. Raises sqlite3.Error."""
        with self.lock:
            if self.held or self.db is None:
                return None
            found = self.db.execute("SELECT max(id) FROM queue").fetchone()[0]
            return found or 0

    def counts(self) -> tuple[int, int]:
        """Entries that wait, and dead letters. Raises sqlite3.Error."""
        with self.lock:
            if self.db is None:
                return 0, 0
            return tuple(self.db.execute("SELECT (SELECT count(*) FROM queue), (SELECT count(*) FROM dead)").fetchone())

    def pending(self, newest: int | None = None) -> bool:
        """Whether anything, or anything up to this id, is not settled. Raises sqlite3.Error."""
        with self.lock:
            if self.held or self.db is None:
                return bool(self.held)
            found = "SELECT EXISTS (SELECT 1 FROM queue WHERE ?1 IS NULL OR id <= ?1)"
            return bool(self.db.execute(found, (newest,)).fetchone()[0])

    # Keeping it in order

    def tidy(self) -> None:
        """What the sender does once a second. Raises sqlite3.Error or OSError."""
        if time.monotonic() - self.tidied < TIDY_EVERY:
            return
        self.tidied = time.monotonic()
        with self.lock:
            if self.db is None and not self.closed:
                self.open()
        if self.db is None:
            return
        self.forget()
        self.give_way()
        self.take_back()
        if self.unsynced:
            self.unsynced = False
            sync(self.path)
        checkpoint(self.path)

    def forget(self) -> None:
        with self.transaction() as db:
            old = time.time() - HEARTBEAT_LIFE
            beats = db.execute("DELETE FROM queue WHERE kind = ? AND at < ?", (HEARTBEAT, old)).rowcount
            dead = db.execute("DELETE FROM dead WHERE id <= (SELECT max(id) FROM dead) - ?", (DEAD_KEPT,)).rowcount
        if beats:
            self.tally.dropped[HEARTBEAT] += beats
        if dead:
            self.tally.drop(["dead letter"] * dead, f"only the newest {DEAD_KEPT} are kept")

    def give_way(self) -> None:
        for kind in LESSER:
            found = CHUNK
            while found == CHUNK:
                with self.transaction() as db:
                    if fullness(db) < SHARE:
                        return
                    # The plus sign: by age, not by the index, which would sort all of them first.
                    oldest = "SELECT id FROM queue WHERE +kind = ? ORDER BY id LIMIT ?"
                    found = db.execute(f"DELETE FROM queue WHERE id IN ({oldest})", (kind, CHUNK)).rowcount
                if found:
                    self.tally.drop([kind] * found, "the spool fills up")

    def take_back(self) -> None:
        """Move what waits in memory into the file."""
        size = CHUNK
        while self.held:
            with self.lock:
                chunk = [self.held[index] for index in range(min(size, len(self.held)))]
                try:
                    self.insert(chunk)
                except sqlite3.Error as error:
                    full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
                    if not full or (size == 1 and chunk[0].kind not in LESSER):
                        raise
                    if size == 1:
                        self.tally.drop([self.held.popleft().kind], "the spool is full")
                    size = 1
                else:
                    for _ in chunk:
                        self.held.popleft()
