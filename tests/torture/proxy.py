"""A TCP proxy that misbehaves on purpose: late, slow, in crumbs, cut off, or silent without a word."""

import asyncio
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.in_thread import in_thread

CHUNK = 64 * 1024


@dataclass
class Faults:
    """What the proxy does to what passes; may be changed while it runs."""

    latency: float = 0.0  # seconds before each piece
    slice: int = 0  # bytes at a time; 0 is as they come
    bandwidth: float = 0.0  # bytes a second; 0 is unlimited
    reset: float = 0.0  # chance that a piece is replaced by a reset of the connection
    cut_reply: float = 0.0  # chance that a reply is swallowed and the connection reset: the request has arrived
    silent: bool = False  # nothing passes and nothing is closed: a half-open connection


@dataclass
class Counts:
    connections: int = 0
    resets: int = 0
    replies_cut: int = 0


@dataclass
class Proxy:
    """Passes connections on to `target`, a port of this machine."""

    target: int
    seed: int = 1
    faults: Faults = field(default_factory=Faults)
    counts: Counts = field(default_factory=Counts)
    port: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    async def serve(self, ready: threading.Event) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        server = await asyncio.start_server(self.connected, sock=listener)
        ready.set()
        async with server:
            await server.serve_forever()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.counts.connections += 1
        try:
            onward = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        ways = [self.pass_on(reader, onward[1], reply=False), self.pass_on(onward[0], writer, reply=True)]
        tasks = [asyncio.create_task(each) for each in ways]
        with suppress(asyncio.CancelledError):  # the proxy ends
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for each in (writer, onward[1]):
            each.transport.abort()

    async def pass_on(self, source: asyncio.StreamReader, drain: asyncio.StreamWriter, *, reply: bool) -> None:
        """Until an end closes or a fault does. Returning resets both ends."""
        with suppress(OSError):
            while piece := await source.read(CHUNK):
                faults = self.faults
                while faults.silent:
                    await asyncio.sleep(0.05)
                    faults = self.faults
                if faults.reset and self.chance.random() < faults.reset:
                    self.counts.resets += 1
                    return
                if reply and faults.cut_reply and self.chance.random() < faults.cut_reply:
                    self.counts.replies_cut += 1
                    return
                await self.give(piece, drain, faults)
            await drain.drain()
            drain.write_eof()
            await asyncio.sleep(0.05)

    async def give(self, piece: bytes, drain: asyncio.StreamWriter, faults: Faults) -> None:
        if faults.latency:
            await asyncio.sleep(faults.latency)
        step = faults.slice or (max(1, int(faults.bandwidth / 20)) if faults.bandwidth else len(piece))
        for start in range(0, len(piece), step):
            drain.write(piece[start : start + step])
            await drain.drain()
            if faults.bandwidth:
                await asyncio.sleep(min(step, len(piece) - start) / faults.bandwidth)
            elif faults.slice:
                await asyncio.sleep(0)


@contextmanager
def proxied(target: int, *, seed: int = 1, faults: Faults | None = None) -> Iterator[Proxy]:
    """A running proxy before `target`, in a thread of its own."""
    proxy = Proxy(target, seed, faults or Faults())
    with in_thread(proxy.serve):
        yield proxy
