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
from dataclasses import dataclass
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
    with own_postgres() as service:
        yield service.url


@contextmanager
def own_postgres(*, durable: bool = False) -> Iterator["Service"]:
    """A PostgreSQL that may be stopped and started. Nothing waits for the disk unless it has to be `durable`."""
    binaries = postgres_binaries()
    with scratch_folder() as (folder, identity):
        data, port = folder / "data", free_port()
        flags = "-U postgres -A trust -E UTF8 --no-locale --no-sync".split()
        initdb: list[str | Path] = [binaries / "initdb", "-D", data, *flags]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, **identity)
        options = ["-c", "listen_addresses=127.0.0.1", "-c", f"fsync={'on' if durable else 'off'}"]
        options += ["-c", "max_connections=200"]
        command = [binaries / "postgres", "-D", data, "-p", str(port), "-k", folder, *options]
        url = f"postgres://postgres@127.0.0.1:{port}/postgres"
        with running(Service(url, command, folder, identity, lambda: may_create_databases(url))) as service:
            yield service


@contextmanager
def throwaway_redis(password: str = "") -> Iterator[str]:
    with own_redis(password) as service:
        yield service.url


@contextmanager
def own_redis(password: str = "") -> Iterator["Service"]:
    """A Redis that may be stopped and started."""
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if not binary:
        raise Missing("no Redis: set TEST_REDIS_URL, start one on 127.0.0.1:6379, or install redis-server")
    with scratch_folder() as (folder, identity):
        port = free_port()
        options: list[str | Path] = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        if password:
            secret = folder / "redis.conf"  # on the command line everybody on the machine could read it
            secret.touch(mode=0o600)
            secret.write_text(f"requirepass {password}\n")
            if identity:
                os.chown(secret, identity["user"], identity["group"])
            options.insert(0, secret)
        url = f"redis://{f':{password}@' if password else ''}127.0.0.1:{port}"
        command = [binary, *options, "--port", str(port)]
        with running(Service(url, command, folder, identity, lambda: answers(url))) as service:
            yield service


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


@dataclass
class Service:
    """A server of this run's own, at `url`."""

    url: str
    command: list[Any]
    folder: Path
    identity: dict[str, Any]
    ready: Callable[[], bool]
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start it and return when it answers. Raises Missing."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.identity
            )
        deadline = time.monotonic() + PATIENCE
        while not self.ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Missing(f"{self.command[0]} did not start: {(self.folder / 'log').read_text()[-500:]}")
            time.sleep(0.1)

    def stop(self, how: signal.Signals) -> None:
        """End it by this signal, or by force after 30 s."""
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def running(service: Service) -> Iterator[Service]:
    try:
        service.start()
        yield service
    finally:
        service.stop(signal.SIGINT)


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
