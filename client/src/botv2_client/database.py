"""The SQLite file of a spool, and the lock that lets one process at a time send it."""

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, series TEXT NOT NULL, slot TEXT UNIQUE,
    body TEXT NOT NULL, at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS queue_by_series ON queue (kind, series, id);
CREATE TABLE IF NOT EXISTS dead (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, series TEXT, body TEXT NOT NULL, error TEXT NOT NULL,
    at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS trades (trade_id TEXT PRIMARY KEY, essentials TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS positions (
    name TEXT NOT NULL, account TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (name, account)
) WITHOUT ROWID;
"""
PATIENCE_MS = 3  # that a recording call waits for another process's write
WAL_BYTES = 4 * 1024 * 1024
FEWEST_PAGES = 64
COUNTS = ("page_count", "freelist_count", "max_page_count")
UNREADABLE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def open_database(path: Path, limit: int) -> sqlite3.Connection:
    """Make the file, for its owner alone, or open it; `limit` bounds its bytes. Raises sqlite3.Error or OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    make_private(path)
    db = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
    try:
        # NORMAL: a kill loses nothing. `sync` makes it last through a power cut, without making the bot wait.
        db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {SCHEMA}")
        # Checkpoints wait for the disk, so the sender makes them; this one is for a process that never sends.
        db.execute(f"PRAGMA wal_autocheckpoint={20 * WAL_BYTES // 4096}")
        db.execute(f"PRAGMA journal_size_limit={WAL_BYTES // 4}")
        (page,) = db.execute("PRAGMA page_size").fetchone()
        db.execute(f"PRAGMA max_page_count={max(limit // page, FEWEST_PAGES)}")
        db.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
    except BaseException:
        db.close()
        raise
    return db


def make_private(path: Path) -> None:
    """Raises OSError."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def set_aside(path: Path) -> str:
    """Rename a file that is no spool, with what belongs to it; return the new name. Raises OSError."""
    aside = f"{path}.damaged-{time.time_ns()}"
    os.replace(path, aside)
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.replace(f"{path}{suffix}", f"{aside}{suffix}")
    return aside


def sync(path: Path) -> None:
    """Make what was committed last through a power cut. Raises OSError."""
    log = os.open(f"{path}-wal", os.O_RDWR)
    try:
        os.fsync(log)
    finally:
        os.close(log)


def checkpoint(path: Path) -> None:
    """Move a long write-ahead log into the file, beside writers. Raises sqlite3.Error or OSError."""
    if os.path.getsize(f"{path}-wal") < WAL_BYTES:
        return
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA wal_checkpoint(PASSIVE)")
    finally:
        db.close()


def fullness(db: sqlite3.Connection) -> float:
    """The share of the limit that is used. Raises sqlite3.Error."""
    used, free, most = (int(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in COUNTS)
    return (used - free) / most


class Turn:
    """The right to send a spool. SQLite's lock on a file beside it: the same on every system, gone with its process."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(f"{path.name}.sender")
        self.db: sqlite3.Connection | None = None

    def take(self) -> bool:
        """Whether it is ours, now or already. Raises OSError."""
        if self.db is None:
            make_private(self.path)
            db = sqlite3.connect(self.path, timeout=0, isolation_level=None, check_same_thread=False)
            try:
                db.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error:
                db.close()
                return False
            self.db = db
        return True

    def leave(self) -> None:
        if self.db is not None:
            self.db.close()
            self.db = None
