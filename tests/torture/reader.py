"""A client of the stream that holds it to its promises: in order, none lost, none twice, over any disconnect."""

import asyncio
import json
import random
import ssl
from dataclasses import dataclass, field
from typing import Any

import websockets

FINAL = 4500


@dataclass
class Seen:
    """What one account's stream brought: the position, and every event by its number."""

    epoch: str = ""
    position: int = 0
    events: dict[int, dict[str, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    connections: int = 0
    resets: int = 0

    def take(self, frame: dict[str, Any]) -> None:
        """Apply one `ev` frame as a page does: next number only."""
        for event in frame["ev"]:
            if event["s"] in self.events:
                self.faults.append(f"event {event['s']} twice")
            if event["s"] != self.position + 1:
                self.faults.append(f"event {event['s']} after {self.position}")
            self.position = event["s"]
            self.events[event["s"]] = event

    def parted(self) -> None:
        """The connection has ended."""


async def follow(
    urls: list[str], key: str, account: str, seen: Seen, stop: asyncio.Event, trust: ssl.SSLContext | None = None
) -> None:
    """Read the stream from its beginning until `stop`, reconnecting to any of `urls` with the saved position."""
    while not stop.is_set():
        try:
            await follow_once(random.choice(urls), key, account, seen, stop, trust)
        except (OSError, websockets.WebSocketException) as error:
            seen.parted()
            code = getattr(getattr(error, "rcvd", None), "code", 0)
            if code >= FINAL:
                seen.faults.append(f"closed for good: {code}")
                return
            await asyncio.sleep(random.uniform(0.05, 0.4))


async def follow_once(
    url: str, key: str, account: str, seen: Seen, stop: asyncio.Event, trust: ssl.SSLContext | None
) -> None:
    async with websockets.connect(
        f"{url.replace('http', 'ws', 1)}/ws/v1",
        subprotocols=[websockets.Subprotocol("botv2.v1")],
        additional_headers={"Authorization": f"Bearer {key}"},
        max_size=1024 * 1024,
        proxy=None,
        open_timeout=5,
        ssl=trust,
    ) as socket:
        seen.connections += 1
        place = (
            {"account": account, "epoch": seen.epoch, "since": seen.position} if seen.epoch else {"account": account}
        )
        await socket.send(json.dumps({"t": "hello", "subs": [place]}))
        while not stop.is_set():
            try:
                frame = json.loads(await asyncio.wait_for(socket.recv(), 0.5))
            except TimeoutError:
                continue
            if frame["t"] == "reset":
                seen.resets += 1
                if seen.epoch:
                    seen.faults.append(f"reset after {seen.position}: {frame['why']}")
                seen.epoch, seen.position = frame["epoch"], 0
                await socket.send(
                    json.dumps({"t": "hello", "subs": [{"account": account, "epoch": seen.epoch, "since": 0}]})
                )
            elif frame["t"] == "ev":
                seen.take(frame)
            elif frame["t"] == "hb":
                await socket.send(json.dumps({"t": "pong", "at": {account: seen.position}}))
