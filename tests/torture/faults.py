"""Row 24: whatever is wrong with the disk or the clock, nothing is acknowledged that is not kept, and all is told."""

from tests.torture import clock, disk
from tests.torture.outcome import Outcome, Row, Scale


def disk_and_clock(scale: Scale) -> Outcome:
    """What each part does and does not try stands at the head of its module."""
    whole = Outcome()
    disk.run(scale, whole)
    clock.run(scale, whole)
    return whole


ROWS = [
    Row(
        24,
        "Disk full, nothing to be written, clock an hour off, summer time",
        "no 2xx that is not kept; 503 and when to come again; back within 5 s by itself",
        disk_and_clock,
    )
]
