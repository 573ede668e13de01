"""Rows that are tests of the suite at a larger scale: how many there are and that all of them pass."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from xml.etree import ElementTree

from tests.server import ROOT
from tests.torture.outcome import Outcome, Row, Scale
from tools import services

SQLITE_FIELDS = {"test_sqlite_stores_nothing_else"}


def passing(
    *paths: str, least: int = 1, both: bool = True, of_sqlite: Collection[str] = (), **environment: str
) -> Outcome:
    """Run these tests, on PostgreSQL too if `both`; at least so many must pass, and none may fail.

    None may be skipped but, on PostgreSQL, those named as being of SQLite, which must have passed there.
    """
    found = Outcome()
    for backend in ["sqlite", *(["postgres"] if both else [])]:
        done, outcomes = run(backend, *paths, **environment)
        passed = {name for name, outcome in outcomes.items() if outcome == "passed"}
        skipped = {name for name, outcome in outcomes.items() if outcome == "skipped"}
        found.figures[f"{backend}_passed"] = len(passed)
        found.want(done.returncode == 0, f"{backend}: {done.stdout[-1500:]}")
        found.want(len(passed) >= least, f"{backend}: {len(passed)} passed of at least {least}")
        if backend == "postgres":
            skipped -= {name for name in skipped if bare(name) in of_sqlite}
        elif missing := set(of_sqlite) - set(map(bare, passed)):
            found.faults.append(f"sqlite: {sorted(missing)} did not pass")
        found.want(not skipped, f"{backend}: skipped {sorted(skipped)[:5]}")
    return found


def run(backend: str, *paths: str, **environment: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """What became of each test, by its name with its module."""
    with (
        services.postgres() as database_url,
        services.redis() as redis_url,
        tempfile.TemporaryDirectory(prefix="botv2-ordinary-") as folder,
    ):
        urls = {"TEST_DATABASE_URL": database_url, "TEST_REDIS_URL": redis_url, "CI": "true"}
        told = Path(folder) / "told.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=short", f"--junitxml={told}", *paths],
            cwd=ROOT, env={**os.environ, **urls, "BOTV2_TEST_BACKEND": backend, **environment},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        cases = ElementTree.parse(told).iter("testcase") if told.exists() else ()
        return done, {f"{each.get('classname')}::{each.get('name')}": became(each) for each in cases}


def became(case: ElementTree.Element) -> str:
    kinds = {each.tag for each in case} & {"failure", "error", "skipped"}
    return min(kinds, default="passed")


def bare(name: str) -> str:
    """The function, without its module and what it was given."""
    return name.rpartition("::")[2].partition("[")[0]


def nasty_input(scale: Scale) -> Outcome:
    return passing("tests/api/test_bad_input.py", "tests/api/test_over_the_wire.py", least=400)


def malformed_frames(scale: Scale) -> Outcome:
    return passing("tests/realtime/test_protocol.py", "tests/realtime/test_consumer.py", least=60, both=False)


def permissions(scale: Scale) -> Outcome:
    return passing("tests/contracts/test_permissions.py", least=100)


def revocation(scale: Scale) -> Outcome:
    return passing("tests/realtime/test_access.py", least=5)


def decimals(scale: Scale) -> Outcome:
    many = str(scale.of(100_000, 10_000))
    return passing("tests/dashboard/test_fields.py", of_sqlite=SQLITE_FIELDS, BOTV2_DECIMALS=many)


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
    Row(29, "Random histories against a model", "2,000 x 50 steps, 0 divergence", histories),
]
