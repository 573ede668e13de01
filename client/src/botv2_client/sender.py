"""The thread that sends the spool: in order, in batches, until every report is answered for."""

import logging
import random
import sqlite3
import threading
import time

from botv2_client.database import Turn
from botv2_client.delivery import Delivery, Later, Refused, Stored
from botv2_client.entry import MAX_ITEMS, Batch
from botv2_client.spool import Spool
from botv2_client.tally import Tally

IDLE = 1.0
LINGER = 0.05  # lets what a bot reports in one go travel together
SHORTEST, LONGEST = 0.5, 60.0  # ceilings of the pause after the first failure and after many
SLOW = (30.0, 60.0)
FAULTS = 5  # failures after which BotV2's fault is taken to be over something in the batch


class Sender(threading.Thread):
    def __init__(self, spool: Spool, delivery: Delivery, tally: Tally) -> None:
        super().__init__(name="botv2-client", daemon=True)
        self.spool, self.delivery, self.tally = spool, delivery, tally
        self.turn = Turn(spool.path)
        self.sending = False
        self.woken, self.ending = threading.Event(), threading.Event()
        self.failures = 0
        self.limit = MAX_ITEMS
        self.retry_at = 0.0  # our own pause, which `hurry` ends
        self.wait_until = 0.0  # what BotV2 asked for

    def wake(self) -> None:
        self.woken.set()

    def hurry(self) -> None:
        self.retry_at = 0.0
        self.wake()

    def end(self, timeout: float) -> bool:
        """True once the thread has ended; a request under way may keep it."""
        self.ending.set()
        self.wake()
        self.join(timeout)
        return not self.is_alive()

    def run(self) -> None:
        try:
            while not self.ending.is_set():
                try:
                    pause = self.round()
                except Exception as error:  # nothing may end this thread
                    self.tally.trouble(f"the sender cannot go on: {type(error).__name__}: {error}", logging.ERROR)
                    pause = IDLE
                if pause and self.woken.wait(pause):
                    self.ending.wait(LINGER)
                    self.woken.clear()
        finally:
            self.turn.leave()

    def round(self) -> float:
        """Send one batch if it is time to; return how long to pause unless woken."""
        self.tidy()
        pause = max(self.retry_at, self.wait_until) - time.monotonic()
        if pause > 0:
            return min(pause, IDLE)
        self.sending = self.spool.db is not None and self.turn.take()
        batch = self.spool.batch(self.limit) if self.sending else None
        if batch is None:
            return IDLE
        match self.delivery.send(batch):
            case Stored(refused):
                self.settle(batch, refused)
                self.failures, self.limit = 0, min(self.limit * 2, MAX_ITEMS)
                self.tally.well()
            case Refused(error):
                self.narrow(batch, error)
            case Later() as later:
                self.postpone(later)
                if later.fault and self.failures >= FAULTS:
                    self.narrow(batch, later.error)
        return 0

    def tidy(self) -> None:
        """Where that fails there may still be something to send, which makes room."""
        try:
            self.spool.tidy()
        except (sqlite3.Error, OSError) as error:
            self.tally.trouble(f"the spool {self.spool.path} is not in order: {error}", logging.ERROR)

    def settle(self, batch: Batch, refused: dict[int, str]) -> None:
        """Write down what BotV2 answered, for as long as that takes: it would be sent again otherwise."""
        while True:
            try:
                self.spool.settle(batch, refused)
                break
            except sqlite3.Error as error:
                self.tally.trouble(f"the spool {self.spool.path} takes no answers: {error}", logging.ERROR)
                if self.ending.wait(LINGER):
                    return
        self.tally.deliver(len(batch.rows) - len(refused))
        if refused:
            self.tally.refuse(batch.kind, len(refused), next(iter(refused.values())))

    def narrow(self, batch: Batch, error: str) -> None:
        """Something in this batch is refused: halve it until it is one entry, which is dead."""
        if len(batch.rows) > 1:
            self.limit = len(batch.rows) // 2
        else:
            self.settle(batch, {0: error})

    def postpone(self, later: Later) -> None:
        self.tally.failures += 1
        self.tally.trouble(later.error, logging.ERROR if later.slowly else logging.WARNING)
        ceiling = min(LONGEST, SHORTEST * 2 ** min(self.failures, 10))
        pause = random.uniform(*SLOW) if later.slowly else random.uniform(0, ceiling)
        self.failures += 1
        self.retry_at = time.monotonic() + pause
        if later.wait is not None:
            self.wait_until = time.monotonic() + later.wait
