"""One hub per process: reads the log once for all its sockets and tells them when there is something to send."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer
from django.utils import timezone

from realtime import log, protocol, telemetry
from realtime.feed import Feed
from realtime.gate import Gate, Principal, Refused
from realtime.log import HINT_GROUP, Position
from realtime.protocol import MAX_EVENTS, MAX_SOCKETS, Close, Frame
from realtime.reader import Reader

logger = logging.getLogger(__name__)


class Socket(Protocol):
    """What the hub asks of a connection."""

    principal: Principal

    def wake(self) -> None:
        """There may be something to send."""

    def stop(self, code: int) -> None:
        """Say bye and close."""


class Hub:
    """Feeds, and the sockets that watch them.

    A hint or the poll makes the hub read a feed's new events, at most every `batch` seconds; they are encoded once and
    every socket at their position sends the same text. Everything comes by polling too, so hints may be lost.
    """

    poll_every = 1.0
    sweep_every = 2.0
    batch = 0.05
    tick_every = 0.25
    renew_every = 30.0  # seconds between entries in the hint group, which a restarted Redis has forgotten
    layer_timeout = 2.0
    linger = 5.0  # seconds an unused hub keeps its connections
    drain_within = 2.0

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.guests: set[Socket] = set()  # every open connection
        self.sockets: dict[Socket, set[Feed]] = {}  # those let in, and what they watch
        self.users: Counter[str] = Counter()
        self.feeds: dict[str, Feed] = {}
        self.watchers: dict[Feed, set[Socket]] = {}
        self.behind: set[Feed] = set()
        self.reading: dict[Feed, asyncio.Task[None]] = {}
        self.ticking: set[str] = set()
        self.tick_wanted = asyncio.Event()
        self.channel = ""  # of the channel layer, where hints arrive
        self.draining = False
        self.failing: set[str] = set()
        self.head = Reader("hub-head")  # what all sockets wait for
        self.side = Reader("hub-side")  # pages of lagging sockets, ticks, access
        self.door = Reader("hub-door")  # who enters; may write, so it may wait
        loops = (self.poll, self.sweep, self.tick, self.listen)
        self.tasks = [asyncio.create_task(self.forever(each)) for each in loops]

    async def forever(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Repeat `work`; what fails is told once and tried again a second later."""
        while True:
            try:
                await work()
                self.recovered(work.__name__)
            except Exception as error:
                self.failed(work.__name__, error)
                await asyncio.sleep(self.poll_every)

    def failed(self, what: str, error: Exception) -> None:
        telemetry.FAILURES.labels(what).inc()
        if what not in self.failing:
            self.failing.add(what)
            logger.warning("%s fails (%s: %s); trying again", what, type(error).__name__, error)

    def recovered(self, what: str) -> None:
        if what in self.failing:
            self.failing.discard(what)
            logger.info("%s works again", what)

    # Sockets

    async def enter(self, scope: Mapping[str, Any]) -> Principal:
        return await self.door.run(self.gate.enter, scope)

    def join(self, socket: Socket) -> None:
        """Count the socket in. Raises Refused."""
        if self.draining:
            raise Refused(Close.DRAINING)
        if self.users[socket.principal.user] >= MAX_SOCKETS:
            raise Refused(Close.TOO_MANY)
        self.users[socket.principal.user] += 1
        self.sockets[socket] = set()
        telemetry.SOCKETS.inc()

    def leave(self, socket: Socket) -> None:
        if socket in self.sockets:
            for feed in list(self.sockets[socket]):
                self.unwatch(socket, feed)
            del self.sockets[socket]
            telemetry.SOCKETS.dec()
            self.users -= Counter([socket.principal.user])
        self.guests.discard(socket)
        if not self.guests:
            asyncio.get_running_loop().call_later(self.linger, retire, self)

    async def watch(self, socket: Socket, slugs: Iterable[str]) -> dict[str, Feed]:
        """The feeds of these accounts, fresh from the database. Raises Refused if one may not be watched."""
        wanted = list(slugs)
        if not wanted:
            return {}
        granted = (await self.side.run(self.gate.access, [socket.principal]))[socket.principal.id]
        if isinstance(granted, int):
            raise Refused(granted)
        if any(slug not in granted for slug in wanted):
            raise Refused(Close.FORBIDDEN)
        found = {slug: self.feed(slug, granted[slug]) for slug in wanted}
        for feed in found.values():
            self.watchers[feed].add(socket)
            self.sockets[socket].add(feed)
        await self.look(found.values())
        return found

    def feed(self, slug: str, key: str) -> Feed:
        feed = self.feeds.get(key)
        if feed is None or feed.slug != slug:  # a renamed account: sockets under its old name are about to be closed
            feed = self.feeds[key] = Feed(slug, key)
            self.watchers[feed] = set()
            self.ticking.add(key)
            self.tick_wanted.set()
        return feed

    def unwatch(self, socket: Socket, feed: Feed) -> None:
        self.sockets[socket].discard(feed)
        self.watchers[feed].discard(socket)
        if not self.watchers[feed]:
            del self.watchers[feed]
            self.behind.discard(feed)
            if self.feeds.get(feed.key) is feed:
                del self.feeds[feed.key]

    # Events

    async def look(self, feeds: Iterable[Feed]) -> None:
        """See where these feeds stand now."""
        known = {feed.key: feed for feed in feeds}
        self.see(await self.head.run(places, list(known)), known.values())

    def see(self, found: Mapping[str, Position], feeds: Iterable[Feed]) -> None:
        for feed in list(feeds):
            version = feed.version
            if feed.key in found and feed.see(found[feed.key]):
                self.advance(feed)
            if feed.version != version:
                self.wake(feed)

    def advance(self, feed: Feed) -> None:
        """Read the feed's new events soon."""
        self.behind.add(feed)
        if feed in self.watchers and feed not in self.reading:
            self.reading[feed] = asyncio.create_task(self.read(feed))

    async def read(self, feed: Feed) -> None:
        try:
            while feed in self.behind:
                self.behind.discard(feed)
                version = feed.version
                rows = await self.head.run(log.read, feed.key, feed.end, MAX_EVENTS, feed.position.epoch)
                if rows and feed.version == version:
                    feed.append(rows)
                    self.wake(feed)
                    telemetry.DELIVERY_SECONDS.observe((timezone.now() - rows[0].at).total_seconds())
                if len(rows) == MAX_EVENTS:
                    self.behind.add(feed)
                else:
                    await asyncio.sleep(self.batch)
            self.recovered("reading events")
        except Exception as error:
            self.failed("reading events", error)  # the next poll finds it behind
        finally:
            del self.reading[feed]

    async def page(self, feed: Feed, since: int, limit: int) -> Frame | None:
        """The events after `since` for a socket that is not at a kept frame; None if they are not to be had."""
        limit = min(limit, MAX_EVENTS, feed.boundary(since) - since)
        epoch = feed.position.epoch
        rows = await self.side.run(log.read, feed.key, since, limit, epoch)
        if not rows or rows[0].seq != since + 1:
            await self.look([feed])
            return None
        return protocol.ev(feed.slug, epoch, rows)

    def wake(self, feed: Feed) -> None:
        for socket in self.watchers.get(feed, ()):
            socket.wake()

    # What goes on by itself

    async def poll(self) -> None:
        await asyncio.sleep(self.poll_every)
        if self.feeds:
            self.see(await self.head.run(log.positions, list(self.feeds)), self.feeds.values())
            self.ticking.update(self.feeds)
            self.tick_wanted.set()

    async def tick(self) -> None:
        await self.tick_wanted.wait()
        self.tick_wanted.clear()
        keys, self.ticking = self.ticking & self.feeds.keys(), set()
        if keys:
            for (key, kind), data in (await self.side.run(self.gate.ticks, keys)).items():
                feed = self.feeds.get(key)
                if feed is not None and feed.tick(kind, data):
                    self.wake(feed)
        await asyncio.sleep(self.tick_every)

    async def sweep(self) -> None:
        """Close the sockets of whoever has lost access."""
        await asyncio.sleep(self.sweep_every)
        principals = {socket.principal.id: socket.principal for socket in self.sockets}
        if not principals:
            return
        access = await self.side.run(self.gate.access, list(principals.values()))
        for socket, feeds in list(self.sockets.items()):
            granted = access.get(socket.principal.id)
            if isinstance(granted, int):
                socket.stop(granted)
            elif granted is not None and any(granted.get(feed.slug) != feed.key for feed in feeds):
                socket.stop(Close.FORBIDDEN)

    async def listen(self) -> None:
        """Take hints from the channel layer until it fails."""
        layer, clock = get_channel_layer(), asyncio.get_running_loop().time
        if layer is None:
            return await asyncio.sleep(self.renew_every)
        self.channel = self.channel or await layer.new_channel()
        receiving: asyncio.Task[Any] | None = None
        try:
            while True:
                async with asyncio.timeout(self.layer_timeout):
                    await layer.group_add(HINT_GROUP, self.channel)
                renew_at = clock() + self.renew_every
                while clock() < renew_at:
                    receiving = receiving or asyncio.ensure_future(layer.receive(self.channel))
                    await asyncio.wait({receiving}, timeout=renew_at - clock())
                    if receiving.done():
                        received, receiving = receiving, None
                        self.hinted(received.result())
                        self.recovered("listen")
        finally:
            if receiving is not None:
                receiving.cancel()
                await asyncio.wait({receiving}, timeout=self.layer_timeout)

    def hinted(self, message: Mapping[str, Any]) -> None:
        feed = self.feeds.get(message["key"])
        if feed is None:
            return
        if message["tick"] is None:
            self.advance(feed)
        else:
            self.ticking.add(feed.key)
            self.tick_wanted.set()

    # The end

    async def drain(self) -> None:
        """Send every socket away, to come back to another process; return when they are gone or after 2 s."""
        self.draining = True
        for socket in list(self.sockets):
            socket.stop(Close.DRAINING)
        until = asyncio.get_running_loop().time() + self.drain_within
        while self.sockets and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        running = {*self.tasks, *self.reading.values()}
        while running:
            for task in running:
                task.cancel()
            # A Redis client may swallow a cancellation, so it is said until it is heard.
            running = (await asyncio.wait(running, timeout=0.1))[1]
        layer = get_channel_layer()
        if layer is not None and self.channel:
            with suppress(Exception):
                async with asyncio.timeout(self.layer_timeout):
                    await layer.group_discard(HINT_GROUP, self.channel)
        for reader in (self.head, self.side, self.door):
            await reader.close()


