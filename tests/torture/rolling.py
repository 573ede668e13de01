"""A rolling restart under load, and Redis killed, frozen and gone: nothing is lost, and everybody is back soon.

    python -m tests.torture.rolling [--rounds 2] [--redis 4] [--clients 20] [--seed 1]

A whole installation on this machine (tools/stack.py): bots report through nginx, clients read their stream through it.
Each server process is restarted in turn, as a deployment does. Then Redis is killed and started again, or stopped and
continued, under the same load. A ledger outside the system records each acknowledged change.
"""

import argparse
import asyncio
import json
import os
import random
import secrets
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.torture.crash import BATCH, Writer, report
from tests.torture.ledger import Ledger, read_log, stored_trades
from tests.torture.outcome import Outcome, Row, Scale
from tests.torture.reader import Seen, follow
from tools import services
from tools.stack import SERVERS, Stack, stack

WRITERS = 2
BACK_WITHIN = 5.0  # seconds
DELIVERED_WITHIN = 1.5  # seconds, 99 % of the events, while Redis is broken
BROKEN = 2.0  # seconds
LIMITS = {"THROTTLE_INGEST": "100000/100000", "THROTTLE_READ": "100000/100000"}


@dataclass
class Timed(Seen):
    """A reader that notes how old each event is when it comes, and how long it was without a connection."""

    ages: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    left_at: float | None = None

    def take(self, frame: dict[str, Any]) -> None:
        now = datetime.now(UTC)
        if self.left_at is not None:
            self.gaps.append(time.monotonic() - self.left_at)
            self.left_at = None
        super().take(frame)
        self.ages += [(now - datetime.fromisoformat(event["at"])).total_seconds() for event in frame["ev"]]

    def parted(self) -> None:
        if self.left_at is None:
            self.left_at = time.monotonic()


@contextmanager
def readers(running: Stack, key: str, count: int) -> Iterator[list[Timed]]:
    """Clients that follow the stream of `main` through nginx."""
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    seen = [Timed() for _ in range(count)]

    async def all_of_them() -> None:
        await asyncio.gather(*(follow([running.url], key, "main", each, stop, running.trust) for each in seen))

    thread = threading.Thread(target=lambda: loop.run_until_complete(all_of_them()), daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)


def run(*, rounds: int, redis_faults: int, clients: int, seed: int = 1) -> dict[str, Any]:
    """Run the load, the restarts and the faults; the report's `faults` is empty when every promise held."""
    random.seed(seed)
    with (
        tempfile.TemporaryDirectory(prefix="botv2-rolling-") as folder,
        services.own_redis(secrets.token_urlsafe(24)) as redis,
        stack(Path(folder) / "stack", redis.url, **LIMITS) as running,
    ):
        return under_load(running, redis, rounds, redis_faults, clients)


def under_load(running: Stack, redis: services.Service, rounds: int, redis_faults: int, clients: int) -> dict[str, Any]:
    key = running.manage("create_api_key", "--account", "main", "--scopes", "read,ingest").strip()
    ledger, stop = Ledger(), threading.Event()
    writers = [
        Writer(f"w{number}", [running.url], key, ledger, stop, BATCH, running.trust) for number in range(WRITERS)
    ]
    with readers(running, key, clients) as seen:
        for writer in writers:
            writer.start()
        wait_for(lambda: all(each.position for each in seen), 30)
        calm, posts = Ages(seen), ledger.posts
        began = time.monotonic()
        for _ in range(rounds):
            for server in SERVERS:
                running.restart(server)
        rolling_seconds, rolling_posts = time.monotonic() - began, ledger.posts - posts
        broken = Ages(seen)
        for number in range(redis_faults):
            break_redis(redis, number)
        broken_ages = broken.since()
        stop.set()
        for writer in writers:
            writer.join(60)
        events = read_log(running.url, key, running.trust)
        wait_for(lambda: all(each.position >= len(events) for each in seen), 30)
    found = report(ledger, events, stored_trades(running.url, key, running.trust), seen[0])
    faults: list[str] = found["faults"]
    for number, each in enumerate(seen):
        faults += each.faults
        if sorted(each.events)[: len(events)] != [event["s"] for event in events]:
            faults.append(f"client {number} saw {len(each.events)} events of {len(events)}")
    back = max((gap for each in seen for gap in each.gaps), default=0.0)
    if back > BACK_WITHIN:
        faults.append(f"a client was away for {back:.1f} s")
    p99 = percentile(broken_ages, 0.99)
    if p99 > DELIVERED_WITHIN:
        faults.append(f"with Redis broken an event took {p99:.2f} s (p99)")
    if statuses := {status: count for status, count in ledger.statuses.items() if status not in {200, 429, 503}}:
        faults.append(f"posts were answered {statuses}")
    return found | {
        "backend": "nginx, 2 HTTP, 2 socket processes, worker, PostgreSQL, Redis",
        "restarts": rounds * len(SERVERS),
        "rolling_seconds": round(rolling_seconds, 1),
        "posts_while_rolling": rolling_posts,
        "post_statuses": ledger.statuses,
        "clients": clients,
        "reconnects": sum(each.connections - 1 for each in seen),
        "away_seconds_max": round(back, 2),
        "delivery_p99_calm": round(percentile(calm.before, 0.99), 3),
        "redis_faults": redis_faults,
        "delivery_p50_redis_broken": round(percentile(broken_ages, 0.5), 3),
        "delivery_p99_redis_broken": round(p99, 3),
        "faults": faults,
    }


class Ages:
    """The ages of events at delivery, before and after this moment."""

    def __init__(self, seen: list[Timed]) -> None:
        self.seen = seen
        self.marks = [len(each.ages) for each in seen]
        self.before = [age for each in seen for age in each.ages]

    def since(self) -> list[float]:
        return [age for each, mark in zip(self.seen, self.marks, strict=True) for age in each.ages[mark:]]


def break_redis(redis: services.Service, number: int) -> None:
    """Kill it and start it again two seconds later, or stand it still for as long."""
    time.sleep(random.uniform(0.2, 0.8))
    if number % 2:
        os.kill(redis.pid, signal.SIGSTOP)
        time.sleep(BROKEN)
        os.kill(redis.pid, signal.SIGCONT)
    else:
        redis.stop(signal.SIGKILL)
        time.sleep(BROKEN)
        redis.start()


def wait_for(true: Any, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def rolling(scale: Scale) -> Outcome:
    rounds, redis_faults, clients = scale.of(5, 1), scale.of(20, 2), scale.of(50, 5)
    return Outcome.of(run(rounds=rounds, redis_faults=redis_faults, clients=clients, seed=scale.seed))


ROWS = [Row(27, "Rolling restart through nginx under load", "0 failed reports after retry, back within 5 s", rolling)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--redis", type=int, default=4)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    found = run(rounds=options.rounds, redis_faults=options.redis, clients=options.clients, seed=options.seed)
    print(json.dumps(found | {"seed": options.seed}, indent=2))
    sys.exit(1 if found["faults"] else 0)


if __name__ == "__main__":
    main()
