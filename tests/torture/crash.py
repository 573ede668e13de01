"""kill -9 under load: what was acknowledged is stored, and a reconnecting client sees it once and in order.

A ledger outside the system records each acknowledged trade. Writers repeat a post whose answer was cut off, as bots do.
"""

import asyncio
import random
import secrets
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.server import Server
from tests.torture.ledger import Ledger, Trust, read_log, stored_trades, trade
from tests.torture.outcome import Outcome, Row, Scale
from tests.torture.reader import Seen, follow
from tools import services

WRITERS = 4
BATCH = 5


class Writer(threading.Thread):
    """A bot that opens and closes trades as fast as it is answered, and repeats what was not."""

    def __init__(
        self,
        name: str,
        urls: list[str],
        key: str,
        ledger: Ledger,
        stop: threading.Event,
        batch: int,
        trust: Trust = True,
    ) -> None:
        super().__init__(daemon=True)
        self.label, self.urls, self.ledger, self.stop, self.batch = name, urls, ledger, stop, batch
        headers = {"Authorization": f"Bearer {key}"}
        self.client = httpx.Client(headers=headers, timeout=10, trust_env=False, verify=trust)

    def run(self) -> None:
        count = 0
        while not self.stop.is_set():
            numbers = range(count, count + self.batch)
            count += self.batch
            self.post([trade(f"{self.label}-{number}", "open") for number in numbers])
            self.post([trade(f"{self.label}-{number}", "closed") for number in numbers])

    def body(self, trades: list[dict[str, Any]]) -> Any:
        """What is sent for these trades."""
        return trades

    def post(self, trades: list[dict[str, Any]]) -> None:
        """Post until it is answered, also after `stop`: an unanswered post would be known to nobody."""
        while True:
            self.ledger.posts += 1
            try:
                answer = self.client.post(f"{random.choice(self.urls)}/api/trades", json=self.body(trades))
            except httpx.TransportError:
                self.ledger.cut_off += 1
                time.sleep(0.05)
                continue
            self.ledger.statuses[answer.status_code] += 1
            if answer.status_code in {200, 201}:
                self.ledger.record(trades, answer.json()["data"])
                return
            if answer.status_code not in {429, 503}:
                self.ledger.refused.append(f"{answer.status_code}: {answer.text[:200]}")
            time.sleep(0.1)


def execute(url: str, statement: str) -> None:
    """On a connection of its own: PostgreSQL may have been stopped since the last."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@contextmanager
def cluster(folder: Path, postgres: bool, count: int | None = None) -> Iterator[list[Server]]:
    """One server on SQLite, or two (or `count`) on one PostgreSQL and one Redis."""
    settings = {"SECRET_KEY": secrets.token_urlsafe(48), "KEY_PEPPER": secrets.token_urlsafe(48)}
    settings |= {"THROTTLE_INGEST": "100000/100000", "THROTTLE_READ": "100000/100000"}
    with ExitStack() as stack:
        if postgres:
            url, redis_url = stack.enter_context(services.postgres()), stack.enter_context(services.redis())
            name = f"crash_{uuid.uuid4().hex[:12]}"
            execute(url, f'CREATE DATABASE "{name}"')
            stack.callback(execute, url, f'DROP DATABASE "{name}" WITH (FORCE)')
            settings |= {"DATABASE_URL": f"{url.rpartition('/')[0]}/{name}", "REDIS_URL": redis_url}
        servers = [Server(folder / str(number), settings) for number in range(count or (2 if postgres else 1))]
        for server in servers:
            server.init()
            stack.callback(server.kill)
        for server in servers:
            server.start()
        yield servers


def run(
    *, kills: int, postgres: bool, seed: int = 1, batch: int = BATCH, pause: tuple[float, float] = (0.8, 2.5)
) -> dict[str, Any]:
    """Run the load, the kills and the comparison; the report's `faults` is empty when every promise held."""
    random.seed(seed)
    with tempfile.TemporaryDirectory(prefix="botv2-crash-") as folder, cluster(Path(folder), postgres) as servers:

        def disturb(ledger: Ledger) -> dict[str, Any]:
            recovery = [kill_one(random.choice(servers), random.uniform(*pause)) for _ in range(kills)]
            return {"kills": kills, "recovery_seconds_max": round(max(recovery, default=0.0), 2)}

        key = reporting_key(servers[0])
        found = under_load([server.url for server in servers], key, disturb, batch=batch)
        return {"backend": "PostgreSQL + Redis, two servers" if postgres else "SQLite, one server", **found}


