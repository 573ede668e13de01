"""PostgreSQL: a dump in the server's own format, restored in one transaction together with migrations and epochs."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg
from django.core.management import call_command
from django.db import Error, connection, transaction

from dashboard.backups import BackupFailed, check_migrations
from realtime.log import change_epoch

MAGIC = b"PGDMP"
# Tables are dropped while the server runs: wait for its transactions, not for ever.
PATIENCE = "SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = 0"


def dump(path: Path) -> None:
    arguments, environment = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--file={path}"]
    run([program("pg_dump"), *options, *arguments[1:]], environment)
    run([program("pg_restore"), "--list", str(path)])


def load(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise BackupFailed("the file is not a backup of a PostgreSQL database")
    check_migrations(applied(path))
    try:
        with transaction.atomic():
            replace(path)
            call_command("migrate", interactive=False, verbosity=0)
            change_epoch()
    except (Error, psycopg.Error) as error:
        raise BackupFailed(f"PostgreSQL says: {str(error).strip()}") from None


def replace(path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        # Every write begins with its stream; who holds this has no writer in the way half done.
        cursor.execute("LOCK TABLE realtime_stream IN ACCESS EXCLUSIVE MODE")
        tables = ", ".join(connection.ops.quote_name(name) for name in connection.introspection.table_names(cursor))
        cursor.execute(f"DROP TABLE {tables} CASCADE")
    raw = connection.connection
    with script(path) as lines, raw.cursor() as cursor:
        execute(cursor, lines)


def execute(cursor: Any, lines: IO[bytes]) -> None:
    """Run what pg_restore writes for psql: statements, and tables as COPY followed by its rows."""
    statements: list[bytes] = []
    for line in lines:
        # The session's settings are ours to keep; backslashes speak to psql.
        if line.startswith((b"SET ", b"SELECT pg_catalog.set_config(", b"\\", b"--")):
            continue
        statements.append(line)
        if line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n"):
            cursor.execute(b"".join(statements[:-1]))
            statements.clear()
            with cursor.copy(line.rstrip(b";\n")) as copy:
                for row in rows(lines):
                    copy.write(row)
    cursor.execute(b"".join(statements))


def rows(lines: IO[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line == b"\\.\n":
            return
        yield line


def applied(path: Path) -> list[tuple[str, str]]:
    """The migrations in a dump; none if it has no table of them."""
    found = []
    with script(path, "--data-only", "--table=django_migrations") as lines:
        for line in lines:
            if line.startswith(b"COPY "):
                found += [tuple(row.decode().split("\t")[1:3]) for row in rows(lines)]
    return found  # type: ignore[return-value]


@contextmanager
def script(path: Path, *options: str) -> Iterator[IO[bytes]]:
    """The SQL of a dump, line by line. Raises BackupFailed if the dump turns out damaged."""
    command = [program("pg_restore"), "--no-owner", "--no-privileges", *options, "--file=-", str(path)]
    with tempfile.TemporaryFile() as complaints:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints) as process:
            assert process.stdout is not None
            try:
                yield process.stdout
                process.stdout.read()
            finally:
                process.stdout.close()
        if process.returncode:
            complaints.seek(0)
            raise BackupFailed(complaints.read().decode(errors="replace").strip())


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        raise BackupFailed(done.stderr.decode(errors="replace").strip())


def program(name: str) -> str:
    found = [path for path in [shutil.which(name)] if path]
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: folder.parent.name.zfill(4))
    found += [str(folder / name) for folder in reversed(newest) if (folder / name).exists()]
    if not found:
        raise BackupFailed(f"{name} is not installed; it comes with PostgreSQL's client programs")
    return found[0]
