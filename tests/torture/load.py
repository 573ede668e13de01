"""Load that is held: lists and single events in, events out to many clients."""

import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.fanout import pid_of, spent, tokens_of
from tests.server import Server
from tests.torture.crash import Writer, cluster, reporting_key
from tests.torture.crowd import Crowd
from tests.torture.databases import named
from tests.torture.ledger import Ledger, each_event, stored_trades, trade
from tests.torture.outcome import Outcome, Row, Scale
from tests.torture.rolling import percentile
from tools import services

ACCOUNT = "main"
# What the database promises of a commit: full synchronisation, or the settings that make one wait for the disk.
DURABLE = {False: "2", True: "on on"}
SYNCED = """
from django.db import connection
with connection.cursor() as cursor:
    told = []
    for what in {asked}:
        cursor.execute(what)
        told.append(str(cursor.fetchone()[0]))
print(*told)
"""


class Paced(Writer):
    """Posts at its own pace, whatever the answers take: each counts from when it was due."""

    def __init__(self, rate: float, late: float, *given: Any) -> None:
        super().__init__(*given)
        self.rate, self.late = rate, late
        self.took: list[float] = []

    def run(self) -> None:
        begun, count = time.monotonic() + self.late, 0
        while not self.stop.wait(max(0.0, begun + count / self.rate - time.monotonic())):
            due, start = begun + count / self.rate, count // 2 * self.batch
            status = "closed" if count % 2 else "open"
            count += 1
            self.post([trade(f"{self.label}-{number}", status) for number in range(start, start + self.batch)])
            self.took.append(time.monotonic() - due)

    def body(self, trades: list[dict[str, Any]]) -> Any:
        return trades[0] if self.batch == 1 else trades


class Load:
    """Writers that together post so many times a second."""

    def __init__(
        self,
        urls: list[str],
        key: str,
        *,
        posts: float,
        batch: int,
        writers: int,
        name: str = "w",
        ledger: Ledger | None = None,
    ) -> None:
        self.ledger, self.stop = ledger or Ledger(), threading.Event()
        self.batch, self.begun = batch, time.monotonic()
        rate = posts / writers
        self.writers = [
            Paced(rate, number / posts, f"{name}{number}", urls, key, self.ledger, self.stop, batch)
            for number in range(writers)
        ]

    def start(self) -> None:
        self.begun = time.monotonic()
        for writer in self.writers:
            writer.start()

    def end(self) -> None:
        """Return when the last post is answered."""
        self.stop.set()
        for writer in self.writers:
            writer.join(60)
            writer.client.close()
        self.seconds = time.monotonic() - self.begun

    def took(self, share: float) -> float:
        return percentile([each for writer in self.writers for each in writer.took], share)

    def tell(self, found: Outcome) -> None:
        posts = sum(len(writer.took) for writer in self.writers)
        found.figures |= {
            "posts": posts, "batch": self.batch, "seconds": round(self.seconds, 1),
            "posts_a_second": round(posts / self.seconds, 1),
            "events_a_second": round(posts * self.batch / self.seconds),
            "p50_ms": round(self.took(0.5) * 1000), "p99_ms": round(self.took(0.99) * 1000),
            "cut_off": self.ledger.cut_off, "refused": len(self.ledger.refused),
        }  # fmt: skip
        others = {status: count for status, count in self.ledger.statuses.items() if status not in {200, 201}}
        found.want(not others, f"posts were answered {others}")
        found.want(not self.ledger.cut_off, f"{self.ledger.cut_off} posts failed")
        found.want(self.ledger.posts == posts, f"{self.ledger.posts} posts sent, {posts} answered")

    def compare(self, found: Outcome, url: str, key: str) -> None:
        stored = stored_trades(url, key)
        found.figures["trades_stored"] = len(stored)
        found.faults += self.ledger.compare(each_event(url, key), stored)


@contextmanager
def durable(postgres: bool) -> Iterator[list[Server]]:
    """A cluster whose database waits for the disk."""
    with ExitStack() as stack:
        if postgres:
            service = stack.enter_context(services.own_postgres(durable=True))
            stack.enter_context(named(TEST_DATABASE_URL=service.url))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="botv2-load-"))
        yield stack.enter_context(cluster(Path(folder), postgres))


