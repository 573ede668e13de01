"""Row 26: a backup is taken of a large database while bots report, and restored while the servers run.

Most of its events and trades are copies of a few under other names, so it packs far better than a real one; the times
are for as many rows of the usual size.
"""

import json
import re
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.server import Server
from tests.torture.crash import cluster, reporting_key
from tests.torture.ledger import Ledger
from tests.torture.load import Load, add
from tests.torture.ordinary import passing
from tests.torture.outcome import Outcome, Row, Scale

OF_SQLITE = {
    "test_backup_refuses_to_replace_the_database", "test_a_backup_is_one_sound_file_that_is_not_botv2s_when_it_is_not",
}  # fmt: skip
WITHIN = 60.0  # seconds for MANY events
MANY = 1_000_000


def restored(postgres: bool, events: int, found: Outcome) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="botv2-backup-")))
        servers = stack.enter_context(cluster(folder, postgres))
        key, copy = reporting_key(servers[0]), folder / "backup"
        each(servers, Server.stop)
        shell(servers[0], f"fill({events})")
        each(servers, Server.start)
        load = Load([server.url for server in servers], key, posts=10, batch=5, writers=2)
        load.start()
        time.sleep(2)
        known = load.ledger.copy()
        backup_seconds, _ = timed(servers[0], "backup", copy)
        time.sleep(2)
        load.end()
        load.tell(found)
        before = json.loads(shell(servers[0], f"look({events})"))
        restore_seconds, said = timed(servers[0], "restore", copy)
        after = json.loads(shell(servers[0], f"look({events})"))
        found.figures |= {
            "events": before["bulk"][0][0], "trades": before["bulk"][1][0], "megabytes": copy.stat().st_size >> 20,
            "backup_seconds": backup_seconds, "restore_seconds": restore_seconds,
            "restore_seconds_for_a_million": round(restore_seconds * MANY / events, 1),
        }  # fmt: skip
    within = WITHIN * events / MANY
    found.want(before["bulk"][0][0] == events, f"{before['bulk'][0][0]} events were made")
    found.want(restore_seconds <= within, f"restored in {restore_seconds} s of {within:g} s")
    # The servers go on, and soon say something of their own behind it.
    head = int(re.findall(r"main: log at (\d+)", said)[0])
    after["events"] = after["events"][:head]
    found.figures |= {"acknowledged_before": max(known.numbers), "snapshot_seq": head, "log_head": before["head"]}
    compare(load.ledger, known, before, after, found)


def compare(ledger: Ledger, known: Ledger, before: dict[str, Any], after: dict[str, Any], found: Outcome) -> None:
    """The restored is the log up to one number, with what was acknowledged by then, and the trades as it says."""
    head = len(after["events"])
    found.want(max(known.numbers) <= head, "what was acknowledged before the backup is not in it")
    found.want(head < before["head"], "nothing was reported after the backup")
    found.want(after["bulk"] == before["bulk"], f"the sums are {after['bulk']}, were {before['bulk']}")
    found.want(after["events"] == before["events"][:head], f"the log is not that of before up to {head}")
    found.want([seq for seq, *_ in after["events"]] == list(range(1, head + 1)), "the log has a gap")
    named = {seq: told[0] for seq, told, _ in after["events"] if told}
    wanted = {seq: name for seq, name in ledger.numbers.items() if seq <= head}
    found.want(named == wanted, f"{len(named)} trades named, {len(wanted)} acknowledged up to {head}")
    found.want(after["trades"] == dict(told for _, told, _ in after["events"] if told), "trades are not as logged")


def each(servers: list[Server], act: Any) -> None:
    for server in servers:
        act(server)


def shell(server: Server, call: str) -> str:
    return server.manage("shell", "-v0", "-c", f"from tests.torture.bulk import *; {call}")


def timed(server: Server, command: str, path: Path) -> tuple[float, str]:
    begun = time.monotonic()
    said = server.manage(command, str(path))
    return round(time.monotonic() - begun, 1), said


def backups(scale: Scale) -> Outcome:
    whole = passing("tests/dashboard/test_backup.py", of_sqlite=OF_SQLITE)
    for postgres in (False, True):
        found = Outcome()
        restored(postgres, scale.of(MANY, MANY // 5), found)
        add(whole, "PostgreSQL, two servers" if postgres else "SQLite", found)
    return whole


ROWS = [Row(26, "Backup while writing, restored", "equal, RPO 0; within 60 s for a million events", backups)]
