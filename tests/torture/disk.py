"""Row 24, the disk: full, limited or not to be written, while bots report and a client reads.

A full disk is a small tmpfs with everything of the server on it, its log too, filled to the last byte: that needs root.
A file size limit is set on the running process. What cannot be written is made immutable, file by file: the kernel does
not let a mounted file system become read-only while a server has its files open. That PostgreSQL's disk is full is not
tried; that it takes no writes is, as hosts of databases do it: by default, with every session ended.
"""

import os
import re
import resource
import secrets
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.server import Server
from tests.torture.clock import restart
from tests.torture.crash import cluster, execute, kill_one, reporting_key, under_load
from tests.torture.databases import until_more
from tests.torture.ledger import Ledger, trade
from tests.torture.outcome import Outcome, Scale
from tools.programs import Missing

DISK = 384  # MiB
NAMES = ("full", "limited", "immutable", "read-only PostgreSQL")
BACK_WITHIN = 5.0  # seconds from the end of the fault until something is acknowledged
PASSWORD = "correct horse battery staple"
Fault = Callable[[], AbstractContextManager[None]]


class Asker:
    """Asks a server everything while something is wrong with it, and judges each answer."""

    def __init__(self, server: Server, key: str, ledger: Ledger) -> None:
        self.server, self.ledger = server, ledger
        self.answers: Counter[str] = Counter()
        self.faults: list[str] = []
        self.bot = httpx.Client(
            base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False
        )
        self.person = httpx.Client(base_url=server.url, timeout=30, trust_env=False)

    def ask(self) -> None:
        try:
            self.ask_all()
        except httpx.TransportError as error:
            self.faults.append(f"no answer: {type(error).__name__}: {error}")
            time.sleep(0.2)

    def ask_all(self) -> None:
        self.report()
        for path in ("/api/trades?limit=5", "/api/snapshot", "/api/events?limit=5", "/healthz"):
            self.judge(f"GET {path.partition('?')[0]}", self.bot.get(path), 200)
        self.sign_in()
        self.judge("sign-in page", self.person.get("/login"), 200)

    def report(self) -> None:
        """A report that is refused is not repeated: nothing of it may be found later."""
        item = trade(f"asked-{secrets.token_hex(6)}", "open")
        answer = self.bot.post("/api/trades", json=[item])
        if self.judge("POST /api/trades", answer, 200) == 200:
            self.ledger.record([item], answer.json()["data"])

    def sign_in(self) -> None:
        form = self.person.get("/login")
        if token := re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text):
            body = {"username": "person", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
            self.judge("sign-in", self.person.post("/login", data=body, headers={"Referer": self.server.url}), 302)
        self.person.cookies.clear()

    def judge(self, what: str, answer: httpx.Response, well: int) -> int:
        """As it is when all is well, or a 503 that says so and when to come again."""
        self.answers[f"{what} {answer.status_code}"] += 1
        clear = answer.status_code == 503 and answer.headers.get("Retry-After", "").isdigit()
        if clear and what.startswith("POST /api"):
            clear = answer.json()["error"]["code"] == "unavailable" and bool(answer.json()["error"]["request_id"])
        if answer.status_code != well and not clear:
            self.faults.append(f"{what} is answered {answer.status_code}: {answer.text[:200]}")
        return answer.status_code

    @property
    def refused(self) -> int:
        return self.answers["POST /api/trades 503"]


def through(
    servers: list[Server], fault: Fault, scale: Scale, *, rounds: int, seconds: float
) -> tuple[dict[str, Any], list[str]]:
    """Bots report while the fault comes and goes; at last every server is killed, and all is compared."""
    servers[0].manage("create_user", "person", "--account", "main", "--role", "owner", BOTV2_PASSWORD=PASSWORD)
    key = reporting_key(servers[0])
    faults: list[str] = []

    def disturb(ledger: Ledger) -> dict[str, Any]:
        back, asked = [], [Asker(server, key, ledger) for server in servers]
        until_more(ledger)
        for _ in range(rounds):
            with fault():
                until, most = time.monotonic() + seconds, time.monotonic() + seconds + 20
                while time.monotonic() < until or (not felt(asked) and time.monotonic() < most):
                    for each in asked:
                        each.ask()
            back.append(until_more(ledger))
            for number, server in enumerate(servers):
                if server.process is not None and (code := server.process.poll()) is not None:
                    faults.append(f"server {number} ended by itself: {code} {server.log.read_text()[-300:]}")
                    server.start()
        for server in servers:
            kill_one(server, 0)
        until_more(ledger)
        for each in asked:
            faults.extend(each.faults[:5])
            faults.extend([] if each.refused else ["the fault was not felt: no report was refused"])
        return {
            "rounds": rounds, "back_seconds_max": round(max(back), 2),
            "answers": dict(sorted(sum((each.answers for each in asked), Counter[str]()).items())),
            "posts_answered": ledger.statuses,
        }  # fmt: skip

    found = under_load([server.url for server in servers], key, disturb)
    faults += found.pop("faults")
    if found["back_seconds_max"] > BACK_WITHIN:
        faults.append(f"reports were taken again {found['back_seconds_max']} s after the fault")
    statuses = set(found["posts_answered"]) - {200, 503}
    return found, [*faults, *(f"bots were answered {status}" for status in sorted(statuses))]


def felt(asked: list[Asker]) -> bool:
    return all(each.refused for each in asked)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    if os.geteuid() != 0:
        raise Missing("a small disk to fill needs root")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Not one byte is left. What the server gives back meanwhile stays free: it may use it."""
    filler = folder / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with suppress(OSError):
                    while True:
                        file.write(bytes(size))
        yield
    finally:
        filler.unlink()


@contextmanager
def limited(server: Server) -> Iterator[None]:
    """No file of the server's process may grow, or be written at all beyond its beginning."""
    assert server.process is not None
    pid = server.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def immutable(server: Server) -> Iterator[None]:
    """The database and its log can be read alone."""
    if os.geteuid() != 0:
        raise Missing("making files immutable needs root")
    files = [server.data / f"botv2.sqlite3{suffix}" for suffix in ("", "-wal")]
    subprocess.run(["chattr", "+i", *files], check=True)
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *files], check=True)