def held(postgres: bool, found: Outcome, seconds: float, **load: Any) -> Load:
    """Post for so long at a pace, then compare the ledger with the database."""
    with durable(postgres) as servers:
        asked = ["SHOW fsync", "SHOW synchronous_commit"] if postgres else ["PRAGMA synchronous"]
        promised = servers[0].manage("shell", "-v0", "-c", SYNCED.format(asked=asked)).strip()
        found.want(promised == DURABLE[postgres], f"{asked} is {promised}")
        urls, key = [server.url for server in servers], reporting_key(servers[0])
        warm = Load(urls, key, name="warm", **load)
        warm.start()
        time.sleep(2)
        warm.end()
        measured = Load(urls, key, ledger=warm.ledger.copy(), **load)
        pids = [pid_of(server) for server in servers]
        before = sum(map(spent, pids))
        measured.start()
        time.sleep(seconds)
        measured.end()
        measured.tell(found)
        # What a busy machine does not change: a slow run with a usual figure here was short of CPU.
        cpu = (sum(map(spent, pids)) - before) / found.figures["posts"]
        found.figures["server_cpu_ms_a_post"] = round(cpu * 1000, 1)
        measured.compare(found, urls[0], key)
        return measured


def lists(scale: Scale) -> Outcome:
    """Row 11: lists of 100 on PostgreSQL, two servers."""
    found = Outcome()
    load = held(True, found, scale.of(600, 8), posts=15.5, batch=100, writers=8)
    found.want(found.figures["events_a_second"] >= 1500, f"{found.figures['events_a_second']} events a second")
    found.want(load.took(0.99) <= 0.4, f"p99 {load.took(0.99) * 1000:.0f} ms")
    return found


def singles(scale: Scale) -> Outcome:
    """Row 12: one event a request, each committed to the disk."""
    whole = Outcome()
    for postgres in (False, True):
        found = Outcome()
        load = held(postgres, found, scale.of(120, 6), posts=105, batch=1, writers=8)
        found.want(found.figures["posts_a_second"] >= 100, f"{found.figures['posts_a_second']} requests a second")
        found.want(load.took(0.99) <= 0.25, f"p99 {load.took(0.99) * 1000:.0f} ms")
        add(whole, "PostgreSQL" if postgres else "SQLite", found)
    return whole


def fan_out(scale: Scale) -> Outcome:
    """Row 13: one process for all, then one that takes reports beside one that holds the sockets."""
    whole = Outcome()
    for postgres in (False, True):
        found = Outcome()
        with tempfile.TemporaryDirectory(prefix="botv2-load-") as folder, cluster(Path(folder), postgres) as servers:
            asyncio.run(spread(servers[0], servers[-1], scale.of(100, 100), scale.of(120, 6), found))
        add(whole, "PostgreSQL, two processes" if postgres else "SQLite, one process", found)
    return whole


async def spread(reports: Server, sockets: Server, clients: int, seconds: float, found: Outcome) -> None:
    """Latency runs from `at`, which is taken before the commit and so before the acknowledgement."""
    tokens, key = tokens_of(reports, clients), reporting_key(reports)
    load, crowd = Load([reports.url], key, posts=20, batch=1, writers=4), Crowd(ACCOUNT)
    await crowd.enter(sockets.port, tokens[:clients])
    crowd.begin()
    watching = asyncio.create_task(crowd.watch_lag())
    load.start()
    await asyncio.sleep(seconds)
    await asyncio.to_thread(load.end)
    last = max(load.ledger.numbers)
    await crowd.until(last, 15)
    watching.cancel()
    load.tell(found)
    p50, p99 = crowd.latency(0.5), crowd.latency(0.99)
    found.figures |= {
        "clients": clients, "received": crowd.received, "to_client_p50_ms": round(p50 * 1000),
        "to_client_p99_ms": round(p99 * 1000), "loader_late_ms_max": round(crowd.worst_lag * 1000),
    }  # fmt: skip
    found.want(p50 <= 0.1, f"p50 {p50 * 1000:.0f} ms")
    found.want(p99 <= 0.5, f"p99 {p99 * 1000:.0f} ms")
    wanted = load.ledger.numbers
    found.want(len(wanted) >= 20 * seconds * 0.95, f"{len(wanted)} events in {seconds} s")
    found.want(not crowd.gaps and not crowd.faults, f"{crowd.gaps} gaps; {crowd.faults[:3]}")
    found.want(all(member.at >= last for member in crowd.members), "a client is not at the head")
    found.want(crowd.told == wanted, f"{len(crowd.told)} events told, {len(wanted)} acknowledged")
    crowd.leave()
    await asyncio.to_thread(load.compare, found, reports.url, key)


def add(whole: Outcome, name: str, found: Outcome) -> None:
    whole.figures[name] = found.figures
    whole.faults += [f"{name}: {fault}" for fault in found.faults]


ROWS = [
    Row(11, "Lists of 100 held ten minutes on PostgreSQL", "1,500 events/s, p99 400 ms, 0 errors, 0 lost", lists),
    Row(12, "Single events, each waiting for the disk", "100 requests/s, p99 250 ms, 0 lost", singles),
    Row(13, "Fan-out to 100 clients, 20 events/s", "p50 100 ms, p99 500 ms, 0 lost, in order", fan_out),
]
