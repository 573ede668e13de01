"""Everything at once for half an hour: what a server holds on to afterwards is what it held after warming up."""

import asyncio
import os
import signal
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import httpx
import psycopg

from benchmarks.fanout import MAX_SOCKETS, memory, pid_of, tokens_of
from tests.server import Server
from tests.torture.crash import cluster
from tests.torture.crowd import Crowd
from tests.torture.ledger import Ledger, each_event, stored_trades
from tests.torture.load import ACCOUNT, Load, add
from tests.torture.outcome import Outcome, Row, Scale
from tests.torture.storms import descriptors
from tests.torture.watched import TASKS

DRIFT = 0.05
STANDS, MOST_ROUNDS = 1.01, 12
AT_ONCE = 60  # requests: more than a server has connections to its database
QUIET = 12.0  # seconds in which idle connections of clients and an unused hub end
PATIENCE = 40.0
ASKED = [
    "/api/trades?limit=100", "/api/snapshot", "/api/events?limit=100", "/api/trades/stats", "/api/risk/metrics",
    "/api/portfolio/equity", "/api/strategies", "/api/analytics/drawdowns", "/api/analytics/monthly",
]  # fmt: skip
PAGES = ["/a/main/", "/a/main/trades", "/a/main/strategies", "/a/main/risk", "/a/main/portfolio", "/healthz"]
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class Asking(threading.Thread):
    """Somebody who looks at one thing after the other."""

    def __init__(self, client: httpx.Client, urls: list[str], paths: list[str], stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.client, self.urls, self.paths, self.stop = client, urls, paths, stop
        self.answered, self.faults = 0, list[str]()

    def run(self) -> None:
        for url, path in zip(cycle(self.urls), cycle(self.paths), strict=False):
            if self.stop.wait(0.2):
                return
            try:
                answer = self.client.get(url + path)
                if answer.status_code != 200:
                    self.faults.append(f"{path} answers {answer.status_code}")
            except httpx.HTTPError as error:
                self.faults.append(f"{path}: {error!r}")
            self.answered += 1


@dataclass(frozen=True)
class Holding:
    """What a server holds on to; `connections` are those of all servers to a database that is not a file."""

    descriptors: int
    tasks: int
    threads: int
    connections: int


def holding(server: Server) -> Holding:
    threads = len(os.listdir(f"/proc/{pid_of(server)}/task"))
    return Holding(descriptors(server), tasks(server), threads, connections(server))


def tasks(server: Server) -> int:
    """Those of the event loop; the server's settings are tests.torture.watched."""
    told = server.data / TASKS
    told.unlink(missing_ok=True)
    os.kill(pid_of(server), signal.SIGUSR2)
    deadline = time.monotonic() + PATIENCE
    while not told.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return int(told.read_text())


def connections(server: Server) -> int:
    if url := server.environment["DATABASE_URL"]:
        with psycopg.connect(url) as connection:
            row = connection.execute(CONNECTIONS).fetchone()
        assert row is not None
        return int(row[0])
    found = 0
    for each in Path(f"/proc/{pid_of(server)}/fd").iterdir():
        with suppress(FileNotFoundError):
            found += each.readlink().name.endswith(".sqlite3")
    return found


class Soak:
    """The load of one installation, phase after phase, each of which ends with nobody there."""

    def __init__(self, servers: list[Server], found: Outcome) -> None:
        self.servers, self.found = servers, found
        for server in servers:
            server.stop()
            server.environment["DJANGO_SETTINGS_MODULE"] = "tests.torture.watched"
            server.start()
        self.urls = [server.url for server in servers]
        self.tokens = tokens_of(servers[0], 3 * MAX_SOCKETS)
        self.ledger = Ledger()
        self.person = httpx.Client(trust_env=False, timeout=60, follow_redirects=True)
        # A newer link ends the older ones.
        self.person.get(servers[-1].sign_in_link()).raise_for_status()

    def run(self, warming: float, seconds: float) -> None:
        weighed = self.warm(warming)
        time.sleep(QUIET)
        before = [holding(each) for each in self.servers]
        self.found.figures |= asyncio.run(self.phase("soak", seconds))
        time.sleep(QUIET)
        deadline = time.monotonic() + PATIENCE
        while (after := [holding(each) for each in self.servers]) != before and time.monotonic() < deadline:
            time.sleep(1)
        drifts = [now / was - 1 for was, now in zip(weighed, self.weigh(), strict=True)]
        self.found.figures |= {
            "seconds": seconds, "megabytes_before": [round(each, 1) for each in weighed],
            "drift_percent": [round(each * 100, 1) for each in drifts],
            "held_before": [vars(each) for each in before], "held_after": [vars(each) for each in after],
        }  # fmt: skip
        self.found.want(max(drifts) < DRIFT, f"RSS grew by {max(drifts):.1%}")
        self.found.want(after == before, f"before {before}, after {after}")
        stored = stored_trades(self.urls[0], self.tokens[0])
        self.found.faults += self.ledger.compare(each_event(self.urls[0], self.tokens[0]), stored)

    def warm(self, seconds: float) -> list[float]:
        """Rounds of the load until memory stands; at rest it swings by a few per cent, so the most of three counts."""
        rounds: list[list[float]] = []
        while len(rounds) < MOST_ROUNDS:
            asyncio.run(self.phase(f"warm{len(rounds)}", seconds))
            most = [max(each) for each in zip(*rounds[-3:], strict=True)]
            rounds.append(self.weigh())
            if len(rounds) > 3 and all(now <= STANDS * was for was, now in zip(most, rounds[-1], strict=True)):
                break
        self.found.figures["warming_rounds"] = len(rounds)
        return [max(each) for each in zip(*rounds[-3:], strict=True)]

    def weigh(self) -> list[float]:
        return [memory(pid_of(server)) for server in self.servers]

    async def phase(self, name: str, seconds: float) -> dict[str, int]:
        known = max(self.ledger.numbers, default=0)
        load = Load(self.urls, self.tokens[0], posts=4, batch=5, writers=2, name=name, ledger=self.ledger)
        headers = {"Authorization": f"Bearer {self.tokens[0]}"}
        program = httpx.Client(headers=headers, trust_env=False, timeout=60)
        asking = [
            Asking(program, self.urls, ASKED, load.stop),
            Asking(self.person, self.urls, PAGES, load.stop),
        ]
        crowds = [Crowd(ACCOUNT), Crowd(ACCOUNT)]
        ports = [server.port for server in self.servers]
        for crowd, port in zip(crowds, cycle(ports), strict=False):
            await crowd.enter(port, self.tokens[:MAX_SOCKETS:2])
        load.start()
        for each in asking:
            each.start()
        visits = await self.come_and_go(crowds[1], ports[-1], time.monotonic() + seconds)
        await asyncio.to_thread(load.end)
        for each in asking:
            await asyncio.to_thread(each.join, 60)
        program.close()
        for crowd in crowds:
            await crowd.until(max(self.ledger.numbers), 20)
        self.judge(load, asking, crowds, known)
        for crowd in crowds:
            crowd.leave()
        await self.burst()
        posts, reads = sum(len(writer.took) for writer in load.writers), sum(each.answered for each in asking)
        return {"posts": posts, "reads": reads, "sockets_opened": visits}

    async def come_and_go(self, crowd: Crowd, port: int, until: float) -> int:
        """Clients that are away now and then and go on where they were, and others that are new each time."""
        visits = 0
        while time.monotonic() < until:
            crowd.leave()
            await asyncio.sleep(0.5)
            await crowd.come_back(port)
            fresh = Crowd(ACCOUNT)
            await fresh.enter(port, self.tokens[MAX_SOCKETS : 2 * MAX_SOCKETS])
            await asyncio.sleep(1)
            fresh.leave()
            self.found.faults += fresh.faults
            visits += len(crowd.members) + len(fresh.members)
        return visits

    def judge(self, load: Load, asking: list[Asking], crowds: list[Crowd], known: int) -> None:
        wanted = {number: name for number, name in self.ledger.numbers.items() if number > known}
        for crowd in crowds:
            self.found.want(crowd.told == wanted, f"{len(crowd.told)} events told, {len(wanted)} acknowledged")
            self.found.want(not crowd.gaps and not crowd.faults, f"{crowd.gaps} gaps; {crowd.faults[:3]}")
            self.found.want(all(each.at >= max(wanted) for each in crowd.members), "a client is not at the head")
        for each in asking:
            self.found.want(not each.faults, f"{len(each.faults)} reads failed: {each.faults[:3]}")
        self.found.want(not self.ledger.cut_off, f"{self.ledger.cut_off} posts failed")

    async def burst(self) -> None:
        """So many requests at once that each pool of connections is as large as it gets, after every phase."""
        headers = {"Authorization": f"Bearer {self.tokens[-1]}"}
        limits = httpx.Limits(max_connections=AT_ONCE)
        async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=60, limits=limits) as client:
            for url in self.urls:
                await asyncio.gather(*(client.get(f"{url}/api/trades?limit=200") for _ in range(AT_ONCE)))


def soak(scale: Scale) -> Outcome:
    """Row 15: both databases."""
    whole = Outcome()
    for postgres in (False, True):
        found = Outcome()
        with tempfile.TemporaryDirectory(prefix="botv2-soak-") as folder, cluster(Path(folder), postgres) as servers:
            Soak(servers, found).run(scale.of(60, 4), scale.of(1800, 8))
        add(whole, "PostgreSQL, two servers" if postgres else "SQLite", found)
    return whole


ROWS = [
    Row(15, "Soak, half an hour on each database", "RSS +5 % at most; descriptors, tasks, connections as before", soak)
]
