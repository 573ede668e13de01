"""What the composition root tells `realtime`: who is at the door, what they may watch, what moves between events."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Principal:
    """Whoever opened a socket. `id` names the credential, `user` those whose sockets are counted together."""

    id: str
    user: str


class Refused(Exception):
    """Access is denied; `code` is the close code to say so with."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Gate(Protocol):
    """Access and ticks. Every method reads the database and is called in a thread, never on the event loop."""

    def enter(self, scope: Mapping[str, Any]) -> Principal:
        """Who opens this socket. Raises Refused."""

    def access(self, principals: Sequence[Principal]) -> Mapping[str, Mapping[str, str] | int]:
        """What each may watch now, by principal id: {slug: stream key}, or the close code that ends its sockets.

        Asked about everybody connected every two seconds, so the number of queries does not depend on how many.
        """

    def ticks(self, keys: Collection[str]) -> Mapping[tuple[str, str], bytes]:
        """What is not logged but shown live, by (stream key, kind): its whole present state as JSON."""
