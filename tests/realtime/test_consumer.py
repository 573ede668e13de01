"""Messages of the socket: subscribing, replay, live events, resets, heartbeats, limits of what a client says."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from channels.db import database_sync_to_async
from django.db.utils import OperationalError

from botv2 import __version__, gate
from realtime import hub, log, protocol
from realtime.consumer import LiveConsumer
from realtime.hub import Hub
from realtime.models import Event, Stream
from realtime.protocol import MAX_OUT, Close
from realtime.reader import Reader
from tests.realtime.conftest import Client, Connect, Writer
from tests.realtime.test_protocol import BAD

pytestmark = pytest.mark.django_db(transaction=True)

Cookie = list[tuple[bytes, bytes]]


async def follow(connect: Connect, cookie: Cookie, epoch: str, since: int) -> Client:
    client = await connect(cookie)
    await client.get("welcome")
    await client.hello({"account": "main", "epoch": epoch, "since": since})
    return client


async def test_welcome(connect: Connect, cookie: Cookie) -> None:
    client, other = await connect(cookie), await connect(cookie)
    welcome = await client.get("welcome")
    assert client.subprotocol == "botv2.v1"
    assert welcome["hb"] == 15
    assert welcome["server_version"] == __version__
    assert abs(datetime.fromisoformat(welcome["now"]) - datetime.now(UTC)).total_seconds() < 5
    assert welcome["conn"] != (await other.get("welcome"))["conn"]


async def test_hello_without_position_is_sent_to_the_snapshot(connect: Connect, cookie: Cookie, writer: Writer) -> None:
    await writer.write(3)
    client = await connect(cookie)
    await client.get("welcome")
    await client.hello({"account": "main"})
    assert await client.get("reset") == {
        "t": "reset",
        "account": "main",
        "epoch": await writer.epoch(),
        "head": 3,
        "why": "first",
        "snapshot": "/api/snapshot?account=main",
    }
    await writer.write()
    assert await client.quiet(), "nothing comes before the snapshot is loaded"
    await client.hello({"account": "main", "epoch": await writer.epoch(), "since": 3})
    [event] = await client.events(4)
    assert event["type"] == "trade_executed"
    assert event["d"]["n"] == 4
    assert (await client.get("live"))["seq"] == 4


async def test_account_without_a_stream_begins_at_zero(connect: Connect, cookie: Cookie) -> None:
    client = await connect(cookie)
    await client.get("welcome")
    await client.hello({"account": "main"})
    reset = await client.get("reset")
    assert (reset["head"], reset["why"]) == (0, "first")


async def test_replay_from_since(connect: Connect, cookie: Cookie, writer: Writer) -> None:
    await writer.write(10)
    client = await follow(connect, cookie, await writer.epoch(), 4)
    assert [event["d"]["n"] for event in await client.events(10)] == [5, 6, 7, 8, 9, 10]
    assert await client.get("live") == {"t": "live", "account": "main", "seq": 10}


async def test_since_zero_reads_the_whole_log(connect: Connect, cookie: Cookie, writer: Writer) -> None:
    await writer.write(950)
    client = await follow(connect, cookie, await writer.epoch(), 0)
    assert [event["d"]["n"] for event in await client.events(950)] == list(range(1, 951))
    assert (await client.get("live"))["seq"] == 950


async def test_log_that_grows_during_replay(connect: Connect, cookie: Cookie, writer: Writer) -> None:
    await writer.write(600)
    client = await follow(connect, cookie, await writer.epoch(), 0)
    writing = asyncio.create_task(writer.write(150, separately=True))
    assert [event["d"]["n"] for event in await client.events(750)] == list(range(1, 751))
    await writing


async def test_frames_of_big_events_keep_their_limit(connect: Connect, cookie: Cookie, writer: Writer) -> None:
    await writer.write(120, size=10_000)
    client = await follow(connect, cookie, await writer.epoch(), 0)
    seen = 0
    while seen < 120:
        frame = await client.frame()
        assert len(frame.encode()) <= MAX_OUT
        assert json.loads(frame)["from"] == seen + 1
        seen = json.loads(frame)["to"]


@pytest.mark.parametrize(
    ("since", "epoch", "why"), [(2, None, "too_old"), (21, None, "ahead"), (9, None, "too_far"), (20, "x", "epoch")]
)
async def test_reset(
    connect: Connect,
    cookie: Cookie,
    writer: Writer,
    monkeypatch: pytest.MonkeyPatch,
    since: int,
    epoch: str | None,
    why: str,
) -> None:
    monkeypatch.setattr(protocol, "MAX_BEHIND", 10)
    await writer.write(20)
    await database_sync_to_async(Stream.objects.filter(key=writer.key).update)(floor=4)
    client = await follow(connect, cookie, epoch or await writer.epoch(), since)
    reset = await client.get("reset")
    assert (reset["why"], reset["head"], reset["epoch"]) == (why, 20, await writer.epoch())


async def test_epoch_without_since_begins_afresh(connect: Connect, cookie: Cookie, writer: Writer) -> None:
    client = await connect(cookie)
    await client.get("welcome")
    await client.hello({"account": "main", "epoch": await writer.epoch()})
    assert (await client.get("reset"))["why"] == "first"


async def test_live_events(live, writer: Writer) -> None:
    client = await live()
    for number in (1, 2, 3):
        await writer.write()
        frame = await client.get("ev", timeout=1)
        assert (frame["account"], frame["epoch"]) == ("main", await writer.epoch())
        assert (frame["from"], frame["to"]) == (number, number)


async def test_position_newer_than_what_the_hub_has_read(
    live, connect: Connect, cookie: Cookie, writer: Writer
) -> None:
    """A snapshot may know of events that no hint has told this process of."""
    first = await live()
    await database_sync_to_async(quietly)(writer, 5)
    second = await follow(connect, cookie, await writer.epoch(), 5)
    assert (await second.skip_to("live"))["seq"] == 5
    third = await follow(connect, cookie, await writer.epoch(), 3)
    assert [event["s"] for event in await third.events(5)] == [4, 5]
    await first.events(5)
    await writer.write(2)
    for client in (second, third):
        assert [event["s"] for event in await client.events(7)] == [6, 7]


async def test_live_is_said_after_the_events_before_it(
    live, connect: Connect, cookie: Cookie, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hub, "poll_every", 30.0)
    await live()
    await database_sync_to_async(quietly)(writer, 5)
    late = await follow(connect, cookie, await writer.epoch(), 3)
    assert (await late.get("ev"))["to"] == 5
    assert (await late.get("live"))["seq"] == 5


def quietly(writer: Writer, count: int) -> None:
    """Write without a hint."""
    send, log.send_hint = log.send_hint, lambda key, tick: None
    try:
        writer.write_now(count)
    finally:
        log.send_hint = send


async def test_off_ends_one_account_only(writer: Writer, other_writer: Writer, two_accounts: Client) -> None:
    client = two_accounts
    await client.hello({"account": "main", "off": True})
    await asyncio.sleep(0.1)
    await writer.write()
    await other_writer.write()
    assert (await client.get("ev"))["account"] == "other"
    assert await client.quiet()
    await client.hello({"account": "never-had", "off": True})
    await writer.write()
    assert await client.quiet(), "an account that was not followed can be given up"


async def test_second_hello_moves_one_account_only(writer: Writer, other_writer: Writer, two_accounts: Client) -> None:
    client = two_accounts
    await writer.write(3)
    await client.events(3)
    await client.hello({"account": "main", "epoch": await writer.epoch(), "since": 1})
    assert [event["s"] for event in await client.events(3)] == [2, 3]
    assert await client.get("live") == {"t": "live", "account": "main", "seq": 3}
    await other_writer.write()
    assert (await client.get("ev"))["account"] == "other"


@pytest.fixture
async def two_accounts(connect: Connect, cookie: Cookie, viewer, other_account, writer, other_writer) -> Client:
    await database_sync_to_async(other_account.memberships.create)(user=viewer, role="viewer")
    client = await connect(cookie)
    await client.get("welcome")
    subs = [
        {"account": slug, "epoch": await each.epoch(), "since": 0}
        for slug, each in (("main", writer), ("other", other_writer))
    ]
    await client.hello(*subs)
    assert {(await client.get("live"))["account"] for _ in subs} == {"main", "other"}
    return client


async def test_hello_with_nothing(connect: Connect, cookie: Cookie) -> None:
    client = await connect(cookie)
    await client.get("welcome")
    await client.hello()
    assert await client.quiet()


async def test_restore_while_connected(live, writer: Writer) -> None:
    await writer.write(5)
    client = await live()
    await database_sync_to_async(restore)(writer, 3)
    reset = await client.get("reset")
    assert (reset["why"], reset["head"], reset["epoch"]) == ("epoch", 3, await writer.epoch())
    await writer.write(4)
    assert await client.quiet(), "no event of the new epoch before the snapshot"
    await client.hello({"account": "main", "epoch": await writer.epoch(), "since": 3})
    await client.events(7)


async def test_no_event_of_a_new_epoch_under_the_old(live, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a restore the numbers grow past the old head before the poll has seen the new epoch."""
    monkeypatch.setattr(Hub, "poll_every", 0.5)
    await writer.write(5)
    client = await live()
    await database_sync_to_async(restore)(writer, 3)
    await writer.write(6)
    assert (await client.skip_to("reset"))["why"] == "epoch"


