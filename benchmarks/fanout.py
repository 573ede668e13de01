"""How fast an event reaches one socket, and whether a hundred get all of them: `python -m benchmarks.fanout`.

Starts a server of its own on an empty SQLite database (or --database-url, --redis-url), posts trades over HTTP and
reads the sockets in this process. Latency runs from `at`, taken inside the transaction just before its commit, to the
arrival of the frame, on one clock; so it includes the commit itself. Ends with 1 if an event is lost or out of order.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.server import Server

ACCOUNT = "fanout"
SUBPROTOCOL = Subprotocol("botv2.v1")
MAX_SOCKETS = 20  # of one key


class Reader:
    """One socket: the numbers it saw and how late, in seconds."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.late: list[float] = []
        self.frames = 0

    async def follow(self, socket: ClientConnection) -> None:
        async for text in socket:
            now = datetime.now(UTC)
            message = json.loads(text)
            if message["t"] == "ev":
                self.frames += 1
                for event in message["ev"]:
                    self.seen.append(event["s"])
                    self.late.append((now - datetime.fromisoformat(event["at"])).total_seconds())
            elif message["t"] == "hb":
                await socket.send(json.dumps({"t": "pong", "at": {}}))

    async def until(self, seq: int, patience: float) -> None:
        deadline = time.monotonic() + patience
        while (not self.seen or self.seen[-1] < seq) and time.monotonic() < deadline:
            await asyncio.sleep(0.005)


async def open_socket(url: str, token: str) -> ClientConnection:
    """A socket at the head of the account."""
    headers = {"Authorization": f"Bearer {token}"}
    address = url.replace("http", "ws") + "/ws/v1"
    socket = await connect(
        address, additional_headers=headers, subprotocols=[SUBPROTOCOL], compression=None, proxy=None
    )
    sub: dict[str, object] = {"account": ACCOUNT}
    while True:
        await socket.send(json.dumps({"t": "hello", "subs": [sub]}))
        while (message := json.loads(await socket.recv()))["t"] not in {"reset", "live"}:
            pass
        if message["t"] == "live":
            return socket
        sub |= {"epoch": message["epoch"], "since": message["head"]}


class Poster:
    """Posts new trades, one a request, each giving one event."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.count = 0

    async def post(self) -> int:
        self.count += 1
        trade = {
            "trade_id": f"t{self.count}",
            "symbol": "BTC/USDT",
            "direction": "long",
            "size": "0.5",
            "status": "open",
            "entry_price": "64250.5",
            "entry_time": "2026-01-01T00:00:00Z",
        }
        answer = await self.client.post("/api/trades", json=trade)
        answer.raise_for_status()
        return int(answer.json()["data"]["seq"])


def figures(late: list[float]) -> str:
    ranked = sorted(late)
    at = [ranked[min(len(ranked) - 1, int(len(ranked) * part))] * 1000 for part in (0.5, 0.99)]
    return f"p50 {at[0]:.1f} ms, p99 {at[1]:.1f} ms, max {ranked[-1] * 1000:.1f} ms"


async def measure(url: str, tokens: list[str], options: argparse.Namespace) -> bool:
    async with httpx.AsyncClient(
        base_url=url, headers={"Authorization": f"Bearer {tokens[0]}"}, trust_env=False, timeout=30
    ) as client:
        poster = Poster(client)
        alone = await single(url, tokens, options, poster)
        return await many(url, tokens, options, poster) and alone


async def single(url: str, tokens: list[str], options: argparse.Namespace, poster: Poster) -> bool:
    """One socket, one event at a time."""
    socket, reader = await open_socket(url, tokens[0]), Reader()
    following = asyncio.create_task(reader.follow(socket))
    head = await poster.post()  # makes the strategy too, which is another event
    await reader.until(head, 5)
    reader.late.clear()
    for _ in range(options.events):
        head = await poster.post()
        await reader.until(head, 5)
        await asyncio.sleep(0.02)
    print(f"{options.events} events, one socket: {len(reader.late)} received, {figures(reader.late)}")
    following.cancel()
    await socket.close()
    return reader.seen == list(range(1, head + 1))


async def many(url: str, tokens: list[str], options: argparse.Namespace, poster: Poster) -> bool:
    """Many sockets at a steady rate."""
    sockets = [await open_socket(url, tokens[number // MAX_SOCKETS]) for number in range(options.sockets)]
    readers = [Reader() for _ in sockets]
    following = [asyncio.create_task(each.follow(socket)) for each, socket in zip(readers, sockets, strict=True)]
    start, posts = time.monotonic(), []
    for number in range(options.rate * options.seconds):
        await asyncio.sleep(max(0.0, start + number / options.rate - time.monotonic()))
        posts.append(asyncio.create_task(poster.post()))
    numbers = sorted([await each for each in posts])
    for reader in readers:
        await reader.until(numbers[-1], 10)
    whole = all(reader.seen == numbers for reader in readers)
    late = [each for reader in readers for each in reader.late]
    frames = sum(reader.frames for reader in readers)
    print(
        f"{options.sockets} sockets, {options.rate}/s for {options.seconds} s: {len(late)} of "
        f"{len(numbers) * options.sockets} received in {frames} frames, "
        f"{'all in order, none twice' if whole else 'LOST OR OUT OF ORDER'}, {figures(late)}"
    )
    for task in following:
        task.cancel()
    await asyncio.gather(*(socket.close() for socket in sockets))
    return whole


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--sockets", type=int, default=100)
    parser.add_argument("--rate", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--database-url", default="", help="an empty database; default: SQLite in a temporary folder")
    parser.add_argument("--redis-url", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), {"DATABASE_URL": options.database_url, "REDIS_URL": options.redis_url})
        server.manage("init")
        server.manage("create_account", ACCOUNT)
        keys = ["create_api_key", "--account", ACCOUNT, "--scopes", "read,ingest"]
        tokens = [server.manage(*keys).strip() for _ in range(-(-options.sockets // MAX_SOCKETS))]
        server.start()
        try:
            return 0 if asyncio.run(measure(server.url, tokens, options)) else 1
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
