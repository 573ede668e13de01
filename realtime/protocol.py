"""The wire protocol `botv2.v1`: names, codes, limits, what a client may say and how the server says its part."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, NoReturn

from realtime.log import Position, Row

SUBPROTOCOL = "botv2.v1"
SNAPSHOT = "/api/snapshot?account="
MAX_IN = 64 * 1024  # bytes of a client's frame
MAX_OUT = 256 * 1024  # bytes of a server's frame
MAX_EVENTS = 200  # of one frame
MAX_BEHIND = 50_000  # events that are replayed
MAX_FRAMES = 60  # of one client in a minute, pongs not counted
MAX_SOCKETS = 20  # of one user
MAX_NUMBER = 2**63 - 1
ENVELOPE = 512  # bytes of an `ev` frame that are not events, at most


class Close(IntEnum):
    """Why a socket is closed. Below 4500 the client comes back, from 4500 on it does not."""

    DRAINING = 4001
    INSUFFICIENT = 4003
    EXPIRED = 4005
    SLOW = 4008
    SILENT = 4012
    RATE = 4013
    BAD_FRAME = 4500
    UNAUTHENTICATED = 4501
    NO_HELLO = 4502
    FORBIDDEN = 4503
    TOO_MANY = 4504
    VERSION = 4505


RETRY_AFTER = {Close.RATE: 60}  # seconds; 1 for the other codes below 4500, null from there on


class BadFrame(ValueError):
    """The client said something that is not in the protocol."""


@dataclass(frozen=True)
class Sub:
    """One entry of a `hello`."""

    account: str
    epoch: str | None = None
    since: int | None = None
    off: bool = False


@dataclass(frozen=True)
class Hello:
    subs: tuple[Sub, ...]


@dataclass(frozen=True)
class Pong:
    at: Mapping[str, int]


def parse(text: str | None) -> Hello | Pong:
    """Read a client's frame; None stands for a binary one. Raises BadFrame."""
    if text is None:
        raise BadFrame("not a text frame")
    if len(text) > MAX_IN or len(text.encode(errors="replace")) > MAX_IN:
        raise BadFrame("too long")
    try:
        frame = json.loads(
            text, object_pairs_hook=unique, parse_int=whole, parse_float=refuse_number, parse_constant=refuse_number
        )
    except (ValueError, RecursionError) as error:
        raise BadFrame(str(error)) from None
    match frame:
        case {"t": "hello", "subs": list(subs), **rest} if not rest:
            return Hello(tuple(map(parse_sub, subs)))
        case {"t": "pong", "at": dict(at), **rest} if not rest:
            return Pong({name(account): number(seq) for account, seq in at.items()})
    raise BadFrame("neither hello nor pong")


def parse_sub(entry: object) -> Sub:
    match entry:
        case {"account": account, "off": True, **rest} if not rest:
            return Sub(name(account), off=True)
        case {"account": account, **rest} if rest.keys() <= {"epoch", "since"}:
            epoch, since = rest.get("epoch"), rest.get("since")
            return Sub(name(account), None if epoch is None else name(epoch), None if since is None else number(since))
    raise BadFrame("not a subscription")


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadFrame("a name twice in one object")
    return found


def whole(digits: str) -> int:
    if len(digits) > 19:
        refuse_number(digits)
    return int(digits)


def refuse_number(text: str) -> NoReturn:
    raise BadFrame("numbers are whole and at most 2^63 - 1")


def name(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 64:
        raise BadFrame("names are text of 1 to 64 characters")
    return value


def number(value: object) -> int:
    if type(value) is not int or not 0 <= value <= MAX_NUMBER:
        raise BadFrame("sequence numbers are whole numbers from 0")
    return value


def why_reset(position: Position, epoch: str | None, since: int) -> str | None:
    """Why a reader at `since` of `epoch` (None: it knows nothing) cannot go on from there; None if it can."""
    if epoch is None:
        return "first"
    if epoch != position.epoch:
        return "epoch"
    if since > position.head:
        return "ahead"
    if since < position.floor - 1:
        return "too_old"
    if position.head - since > MAX_BEHIND:
        return "too_far"
    return None


@dataclass(frozen=True)
class Frame:
    """An `ev` frame ready to send: events first..last of its stream."""

    first: int
    last: int
    text: str


def ev(account: str, epoch: str, rows: Sequence[Row]) -> Frame:
    """The frame of as many of `rows` as fit into 256 KiB, at least one."""
    parts: list[bytes] = []
    room = MAX_OUT - ENVELOPE
    for row in rows[:MAX_EVENTS]:
        part = row.encode()
        room -= len(part) + 1
        if parts and room < 0:
            break
        parts.append(part)
    first, last = rows[0].seq, rows[len(parts) - 1].seq
    head = f'{{"t":"ev","account":{dump(account)},"epoch":{dump(epoch)},"from":{first},"to":{last},"ev":['
    return Frame(first, last, head + b",".join(parts).decode() + "]}")


def welcome(conn: str, now: datetime, hb: float, server_version: str) -> str:
    return dump({"t": "welcome", "conn": conn, "now": stamp(now), "hb": hb, "server_version": server_version})


def reset(account: str, position: Position, why: str) -> str:
    fields = {"account": account, "epoch": position.epoch, "head": position.head, "why": why}
    return dump({"t": "reset", **fields, "snapshot": SNAPSHOT + account})


def live(account: str, seq: int) -> str:
    return dump({"t": "live", "account": account, "seq": seq})


def tick(account: str, kind: str, data: bytes) -> str:
    return f'{{"t":"tick","account":{dump(account)},"kind":{dump(kind)},"d":{data.decode()}}}'


def hb(now: datetime, heads: Mapping[str, int]) -> str:
    return dump({"t": "hb", "now": stamp(now), "heads": heads})


def bye(code: int) -> str:
    retry = RETRY_AFTER.get(Close(code), 1) if code < 4500 else None
    return dump({"t": "bye", "code": int(code), "retry_after": retry})


def stamp(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