def restore(writer: Writer, head: int) -> None:
    Event.objects.filter(seq__gt=head).delete()
    Stream.objects.filter(key=writer.key).update(head=head)
    log.change_epoch(writer.key)


async def test_head_that_went_back_without_a_new_epoch(live, writer: Writer) -> None:
    await writer.write(5)
    client = await live()
    await database_sync_to_async(Event.objects.filter(seq__gt=3).delete)()
    await database_sync_to_async(Stream.objects.filter(key=writer.key).update)(head=3)
    assert (await client.get("reset"))["why"] == "ahead"


async def test_purge_under_a_reader_that_lags(connect: Connect, cookie: Cookie, writer: Writer, monkeypatch) -> None:
    """The events between its page and the next are gone: it is told, not given a gap."""
    await writer.write(600)
    read = log.read

    def purge_then_read(key: str, since: int, limit: int, epoch: str | None = None) -> list[log.Row]:
        if since >= 200:
            Event.objects.filter(seq__lte=500).delete()
            Stream.objects.filter(key=key).update(floor=501)
        return read(key, since, limit, epoch)

    monkeypatch.setattr(log, "read", purge_then_read)
    client = await follow(connect, cookie, await writer.epoch(), 0)
    await client.events(200)
    assert (await client.get("reset"))["why"] == "too_old"


