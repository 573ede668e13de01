"""Metrics of several processes: each counts into files of its own below one folder, and any of them adds all up.

A process takes a numbered slot, whose files the next one goes on with when it has ended: totals outlive restarts, and
the files are no more than there ever were processes at once.
"""

import fcntl
import os
import sys
from pathlib import Path
from typing import IO

import prometheus_client.values
from prometheus_client.mmap_dict import MmapedDict

SLOTS = 1000  # processes of one machine


class Slot:
    """The number of this process among those of the machine, its own until it ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.owner = self.number = -1
        self.lock: IO[bytes] | None = None

    def __call__(self) -> int:
        if self.owner != os.getpid():  # the first call, or the first after a fork
            self.number, self.lock = next(filter(None, (take(self.folder, number) for number in range(SLOTS))))
            self.owner = os.getpid()
            clear(self.folder, self.number)
        return self.number


def prepare(folder: Path) -> None:
    """Have every metric that is made from now on counted in `folder`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    prometheus_client.values.ValueClass = prometheus_client.values.MultiProcessValue(Slot(folder))


def take(folder: Path, number: int) -> tuple[int, IO[bytes]] | None:
    lock = (folder / f"slot-{number}.lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return number, lock


def clear(folder: Path, number: int) -> None:
    """Remove what an ended process was at its last moment, and what a power cut has damaged."""
    for path in folder.glob(f"*_{number}.db"):
        if path.name.startswith("gauge_live") or damaged(path):
            path.unlink(missing_ok=True)


def clear_ended(folder: Path) -> None:
    """The same for every process that has ended and whose slot nobody has taken yet."""
    for path in list(folder.glob("slot-*.lock")):
        if found := take(folder, int(path.stem.removeprefix("slot-"))):
            clear(folder, found[0])
            found[1].close()


def damaged(path: Path) -> bool:
    try:
        used = int.from_bytes(path.read_bytes()[:4], sys.byteorder, signed=True)
        list(MmapedDict.read_all_values_from_file(str(path)))
    except Exception:  # whatever some bytes make the library raise
        return True
    return not 8 <= used <= path.stat().st_size
