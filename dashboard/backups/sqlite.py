"""SQLite: copied through the online backup API in both directions, so a running server neither stops nor notices."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from urllib.parse import quote

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections

from dashboard.backups import BackupFailed, check_migrations
from realtime.log import change_epoch

MAGIC = b"SQLite format 3\x00"
PATIENCE = 60.0  # seconds that writers may keep us from the live file


def dump(path: Path) -> None:
    with told(), closing(opened(live())) as source, closing(sqlite3.connect(path)) as target:
        copy(source, target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, without the live one's write-ahead log
        check(target)


def load(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise BackupFailed("the file is not a backup of an SQLite database")
    live().parent.mkdir(parents=True, exist_ok=True)
    with told(), tempfile.TemporaryDirectory(prefix="botv2-restore-", dir=live().parent) as folder:
        ready = Path(folder) / "ready.sqlite3"
        with closing(opened(path, "mode=ro")) as source, closing(sqlite3.connect(ready)) as target:
            copy(source, target)
            target.execute("PRAGMA journal_mode=DELETE")
            check(target)
            check_migrations(applied(target))
        prepare(ready)
        with closing(opened(ready)) as source, closing(opened(live(), "mode=rwc")) as target:
            copy(source, target)


def prepare(path: Path) -> None:
    """Bring the copy to this release's schema and change its epochs, before anybody can read it."""
    with connected(path):
        call_command("migrate", interactive=False, verbosity=0)
        change_epoch()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def connected(path: Path) -> Iterator[None]:
    """Let this thread's database be the file at `path`."""
    usual = connections[DEFAULT_DB_ALIAS]
    other = usual.copy()
    other.settings_dict["NAME"] = str(path)
    connections[DEFAULT_DB_ALIAS] = other
    try:
        yield
    finally:
        other.close()
        connections[DEFAULT_DB_ALIAS] = usual


def live() -> Path:
    return Path(str(connection.settings_dict["NAME"])).absolute()


def opened(path: Path, mode: str = "mode=rw") -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?{mode}", uri=True, timeout=PATIENCE)


def copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """All pages in one step, which is one read and one write transaction."""
    deadline = monotonic() + PATIENCE

    def progress(status: int, remaining: int, total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and monotonic() > deadline:
            raise BackupFailed("the database is busy; try again")

    source.backup(target, pages=-1, progress=progress)


def check(database: sqlite3.Connection) -> None:
    if problems := [row[0] for row in database.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]:
        raise BackupFailed(f"the copy is damaged: {'; '.join(problems)}")


def applied(database: sqlite3.Connection) -> list[tuple[str, str]]:
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'django_migrations'").fetchone():
        return []
    return database.execute("SELECT app, name FROM django_migrations").fetchall()


@contextmanager
def told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BackupFailed(f"SQLite says: {error}") from None
