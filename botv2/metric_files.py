"""Metrics of several processes: each counts into files of its own below one folder, and any of them adds all up.

A process takes a numbered slot, whose files the next one goes on with when it has ended: totals outlive restarts, and
the files are no more than there ever were processes at once.
"""

import fcntl
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import prometheus_client.values
from prometheus_client.mmap_dict import MmapedDict

logger = logging.getLogger(__name__)

SLOTS = 1000  # processes of one machine
FIRST_SIZE = 1 << 16
ENTRY = 64  # bytes of an entry that are not its key, or more


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


class Solid(MmapedDict):
    """A file without holes: on a full disk, writing into a hole of a mapped file kills the process.

    What there is no room for is counted in memory alone, until there is.
    """

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        if not read_mode:
            try:
                fill(filename)
            except OSError as error:
                logger.error("what this process does is not counted for others: %s", error)
                filename = f"/proc/self/fd/{os.memfd_create('metrics')}"
        super().__init__(filename, read_mode)

    def _init_value(self, key: str) -> None:
        """Raises OSError, and nothing has changed then."""
        if self._used + len(key.encode()) + ENTRY > self._capacity:
            write(self._f.fileno(), bytes(2 * self._capacity - os.fstat(self._f.fileno()).st_size))
        super()._init_value(key)

    def read_value(self, key: str) -> Any:
        with suppress(OSError):
            return super().read_value(key)
        return 0.0, 0.0

    def write_value(self, key: str, value: float, timestamp: float) -> None:
        with suppress(OSError):
            super().write_value(key, value, timestamp)


def fill(filename: str) -> None:
    """Make the file as large as one begins, and write all of it, which takes the place of its holes on the disk."""
    file = os.open(filename, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        content = b""
        while part := os.read(file, FIRST_SIZE):
            content += part
        os.lseek(file, 0, os.SEEK_SET)
        write(file, content.ljust(FIRST_SIZE, b"\0"))
    finally:
        os.close(file)


def write(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def prepare(folder: Path) -> None:
    """Have every metric that is made from now on counted in `folder`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    prometheus_client.values.MmapedDict = Solid  # type: ignore[misc]
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
