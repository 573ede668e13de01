"""SQLite: one connection that stays open. When the last one closes, SQLite writes its whole log back and syncs the disk
twice, which would happen after every request."""

import sqlite3

from django.conf import settings

_kept: list[sqlite3.Connection] = []


def keep_open() -> None:
    """Hold a connection to the SQLite file until the process ends; nothing where the database is another."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3") and not _kept:
        connection = sqlite3.connect(database["NAME"], check_same_thread=False)
        connection.execute("SELECT 1 FROM sqlite_master").fetchall()
        _kept.append(connection)
