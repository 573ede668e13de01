"""How a server holds its database.

SQLite: one connection that stays open. When the last one closes, SQLite writes its whole log back and syncs the disk
twice, which would happen after every request.

PostgreSQL: a pool. What a session may do by default is said when it begins, so those of a time when the database took
no writes (its disk was full, another server took over) are not kept until they are old."""

import sqlite3
import time
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

RENEW_EVERY = 1.0  # seconds

_kept: list[sqlite3.Connection] = []


def keep_open() -> None:
    """Hold a connection to the SQLite file until the process ends; nothing where the database is another."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3") and not _kept:
        connection = sqlite3.connect(database["NAME"], check_same_thread=False)
        connection.execute("SELECT 1 FROM sqlite_master").fetchall()
        _kept.append(connection)


# A reader is told to come again rather than kept waiting, and a process that stands still lets go of its locks.
OF_REQUESTS = " -c statement_timeout=5s -c lock_timeout=4s -c idle_in_transaction_session_timeout=15s"


def limit_requests() -> None:
    """Bound what a query may take, before the first connection is made; nothing where the database is SQLite."""
    options = connections.settings["default"]["OPTIONS"]
    if "pool" in options and OF_REQUESTS not in options["options"]:
        options["options"] += OF_REQUESTS


class Renewal:
    """Called with each connection that is taken from the pool."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
        if connection.vendor != "postgresql" or (pool := connection.pool) is None:  # type: ignore[attr-defined]
            return
        # The server has told this when the session began: nothing is asked.
        read_only = connection.connection.pgconn.parameter_status(b"default_transaction_read_only") == b"on"
        if read_only and time.monotonic() - self.at >= RENEW_EVERY:
            self.at = time.monotonic()
            pool.drain()


renew_read_only = Renewal()
