"""One connection. A pump sends everything; reading only leaves it notes."""

import asyncio
import logging
import math
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import timezone
from structlog.contextvars import bind_contextvars

from realtime import protocol, telemetry
from realtime.feed import Feed
from realtime.gate import Gate, Principal, Refused
from realtime.hub import Hub, current_hub
from realtime.protocol import MAX_EVENTS, MAX_FRAMES, SUBPROTOCOL, BadFrame, Close, Hello, Sub

logger = logging.getLogger(__name__)


class Seat:
    """A socket's place in one stream: everything up to `at` has been sent. `waiting` for a snapshot sends nothing."""

    def __init__(self, feed: Feed, sub: Sub) -> None:
        self.feed = feed
        self.epoch = None if sub.since is None else sub.epoch
        self.at = sub.since or 0
        self.version = -1  # of the feed when `at` was last judged
        self.waiting = False
        self.live = False
        self.ticks: dict[str, int] = {}
        self.page = MAX_EVENTS


class LiveConsumer(AsyncWebsocketConsumer):
    """`/ws/v1`. Times are seconds."""

    channel_layer_alias = "none"  # hints reach sockets through the hub; no socket needs a channel of its own
    hello_within = 5.0
    hb_every = 15.0
    silence = 40.0
    send_within = 10.0
    bye_within = 2.0
    minute = 60.0
    retry = 1.0
    check_every = 0.5

    principal: Principal
    hub: Hub
    checking: asyncio.TimerHandle

    def __init__(self, *, gate: Gate, server_version: str) -> None:
        super().__init__()
        self.gate = gate
        self.server_version = server_version
        self.seats: dict[str, Seat] = {}
        self.wanted: dict[str, Sub] = {}  # what hellos said that the pump has not seen to
        self.woken = asyncio.Event()
        self.greeted = False
        self.recent: deque[float] = deque(maxlen=MAX_FRAMES)
        self.closing: int | None = None
        self.closing_at = 0.0
        self.sending_since: float | None = None
        self.pumping: asyncio.Task[None] | None = None
        self.started = self.heard = self.next_hb = math.inf  # until the handshake is over

    async def __call__(
        self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.serving = asyncio.current_task()
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if self.pumping is None or not self.pumping.done():
                raise
        finally:
            if self.pumping is not None:
                await self.end(self.pumping)

    async def end(self, pumping: asyncio.Task[None]) -> None:
        self.checking.cancel()
        pumping.remove_done_callback(self.pumped)
        if not pumping.done():
            pumping.cancel()
            await asyncio.wait({pumping})
        self.hub.leave(self)

    async def dispatch(self, message: Any) -> None:
        # The base class goes to a thread here to close old database connections; a socket has none.
        await getattr(self, get_handler_name(message))(message)

    # What the client does

    async def connect(self) -> None:
        self.hub = current_hub(self.gate, self)
        self.pumping = asyncio.create_task(self.pump())
        self.pumping.add_done_callback(self.pumped)
        self.check()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        self.heard = self.loop.time()
        if self.closing is not None:
            return
        try:
            frame = protocol.parse(text_data)
        except BadFrame:
            return self.stop(Close.BAD_FRAME)
        if isinstance(frame, Hello):
            if len(self.recent) == MAX_FRAMES and self.heard - self.recent[0] < self.minute:
                return self.stop(Close.RATE)
            self.recent.append(self.heard)
            self.greeted = True
            self.wanted.update({sub.account: sub for sub in frame.subs})
            self.wake()
        elif not self.greeted:
            self.stop(Close.NO_HELLO)

    async def websocket_disconnect(self, message: Any) -> None:
        raise StopConsumer

    # What others ask of this socket

    def wake(self) -> None:
        self.woken.set()

    def stop(self, code: int) -> None:
        if self.closing is None:
            self.closing, self.closing_at = code, self.loop.time()
        self.wake()

    def check(self) -> None:
        """Mind the clock, twice a second."""
        now = self.loop.time()
        if self.sending_since is not None and now - self.sending_since > self.send_within:
            self.stop(Close.SLOW)
            self.interrupt()
        elif self.closing is not None and now - self.closing_at > self.bye_within:
            self.interrupt()
        elif not self.greeted and now - self.started > self.hello_within:
            self.stop(Close.NO_HELLO)
        elif now - self.heard > self.silence:
            self.stop(Close.SILENT)
        elif now >= self.next_hb:
            self.wake()
        self.checking = self.loop.call_later(self.check_every, self.check)

    def interrupt(self) -> None:
        if self.pumping is not None:
            self.pumping.cancel()

    def pumped(self, pumping: asyncio.Task[None]) -> None:
        if self.serving is not None:
            self.serving.cancel()

    # The pump: the only sender

    async def pump(self) -> None:
        pumping = asyncio.current_task()
        assert pumping is not None
        try:
            await self.greet()
            await self.follow()
        except Refused as refused:
            self.stop(refused.code)
        except asyncio.CancelledError:
            if self.closing is None:
                raise
            pumping.uncancel()
        except OSError:
            return  # the client is gone
        except Exception:
            logger.exception("a socket failed")
            self.stop(Close.INSUFFICIENT)
        await self.part(self.closing or Close.INSUFFICIENT)

    async def part(self, code: int) -> None:
        """Say bye and close, if the client still takes it."""
        self.checking.cancel()
        telemetry.CLOSED.labels(str(int(code))).inc()
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(self.bye_within):
                if self.started < math.inf:
                    await self.send(text_data=protocol.bye(code))
                await self.close(code)

    async def shake(self, subprotocol: str | None) -> None:
        await self.accept(subprotocol)
        self.started = self.heard = self.loop.time()
        self.next_hb = self.started + self.hb_every

    async def greet(self) -> None:
        offered = list(self.scope["subprotocols"])
        if SUBPROTOCOL not in offered:
            # A browser shows the close code only if one of its subprotocols was accepted.
            await self.shake(offered[0] if offered else None)
            raise Refused(Close.VERSION)
        refused: Refused | None = None
        try:
            self.principal = await self.hub.enter(self.scope)
            self.hub.join(self)
        except Refused as error:
            refused = error
        except Exception as error:
            self.hub.failed("entering", error)
            refused = Refused(Close.INSUFFICIENT)
        await self.shake(SUBPROTOCOL)
        if refused is not None:
            raise refused
        conn = secrets.token_hex(8)
        bind_contextvars(conn=conn, who=self.principal.user)
        await self.out(protocol.welcome(conn, timezone.now(), self.hb_every, self.server_version))

    async def follow(self) -> None:
        while self.closing is None:
            self.woken.clear()
            if self.wanted:
                await self.place()
            busy = await self.heartbeat()
            for seat in list(self.seats.values()):
                busy |= await self.step(seat)
            if not busy:
                await self.woken.wait()

    async def place(self) -> None:
        """Do what hellos said: take, change or give up seats."""
        subs, self.wanted = self.wanted, {}
        wanted = [sub for sub in subs.values() if not sub.off]
        try:
            feeds = await self.hub.watch(self, [sub.account for sub in wanted])
        except Refused:
            raise
        except Exception as error:
            self.hub.failed("subscribing", error)
            self.wanted = {**subs, **self.wanted}
            self.loop.call_later(self.retry, self.wake)
            return
        for sub in subs.values():
            seat = self.seats.pop(sub.account, None)
            feed = feeds.get(sub.account)
            if seat is not None and seat.feed is not feed:
                self.hub.unwatch(self, seat.feed)
            if feed is not None:
                self.seats[sub.account] = Seat(feed, sub)

    async def heartbeat(self) -> bool:
        if self.loop.time() < self.next_hb:
            return False
        self.next_hb = self.loop.time() + self.hb_every
        heads = {slug: max(seat.at, seat.feed.end) for slug, seat in self.seats.items() if not seat.waiting}
        await self.out(protocol.hb(timezone.now(), heads))
        return True

    async def step(self, seat: Seat) -> bool:
        """Send the next frame of this account, if there is one."""
        feed = seat.feed
        if seat.waiting:
            return False
        if seat.version != feed.version and await self.judge(seat):
            return True
        frame = feed.frames.get(seat.at)
        if frame is None and seat.at < feed.end:
            return await self.catch_up(seat)
        if frame is not None:
            await self.out(frame.text)
            seat.at = frame.last
            return True
        if seat.at < feed.position.head:
            return False  # the hub is about to read on
        if not seat.live:
            seat.live = True
            await self.out(protocol.live(feed.slug, seat.at))
            return True
        for kind, tick in feed.ticks.items():
            if seat.ticks.get(kind) != tick.version:
                seat.ticks[kind] = tick.version
                await self.out(tick.text)
                return True
        return False

    async def judge(self, seat: Seat) -> bool:
        """See whether the stream can be followed from where the seat is; else have the client start afresh."""
        seat.version = seat.feed.version
        why = protocol.why_reset(seat.feed.position, seat.epoch, seat.at)
        if why is None:
            return False
        seat.waiting = True
        await self.out(protocol.reset(seat.feed.slug, seat.feed.position, why))
        return True

    async def catch_up(self, seat: Seat) -> bool:
        """Read and send a page that the hub does not keep."""
        feed = seat.feed
        try:
            frame = await self.hub.page(feed, seat.at, seat.page)
        except Exception as error:
            self.hub.failed("catching up", error)
            frame = None
        if frame is None:
            if await self.judge(seat):  # purged, or a new epoch
                return True
            self.loop.call_later(self.retry, self.wake)
            return False
        if seat.version == feed.version:
            seat.page = 2 * (frame.last - frame.first + 1)  # big events: do not read 200 to send a few
            await self.out(frame.text)
            seat.at = frame.last
        return True

    async def out(self, text: str) -> None:
        self.sending_since = since = self.loop.time()
        await self.base_send({"type": "websocket.send", "text": text, "bytes": None})
        self.sending_since = None
        telemetry.SEND_SECONDS.observe(self.loop.time() - since)