@contextmanager
def read_only(server: Server) -> Iterator[None]:
    """PostgreSQL takes no writes for a while: every session is ended then, and none when it is over."""
    url = server.environment["DATABASE_URL"]
    admin, _, name = url.rpartition("/")
    execute(f"{admin}/postgres", f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    try:
        with psycopg.connect(f"{admin}/postgres", autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        yield
    finally:
        execute(f"{admin}/postgres", f'ALTER DATABASE "{name}" RESET default_transaction_read_only')


def run(scale: Scale, whole: Outcome) -> None:
    rounds, seconds = scale.of(10, 1), scale.of(20, 3)
    for name in NAMES:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="botv2-disk-")))
            if name == "full":
                stack.enter_context(small_disk(folder))
            servers = stack.enter_context(cluster(folder, name == "read-only PostgreSQL"))
            faults: dict[str, Fault] = {
                "full": lambda folder=folder: full(folder),  # type: ignore[misc]
                "limited": lambda servers=servers: limited(servers[0]),  # type: ignore[misc]
                "immutable": lambda servers=servers: immutable(servers[0]),  # type: ignore[misc]
                "read-only PostgreSQL": lambda servers=servers: read_only(servers[0]),  # type: ignore[misc]
            }
            for server in servers:
                restart(server, METRICS_TOKEN=secrets.token_urlsafe(32))  # its files are on the disk too
            found, wrong = through(servers, faults[name], scale, rounds=rounds, seconds=seconds)
        whole.figures[name] = found
        whole.faults += [f"{name}: {fault}" for fault in wrong]
