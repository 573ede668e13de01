"""Rows that are tests of the suite at a larger scale: how many there are and that all of them pass."""

import os
import re
import subprocess
import sys

from tests.server import ROOT
from tests.torture.outcome import Outcome, Row, Scale
from tools import services

SUMMARY = re.compile(r"(\d+) (passed|failed|skipped|error)")


def passing(*paths: str, least: int = 1, both: bool = True, **environment: str) -> Outcome:
    """Run these tests, on PostgreSQL too if `both`; at least so many must pass, none may fail or be skipped."""
    found = Outcome()
    backends = ["sqlite", *(["postgres"] if both else [])]
    for backend in backends:
        with services.postgres() as database_url, services.redis() as redis_url:
            urls = {"TEST_DATABASE_URL": database_url, "TEST_REDIS_URL": redis_url, "CI": "true"}
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=short", *paths],
                cwd=ROOT, env={**os.environ, **urls, "BOTV2_TEST_BACKEND": backend, **environment},
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            )  # fmt: skip
        counted = {name: int(count) for count, name in SUMMARY.findall(done.stdout.splitlines()[-1])}
        found.figures[f"{backend}_passed"] = counted.get("passed", 0)
        found.want(done.returncode == 0, f"{backend}: {done.stdout[-1500:]}")
        found.want(counted.get("passed", 0) >= least, f"{backend}: {counted} of at least {least}")
        found.want("skipped" not in counted, f"{backend}: {counted.get('skipped')} skipped")
    return found


def nasty_input(scale: Scale) -> Outcome:
    return passing("tests/api/test_bad_input.py", "tests/api/test_over_the_wire.py", least=400)


def malformed_frames(scale: Scale) -> Outcome:
    return passing("tests/realtime/test_protocol.py", "tests/realtime/test_consumer.py", least=60, both=False)


def permissions(scale: Scale) -> Outcome:
    return passing("tests/contracts/test_permissions.py", least=100)


def revocation(scale: Scale) -> Outcome:
    return passing("tests/realtime/test_access.py", least=5)


def decimals(scale: Scale) -> Outcome:
    return passing("tests/dashboard/test_fields.py", BOTV2_DECIMALS=str(scale.of(100_000, 10_000)))


def backups(scale: Scale) -> Outcome:
    return passing("tests/dashboard/test_backup.py")


def histories(scale: Scale) -> Outcome:
    sequences, steps = scale.of(2_000, 20), scale.of(50, 20)
    found = passing("tests/torture/test_model.py", BOTV2_SEQUENCES=str(sequences), BOTV2_STEPS=str(steps))
    found.figures |= {"sequences": sequences, "steps": steps}
    return found


ROWS = [
    Row(18, "Nasty corpus", "400 inputs, each its 4xx, nothing poisoned", nasty_input),
    Row(19, "Malformed socket frames", "60, each its close code", malformed_frames),
    Row(20, "Authorisation matrix", "every route and actor, 0 leaks", permissions),
    Row(21, "Revocation to silence", "within 5 s over REST and sockets", revocation),
    Row(22, "Decimals through database, API, events and exports", "100,000, all exact", decimals),
    Row(26, "Backup while writing, restored", "equal, RPO 0", backups),
    Row(29, "Random histories against a model", "2,000 x 50 steps, 0 divergence", histories),
]
