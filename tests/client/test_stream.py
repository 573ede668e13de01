"""Following the live stream: every event once and in order, over restarts of either side."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import websockets
from websockets.asyncio.server import ServerConnection, serve

from botv2_client import Client, Event, Live, Message, Position, Snapshot, Tick
from botv2_client.stream import StreamEnded, follow
from tests.client.conftest import MakeClient, Target, open_trade
from tests.server import Server

PATIENCE = 180


async def read_to_live(stream: AsyncIterator[Message], least: int = 0) -> list[Message]:
    """Messages until everything is told, ticks left out, but at least this many events."""
    found: list[Message] = []
    async with asyncio.timeout(PATIENCE):
        async for message in stream:
            if not isinstance(message, Tick):
                found.append(message)
            if isinstance(message, Live) and len(events(found)) >= least:
                break
    return found


async def read_events(stream: AsyncIterator[Message], count: int) -> list[Event]:
    """The next events."""
    found: list[Message] = []
    async with asyncio.timeout(PATIENCE):
        async for message in stream:
            found.append(message)
            if len(events(found)) == count:
                break
    return events(found)


def events(messages: list[Message]) -> list[Event]:
    return [message for message in messages if isinstance(message, Event)]


def told(found: list[Event]) -> list[tuple[str, str]]:
    return [(event.data["trade_id"], event.data["change"]) for event in found if event.type == "trade_executed"]


async def test_first_a_snapshot_then_every_change(target: Target, make_client: MakeClient) -> None:
    client = make_client(target)
    open_trade(client, "t-0")
    assert client.flush()
    async with aclosing(client.stream()) as stream:
        snapshot, live = await read_to_live(stream)
        assert isinstance(snapshot, Snapshot) and isinstance(live, Live)
        assert [trade["trade_id"] for trade in snapshot.data["open_trades"]] == ["t-0"]
        client.trade_update("t-0", net_pnl=Decimal("0.123456789012345678"))
        client.trade_close("t-0", exit_price="64100")
        found = await read_events(stream, 2)
    assert told(found) == [("t-0", "updated"), ("t-0", "closed")]
    assert found[0].data["net_pnl"] == Decimal("0.123456789012345678")
    assert [event.position.seq for event in found] == [live.position.seq + 1, live.position.seq + 2]
    assert found[0].position.account == target.account
    assert found[0].at.utcoffset() is not None


async def test_events_go_on_over_a_server_that_is_killed(
    new_server: Callable[..., Server], make_client: MakeClient
) -> None:
    target = await asyncio.to_thread(lambda: Target.on(new_server()))
    client = make_client(target)
    async with aclosing(client.stream()) as stream:
        (_, live) = await read_to_live(stream)
        assert isinstance(live, Live)
        open_trade(client, "t-1")
        found = await read_events(stream, 1)
        await asyncio.to_thread(target.server.kill)
        open_trade(client, "t-2")
        open_trade(client, "t-3")
        reading = asyncio.create_task(read_events(stream, 5 - len(found)))
        await asyncio.to_thread(target.server.start)
        assert await asyncio.to_thread(client.flush, PATIENCE)
        client.trade_close("t-1", exit_price="64100")
        found += await reading
    numbers = [event.position.seq for event in found]
    assert numbers == list(range(live.position.seq + 1, live.position.seq + 6))


async def test_a_named_stream_goes_on_where_it_was_dealt_with(target: Target, make_client: MakeClient) -> None:
    client = make_client(target)
    async with aclosing(client.stream("rules")) as stream:
        await read_to_live(stream)
        for number in range(5):
            open_trade(client, f"t-{number}")
        found = await read_events(stream, 4)
    client.close()
    assert isinstance(found[-1], Event)
    again = make_client(target)
    async with aclosing(again.stream("rules")) as stream:
        # The last one had been handed out, but what was made of it is not known.
        rest = await read_to_live(stream)
        assert rest[0] == found[-1]
        assert not any(isinstance(message, Snapshot) for message in rest)
        async with aclosing(again.stream("another")) as other:
            assert isinstance((await read_to_live(other))[0], Snapshot)


async def test_a_position_of_another_epoch_begins_anew(target: Target, make_client: MakeClient, spool: Path) -> None:
    client = make_client(target)
    async with aclosing(client.stream("rules")) as stream:
        await read_to_live(stream)
    with sqlite3.connect(spool) as db:
        db.execute("UPDATE positions SET epoch = 'before the restore', seq = 1000")
    db.close()
    async with aclosing(client.stream("rules")) as stream:
        (snapshot, _) = await read_to_live(stream)
        assert isinstance(snapshot, Snapshot)
        assert snapshot.position.epoch == snapshot.data["epoch"] != "before the restore"


async def test_a_key_that_may_not_read_ends_the_stream(target: Target, spool: Path) -> None:
    create = ("create_api_key", "--account", target.account, "--scopes", "ingest")
    key = (await asyncio.to_thread(target.server.manage, *create)).strip()
    for account in (None, target.account):
        stream = follow(target.server.url, key, account=account, trust_env=False)
        with pytest.raises(StreamEnded, match=r"403|4503"):
            await anext(stream)
    client = Client(target.server.url, "bv2_nobody", spool=spool, trust_env=False)
    with client, pytest.raises(StreamEnded, match=r"401|4501"):
        await anext(client.stream(account=target.account))


class Told:
    """A server that says what a test has written, and remembers what it heard."""

    def __init__(self, *connections: list[dict[str, Any]]) -> None:
        self.connections = list(connections)
        self.heard: list[Any] = []

    async def __call__(self, socket: ServerConnection) -> None:
        self.heard.append(json.loads(await socket.recv()))
        for frame in self.connections.pop(0):
            if "listen" in frame:
                with suppress(TimeoutError):
                    async with asyncio.timeout(frame["listen"]):
                        await self.listen(socket)
                continue
            if "close" in frame:
                await socket.close(frame["close"])
                return
            await socket.send(json.dumps(frame))
        await self.listen(socket)

    async def listen(self, socket: ServerConnection) -> None:
        async for said in socket:
            self.heard.append(json.loads(said))


class At:
    """A position that is known before the start."""

    def __init__(self, seq: int) -> None:
        self.saved = [seq]

    def load(self, account: str) -> Position | None:
        return Position(account, "e", self.saved[-1])

    def save(self, position: Position) -> None:
        self.saved.append(position.seq)


def ev(*numbers: int, epoch: str = "e") -> dict[str, Any]:
    rows = [{"s": number, "type": "alert", "at": "2026-01-01T00:00:00Z", "d": {}} for number in numbers]
    return {"t": "ev", "account": "main", "epoch": epoch, "from": numbers[0], "to": numbers[-1], "ev": rows}


LIVE = {"t": "live", "account": "main", "seq": 9}


async def test_repeated_events_are_skipped_and_a_gap_is_asked_for_once() -> None:
    server = Told(
        [
            {"t": "welcome", "conn": "1", "now": "2026-01-01T00:00:00Z", "hb": 15, "server_version": "1"},
            ev(4, 5, 6),
            ev(3, epoch="another"),
            ev(8),
            ev(9),
            {"listen": 0.5},
            {"t": "bye", "code": 4001, "retry_after": 0},
            {"close": 4001},
        ],
        [ev(6, 7, 8, 9), {**LIVE, "seq": 9}, {"t": "hb", "now": "2026-01-01T00:00:00Z", "heads": {"main": 11}}],
    )
    at = At(5)
    async with serve(server, "127.0.0.1", 0, subprotocols=[websockets.Subprotocol("botv2.v1")]) as listening:
        port = listening.sockets[0].getsockname()[1]
        async with aclosing(
            follow(f"http://127.0.0.1:{port}", "k", account="main", positions=at, trust_env=False)
        ) as stream:
            found = await read_to_live(stream)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(stream), 0.5)
    assert [event.position.seq for event in events(found)] == [6, 7, 8, 9]
    assert at.saved == [5, 6, 7, 8, 9]
    since = [frame["subs"][0]["since"] for frame in server.heard if frame["t"] == "hello"]
    assert since == [5, 6, 6, 9]  # the start, the gap, the next connection, what the heartbeat tells of
    assert {"t": "pong", "at": {"main": 9}} in server.heard


@pytest.mark.parametrize("code", [4500, 4503, 4505])
async def test_a_final_close_code_ends_the_stream(code: int) -> None:
    server = Told([{"close": code}])
    async with serve(server, "127.0.0.1", 0, subprotocols=[websockets.Subprotocol("botv2.v1")]) as listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(StreamEnded, match=str(code)):
            await anext(follow(f"http://127.0.0.1:{port}", "k", account="main", trust_env=False))
