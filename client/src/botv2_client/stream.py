"""The live stream: every event once and in order, over any disconnect, from a saved position if there is one."""

import asyncio
import json
import logging
import random
from collections.abc import AsyncGenerator
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

import httpx
import websockets

from botv2_client.messages import Event, Live, Message, Position, Snapshot, Tick

logger = logging.getLogger("botv2_client")

SUBPROTOCOL = websockets.Subprotocol("botv2.v1")
SHORTEST, LONGEST = 0.5, 30.0
SILENCE = 40.0  # a heartbeat is due every 15 s
TIMEOUT = 10.0
MAX_FRAME = 1024 * 1024
FINAL = 4500  # close codes from here on say: do not come back
REASONS = {4500: "bad frame", 4501: "unknown key", 4502: "no hello", 4503: "forbidden or revoked",
           4504: "too many connections", 4505: "unknown version"}  # fmt: skip
BROKEN = (OSError, TimeoutError, ValueError, websockets.WebSocketException, httpx.HTTPError)


class StreamEnded(Exception):
    """BotV2 will not have this client back: its key has no `read` scope, was revoked, or the like."""


class Keeper(Protocol):
    """Where positions are kept."""

    def load(self, account: str) -> Position | None: ...

    def save(self, position: Position) -> None: ...


async def follow(
    url: str, key: str, *, account: str | None = None, positions: Keeper | None = None, trust_env: bool = True
) -> AsyncGenerator[Message, None]:
    """Yield what happens in an account, by default the key's.

    First a Snapshot, unless a saved position can be gone on from; then each Event after it, and Live whenever there
    are no more for now. A later Snapshot says that events were missed for good (BotV2 was restored, or this program
    was away for more than a week): begin anew from it.

    A position is saved when the next message is asked for, so a message that was being dealt with when the program
    died comes again. Connections are made again for as long as it takes. Raises StreamEnded.
    """
    follower = Follower(url.rstrip("/"), key, account, positions, trust_env)
    async with follower.http:
        while True:
            try:
                await follower.begin()
                async with follower.connect() as socket:
                    await follower.hello(socket)
                    while True:
                        for message in await follower.receive(socket):
                            yield message
                            follower.saw(message)
            except BROKEN as error:
                await follower.pause(error)


