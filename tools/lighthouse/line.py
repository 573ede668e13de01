"""A line to a server of this machine that is as long and as narrow as a real one, for all that goes over it.

Browsers can slow down what a page asks for, but not what its service worker asks for.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.in_thread import in_thread

PIECE = 4096


@dataclass
class Way:
    """One direction, which all connections share: what is sent while it is busy waits."""

    rate: float  # bytes a second
    delay: float  # seconds from end to end
    free: float = 0.0

    def arrival(self, size: int, now: float) -> float:
        self.free = max(self.free, now) + size / self.rate
        return self.free + self.delay


@dataclass
class Line:
    target: int
    down: Way
    up: Way
    port: int = 0

    async def serve(self, ready: threading.Event) -> None:
        server = await asyncio.start_server(self.connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await server.serve_forever()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):  # the line is taken away while something is on its way
            await asyncio.sleep(self.up.delay + self.down.delay)  # shaking hands
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            try:
                await asyncio.gather(carry(reader, far_writer, self.up), carry(far_reader, writer, self.down))
            finally:
                far_writer.close()
        writer.close()


async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: Way) -> None:
    """Pieces arrive one after the other, each after its time; they do not wait for those before to arrive."""
    now = asyncio.get_running_loop().time
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            due, piece = await waiting.get()
            await asyncio.sleep(max(0.0, due - now()))
            if not piece:
                break
            sink.write(piece)
        sink.close()

    delivering = asyncio.create_task(deliver())
    try:
        while piece := await source.read(PIECE):
            waiting.put_nowait((way.arrival(len(piece), now()), piece))
    finally:
        waiting.put_nowait((now() + way.delay, b""))
        await delivering


@contextmanager
def line(target: int, round_trip: float, rate: float) -> Iterator[Line]:
    """A line before the port `target`, in a thread of its own: seconds there and back, bytes a second each way."""
    made = Line(target, Way(rate, round_trip / 2), Way(rate, round_trip / 2))
    with in_thread(made.serve):
        yield made