def places(keys: Sequence[str]) -> dict[str, Position]:
    """Where these streams stand; one that is not there is made."""
    found = log.positions(keys)
    return found | {key: log.position(key) for key in keys if key not in found}


hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()
retiring: set[asyncio.Task[None]] = set()


def current_hub(gate: Gate, guest: Socket) -> Hub:
    """The hub of the running event loop, which `guest` has to leave in the end. The first one starts it."""
    loop = asyncio.get_running_loop()
    hub = hubs.get(loop)
    if hub is None:
        hub = hubs[loop] = Hub(gate)
    hub.guests.add(guest)
    return hub


def retire(hub: Hub) -> None:
    """End a hub that nobody uses."""
    loop = asyncio.get_running_loop()
    if not hub.guests and hubs.get(loop) is hub:
        del hubs[loop]
        task = loop.create_task(hub.close())
        retiring.add(task)
        task.add_done_callback(retiring.discard)


async def drain() -> None:
    """Say bye to every socket of this event loop."""
    hub = hubs.get(asyncio.get_running_loop())
    if hub is not None:
        await hub.drain()


async def close() -> None:
    """End this event loop's hub and wait until its connections are closed."""
    hub = hubs.pop(asyncio.get_running_loop(), None)
    if hub is not None:
        await hub.close()
    if retiring:
        await asyncio.wait(set(retiring))