class Follower:
    def __init__(self, url: str, key: str, account: str | None, positions: Keeper | None, trust_env: bool) -> None:
        self.url, self.account, self.positions, self.trust_env = url, account, positions, trust_env
        self.headers = {"Authorization": f"Bearer {key}"}
        self.http = httpx.AsyncClient(headers=self.headers, timeout=TIMEOUT, trust_env=trust_env)
        self.position: Position | None = None
        self.asked = False  # again for a gap, and not answered yet
        self.attempt = 0
        self.retry_after = 0.0

    async def begin(self) -> None:
        self.asked = False
        if self.account is None:
            self.account = (await self.get("accounts"))["accounts"][0]["slug"]
        if self.position is None and self.positions is not None:
            self.position = self.positions.load(self.account)

    def connect(self) -> websockets.connect:
        return websockets.connect(
            f"{self.url.replace('http', 'ws', 1)}/ws/v1",
            subprotocols=[SUBPROTOCOL],
            additional_headers=self.headers,
            compression=None,
            max_size=MAX_FRAME,
            open_timeout=TIMEOUT,
            close_timeout=1,
            ping_interval=None,  # BotV2's own heartbeat is listened for
            proxy=True if self.trust_env else None,
        )

    async def hello(self, socket: websockets.ClientConnection) -> None:
        sub: dict[str, Any] = {"account": self.account}
        if self.position is not None:
            sub |= {"epoch": self.position.epoch, "since": self.position.seq}
        await send(socket, {"t": "hello", "subs": [sub]})

    async def receive(self, socket: websockets.ClientConnection) -> list[Message]:
        """What the next frame brings."""
        async with asyncio.timeout(SILENCE):
            frame = json.loads(await socket.recv(), parse_float=Decimal)
        match frame:
            case {"t": "hb", "heads": heads}:
                await self.answer(socket, heads)
            case {"t": "bye", "retry_after": after}:
                self.retry_after = float(after or 0)
            case {"account": account, "t": kind} if account == self.account:
                if kind == "reset":
                    return [await self.reset(socket)]
                if self.position is not None:
                    return await self.take(socket, frame, self.position)
        return []

    async def answer(self, socket: websockets.ClientConnection, heads: dict[str, int]) -> None:
        if self.position is not None and self.account is not None:
            await send(socket, {"t": "pong", "at": {self.account: self.position.seq}})
            if heads.get(self.account, 0) > self.position.seq:
                await self.ask_again(socket)

    async def take(
        self, socket: websockets.ClientConnection, frame: dict[str, Any], position: Position
    ) -> list[Message]:
        match frame:
            case {"t": "ev", "epoch": position.epoch, "ev": events}:
                return await self.next(socket, events, position)
            case {"t": "live", "seq": seq} if seq > position.seq:
                await self.ask_again(socket)
            case {"t": "live"}:
                self.attempt, self.asked = 0, False
                return [Live(position)]
            case {"t": "tick", "kind": kind, "d": data}:
                return [Tick(position.account, kind, data)]
        return []

    async def next(
        self, socket: websockets.ClientConnection, events: list[dict[str, Any]], position: Position
    ) -> list[Message]:
        found: list[Message] = []
        seq = position.seq
        for event in events:
            if event["s"] > seq + 1:
                await self.ask_again(socket)
                break
            if event["s"] == seq + 1:
                seq, self.asked = event["s"], False
                at = datetime.fromisoformat(event["at"])
                found.append(Event(Position(position.account, position.epoch, seq), event["type"], at, event["d"]))
        return found

    async def ask_again(self, socket: websockets.ClientConnection) -> None:
        """For what follows the last event; once for each gap."""
        if not self.asked:
            self.asked = True
            await self.hello(socket)

    async def reset(self, socket: websockets.ClientConnection) -> Snapshot:
        assert self.account is not None
        data = await self.get(f"snapshot?account={self.account}")
        position = Position(self.account, data["epoch"], data["seq"])
        sub = {"account": self.account, "epoch": position.epoch, "since": position.seq}
        await send(socket, {"t": "hello", "subs": [sub]})
        self.asked = False
        return Snapshot(position, data)

    def saw(self, message: Message) -> None:
        """The program has dealt with this message."""
        if isinstance(message, Snapshot | Event):
            self.position = message.position
            if self.positions is not None:
                self.positions.save(message.position)

    async def get(self, path: str) -> Any:
        response = await self.http.get(f"{self.url}/api/{path}")
        if response.status_code in (401, 403, 404):
            raise StreamEnded(f"{self.url}/api/{path} answers {response.status_code}: {response.text[:300]}")
        response.raise_for_status()
        return json.loads(response.text, parse_float=Decimal)["data"]

    async def pause(self, error: Exception) -> None:
        """Wait before the next attempt. Raises StreamEnded where there is to be none."""
        if isinstance(error, websockets.ConnectionClosed) and error.rcvd and error.rcvd.code >= FINAL:
            raise StreamEnded(f"{error.rcvd.code}: {REASONS.get(error.rcvd.code, 'refused')}") from error
        pause = self.retry_after + random.uniform(0, min(LONGEST, SHORTEST * 2 ** min(self.attempt, 10)))
        logger.info("the stream broke off (%s: %s); again in %.1f s", type(error).__name__, error, pause)
        self.attempt, self.retry_after = self.attempt + 1, 0.0
        await asyncio.sleep(pause)


async def send(socket: websockets.ClientConnection, message: dict[str, Any]) -> None:
    await socket.send(json.dumps(message))
