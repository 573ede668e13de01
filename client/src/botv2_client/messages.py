"""What the live stream brings. Numbers with a fraction are Decimal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Position:
    """A place in one account's log: everything up to `seq` of this `epoch` has been seen."""

    account: str
    epoch: str
    seq: int


@dataclass(frozen=True)
class Snapshot:
    """Begin anew from this: the body of /api/snapshot. The events after it follow."""

    position: Position
    data: dict[str, Any]


@dataclass(frozen=True)
class Event:
    """One change, in order, none left out; docs/events.md says what `data` of each `type` holds."""

    position: Position
    type: str
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True)
class Live:
    """Everything that happened so far has been told."""

    position: Position


@dataclass(frozen=True)
class Tick:
    """Something unnumbered of which only the newest counts: heartbeats, candles."""

    account: str
    kind: str
    data: dict[str, Any]


Message = Snapshot | Event | Live | Tick
