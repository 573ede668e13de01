"""How fast an event reaches one socket, and whether a crowd gets all of them: `python -m benchmarks.fanout`.

First the plain design of benchmarks/plain_sockets.py, which is given its events for nothing. Then servers of our own:
one as `make run` starts it on SQLite; on PostgreSQL + Redis one that takes the reports, beside one that holds the
sockets, the same with --stalled clients that never read, and two that hold the sockets. Latency runs from `at`, taken
inside the transaction just before its commit, to the arrival of the frame, on one clock. Ends with 1 if ours lose or
disorder an event.
"""

import argparse
import asyncio
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.server import ROOT, Server
from tests.torture.crash import cluster
from tests.torture.crowd import TEXT, Crowd
from tools.services import free_port

ACCOUNT = "main"
MAX_SOCKETS = 20  # of one key
POSTS = 20  # a second: several trades each, as bots that trade a lot report
KEYS = """
from django.utils import timezone
from dashboard.models import Account
from dashboard.services.keys import key_create
account = Account.objects.get(slug="{account}")
for _ in range({count}):
    print(key_create(account=account, scopes=["read", "ingest"], now=timezone.now())[1])
"""


def trade(number: int) -> dict[str, Any]:
    return {
        "trade_id": f"t{number}", "symbol": "BTC/USDT", "direction": "long", "size": "0.5", "status": "open",
        "entry_price": "64250.5", "entry_time": "2026-01-01T00:00:00Z",
    }  # fmt: skip


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def spent(pid: int) -> float:
    """Seconds of CPU of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Poster:
    """Posts new trades, each of which gives one event."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.count = client, 0

    async def post(self, trades: int) -> int:
        """Return the number of the last event."""
        numbers = range(self.count, self.count + trades)
        self.count += trades
        answer = await self.client.post("/api/trades", json=[trade(number) for number in numbers])
        answer.raise_for_status()
        return max(item["seq"] for item in answer.json()["data"]["items"])

    async def steadily(self, rate: int, seconds: int) -> int:
        begun, posts = time.monotonic(), []
        for number in range(POSTS * seconds):
            await asyncio.sleep(max(0.0, begun + number / POSTS - time.monotonic()))
            posts.append(asyncio.create_task(self.post(rate // POSTS)))
        return max([await each for each in posts])


async def ours(name: str, ports: Sequence[int], pids: Sequence[int], url: str, tokens: list[str], options: Any) -> bool:
    """One row of the table. The sockets are spread over `ports`."""
    headers = {"Authorization": f"Bearer {tokens[0]}"}
    crowd, stalled = Crowd(ACCOUNT), Crowd(ACCOUNT)
    before = sum(map(memory, pids))
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=30) as client:
        poster = Poster(client)
        await poster.post(1)  # makes the strategy, which is an event of its own
        await asyncio.sleep(1)
        for index, port in enumerate(ports):
            await crowd.enter(port, tokens[index :: len(ports)][: -(-options.sockets // len(ports))])
        idle = (sum(map(memory, pids)) - before) / len(crowd.members) * 1000
        if "stalled" in name:
            await stalled.enter(ports[0], tokens[-options.stalled :])
            for member in stalled.members:
                assert member.transport is not None
                member.transport.pause_reading()
        crowd.begin()
        row = Row(name, crowd, pids)
        last = await poster.steadily(options.rate, options.seconds)
        await crowd.until(last, 15)
    whole = row.tell(options, f"{idle:.0f} kB a socket")
    crowd.leave()
    stalled.leave()
    return whole


class Row:
    """Begins to measure when it is made."""

    def __init__(self, name: str, crowd: Crowd, pids: Sequence[int]) -> None:
        self.name, self.crowd, self.pids = name, crowd, pids
        self.watching = asyncio.create_task(crowd.watch_lag())
        self.begun, self.own = time.monotonic(), time.process_time()
        self.theirs = [spent(pid) for pid in pids]

    def tell(self, options: Any, more: str = "") -> bool:
        self.watching.cancel()
        crowd, took = self.crowd, time.monotonic() - self.begun
        wanted = options.rate * options.seconds * len(crowd.members)
        whole = crowd.received >= wanted and not crowd.gaps and not crowd.faults
        busy = " + ".join(f"{(spent(pid) - was) / took:.0%}" for pid, was in zip(self.pids, self.theirs, strict=True))
        at = " / ".join(f"{crowd.latency(part) * 1000:.0f}" for part in (0.5, 0.99, 0.999))
        print(
            f"{self.name:<34}{len(crowd.members):>6} sockets  {crowd.received / wanted:8.2%} of {wanted:,}  "
            f"{crowd.received / took:>9,.0f} ev/s  p50/99/99.9 {at} ms  gaps {crowd.gaps}  server {busy}, "
            f"{sum(map(memory, self.pids)):.0f} MB  client {(time.process_time() - self.own) / took:.0%}, "
            f"late {crowd.worst_lag * 1000:.0f} ms  {more}{'  ' + '; '.join(sorted(set(crowd.faults))[:3])}",
            flush=True,
        )
        return whole


async def single(url: str, port: int, pid: int, tokens: list[str], options: Any) -> bool:
    """One socket, one event at a time."""
    crowd = Crowd(ACCOUNT)
    async with httpx.AsyncClient(
        base_url=url, headers={"Authorization": f"Bearer {tokens[0]}"}, trust_env=False, timeout=30
    ) as client:
        poster = Poster(client)
        poster.count = 10**6
        await poster.post(1)
        await asyncio.sleep(0.5)
        await crowd.enter(port, tokens[:1])
        crowd.begin()
        for _ in range(options.events):
            await crowd.until(await poster.post(1), 5)
    at = " / ".join(f"{crowd.latency(part) * 1000:.0f}" for part in (0.5, 0.99))
    print(f"one socket, one event at a time: {crowd.received} of {options.events}, p50/99 {at} ms", flush=True)
    crowd.leave()
    return crowd.received >= options.events and not crowd.gaps


async def plain(port: int, pid: int, options: Any) -> None:
    crowd = Crowd(ACCOUNT)
    await crowd.enter(port, ["-"] * options.sockets)
    crowd.begin()
    row = Row("plain group_send, one process", crowd, [pid])
    crowd.members[0].send(TEXT, b'{"t": "go"}')
    await asyncio.sleep(options.seconds)
    quiet, seen = 0, -1
    while quiet < 3:  # what is under way may still arrive
        await asyncio.sleep(1)
        quiet, seen = (quiet + 1, seen) if crowd.received == seen else (0, crowd.received)
    row.tell(options)
    crowd.leave()


@contextmanager
def plain_server(options: Any) -> Iterator[tuple[int, int]]:
    port = free_port()
    environment = os.environ | {
        "PLAIN_RATE": str(options.rate), "PLAIN_SECONDS": str(options.seconds),
        "PLAIN_BODY": json.dumps(trade(1) | {"pad": "x" * 600}),
    }  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "benchmarks.plain_sockets:application",
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                asyncio.run(reachable(port))
                break
            time.sleep(0.1)
        yield port, running.pid
    finally:
        running.terminate()
        running.wait(10)


async def reachable(port: int) -> None:
    (await asyncio.open_connection("127.0.0.1", port))[1].close()


def tokens_of(server: Server, sockets: int) -> list[str]:
    """A token for each of so many sockets, and as many more as their last key has room for."""
    count = -(-sockets // MAX_SOCKETS)
    made = server.manage("shell", "-v0", "-c", KEYS.format(account=ACCOUNT, count=count)).split()
    return [token for token in made for _ in range(MAX_SOCKETS)]


def pid_of(server: Server) -> int:
    assert server.process is not None
    return server.process.pid


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--stalled", type=int, default=50)
    options = parser.parse_args()
    well = True
    with tempfile.TemporaryDirectory(prefix="botv2-fanout-") as folder, ExitStack() as stack:
        with plain_server(options) as (port, pid):
            asyncio.run(plain(port, pid, options))
        (server,) = stack.enter_context(cluster(Path(folder) / "sqlite", False))
        tokens = tokens_of(server, options.sockets + options.stalled)
        well &= asyncio.run(single(server.url, server.port, pid_of(server), tokens, options))
        well &= asyncio.run(
            ours("SQLite, all in one process", [server.port], [pid_of(server)], server.url, tokens, options)
        )
        server.stop()
        reports, *sockets = stack.enter_context(cluster(Path(folder) / "pg", True, 3))
        tokens = tokens_of(reports, options.sockets + options.stalled)
        for name, holding in (
            ("PostgreSQL, one socket process", sockets[:1]),
            (f"PostgreSQL, one, {options.stalled} stalled beside", sockets[:1]),
            ("PostgreSQL, two socket processes", sockets),
        ):
            ports, pids = [each.port for each in holding], [pid_of(each) for each in holding]
            well &= asyncio.run(ours(name, ports, pids, reports.url, tokens, options))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
