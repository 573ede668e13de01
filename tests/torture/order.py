"""Writers that commit in any order, some of them not at all: the log has no gap, no double and the order of commits."""

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.server import ROOT, Server
from tests.torture.crash import cluster, reporting_key
from tests.torture.ledger import read_log
from tests.torture.outcome import Outcome, Row, Scale

WRITERS, ROLLBACKS = 16, 0.1
# A process of its own per writer: what is tried is the database's order, not that of Python's threads.
WRITER = """
import random, sys, time
import django; django.setup()
from django.db import transaction
from dashboard.models import Account
from realtime.log import publish
key, name, seconds, rollbacks, seed = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])
chance, until, count = random.Random(seed), time.monotonic() + seconds, 0
class Undone(Exception): pass
while time.monotonic() < until:
    try:
        with transaction.atomic():
            body = '{"writer": "%s", "n": %d}' % (name, count)
            first = publish(key, [("account_update", body.encode())])
            time.sleep(chance.uniform(0, 0.004))
            if chance.random() < rollbacks: raise Undone
        print(first, name, count, flush=True)
        count += 1
    except Undone:
        pass
"""


def commit_order(scale: Scale) -> Outcome:
    """Row 9: sixteen processes write to one log."""
    found = Outcome()
    with tempfile.TemporaryDirectory(prefix="botv2-order-") as folder, cluster(Path(folder), True) as servers:
        server = servers[0]
        key = server.manage("shell", "-v0", "-c", "from dashboard.models import Account; print(Account.objects.get(slug='main').stream_key)")  # fmt: skip  # noqa: E501
        acknowledged = written(server, key.strip(), scale)
        events = [event for event in read_log(server.url, reporting_key(server)) if "writer" in event["d"]]
    told = {event["s"]: (event["d"]["writer"], event["d"]["n"]) for event in events}
    found.figures = {"writers": WRITERS, "events": len(acknowledged), "events_a_second": round(len(acknowledged) / scale.of(60, 4))}  # fmt: skip  # noqa: E501
    found.want(told == acknowledged, f"{len(acknowledged)} acknowledged, {len(told)} in the log")
    numbers = sorted(acknowledged)
    found.want(numbers == list(range(numbers[0], numbers[0] + len(numbers))), "the numbers have a gap")
    for name in {writer for writer, _ in told.values()}:
        order = [told[number][1] for number in numbers if told.get(number, ("",))[0] == name]
        found.want(order == sorted(order), f"{name} is out of order")
    return found


def written(server: Server, key: str, scale: Scale) -> dict[int, tuple[str, int]]:
    """What each number was acknowledged for."""
    chance = random.Random(scale.seed)
    environment: dict[str, Any] = {**os.environ, **server.environment}
    seconds = scale.of(60, 4)
    command = [sys.executable, "-c", WRITER, key]
    writers = [
        subprocess.Popen(
            [*command, f"w{number}", str(seconds), str(ROLLBACKS), str(chance.randrange(10**9))],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
        )
        for number in range(WRITERS)
    ]  # fmt: skip
    found: dict[int, tuple[str, int]] = {}
    for writer in writers:
        told, _ = writer.communicate(timeout=seconds + 120)
        assert writer.returncode == 0
        for line in told.splitlines():
            number, name, count = line.split()
            found[int(number)] = (name, int(count))
    return found


ROWS = [Row(9, "16 writers, 10 % of transactions rolled back", "0 lost, 0 gaps", commit_order)]
