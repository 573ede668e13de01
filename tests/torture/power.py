"""Row 25: the power fails under a server on SQLite, again and again, while bots report and a client reads.

The server is killed at a random moment, and what it wrote and did not sync is taken back: the whole of it, as if the
disk had kept none, or by chance, as if it had kept some sectors and not others (volatile.py says how). A kill alone
would lose nothing of that. The disk is a slow one, so that many cuts meet a sync, and some wait for a write to the
database file itself, which only a checkpoint does. To show that the simulation can fail, a server with
synchronous=NORMAL and one whose syncs are swallowed have to lose what they acknowledged, or their integrity.

Not tried: what a file system makes of its own metadata and journal, sectors torn in themselves, a disk that says that
it has synced and has not (but for the control), and PostgreSQL, which has its own tests for that.
"""

import json
import random
import shutil
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.torture.clock import restart
from tests.torture.crash import BATCH, Writer, cluster, reporting_key, under_load
from tests.torture.databases import until_more
from tests.torture.ledger import Ledger, trade
from tests.torture.outcome import Outcome, Row, Scale
from tests.torture.volatile import Disk

SLOW = 20  # milliseconds that a sync takes more
PATIENCE = 10.0  # seconds to wait for a checkpoint
DATABASE = "botv2.sqlite3"
CONTROLS = ("synchronous=NORMAL", "syncs swallowed", "syncs swallowed, some sectors kept")
STREAMS = """
SELECT s.id, s.head, count(e.id), min(e.seq), max(e.seq)
FROM realtime_stream s LEFT JOIN realtime_event e ON e.stream_id = s.id GROUP BY s.id
"""


@dataclass
class Found:
    """What a database that lost its power holds of what was acknowledged."""

    integrity: str = "not a database any more"
    lost: int = 0
    doubled: int = 0
    moved: int = 0
    gaps: int = 0

    def faults(self) -> list[str]:
        told = {"lost": self.lost, "doubled": self.doubled, "under another number": self.moved}
        told |= {"streams with a gap": self.gaps}
        faults = [f"{count} {what}" for what, count in told.items() if count]
        return faults + ([f"integrity_check: {self.integrity}"] if self.integrity != "ok" else [])


def examine(database: Path, ledger: Ledger) -> Found:
    """Look at a copy: whoever opens the files brings them in order, and that is left to the server."""
    with tempfile.TemporaryDirectory(prefix="botv2-power-") as folder:
        for suffix in ("", "-wal"):
            if (part := Path(f"{database}{suffix}")).exists():
                shutil.copy(part, folder)
        found = Found(lost=len(ledger.changes()))
        try:
            with closing(sqlite3.connect(Path(folder) / database.name)) as copy:
                compare(copy, ledger, found)
        except sqlite3.Error as error:
            found.integrity = str(error)
        return found


def compare(copy: sqlite3.Connection, ledger: Ledger, found: Found) -> None:
    found.integrity = "; ".join(row[0] for row in copy.execute("PRAGMA integrity_check(3)"))
    if found.integrity != "ok":
        return
    rows = copy.execute("SELECT seq, data FROM realtime_event WHERE type = 'trade_executed'")
    logged = [(seq, json.loads(data)) for seq, data in rows]
    told = Counter((event["trade_id"], event["change"]) for _, event in logged)
    stored: dict[str, str] = dict(copy.execute("SELECT trade_id, status FROM dashboard_trade"))
    missing = {name for name, status in ledger.rows().items() if stored.get(name) not in {status, "closed"}}
    found.lost = len({each for each in ledger.changes() if each not in told or each[0] in missing})
    found.doubled = sum(count > 1 for count in told.values())
    streams = list(copy.execute(STREAMS))
    found.gaps = sum(head != count or (count and (first, last) != (1, head)) for _, head, count, first, last in streams)
    numbers = {seq: event["trade_id"] for seq, event in logged}
    found.moved = sum(numbers.get(seq) != name for seq, name in ledger.numbers.items())


def cuts(scale: Scale, whole: Outcome) -> None:
    count, chance = scale.of(50, 3), random.Random(scale.seed)
    with tempfile.TemporaryDirectory(prefix="botv2-power-") as name, cluster(Path(name), False) as (server,):
        disk = Disk(Path(name) / "disk", server.data)
        key = reporting_key(server)
        restart(server, **disk.environment(slow=SLOW))
        database = server.data / DATABASE

        def disturb(ledger: Ledger) -> dict[str, Any]:
            taken, faults, missed, syncs, checkpoints = [], [], set(), 0, 0
            for number in range(count):
                until_more(ledger)
                time.sleep(chance.uniform(0, 1.5))
                deadline = time.monotonic() + (PATIENCE if number % 3 == 2 else 0)
                while not disk.unsynced(database) and time.monotonic() < deadline:
                    time.sleep(0.001)
                server.kill()
                checkpoints += disk.unsynced(database)
                syncs += disk.syncs()
                missed |= set(disk.missed())
                taken.append(disk.cut(chance if number % 2 else None))
                found = examine(database, ledger.copy()).faults()
                faults += [f"cut {number}: {fault}" for fault in found]
                server.start()
            return {
                "cuts": count, "syncs": syncs, "cuts_with_something_not_synced": sum(map(bool, taken)),
                "cuts_in_a_checkpoint": checkpoints, "changes_taken_back": sum(taken), "wrong": faults,
                "past_the_library": sorted(missed),
            }  # fmt: skip

        found = Outcome.of(under_load([server.url], key, disturb))
    whole.faults += [*found.faults, *found.figures.pop("wrong")]
    whole.figures |= found.figures
    whole.want(not found.figures["past_the_library"], f"not simulated: {found.figures['past_the_library']}")
    whole.want(found.figures["syncs"] >= count, "the syncs of SQLite did not go through the library")
    whole.want(found.figures["cuts_with_something_not_synced"] > 0, "no cut met a write that was not synced")
    whole.want(found.figures["cuts_in_a_checkpoint"] > 0, "no cut met a checkpoint")


def control(how: str, scale: Scale) -> Found:
    """What one cut leaves of a server that does not wait for the disk, or whose disk lies."""
    with tempfile.TemporaryDirectory(prefix="botv2-power-") as name, cluster(Path(name), False) as (server,):
        disk, ledger = Disk(Path(name) / "disk", server.data), Ledger()
        writer = Writer("control", [server.url], reporting_key(server), ledger, threading.Event(), BATCH)
        settings = {} if "swallowed" in how else {"DJANGO_SETTINGS_MODULE": "tests.torture.hasty"}
        restart(server, **disk.environment(swallows="swallowed" in how), **settings)
        for number in range(scale.of(200, 30)):
            writer.post([trade(f"control-{number}-{each}", "open") for each in range(BATCH)])
        server.kill()
        disk.cut(random.Random(scale.seed) if "some" in how else None)
        return examine(server.data / DATABASE, ledger)


def power(scale: Scale) -> Outcome:
    whole = Outcome()
    cuts(scale, whole)
    for how in CONTROLS:
        found = control(how, scale)
        whole.figures[how] = ", ".join(found.faults()) or "nothing lost"
        whole.want(bool(found.lost or found.integrity != "ok"), f"the simulation shows nothing: {how} lost nothing")
    return whole


ROWS = [Row(25, "Power cut under SQLite", "0 acknowledged lost, integrity_check ok; controls lose", power)]
