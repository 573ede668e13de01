"""The fan-out that any Channels tutorial would write: each event goes by `group_send` to a consumer per socket.

`uvicorn benchmarks.plain_sockets:application`. The events are made in this process, PLAIN_RATE a second for
PLAIN_SECONDS from the first `go` of a client, so that neither a database nor HTTP costs it anything.
"""

import asyncio
import json
import os
from datetime import UTC, datetime
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

settings.configure(CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}, INSTALLED_APPS=[])

RATE, SECONDS = int(os.environ.get("PLAIN_RATE", "100")), int(os.environ.get("PLAIN_SECONDS", "10"))
BODY = json.loads(os.environ.get("PLAIN_BODY", "{}"))
GROUP = "account"


async def produce() -> None:
    layer, loop = get_channel_layer(), asyncio.get_running_loop()
    begun = loop.time()
    for number in range(1, RATE * SECONDS + 1):
        await asyncio.sleep(max(0.0, begun + number / RATE - loop.time()))
        event = {"s": number, "type": "trade_executed", "at": datetime.now(UTC).isoformat(), "d": BODY}
        await layer.group_send(GROUP, {"type": "event", "event": event})


class Consumer(AsyncWebsocketConsumer):
    producing: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept("botv2.v1")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if json.loads(text_data or "{}").get("t") == "go":
            Consumer.producing = asyncio.create_task(produce())
        else:
            await self.send(json.dumps({"t": "live", "account": GROUP, "seq": 0}))

    async def event(self, message: dict[str, Any]) -> None:
        event = message["event"]
        await self.send(json.dumps({"t": "ev", "from": event["s"], "to": event["s"], "ev": [event]}))


application = ProtocolTypeRouter({"websocket": Consumer.as_asgi()})
