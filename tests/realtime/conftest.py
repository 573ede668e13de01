"""A client of the socket, and writers to the log."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client as Browser

from botv2.asgi import application
from dashboard.models import Account
from realtime import hub, log
from realtime.consumer import LiveConsumer
from realtime.hub import Hub
from realtime.protocol import SUBPROTOCOL

Message = dict[str, Any]
Connect = Callable[..., Awaitable["Client"]]


class Client:
    """One socket, as a program or a page has it."""

    def __init__(self, headers: list[tuple[bytes, bytes]], subprotocols: list[str], path: str) -> None:
        self.subprotocol: str | None = None
        self.wire = WebsocketCommunicator(application, path, headers=headers, subprotocols=subprotocols)

    async def hello(self, *subs: Message) -> None:
        await self.send({"t": "hello", "subs": list(subs)})

    async def send(self, message: Message) -> None:
        await self.wire.send_to(text_data=json.dumps(message))

    async def frame(self, timeout: float = 5) -> str:
        output = await self.wire.receive_output(timeout)
        assert output["type"] == "websocket.send", output
        return str(output["text"])

    async def get(self, kind: str, timeout: float = 5) -> Message:
        """The next message, which has to be of this kind."""
        message: Message = json.loads(await self.frame(timeout))
        assert message["t"] == kind, message
        return message

    async def skip_to(self, kind: str, timeout: float = 5) -> Message:
        async with asyncio.timeout(timeout):
            while True:
                message: Message = json.loads(await self.frame(timeout))
                if message["t"] == kind:
                    return message

    async def events(self, to: int, timeout: float = 5) -> list[Message]:
        """Events until number `to`, from `ev` frames that have to follow each other."""
        found: list[Message] = []
        while not found or found[-1]["s"] < to:
            frame = await self.skip_to("ev", timeout)
            numbers = [event["s"] for event in frame["ev"]]
            assert numbers == list(range(frame["from"], frame["to"] + 1))
            assert not found or frame["from"] == found[-1]["s"] + 1
            found += frame["ev"]
        return found

    async def closed(self, code: int, timeout: float = 5) -> Message:
        """Wait for bye and close, both with this code."""
        bye = await self.skip_to("bye", timeout)
        assert bye["code"] == code, bye
        output = await self.wire.receive_output(timeout)
        assert (output["type"], output["code"]) == ("websocket.close", code)
        await self.wire.wait()
        return bye

    async def quiet(self, seconds: float = 0.3) -> bool:
        return bool(await self.wire.receive_nothing(seconds))


class Writer:
    """Publishes to one account as the services do."""

    def __init__(self, account: Account) -> None:
        self.key = account.stream_key

    def write_now(self, count: int = 1, size: int = 0, separately: bool = False) -> int:
        """Publish numbered events and return the new head."""
        for group in [1] * count if separately else [count]:
            with transaction.atomic():
                head = log.position(self.key).head
                events = [(b'{"n":%d,"fill":"%s"}' % (head + i + 1, b"x" * size)) for i in range(group)]
                log.publish(self.key, [("trade_executed", data) for data in events])
        return log.position(self.key).head

    async def write(self, count: int = 1, size: int = 0, separately: bool = False) -> int:
        return await database_sync_to_async(self.write_now)(count, size, separately)

    async def epoch(self) -> str:
        return (await database_sync_to_async(log.position)(self.key)).epoch


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The product's times, shortened."""
    for name, seconds in {"poll_every": 0.2, "sweep_every": 0.2, "linger": 0.0}.items():
        monkeypatch.setattr(Hub, name, seconds)
    monkeypatch.setattr(LiveConsumer, "check_every", 0.02)
    monkeypatch.setattr(log, "_silent_until", 0.0)


@pytest.fixture
def writer(account: Account) -> Writer:
    log.stream_create(account.stream_key)
    return Writer(account)


@pytest.fixture
def other_writer(other_account: Account) -> Writer:
    log.stream_create(other_account.stream_key)
    return Writer(other_account)


@pytest.fixture
def browser(viewer: User) -> Browser:
    found = Browser()
    found.force_login(viewer)
    return found


@pytest.fixture
def cookie(browser: Browser) -> list[tuple[bytes, bytes]]:
    """Headers of a signed-in page."""
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    return [
        (b"origin", settings.SITE_ORIGINS[0].encode()),
        (b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode()),
    ]


@pytest.fixture
async def connect(transactional_db: None) -> AsyncIterator[Connect]:
    """`await connect(headers)` returns an accepted socket whose welcome is still to be read."""
    opened: list[Client] = []

    async def open_socket(
        headers: list[tuple[bytes, bytes]] | None = None, subprotocols: list[str] | None = None, path: str = "/ws/v1"
    ) -> Client:
        client = Client(headers or [], [SUBPROTOCOL] if subprotocols is None else subprotocols, path)
        accepted, chosen = await client.wire.connect(timeout=5)
        assert accepted
        client.subprotocol = None if chosen is None else str(chosen)
        opened.append(client)
        return client

    yield open_socket
    for client in opened:
        if not client.wire.future.done():
            await client.wire.disconnect()
    await hub.close()


@pytest.fixture
async def live(connect: Connect, cookie: list[tuple[bytes, bytes]], writer: Writer) -> Callable[[], Awaitable[Client]]:
    """`await live()` returns a socket that follows `main` at its head."""

    async def follow() -> Client:
        client = await connect(cookie)
        await client.get("welcome")
        position = await database_sync_to_async(log.position)(writer.key)
        await client.hello({"account": "main", "epoch": position.epoch, "since": position.head})
        assert (await client.get("live"))["seq"] == position.head
        return client

    return follow


def bearer(token: str) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {token}".encode())]
