"""The client: what a bot calls."""

import logging
import os
import re
import sqlite3
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, Unpack

import httpx

from botv2_client import fields, letters
from botv2_client.delivery import Delivery
from botv2_client.encoding import encode
from botv2_client.entry import HEARTBEAT, Entry
from botv2_client.messages import Message
from botv2_client.positions import Positions
from botv2_client.reports import candle_entries, given, now, simple_entry, trade_entry
from botv2_client.sender import Sender
from botv2_client.spool import Spool
from botv2_client.tally import Stats, Tally

logger = logging.getLogger("botv2_client")

SPOOL_LIMIT = 256 * 1024 * 1024
HURRY = 1.0  # that somebody who flushes waits between attempts
GLANCE = 0.02
ENDING = 1.0  # that a request under way may still take when the client is closed
P = ParamSpec("P")


def recording(describe: "Callable[Concatenate[Client, P], list[Entry]]") -> "Callable[Concatenate[Client, P], bool]":
    """A method that keeps what `describe` makes of its arguments. Nothing that goes wrong reaches the bot.

    It returns True once the report is in the spool's file, False if it waits in memory because the file takes
    nothing, or was refused or given up; the last three are logged and counted.
    """

    @wraps(describe)
    def record(self: "Client", /, *args: P.args, **kwargs: P.kwargs) -> bool:
        if os.getpid() != self._pid:
            logger.error("lost a %s: make a client after the fork, not before", describe.__name__)
            return False
        try:
            with self._spool.lock:
                kept = self._spool.put(describe(self, *args, **kwargs))
        except Exception as error:
            letters.keep_unsendable(self._spool, describe.__name__, (args, kwargs), error)
            return False
        self._sender.wake()
        return kept

    return record


