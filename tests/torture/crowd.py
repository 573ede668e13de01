"""Many sockets in one process, cheap enough that the server is what is measured.

Every socket is a bare asyncio protocol: frames are cut by their headers, and a frame that many sockets receive is
parsed once. How busy and how late this process was is part of what it tells.
"""

import asyncio
import base64
import json
import os
import struct
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
BIN = 0.001  # seconds: latencies are counted, not kept


class Parsed:
    """What a frame says, for all sockets that receive the same bytes."""

    __slots__ = ("at", "first", "kind", "last", "message")

    def __init__(self, payload: bytes) -> None:
        self.message: dict[str, Any] = json.loads(payload)
        self.kind = self.message["t"]
        events = self.message["ev"] if self.kind == "ev" else ()
        self.first = events[0]["s"] if events else 0
        self.last = events[-1]["s"] if events else 0
        self.at = [datetime.fromisoformat(event["at"]).timestamp() for event in events]


class Crowd:
    """The sockets of one run, and what they saw together."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.members: list[Member] = []
        self.parsed: dict[bytes, Parsed] = {}
        self.told: dict[int, str] = {}  # of every event that tells of a trade: which one
        self.late: Counter[int] = Counter()
        self.frames = self.received = 0
        self.gaps = 0
        self.faults: list[str] = []
        self.worst_lag = 0.0

    def parse(self, payload: bytes) -> Parsed:
        found = self.parsed.get(payload)
        if found is None:
            if len(self.parsed) > 500:
                self.parsed.clear()
            found = self.parsed[payload] = Parsed(payload)
            self.note(found)
        return found

    def note(self, found: Parsed) -> None:
        """Keep what the numbers stand for: they must say the same to all."""
        for event in found.message["ev"] if found.kind == "ev" else ():
            if event["type"] == "trade_executed":
                name = event["d"]["trade_id"]
                if self.told.setdefault(event["s"], name) != name:
                    self.faults.append(f"event {event['s']} is {name} and {self.told[event['s']]}")

    async def enter(self, port: int, tokens: Iterable[str], *, at_once: int = 25) -> None:
        """One socket per token, `at_once` handshakes at a time; returns when all are live."""
        gate = asyncio.Semaphore(at_once)

        async def one(token: str) -> None:
            async with gate:
                _, member = await asyncio.get_running_loop().create_connection(
                    lambda: Member(self, token), "127.0.0.1", port
                )
                self.members.append(member)
                await asyncio.wait_for(member.live, 60)

        await asyncio.gather(*(one(token) for token in tokens))

    async def come_back(self, port: int) -> None:
        """Everybody at once, each from where it was."""
        loop = asyncio.get_running_loop()
        for member in self.members:
            member.away()
        factories = [partial(returned, member) for member in self.members]
        await asyncio.gather(*(loop.create_connection(each, "127.0.0.1", port) for each in factories))
        await asyncio.gather(*(asyncio.wait_for(member.live, 60) for member in self.members))

    def begin(self) -> None:
        """Forget what was received so far."""
        self.late.clear()
        self.frames = self.received = self.gaps = 0
        self.worst_lag = 0.0

    async def watch_lag(self) -> None:
        """How late this process's own timers fire: what it adds to every latency."""
        while True:
            due = time.monotonic() + 0.01
            await asyncio.sleep(0.01)
            self.worst_lag = max(self.worst_lag, time.monotonic() - due)

    async def until(self, seq: int, patience: float) -> None:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and any(member.at < seq for member in self.members):
            await asyncio.sleep(0.02)

    def latency(self, part: float) -> float:
        """Seconds within which this part of all deliveries arrived."""
        wanted = part * self.late.total()
        for number in sorted(self.late):
            wanted -= self.late[number]
            if wanted <= 0:
                return number * BIN
        return float("nan")

    def leave(self) -> None:
        for member in self.members:
            if member.transport is not None:
                member.transport.abort()


def returned(member: "Member") -> "Member":
    return member


class Member(asyncio.Protocol):
    """One socket that subscribes to the account and checks that numbers follow each other."""

    def __init__(self, crowd: Crowd, token: str) -> None:
        self.crowd, self.token = crowd, token
        self.transport: asyncio.Transport | None = None
        self.buffer = bytearray()
        self.upgraded = False
        self.at = -1  # the last event
        self.epoch = ""
        self.resets: list[str] = []
        self.live: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def away(self) -> None:
        """Make ready for a new connection that goes on from `at`."""
        self.buffer.clear()
        self.upgraded = False
        self.live = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /ws/v1 HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: botv2.v1",
            f"Authorization: Bearer {self.token}",
        ]  # fmt: skip
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.upgraded:
            head, end, _ = self.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head.partition(b"\r\n")[0]:
                self.fail(f"not upgraded: {bytes(head[:80])!r}")
                return
            del self.buffer[: len(head) + 4]
            self.upgraded = True
            known = {"epoch": self.epoch, "since": self.at} if self.epoch else {}
            self.hello({"account": self.crowd.account, **known})
        while (frame := self.cut()) is not None:
            self.take(*frame)

    def cut(self) -> tuple[int, bytes] | None:
        """The next whole frame: its opcode and payload."""
        if len(self.buffer) < 2:
            return None
        size, start = self.buffer[1] & 127, 2
        if size > 125:
            start = 4 if size == 126 else 10
            if len(self.buffer) < start:
                return None
            size = int.from_bytes(self.buffer[2:start], "big")
        if len(self.buffer) < start + size:
            return None
        opcode, payload = self.buffer[0] & 15, bytes(self.buffer[start : start + size])
        del self.buffer[: start + size]
        return opcode, payload

    def take(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.send(PONG, payload)
        elif opcode == CLOSE:
            self.fail(f"closed with {int.from_bytes(payload[:2], 'big')}")
        elif opcode == TEXT:
            found = self.crowd.parse(payload)
            if found.kind == "ev":
                self.events(found)
            elif found.kind == "reset":
                self.at, self.epoch = found.message["head"], found.message["epoch"]
                self.resets.append(found.message["why"])
                self.hello({"account": self.crowd.account, "epoch": self.epoch, "since": self.at})
            elif found.kind == "live" and not self.live.done():
                self.at = found.message["seq"]
                self.live.set_result(None)
            elif found.kind == "hb":
                self.send(TEXT, json.dumps({"t": "pong", "at": {}}).encode())

    def events(self, found: Parsed) -> None:
        crowd, now = self.crowd, time.time()
        if found.first != self.at + 1:
            crowd.gaps += 1
        self.at = found.last
        crowd.frames += 1
        crowd.received += len(found.at)
        for at in found.at:
            crowd.late[int((now - at) / BIN)] += 1

    def hello(self, sub: dict[str, Any]) -> None:
        self.send(TEXT, json.dumps({"t": "hello", "subs": [sub]}).encode())

    def send(self, opcode: int, payload: bytes) -> None:
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        size = len(payload)
        head = bytes([128 | opcode, 128 | size]) if size < 126 else bytes([128 | opcode, 254]) + struct.pack(">H", size)
        if self.transport is not None:
            self.transport.write(head + mask + masked)

    def fail(self, why: str) -> None:
        self.crowd.faults.append(why)
        if not self.live.done():
            self.live.set_exception(ConnectionError(why))

    def connection_lost(self, error: Exception | None) -> None:
        if not self.live.done():
            self.live.set_exception(ConnectionError("cut off"))
