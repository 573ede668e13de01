"""The disk that forgets: what was synced stays, what was not is gone, through the calls that SQLite really makes."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.torture.volatile import Disk
from tools import programs

COMMITS = """
import os, signal, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute(f"PRAGMA journal_mode={sys.argv[2]}")
db.execute(f"PRAGMA synchronous={sys.argv[3]}")
db.execute("PRAGMA wal_autocheckpoint=20")
db.execute("PRAGMA cache_size=10")
db.execute("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, x)")
for n in range(100):
    db.execute("INSERT INTO t (x) VALUES (randomblob(3000))")
db.execute("BEGIN")
for n in range(2000):
    db.execute("UPDATE t SET x = randomblob(3000) WHERE n = ?", [n % 100])
os.kill(os.getpid(), signal.SIGKILL)
"""
FILES = """
import os
def write(name, content, synced):
    with open(name, "wb") as file:
        file.write(content)
        file.flush()
        if synced:
            os.fsync(file.fileno())
def sync():
    folder = os.open(FOLDER, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
for name in "abcd":
    write(f"{FOLDER}/{name}", b"old", True)
sync()
write(f"{FOLDER}/a", b"new and longer", False)
os.unlink(f"{FOLDER}/b")
os.replace(f"{FOLDER}/c", f"{FOLDER}/d")
write(f"{FOLDER}/e", b"nobody knows", True)
with open(f"{FOLDER}/d", "r+b") as file:
    file.truncate(1)
"""


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    try:
        programs.compiler()
    except programs.Missing as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
    folder = tmp_path / "folder"
    folder.mkdir()
    return Disk(tmp_path / "disk", folder)


def under(disk: Disk, code: str, *arguments: str, swallows: bool = False) -> int:
    environment = {**os.environ, **disk.environment(swallows=swallows)}
    return subprocess.run([sys.executable, "-c", code, *arguments], env=environment, check=False).returncode


def rows(database: Path) -> int:
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        count: int = db.execute("SELECT count(*) FROM t").fetchone()[0]
        return count


@pytest.mark.parametrize(("journal", "synchronous"), [("WAL", "FULL"), ("DELETE", "EXTRA")])
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_what_sqlite_committed_is_there(disk: Disk, journal: str, synchronous: str, seed: int | None) -> None:
    for rounds in (1, 2):
        database = disk.folder / "db"
        assert under(disk, COMMITS, str(database), journal, synchronous) == -signal.SIGKILL
        assert disk.syncs() >= 100 and not disk.missed()
        assert disk.cut(random.Random(seed) if seed else None) > 0
        assert rows(database) == 100 * rounds


def test_what_sqlite_did_not_sync_is_gone(disk: Disk) -> None:
    database = disk.folder / "db"
    assert under(disk, COMMITS, str(database), "WAL", "NORMAL") == -signal.SIGKILL
    assert disk.cut() > 0
    assert rows(database) < 100


def test_a_sync_that_is_swallowed_keeps_nothing(disk: Disk) -> None:
    database = disk.folder / "db"
    assert under(disk, COMMITS, str(database), "WAL", "FULL", swallows=True) == -signal.SIGKILL
    assert disk.syncs() == 0 and disk.cut() > 0
    assert not database.exists()


def test_names_and_lengths_are_taken_back(disk: Disk) -> None:
    assert under(disk, f"FOLDER = {str(disk.folder)!r}{FILES}") == 0
    assert not disk.missed() and disk.cut() > 0
    assert {path.name: path.read_bytes() for path in disk.folder.iterdir()} == dict.fromkeys("abcd", b"old")


def test_a_disk_keeps_whole_sectors(disk: Disk) -> None:
    """Any of the states in turn, and never a mixture within a sector."""
    code = f"path = {str(disk.folder / 'f')!r}\n" + (
        "import os\nfile = os.open(path, os.O_RDWR | os.O_CREAT)\nos.pwrite(file, b'0' * 2048, 0)\nos.fsync(file)\n"
        "folder = os.open(os.path.dirname(path), os.O_RDONLY)\nos.fsync(folder)\n"
        "for digit in b'123':\n    os.pwrite(file, bytes([digit]) * 2048, 0)\n"
    )
    seen = set()
    for seed in range(10):
        assert under(disk, code) == 0
        disk.cut(random.Random(seed))
        content = (disk.folder / "f").read_bytes()
        found = {content[at : at + 512] for at in range(0, 2048, 512)}
        assert all(len(set(sector)) == 1 for sector in found)
        seen |= {sector[:1] for sector in found}
    assert seen == {b"0", b"1", b"2", b"3"}