class Client:
    """Reports to one account of BotV2, through a spool on this machine's disk.

    Only making one can raise: ValueError for an address or a key that cannot be one. It may be used by several threads.
    A spool belongs to one address and key; of several processes with the same spool one sends for all.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        spool: str | os.PathLike[str],
        bot: str | None = None,
        spool_limit: int = SPOOL_LIMIT,
        trust_env: bool = True,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        parsed = httpx.URL(url)
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise ValueError("url is the address of BotV2, as in https://botv2.example")
        if not re.fullmatch(r"[!-~]+", key):
            raise ValueError("key is an API key of BotV2, as in bv2_...")
        self._url, self._key, self._bot, self._trust_env = url.rstrip("/"), key, bot, trust_env
        self._pid = os.getpid()
        self._tally = Tally()
        self._spool = Spool(spool, spool_limit, self._tally)
        self._delivery = Delivery(self._url, key, trust_env=trust_env, transport=transport)
        self._sender = Sender(self._spool, self._delivery, self._tally)
        self._sender.start()

    def __repr__(self) -> str:
        return f"Client({self._url!r}, bot={self._bot!r}, spool={str(self._spool.path)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Reports

    @recording
    def trade(self, trade_id: str, **report: Unpack[fields.Trade]) -> list[Entry]:
        """Anything of a trade. Until it is over, what was said of it before need not be said again."""
        return self._trade(trade_id, report)

    @recording
    def trade_open(
        self,
        trade_id: str,
        *,
        symbol: str,
        direction: fields.Direction,
        size: fields.Number,
        entry_price: fields.Number,
        entry_time: fields.Moment | None = None,
        **rest: Unpack[fields.TradeChange],
    ) -> list[Entry]:
        """A position was entered, by default now."""
        entered = {"symbol": symbol, "direction": direction, "size": size, "entry_price": entry_price}
        return self._trade(trade_id, {"status": "open", "entry_time": entry_time or now(), **entered, **rest})

    @recording
    def trade_update(self, trade_id: str, **changes: Unpack[fields.TradeChange]) -> list[Entry]:
        """The stop, the marks, the tags and the like of a trade."""
        return self._trade(trade_id, changes)

    @recording
    def trade_close(
        self,
        trade_id: str,
        *,
        exit_price: fields.Number,
        exit_time: fields.Moment | None = None,
        **rest: Unpack[fields.TradeChange],
    ) -> list[Entry]:
        """A position was left, by default now."""
        left = {"status": "closed", "exit_price": exit_price, "exit_time": exit_time or now()}
        return self._trade(trade_id, {**left, **rest})

    def _trade(self, trade_id: str, report: Mapping[str, Any]) -> list[Entry]:
        name = encode(trade_id)
        return [trade_entry(name, self._spool.essentials(name), {"bot": self._bot, **given(report)})]

    @recording
    def snapshot(self, total_value: fields.Number, **rest: Unpack[fields.Snapshot]) -> list[Entry]:
        """What the account is worth, by default now."""
        worth = {"timestamp": now(), "bot": self._bot, "total_value": total_value}
        return [simple_entry("snapshot", {**worth, **given(rest)})]

    @recording
    def cash_flow(
        self,
        flow_id: str,
        *,
        amount: fields.Number,
        kind: fields.FlowKind,
        timestamp: fields.Moment | None = None,
        note: str | None = None,
    ) -> list[Entry]:
        """Money that came in or went out and is no profit or loss, by default now."""
        flow = {"flow_id": flow_id, "amount": amount, "kind": kind, "timestamp": timestamp or now(), "note": note}
        return [simple_entry("cash_flow", flow)]

    @recording
    def candle(
        self,
        symbol: str,
        timeframe: str,
        timestamp: fields.Moment,
        open: fields.Number,
        high: fields.Number,
        low: fields.Number,
        close: fields.Number,
        volume: fields.Number,
        *,
        exchange: str | None = None,
    ) -> list[Entry]:
        """One candle. The one that is still open may be told again; the newest counts."""
        return candle_entries(symbol, timeframe, [(timestamp, open, high, low, close, volume)], exchange)

    @recording
    def candles(
        self, symbol: str, timeframe: str, rows: Iterable[Sequence[Any]], *, exchange: str | None = None
    ) -> list[Entry]:
        """Rows of timestamp, open, high, low, close, volume."""
        return candle_entries(symbol, timeframe, rows, exchange)

    @recording
    def strategy(self, name: str, **rest: Unpack[fields.Strategy]) -> list[Entry]:
        """What a strategy is and may lose. Naming one in a trade is enough to make it."""
        return [simple_entry("strategy", {"name": name, **rest})]

    @recording
    def alert(
        self,
        title: str,
        *,
        severity: fields.Severity = "info",
        type: fields.AlertType = "system",
        **rest: Unpack[fields.Alert],
    ) -> list[Entry]:
        """Something a person should know. Alerts with the same `dedupe_key` are one until it is resolved."""
        # Without a key of its own an alert that has to be sent twice would become two.
        alert = {"title": title, "severity": severity, "type": type, "dedupe_key": uuid.uuid4().hex}
        return [simple_entry("alert", {**alert, **given(rest)})]

    @recording
    def heartbeat(self, state: fields.State = "running", **rest: Unpack[fields.Heartbeat]) -> list[Entry]:
        """The bot is alive. Only the newest is sent, and none that is older than a minute."""
        beat = {"bot": self._bot, "state": state, **given(rest)}
        return [simple_entry(HEARTBEAT, beat, slot=f"{HEARTBEAT} {encode(beat['bot'])}")]

    # The spool

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until BotV2 has answered for everything recorded before; False if it has not in time."""
        started = hurried = time.monotonic()
        self._sender.hurry()
        with suppress(sqlite3.Error):
            newest = self._spool.newest()
            while self._spool.pending(newest):
                moment = time.monotonic()
                if moment - started >= timeout:
                    return False
                if moment - hurried >= HURRY:
                    hurried = moment
                    self._sender.hurry()
                time.sleep(GLANCE)
            return True
        return False

    def close(self, timeout: float = 5.0) -> bool:
        """Flush and end. What is left is sent by the next client with this spool; False if there is any."""
        if os.getpid() != self._pid or self._spool.closed:
            return True
        flushed = self.flush(timeout)
        if self._sender.end(ENDING):
            self._delivery.close()
        self._spool.close()
        return flushed

    def stats(self) -> Stats:
        """Never raises."""
        queued = dead = 0
        with suppress(sqlite3.Error):
            queued, dead = self._spool.counts()
        return self._tally.stats(queued=queued, held=len(self._spool.held), dead=dead, sending=self._sender.sending)

    def dead_letters(self, limit: int = 100) -> list[letters.DeadLetter]:
        """The newest reports that were refused. Raises sqlite3.Error if the spool cannot be read."""
        return letters.dead_letters(self._spool, limit)

    def retry_dead(self, ids: Iterable[int] | None = None) -> int:
        """Send dead letters again, all or these; return how many. Raises sqlite3.Error."""
        count = letters.retry_dead(self._spool, ids)
        self._sender.wake()
        return count

    # The live stream

    def stream(self, name: str | None = None, *, account: str | None = None) -> AsyncGenerator[Message, None]:
        """Follow an account's log, by default that of the key; see `botv2_client.stream.follow`.

        With a `name` the position is kept in the spool, after each message that was dealt with: the next stream of this
        name goes on there.
        """
        from botv2_client.stream import follow  # needs the extra `stream`

        positions = None if name is None else Positions(self._spool, name)
        return follow(self._url, self._key, account=account, positions=positions, trust_env=self._trust_env)
