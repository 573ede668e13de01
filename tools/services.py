"""A PostgreSQL and a Redis for the tests, as `with postgres() as database_url, redis() as redis_url:`.

Each is the one that the environment names, else the one on the default local port, else a throw-away server that is
started from the binaries of this machine and stopped at the end.
"""

import getpass
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import redis as redis_client

from tools.programs import Missing

PATIENCE = 30.0


@contextmanager
def postgres() -> Iterator[str]:
    """Yield the URL of a server on which databases may be created. Raises Missing."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    for user in dict.fromkeys(["postgres", getpass.getuser()]):
        url = f"postgres://{user}@127.0.0.1:5432/postgres"
        if may_create_databases(url):
            yield url
            return
    with throwaway_postgres() as url:
        yield url


@contextmanager
def redis() -> Iterator[str]:
    """Yield the URL of a server. Raises Missing."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    if answers("redis://127.0.0.1:6379"):
        yield "redis://127.0.0.1:6379"
        return
    with throwaway_redis() as url:
        yield url


@contextmanager
def throwaway_postgres() -> Iterator[str]:
    binaries = postgres_binaries()
    with scratch_folder() as (folder, identity):
        data, port = folder / "data", free_port()
        flags = "-U postgres -A trust -E UTF8 --no-locale --no-sync".split()
        initdb: list[str | Path] = [binaries / "initdb", "-D", data, *flags]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, **identity)
        # Nothing here outlives the tests, so nothing waits for the disk.
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200"]
        command = [binaries / "postgres", "-D", data, "-p", str(port), "-k", folder, *options]
        url = f"postgres://postgres@127.0.0.1:{port}/postgres"
        with process(command, folder, identity, signal.SIGINT, lambda: may_create_databases(url)):
            yield url


@contextmanager
def throwaway_redis() -> Iterator[str]:
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if not binary:
        raise Missing("no Redis: set TEST_REDIS_URL, start one on 127.0.0.1:6379, or install redis-server")
    with scratch_folder() as (folder, identity):
        port = free_port()
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        url = f"redis://127.0.0.1:{port}"
        with process([binary, "--port", str(port), *options], folder, identity, signal.SIGTERM, lambda: answers(url)):
            yield url


def postgres_binaries() -> Path:
    found = [Path(path).parent for path in [shutil.which("initdb")] if path]
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    found += sorted(versions, key=lambda path: float(path.parent.name), reverse=True)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Missing("no PostgreSQL: set TEST_DATABASE_URL, start one on 127.0.0.1:5432, or install postgresql")


@contextmanager
def scratch_folder() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield a folder and how to run a process that owns it: PostgreSQL refuses to run as root."""
    identity: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="botv2-service-") as name:
        if os.geteuid() == 0:
            user = unprivileged_user()
            os.chown(name, user.pw_uid, user.pw_gid)
            identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        yield Path(name), identity


def unprivileged_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise Missing("no unprivileged user to run PostgreSQL as: set TEST_DATABASE_URL")


@contextmanager
def process(
    command: list[Any], folder: Path, identity: dict[str, Any], stop: signal.Signals, ready: Callable[[], bool]
) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **identity)
    try:
        deadline = time.monotonic() + PATIENCE
        while not ready():
            if running.poll() is not None or time.monotonic() > deadline:
                raise Missing(f"{command[0]} did not start: {(folder / 'log').read_text()[-500:]}")
            time.sleep(0.1)
        yield
    finally:
        running.send_signal(stop)
        try:
            running.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def may_create_databases(url: str) -> bool:
    query = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            row = connection.execute(query).fetchone()
    except psycopg.Error:
        return False
    return bool(row and row[0])


def answers(url: str) -> bool:
    client = redis_client.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
    try:
        return bool(client.ping())
    except redis_client.RedisError:
        return False
    finally:
        client.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
