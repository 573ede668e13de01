"""One stream as this process knows it."""

from dataclasses import dataclass

from realtime import protocol
from realtime.log import Position, Row
from realtime.protocol import Frame

KEEP_FRAMES = 512
KEEP_CHARACTERS = 1024 * 1024


@dataclass(frozen=True)
class Tick:
    """The newest state of one kind; `version` tells a socket whether it has sent it."""

    version: int
    data: bytes
    text: str


class Feed:
    """Where a stream stands, its newest frames ready to send, and its ticks. No input or output here.

    `end` is the last event read; frames before it are kept by the number they follow, oldest first. `version` counts
    the times the stream was found somewhere else (new epoch, events taken back): positions have to be judged again.
    """

    def __init__(self, slug: str, key: str) -> None:
        self.slug = slug
        self.key = key
        self.position = Position(key, "", 0, 1)
        self.end = 0
        self.version = 0
        self.frames: dict[int, Frame] = {}
        self.characters = 0
        self.ticks: dict[str, Tick] = {}

    def see(self, position: Position) -> bool:
        """Take note of where the stream stands; True if it has events that were not read."""
        known, self.position = self.position, position
        if position.epoch != known.epoch or position.head < known.head:
            self.restart()
        return position.head > self.end

    def restart(self) -> None:
        self.end = self.position.head
        self.frames.clear()
        self.characters = 0
        self.version += 1

    def append(self, rows: list[Row]) -> None:
        """Keep the events after `end`, cut into frames."""
        if rows[0].seq != self.end + 1:
            self.restart()
            return
        while rows:
            frame = protocol.ev(self.slug, self.position.epoch, rows)
            rows = rows[frame.last - frame.first + 1 :]
            self.frames[frame.first - 1] = frame
            self.characters += len(frame.text)
            self.end = frame.last
        while len(self.frames) > KEEP_FRAMES or (self.characters > KEEP_CHARACTERS and len(self.frames) > 1):
            self.characters -= len(self.frames.pop(next(iter(self.frames))).text)
        if self.end > self.position.head:
            self.position = Position(self.key, self.position.epoch, self.end, self.position.floor)

    def boundary(self, since: int) -> int:
        """The first position after `since` from which kept frames go on."""
        return next((start for start in self.frames if start > since), self.end)

    def tick(self, kind: str, data: bytes) -> bool:
        """Take the state of `kind`; True if it is news."""
        last = self.ticks.get(kind)
        if last is not None and last.data == data:
            return False
        version = last.version + 1 if last else 1
        self.ticks[kind] = Tick(version, data, protocol.tick(self.slug, kind, data))
        return True
