"""How many long answers may be on their way at once: of one key or user, and of this process."""

import threading
import weakref
from collections import Counter
from collections.abc import Iterator

from api.errors import Busy


class Slots:
    def __init__(self, each: int, total: int) -> None:
        self.each, self.total = each, total
        self.lock = threading.RLock()  # a slot may be forgotten, and so given back, while one is taken
        self.held: Counter[str] = Counter()

    def take(self, who: str) -> "Slot":
        """Raises Busy."""
        with self.lock:
            if self.held[who] >= self.each or self.held.total() >= self.total:
                raise Busy
            self.held[who] += 1
        return Slot(self, who)

    def give_back(self, who: str) -> None:
        with self.lock:
            self.held[who] -= 1
            self.held += Counter()  # forgets who holds none


class Slot:
    """One of them. It is free again when what it holds was taken to the end, was closed or is forgotten: whoever went
    away in the middle closes nothing."""

    def __init__(self, slots: Slots, who: str) -> None:
        self.parts: Iterator[bytes] = iter(())
        self.free = weakref.finalize(self, slots.give_back, who)

    def holding(self, parts: Iterator[bytes]) -> "Slot":
        self.parts = parts
        return self

    def __iter__(self) -> "Slot":
        return self

    def __next__(self) -> bytes:
        try:
            return next(self.parts)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.parts = iter(())
        self.free()
