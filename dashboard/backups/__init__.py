"""Backups of the whole database: taken while the server writes, restored as a whole or not at all.

Each kind of database has a module with `dump(path)`, which writes a checked copy, and `load(path)`, which puts one in
place of what is there, migrated and with new epochs, so that every reader of a stream begins again.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from dashboard.models import Account, Trade
from realtime.log import Position, positions
from realtime.models import Event

OURS = {("dashboard", "0001_initial"), ("realtime", "0001_initial")}


class BackupFailed(Exception):
    """Nothing was written or replaced; the message says why."""


@dataclass(frozen=True)
class Restored:
    """What the database holds after a restore. `streams` are the positions of the accounts' logs, by slug."""

    accounts: int
    trades: int
    events: int
    streams: dict[str, Position]


def backup(path: Path) -> int:
    """Write a consistent copy of the database to `path` and return its size in bytes. Raises BackupFailed."""
    with replacing(path) as scratch:
        engine().dump(scratch)
    return path.stat().st_size


def restore(path: Path) -> Restored:
    """Replace everything in the database by the backup at `path`. Raises BackupFailed."""
    if not path.is_file():
        raise BackupFailed(f"there is no file {path}")
    engine().load(path)
    accounts = dict(Account.objects.values_list("stream_key", "slug"))
    return Restored(
        accounts=len(accounts),
        trades=Trade.objects.count(),
        events=Event.objects.count(),
        streams={accounts[key]: at for key, at in positions(list(accounts)).items()},
    )


def engine() -> ModuleType:
    from dashboard.backups import postgres, sqlite

    return postgres if connection.vendor == "postgresql" else sqlite


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a new file, for our eyes only, that takes the place of `path` at once when all went well."""
    live = connection.settings_dict["NAME"]
    if path.is_dir() or (path.exists() and Path(str(live)).exists() and path.samefile(live)):
        raise BackupFailed(f"{path} is a folder or the database itself")
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise BackupFailed(f"cannot write to {path.parent}: {error.strerror}") from None
    scratch = Path(name)
    try:
        os.close(descriptor)
        yield scratch
        sync(scratch)
        scratch.replace(path)
        sync(path.parent)
    finally:
        scratch.unlink(missing_ok=True)


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_migrations(applied: Iterable[tuple[str, str]]) -> None:
    """Raises BackupFailed if a database with these migrations is not BotV2's, or is of a newer release."""
    found = set(applied)
    if not found >= OURS:
        raise BackupFailed("the file is not a backup of BotV2")
    loader = MigrationLoader(None)
    apps = {app for app, _ in loader.disk_migrations}
    if newer := sorted(f"{app}.{name}" for app, name in found - set(loader.disk_migrations) if app in apps):
        raise BackupFailed(f"the backup was made by a newer release, with {', '.join(newer[:3])}; update first")
