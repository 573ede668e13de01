"""The services beneath are stopped, killed and frozen while bots report and a client reads."""

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.torture.crash import cluster, reporting_key, under_load
from tests.torture.ledger import Ledger
from tests.torture.outcome import Outcome, Row, Scale
from tools import services

Disturb = Callable[[Ledger], dict[str, Any]]


@contextmanager
def named(**values: str) -> Iterator[None]:
    """These services instead of those of the machine, for everything that is started meanwhile."""
    known = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in known.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def acknowledged(ledger: Ledger) -> int:
    return sum(map(len, ledger.acknowledged.values()))


def until_more(ledger: Ledger, patience: float = 30.0) -> float:
    """Seconds until something more is acknowledged."""
    begun, before = time.monotonic(), acknowledged(ledger)
    while acknowledged(ledger) == before and time.monotonic() - begun < patience:
        time.sleep(0.02)
    return time.monotonic() - begun


def postgres_stopped(scale: Scale) -> Outcome:
    """Row 4: PostgreSQL is stopped without a checkpoint, and started again."""
    stops, chance = scale.of(20, 2), random.Random(scale.seed)
    with ExitStack() as stack:
        service = stack.enter_context(services.own_postgres(durable=True))
        redis_url = stack.enter_context(services.redis())
        stack.enter_context(named(TEST_DATABASE_URL=service.url, TEST_REDIS_URL=redis_url))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="botv2-databases-"))
        servers = stack.enter_context(cluster(Path(folder), True))

        def disturb(ledger: Ledger) -> dict[str, Any]:
            back = []
            for _ in range(stops):
                time.sleep(chance.uniform(0.5, 2.0))
                service.stop(signal.SIGQUIT)  # what `pg_ctl stop -m immediate` sends
                time.sleep(chance.uniform(0.1, 1.0))
                service.start()
                back.append(until_more(ledger))
            return {"stops": stops, "ingest_back_seconds_max": round(max(back), 2)}

        found = Outcome.of(under_load([each.url for each in servers], reporting_key(servers[0]), disturb))
    found.want(found.figures["ingest_back_seconds_max"] <= 5, "ingest was away for more than 5 s after PostgreSQL")
    return found


def redis_gone(scale: Scale) -> Outcome:
    """Row 5: Redis is killed or frozen, again and again; nobody may notice but by waiting a little."""
    faults, chance = scale.of(20, 2), random.Random(scale.seed)
    with ExitStack() as stack:
        service = stack.enter_context(services.own_redis())
        database_url = stack.enter_context(services.postgres())
        stack.enter_context(named(TEST_DATABASE_URL=database_url, TEST_REDIS_URL=service.url))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="botv2-databases-"))
        servers = stack.enter_context(cluster(Path(folder), True))

        def disturb(ledger: Ledger) -> dict[str, Any]:
            for number in range(faults):
                time.sleep(chance.uniform(0.5, 1.5))
                if number % 2:
                    service.stop(signal.SIGKILL)
                    time.sleep(chance.uniform(0.5, 2.0))
                    service.start()
                else:
                    os.kill(service.pid, signal.SIGSTOP)
                    time.sleep(chance.uniform(0.5, 2.0))
                    os.kill(service.pid, signal.SIGCONT)
            return {"faults_of_redis": faults, "refused": len(ledger.refused)}

        found = Outcome.of(under_load([each.url for each in servers], reporting_key(servers[0]), disturb))
    found.want(found.figures["posts_cut_off"] == 0, f"{found.figures['posts_cut_off']} reports failed")
    return found


ROWS = [
    Row(4, "PostgreSQL stopped at once, mid-ingest", "0 lost; ingest back within 5 s", postgres_stopped),
    Row(5, "Redis killed or frozen", "0 lost, 0 failed reports", redis_gone),
]
