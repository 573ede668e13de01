"""One hub for all sockets: shared frames, batches, hints and their loss, ticks, slow readers, nothing left behind."""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import channel_layers
from django.utils import timezone

from botv2.asgi import application
from dashboard.models import Account, Bot
from dashboard.services.bots import heartbeat_record
from dashboard.services.market import candles_record
from realtime import hub, log
from realtime.consumer import LiveConsumer
from realtime.feed import KEEP_CHARACTERS, KEEP_FRAMES
from realtime.hub import Hub
from realtime.protocol import MAX_OUT, SUBPROTOCOL, Close
from tests.realtime.conftest import Client, Connect, Writer

pytestmark = pytest.mark.django_db(transaction=True)

Live = Callable[[], Awaitable[Client]]
Cookie = list[tuple[bytes, bytes]]


async def test_event_is_read_and_encoded_once(live: Live, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    clients = [await live() for _ in range(10)]
    reads: list[int] = []
    read = log.read

    def counted(*args: Any) -> list[log.Row]:
        rows = read(*args)
        reads.append(len(rows))
        return rows

    monkeypatch.setattr(log, "read", counted)
    await writer.write()
    outputs = [await client.wire.receive_output(5) for client in clients]
    assert all(output["text"] is outputs[0]["text"] for output in outputs)
    assert sum(reads) == 1


async def test_reader_that_joins_inside_a_frame_shares_the_next(
    live: Live, connect: Connect, cookie: Cookie, writer: Writer
) -> None:
    client, shared = await live(), []
    for _ in range(2):
        await writer.write(5)
        shared.append((await client.wire.receive_output(5))["text"])
    late = await connect(cookie)
    await late.get("welcome")
    await late.hello({"account": "main", "epoch": await writer.epoch(), "since": 3})
    assert (await late.get("ev"))["to"] == 5
    assert (await late.wire.receive_output(5))["text"] is shared[1]


async def test_events_are_batched(live: Live, writer: Writer) -> None:
    client = await live()
    start = time.monotonic()
    writing = asyncio.create_task(writer.write(300, separately=True))
    frames, last = 0, 0
    while last < 300:
        frame = await client.get("ev")
        assert frame["from"] == last + 1
        frames, last = frames + 1, frame["to"]
    await writing
    assert frames <= (time.monotonic() - start) / Hub.batch + 2


async def test_hint_brings_an_event_at_once(live: Live, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hub, "poll_every", 30.0)
    client = await live()
    await writer.write()
    await client.get("ev", timeout=1)


async def test_lost_hints_cost_a_second(live: Live, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hub, "poll_every", 1.0)
    monkeypatch.setattr(log, "send_hint", lambda key, tick: None)
    client = await live()
    for _ in range(2):
        start = time.monotonic()
        await writer.write()
        await client.get("ev")
        assert time.monotonic() - start < 1.5


@pytest.fixture
def frozen() -> Iterator[int]:
    """The port of a server that takes connections and never answers."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    held.append(server.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for each in held:
            each.close()


@pytest.mark.parametrize("state", ["frozen", "dead"])
async def test_redis_that_does_not_answer(
    connect: Connect, live: Live, writer: Writer, frozen: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from channels_redis.core import RedisChannelLayer

    address = {"address": f"redis://127.0.0.1:{frozen if state == 'frozen' else 1}/0", "socket_connect_timeout": 0.5}
    monkeypatch.setitem(channel_layers.backends, "default", RedisChannelLayer(hosts=[address]))
    client = await live()
    for _ in range(3):
        start = time.monotonic()
        await writer.write()
        assert time.monotonic() - start < 1, "a writer waits half a second once, then not at all"
        await client.get("ev")
        assert time.monotonic() - start < 1.5
    await client.wire.disconnect()


async def test_ticks(live: Live, account: Account, writer: Writer) -> None:
    client = await live()
    await beat(account, "running")
    told = {message["t"]: message for message in [json.loads(await client.frame()) for _ in range(2)]}
    assert told["ev"]["ev"][0]["type"] == "bot_status"
    first = told["tick"]
    assert (first["account"], first["kind"]) == ("main", "heartbeat")
    [bot] = first["d"]["bots"]
    assert (bot["name"], bot["state"], bot["lag_ms"]) == ("scalper", "running", 1)
    await database_sync_to_async(candles_record)(
        account=account,
        symbol="BTC/USDT",
        exchange="x",
        timeframe="1m",
        candles=[(timezone.now(), 1.0, 2.0, 0.5, 1.5, 10.0)],
    )
    assert await client.get("tick") == {"t": "tick", "account": "main", "kind": "candle", "d": {"version": 1}}
    late = await live()
    kinds = {(await late.get("tick"))["kind"] for _ in range(2)}
    assert kinds == {"heartbeat", "candle"}, "a socket that comes later gets the present state"


async def beat(account: Account, state: str, lag: int = 1) -> None:
    item = {"bot": "scalper", "state": state, "lag_ms": lag}
    await database_sync_to_async(heartbeat_record)(account=account, item=item, now=timezone.now())


async def test_ticks_come_at_most_four_times_a_second_and_the_newest_wins(
    live: Live, account: Account, writer: Writer
) -> None:
    client = await live()
    await beat(account, "running", 0)
    await client.skip_to("ev")
    start, ticks, lag = time.monotonic(), [], None
    for number in range(1, 41):
        await beat(account, "running", number)
    while lag != 40:
        tick = await client.get("tick")
        ticks.append(time.monotonic())
        lag = tick["d"]["bots"][0]["lag_ms"]
    assert len(ticks) <= (ticks[-1] - start) / 0.25 + 2
    assert await client.quiet()


async def test_ticks_without_hints(
    live: Live, account: Account, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "send_hint", lambda key, tick: None)
    await database_sync_to_async(Bot.objects.create)(account=account, name="scalper")
    client = await live()
    await client.get("tick")
    await database_sync_to_async(Bot.objects.update)(last_seen=timezone.now())
    await client.get("tick")


class Stalled:
    """A client that stops reading after some frames, and reads on when told."""

    def __init__(self, headers: Cookie, after: int) -> None:
        self.sent: list[dict[str, Any]] = []
        self.after = after
        self.reads = asyncio.Event()
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope: Any = {"type": "websocket", "path": "/ws/v1", "headers": headers, "subprotocols": [SUBPROTOCOL]}
        serve: Any = application
        self.inbox.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.create_task(serve(scope, self.inbox.get, self.send))

    async def send(self, message: dict[str, Any]) -> None:
        if len(self.sent) >= self.after:
            await self.reads.wait()
        self.sent.append(message)

    def hello(self, epoch: str) -> None:
        text = json.dumps({"t": "hello", "subs": [{"account": "main", "epoch": epoch, "since": 0}]})
        self.inbox.put_nowait({"type": "websocket.receive", "text": text, "bytes": None})

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.sent) < count:
                await asyncio.sleep(0.01)


async def test_slow_reader_is_closed_and_holds_nothing(
    connect: Connect, live: Live, cookie: Cookie, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LiveConsumer, "send_within", 0.6)
    monkeypatch.setattr(LiveConsumer, "bye_within", 0.3)
    good = await live()
    stalled = [Stalled(cookie, after=3) for _ in range(10)]
    for each in stalled:
        each.hello(await writer.epoch())
        await each.until(3)
    writing = asyncio.create_task(writer.write(400, size=10_000))
    await good.events(400)
    await writing
    [feed] = hub.hubs[asyncio.get_running_loop()].feeds.values()
    assert feed.characters <= KEEP_CHARACTERS + MAX_OUT
    assert len(feed.frames) <= KEEP_FRAMES
    async with asyncio.timeout(3):
        await asyncio.gather(*(each.task for each in stalled))
    assert len(hub.hubs[asyncio.get_running_loop()].sockets) == 1
    await writer.write()
    await good.events(401)


async def test_slow_reader_that_reads_again_is_told_why(
    connect: Connect, cookie: Cookie, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LiveConsumer, "send_within", 0.3)
    client = Stalled(cookie, after=3)
    client.hello(await writer.epoch())
    await client.until(3)
    await writer.write()
    await asyncio.sleep(0.6)
    client.reads.set()
    await client.task
    assert json.loads(client.sent[-2]["text"])["code"] == Close.SLOW
    assert client.sent[-1] == {"type": "websocket.close", "code": Close.SLOW}


async def test_reader_that_is_slow_but_reads_gets_everything(
    connect: Connect, cookie: Cookie, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its frames leave the hub's memory before it comes to them; it reads them from the log."""
    monkeypatch.setattr("realtime.feed.KEEP_CHARACTERS", 30_000)
    client = Stalled(cookie, after=3)
    client.hello(await writer.epoch())
    await client.until(3)
    for _ in range(10):
        await writer.write(10, size=1_000)
        await asyncio.sleep(0.06)
    client.reads.set()
    seen: list[int] = []
    async with asyncio.timeout(5):
        while not seen or seen[-1] < 100:
            await asyncio.sleep(0.05)
            frames = [json.loads(each["text"]) for each in client.sent[1:]]
            seen = [event["s"] for frame in frames if frame["t"] == "ev" for event in frame["ev"]]
    assert seen == list(range(1, 101))
    client.inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await client.task


async def test_nothing_is_left_when_the_last_socket_goes(connect: Connect, live: Live, writer: Writer) -> None:
    tasks, threads = len(asyncio.all_tasks()), threading.active_count()
    for _ in range(3):
        clients = [await live() for _ in range(5)]
        await writer.write(5)
        for client in clients:
            await client.wire.disconnect()
        await asyncio.sleep(0.05)
        await hub.close()
    assert len(asyncio.all_tasks()) == tasks
    assert threading.active_count() <= threads + 1  # the pool of the test's own writes
    assert not hub.hubs.get(asyncio.get_running_loop())
