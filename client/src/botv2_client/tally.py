"""What became of the reports, counted and logged."""

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

logger = logging.getLogger("botv2_client")


@dataclass(frozen=True)
class Stats:
    """`queued` waits in the spool and `held` in memory, because the spool takes nothing; `dead` was refused.

    The other figures count since the client was made. `dropped` names what was given up, by kind.
    """

    queued: int
    held: int
    dead: int
    sent: int
    refused: int
    dropped: dict[str, int]
    failures: int
    last_error: str | None
    last_sent: datetime | None
    sending: bool


@dataclass
class Tally:
    sent: int = 0
    refused: int = 0
    failures: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    last_error: str | None = None
    last_sent: datetime | None = None
    troubled: bool = False

    def trouble(self, message: str, level: int = logging.WARNING) -> None:
        """Something does not work for now; said once for as long as it is the same."""
        if not self.troubled or message != self.last_error:
            logger.log(level, "%s", message)
        self.last_error, self.troubled = message, True

    def well(self) -> None:
        if self.troubled:
            logger.info("it works again after: %s", self.last_error)
        self.troubled = False

    def refuse(self, kind: str, count: int, error: str) -> None:
        """Reports became dead letters; `error` says why of the first."""
        self.refused += count
        self.last_error = f"{count} {kind} refused: {error}"
        logger.warning("%s", self.last_error)

    def drop(self, kinds: Iterable[str], why: str) -> None:
        counts = Counter(kinds)
        self.dropped.update(counts)
        self.last_error = f"dropped {', '.join(f'{count} {kind}' for kind, count in counts.items())}: {why}"
        logger.error("%s", self.last_error)

    def deliver(self, count: int) -> None:
        self.sent += count
        self.last_sent = datetime.now(UTC)

    def stats(self, *, queued: int, held: int, dead: int, sending: bool) -> Stats:
        return Stats(
            queued=queued,
            held=held,
            dead=dead,
            sent=self.sent,
            refused=self.refused,
            dropped=dict(self.dropped),
            failures=self.failures,
            last_error=self.last_error,
            last_sent=self.last_sent,
            sending=sending,
        )