def reporting_key(server: Server) -> str:
    return server.manage("create_api_key", "--account", "main", "--scopes", "read,ingest").strip()


def under_load(
    urls: list[str],
    key: str,
    disturb: Callable[[Ledger], dict[str, Any]],
    *,
    direct: str | None = None,
    batch: int = BATCH,
) -> dict[str, Any]:
    """Four bots write and a client reads through `urls` while `disturb` does its worst; then all that was
    acknowledged, stored, logged and seen is compared, as read from `direct`."""
    direct = direct or urls[0]
    ledger, stop, seen = Ledger(), threading.Event(), Seen()
    writers = [Writer(f"w{number}", urls, key, ledger, stop, batch) for number in range(WRITERS)]
    with background_reader(urls, key, seen) as finish:
        for writer in writers:
            writer.start()
        disturbed = disturb(ledger)
        time.sleep(1)
        stop.set()
        for writer in writers:
            writer.join(60)
        events = read_log(direct, key)
        finish(events[-1]["s"] if events else 0)
    return disturbed | report(ledger, events, stored_trades(direct, key), seen)


def kill_one(server: Server, after: float) -> float:
    """SIGKILL one server and start it again; return the seconds until it answered."""
    time.sleep(after)
    server.kill()
    started = time.monotonic()
    server.start()
    return time.monotonic() - started


@contextmanager
def background_reader(urls: list[str], key: str, seen: Seen) -> Iterator[Any]:
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(follow(urls, key, "main", seen, stop)), daemon=True
    )
    thread.start()

    def finish(head: int) -> None:
        deadline = time.monotonic() + 30
        while seen.position < head and time.monotonic() < deadline and thread.is_alive():
            time.sleep(0.05)

    try:
        yield finish
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def report(
    ledger: Ledger,
    events: list[dict[str, Any]],
    stored: dict[str, str],
    seen: Seen,
) -> dict[str, Any]:
    faults = list(seen.faults) + ledger.compare(events, stored)
    last = len(events)  # what followed the data meanwhile is not part of the comparison
    if sorted(number for number in seen.events if number <= last) != [event["s"] for event in events]:
        faults.append(f"the client saw {len(seen.events)} events of {len(events)}")
    if any(seen.events[event["s"]]["d"] != event["d"] for event in events if event["s"] in seen.events):
        faults.append("the client saw other content")
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "posts": ledger.posts,
        "posts_cut_off": ledger.cut_off,
        "acknowledged_changes": len(ledger.changes()),
        "events": len(events),
        "events_seen": sum(number <= last for number in seen.events),
        "trades_stored": len(stored),
        "client_connections": seen.connections,
        "faults": faults,
    }


def kills(scale: Scale) -> Outcome:
    """Rows 1 and 2: both databases."""
    whole = Outcome()
    for postgres in (False, True):
        report = run(kills=scale.of(100, 2), postgres=postgres, seed=scale.seed, batch=scale.of(20, 5))
        found = Outcome.of(report)
        whole.figures[report["backend"]] = found.figures
        whole.faults += found.faults
        least = scale.of(100_000, 20)
        whole.want(report["acknowledged_changes"] >= least, f"{report['acknowledged_changes']} changes of {least}")
    return whole


ROWS = [
    Row(1, "kill -9 under load (with row 2: order and doubles at the client)", "0 of 100,000 lost; 0 / 0 / 0", kills)
]
