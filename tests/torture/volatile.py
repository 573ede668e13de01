"""A disk whose cache is lost with the power, for the files of one process below one folder.

A library before libc (volatile.c) keeps what each change since the last sync of its file replaced. `cut` takes these
changes back: all of them, or those that a disk did not keep by chance: then each sector holds what it held after any of
the writes to it, and the length and the names are those of any moment since the sync. Names are safe once their folder
is synced. SQLite's -shm, a map of memory that it makes anew, is left out; what else would go past the library is told
in `missed`.
"""

import os
import random
import shutil
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.torture.preload import built

SECTOR = 512
WRITE, TRUNCATE = 1, 2
HEADER = struct.Struct("=5q")


@dataclass(frozen=True)
class Change:
    """One write, or one change of the length to `offset`; `old` is what was there, `size` the length before."""

    kind: int
    offset: int
    length: int
    old: bytes
    size: int


class Disk:
    def __init__(self, place: Path, folder: Path) -> None:
        self.folder, self.side = folder, place / "side"
        self.side.mkdir(parents=True)
        self.library = built(Path(__file__).with_suffix(".c").read_text(), place / "volatile.so")

    def environment(self, *, swallows: bool = False, slow: int = 0) -> dict[str, str]:
        """With `swallows` every sync is answered and not done, else it takes `slow` milliseconds more."""
        told: dict[str, object] = {"LD_PRELOAD": self.library, "VOLATILE_FOLDER": self.folder}
        told |= {"VOLATILE_SIDE": self.side}
        told |= {"VOLATILE_SWALLOWS": 1} if swallows else {"VOLATILE_SLOW": slow}
        return {name: str(value) for name, value in told.items()}

    def missed(self) -> list[str]:
        told = self.side / "missed"
        return sorted(set(told.read_text().split("\n")) - {""}) if told.exists() else []

    def unsynced(self, path: Path) -> bool:
        """Whether the file has been written and not synced."""
        return (self.side / f"{path.stat().st_ino}.undo").exists()

    def syncs(self) -> int:
        """How many syncs of files were done since the last cut."""
        told = self.side / "synced"
        return told.stat().st_size if told.exists() else 0

    def cut(self, chance: random.Random | None = None) -> int:
        """The power is gone, and the process has been killed: return how many changes were not synced.

        Without `chance` the disk has kept none of them.
        """
        taken = 0
        for undo in self.side.glob("*.undo"):
            changes = list(changes_in(undo))
            taken += len(changes)
            take_back(undo.with_suffix(".data"), changes, chance)
        for names in self.side.glob("*.names"):
            lines = [line.split("\t") for line in names.read_text().split("\n")[:-1]]
            taken += len(lines)
            kept = chance.randint(0, len(lines)) if chance else 0
            for what, path, other, inode in reversed(lines[kept:]):
                self.take_back_name(what, Path(path), Path(other), inode)
        for shared in self.folder.rglob("*-shm"):
            shared.unlink()
        self.forget()
        return taken

    def take_back_name(self, what: str, path: Path, other: Path, inode: str) -> None:
        if what == "create":
            path.unlink(missing_ok=True)
        elif not path.exists():
            if what == "rename":
                other.rename(path)
            if inode != "0":
                os.link(self.side / f"{inode}.data", path if what == "unlink" else other)

    def forget(self) -> None:
        shutil.rmtree(self.side)
        self.side.mkdir()


def changes_in(undo: Path) -> Iterator[Change]:
    """A change whose record is not whole was not made: the process was killed before."""
    with undo.open("rb") as file:
        while len(header := file.read(HEADER.size)) == HEADER.size:
            kind, offset, length, old, size = HEADER.unpack(header)
            if len(content := file.read(old)) == old:
                yield Change(kind, offset, length, content, size)


def take_back(path: Path, changes: list[Change], chance: random.Random | None) -> None:
    file = os.open(path, os.O_RDWR)
    try:
        made = []
        for change in reversed(changes):
            made.append((change, os.pread(file, change.length, change.offset)))
            os.pwrite(file, change.old, change.offset)
            os.ftruncate(file, change.size)
        if chance:
            keep_some(file, made[::-1], chance)
    finally:
        os.close(file)


def keep_some(file: int, made: list[tuple[Change, bytes]], chance: random.Random) -> None:
    touched: Counter[int] = Counter()
    for change, content in made:
        touched.update(sectors(change.offset, content))
    kept = {sector: chance.randint(0, count) for sector, count in touched.items()}
    lengths = chance.randint(0, sum(change.kind == TRUNCATE for change, _ in made))
    for change, content in made:
        if change.kind == TRUNCATE and lengths:
            os.ftruncate(file, change.offset)
            lengths -= 1
        for sector in sectors(change.offset, content):
            if kept[sector]:
                begin = max(change.offset, sector * SECTOR)
                end = min(change.offset + len(content), (sector + 1) * SECTOR)
                os.pwrite(file, content[begin - change.offset : end - change.offset], begin)
                kept[sector] -= 1


def sectors(offset: int, content: bytes) -> range:
    return range(offset // SECTOR, (offset + len(content) + SECTOR - 1) // SECTOR if content else offset // SECTOR)
