"""An old backup is restored while clients watch: nobody goes on from what has not happened."""

import asyncio
import json
import tempfile
import threading
import time
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from benchmarks.fanout import tokens_of
from botv2_client.messages import Event, Position, Snapshot
from botv2_client.stream import follow
from tests.server import Server
from tests.torture.crash import Writer, cluster
from tests.torture.ledger import Ledger, each_event, stored_trades, trade
from tests.torture.outcome import Outcome, Row, Scale

ACCOUNT = "main"
Rows = dict[str, dict[str, Any]]


class Screen:
    """What one client shows: the trades as it was told of them, over any reset. Keeps its own position."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self.position: Position | None = None
        self.epochs: list[str] = []  # of the snapshots it began anew from
        self.rows: Rows = {}
        self.watching: asyncio.Task[None] | None = None

    def load(self, account: str) -> Position | None:
        return self.position

    def save(self, position: Position) -> None:
        self.position = position

    def look(self) -> None:
        self.watching = asyncio.create_task(self.watch())

    async def away(self) -> None:
        assert self.watching is not None
        self.watching.cancel()
        await asyncio.wait({self.watching})

    async def watch(self) -> None:
        while True:
            try:
                await self.watch_once()
            except httpx.HTTPError:  # the list of trades, which the server was stopped for
                await asyncio.sleep(0.1)

    async def watch_once(self) -> None:
        async for message in follow(self.url, self.token, account=ACCOUNT, positions=self, trust_env=False):
            if isinstance(message, Snapshot):
                self.rows = await rows(self.url, self.token)
                self.epochs.append(message.position.epoch)
            elif isinstance(message, Event) and message.type == "trade_executed":
                row = {name: value for name, value in message.data.items() if name != "change"}
                self.rows[row["trade_id"]] = row


async def rows(url: str, token: str) -> Rows:
    """The trades as the server has them."""
    found: Rows = {}
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60) as client:
        cursor = ""
        while True:
            answer = await client.get(f"/api/trades?limit=1000{cursor and f'&cursor={cursor}'}")
            data = json.loads(answer.raise_for_status().text, parse_float=Decimal)["data"]
            found |= {row["trade_id"]: row for row in data["trades"]}
            if not data["next_cursor"]:
                return found
            cursor = data["next_cursor"]


async def place(url: str, token: str) -> Position:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60) as client:
        data = (await client.get("/api/snapshot")).raise_for_status().json()["data"]
    return Position(ACCOUNT, data["epoch"], data["seq"])


class Drill:
    """The servers of one installation, their clients, and what their bot was answered."""

    def __init__(self, servers: list[Server], backup: Path, clients: int, trades: int, found: Outcome) -> None:
        self.servers, self.backup, self.trades, self.found = servers, backup, trades, found
        self.tokens = tokens_of(servers[0], clients)[:clients]
        self.screens = [Screen(servers[n % len(servers)].url, token) for n, token in enumerate(self.tokens)]
        self.url, self.token = servers[0].url, self.tokens[0]
        self.ledger = Ledger()
        self.since: list[list[dict[str, Any]]] = []  # what was reported after the backup
        self.stale = self.unreset = 0
        self.took: list[float] = []

    async def run(self, rounds: int) -> None:
        await self.report(self.bodies("kept", "open"))
        for screen in self.screens:
            screen.look()
        await self.everybody_exact("before the backup")
        await asyncio.to_thread(self.servers[0].manage, "backup", str(self.backup))
        kept = self.ledger.copy()
        for number in range(rounds):
            await self.round(number, kept.copy())
        for screen in self.screens:
            await screen.away()
        stored = await asyncio.to_thread(stored_trades, self.url, self.token)
        self.found.faults += await asyncio.to_thread(self.ledger.compare, each_event(self.url, self.token), stored)

    async def round(self, number: int, kept: Ledger) -> None:
        """The world goes on after the backup, which is then restored: beside running servers that are restarted
        after it, or beside none. Half of the clients are away until the new log has passed the place they know."""
        self.since += [self.bodies("kept", "closed")] if not number else []
        self.since.append(self.bodies(f"gone{number}", "open"))
        for bodies in self.since:
            await self.report(bodies)
        await self.everybody_exact(f"before restore {number}")
        was, away = await place(self.url, self.token), self.screens[number % 2 :: 2]
        for screen in away:
            await screen.away()
        if number % 2:
            self.each_server(Server.kill)
        await asyncio.to_thread(self.servers[0].manage, "restore", str(self.backup))
        if not number % 2:
            await asyncio.to_thread(self.each_server, Server.stop)
        await asyncio.to_thread(self.each_server, Server.start)
        self.ledger, begun = kept, time.monotonic()
        now = await place(self.url, self.token)
        self.found.want(now.epoch != was.epoch and now.seq < was.seq, f"restored from {was} to {now}")
        stored = await asyncio.to_thread(stored_trades, self.url, self.token)
        self.found.want(stored == kept.rows(), f"restore {number}: {len(stored)} trades of {len(kept.rows())}")
        there = [screen for screen in self.screens if screen not in away]
        await self.exact(there)
        self.took.append(time.monotonic() - begun)
        self.since.append(self.bodies(f"new{number}", "open"))
        for bodies in self.since:  # a bot repeats what it reported after the backup
            await self.report(bodies)
        self.found.want((await place(self.url, self.token)).seq > was.seq, "the log did not pass the old place")
        for screen in away:
            screen.look()
        await self.everybody_exact(f"after restore {number}")
        self.unreset += sum(screen.epochs[-1:] != [now.epoch] for screen in self.screens)

    def bodies(self, name: str, status: str) -> list[dict[str, Any]]:
        return [trade(f"{name}-{number}", status) for number in range(self.trades)]

    async def report(self, bodies: list[dict[str, Any]]) -> None:
        writer = Writer("", [self.url], self.token, self.ledger, threading.Event(), len(bodies))
        with writer.client:
            await asyncio.to_thread(writer.post, bodies)

    def each_server(self, act: Any) -> None:
        for server in self.servers:
            act(server)

    async def everybody_exact(self, when: str) -> None:
        stale = await self.exact(self.screens)
        self.stale += stale
        self.found.want(not stale, f"{when}: {stale} of {len(self.screens)} clients show something else")

    async def exact(self, screens: Iterable[Screen], patience: float = 40.0) -> int:
        """How many of these clients, given some time, do not show what the server has."""
        deadline = time.monotonic() + patience
        while True:
            at, wanted = await place(self.url, self.token), await rows(self.url, self.token)
            stale = sum(screen.position != at or screen.rows != wanted for screen in screens)
            if not stale or time.monotonic() > deadline:
                return stale
            await asyncio.sleep(0.1)


def restored(scale: Scale) -> Outcome:
    """Row 8: both databases."""
    whole, clients, rounds = Outcome(), scale.of(100, 10), scale.of(6, 2)
    for postgres in (False, True):
        found = Outcome()
        with tempfile.TemporaryDirectory(prefix="botv2-restore-") as folder, cluster(Path(folder), postgres) as servers:
            drill = Drill(servers, Path(folder) / "backup", clients, scale.of(500, 40), found)
            asyncio.run(drill.run(rounds))
        told = {
            "clients": clients, "restores": rounds, "resets_missing": drill.unreset, "stale_screens": drill.stale,
            "exact_seconds_max": round(max(drill.took), 2), "events": max(drill.ledger.numbers),
        }  # fmt: skip
        found.want(not drill.unreset, f"{drill.unreset} clients did not begin anew")
        backend = "PostgreSQL" if postgres else "SQLite"
        whole.figures[backend] = told
        whole.faults += [f"{backend}: {fault}" for fault in found.faults]
    return whole


ROWS = [Row(8, "Old backup restored while clients watch", "all reset by the new epoch, 0 stale screens", restored)]