async def test_hb_tells_the_heads(live, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveConsumer, "hb_every", 0.2)
    await writer.write(2)
    client = await live()
    assert (await client.get("hb"))["heads"] == {"main": 2}
    await writer.write()
    assert (await client.get("ev"))["to"] == 3
    assert (await client.get("hb"))["heads"] == {"main": 3}


async def test_silence_is_closed_and_pongs_are_not(live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveConsumer, "silence", 0.4)
    silent, alive = await live(), await live()
    for _ in range(8):
        await alive.send({"t": "pong", "at": {"main": 0}})
        await asyncio.sleep(0.1)
    bye = await silent.closed(Close.SILENT)
    assert bye["retry_after"] == 1
    assert await alive.quiet(0.1)


async def test_no_hello(connect: Connect, cookie: Cookie, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveConsumer, "hello_within", 0.2)
    client = await connect(cookie)
    bye = await client.closed(Close.NO_HELLO)
    assert bye["retry_after"] is None


async def test_pong_before_hello(connect: Connect, cookie: Cookie) -> None:
    client = await connect(cookie)
    await client.send({"t": "pong", "at": {}})
    await client.closed(Close.NO_HELLO)


async def test_sixty_frames_a_minute_and_pongs_free(live) -> None:
    client = await live()
    for _ in range(59):
        await client.hello()
    for _ in range(100):
        await client.send({"t": "pong", "at": {}})
    assert await client.quiet(0.1)
    await client.hello()
    await client.closed(Close.RATE)


async def test_bad_frames_are_closed_and_the_neighbour_is_not(
    connect: Connect, live, writer: Writer, cookie: Cookie
) -> None:
    neighbour = await live()
    for text in BAD.values():
        client = await connect(cookie)
        await client.get("welcome")
        await client.wire.send_input({"type": "websocket.receive", "text": text, "bytes": None if text else b"x"})
        await client.closed(Close.BAD_FRAME)
    await writer.write()
    await neighbour.events(1)


async def test_version(connect: Connect, cookie: Cookie) -> None:
    for offered in ([], ["botv2.v2"], ["botv2.v2", "chat"]):
        client = await connect(cookie, subprotocols=offered)
        assert client.subprotocol == (offered[0] if offered else None), "else a browser hides the code"
        await client.closed(Close.VERSION)
    client = await connect(cookie, subprotocols=["botv2.v2", "botv2.v1"])
    await client.get("welcome")


async def test_unknown_path_is_not_accepted(cookie: Cookie) -> None:
    client = Client(cookie, ["botv2.v1"], "/ws/v2")
    assert not (await client.wire.connect())[0]


async def test_draining(live, connect: Connect, cookie: Cookie, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hub, "linger", 5.0)
    clients = [await live() for _ in range(3)]
    draining = asyncio.create_task(hub.drain())
    for client in clients:
        assert (await client.closed(Close.DRAINING))["retry_after"] == 1
    await draining
    late = await connect(cookie)
    await late.closed(Close.DRAINING)


async def test_database_that_fails_at_the_door(connect: Connect, cookie: Cookie, monkeypatch) -> None:
    monkeypatch.setattr(gate, "signed_in", fail)
    client = await connect(cookie)
    assert (await client.closed(Close.INSUFFICIENT))["retry_after"] == 1


async def test_database_that_fails_and_comes_back(
    live, connect: Connect, cookie: Cookie, writer: Writer, monkeypatch
) -> None:
    """Live, subscribing and lagging sockets all wait and lose nothing."""
    monkeypatch.setattr(LiveConsumer, "retry", 0.1)
    client, late = await live(), await connect(cookie)
    await late.get("welcome")
    await writer.write(3)
    await client.events(3)
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "call", staticmethod(fail))
        await writer.write(2)
        await late.hello({"account": "main", "epoch": await writer.epoch(), "since": 1})
        assert await late.quiet(0.5)
    assert [event["s"] for event in await client.events(5)] == [4, 5]
    assert [event["s"] for event in await late.events(5)] == [2, 3, 4, 5]


def fail(*args: object) -> None:
    raise OperationalError("gone")
