"""Events in one table or in a partition for each month, on PostgreSQL: python -m benchmarks.partitions [ROWS]

Both have the columns and the indexes of the event log. Measured are appending, reading a page behind a position, and
forgetting everything: by deletes of 1,000 rows, as `purge` does, and by dropping partitions.
"""

import json
import random
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

import psycopg

from tools import services

STREAMS, MONTHS, BATCH, APPENDS, READS, CHUNK = 20, 12, 100, 300, 1000, 1000
START = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = (
    "stream_id bigint NOT NULL, seq bigint NOT NULL, type text NOT NULL, data text NOT NULL, "
    "created_at timestamptz NOT NULL"
)
FILL = f"""
INSERT INTO event (stream_id, seq, type, data, created_at)
SELECT n %% {STREAMS}, n / {STREAMS} + 1, 'trade_executed', repeat('x', 400), %s::timestamptz + n * %s::interval
FROM generate_series(0, %s - 1) AS n
"""
APPEND = "INSERT INTO event (stream_id, seq, type, data, created_at) VALUES (%s, %s, %s, %s, %s)"
PAGE = "SELECT seq, type, created_at, data FROM event WHERE stream_id = %s AND seq > %s ORDER BY seq LIMIT 200"
Database = psycopg.Connection[tuple[object, ...]]


def plain(database: Database) -> None:
    database.execute(f"CREATE TABLE event (id bigserial PRIMARY KEY, {COLUMNS}, UNIQUE (stream_id, seq))")


def partitioned(database: Database) -> None:
    """PostgreSQL wants the month in every unique index, so a number is unique within a month only."""
    database.execute(
        f"CREATE TABLE event (id bigserial, {COLUMNS}, PRIMARY KEY (id, created_at), "
        "UNIQUE (stream_id, seq, created_at)) PARTITION BY RANGE (created_at)"
    )
    for month in range(MONTHS + 1):
        ends = [f"{START + timedelta(days=31 * number):%Y-%m-%d}" for number in (month, month + 1)]
        database.execute(
            f"CREATE TABLE event_{month} PARTITION OF event FOR VALUES FROM ('{ends[0]}') TO ('{ends[1]}')"
        )


def measure(make: Callable[[Database], None], forget: Callable[[Database, int], None], rows: int) -> dict[str, float]:
    with services.postgres() as url, psycopg.connect(url, autocommit=True) as database:
        schema = f"bench_{uuid.uuid4().hex[:8]}"
        database.execute(f"CREATE SCHEMA {schema}")
        try:
            database.execute(f"SET search_path TO {schema}")
            make(database)
            found = {"fill_s": timed(lambda: fill(database, rows))}
            found["append_100_ms"] = timed(lambda: append(database, rows)) * 1000 / APPENDS
            found["read_200_ms"] = timed(lambda: read(database, rows)) * 1000 / READS
            found["forget_s"] = timed(lambda: forget(database, rows))
            return {name: round(value, 3) for name, value in found.items()}
        finally:
            database.execute(f"DROP SCHEMA {schema} CASCADE")


def fill(database: Database, rows: int) -> None:
    step = timedelta(days=31 * MONTHS) / rows
    database.execute(FILL, [START, step, rows])
    database.execute("ANALYZE event")


def append(database: Database, rows: int) -> None:
    at, seq = START + timedelta(days=31 * MONTHS), rows // STREAMS + 2
    for number in range(APPENDS):
        batch = [(0, seq + number * BATCH + each, "trade_executed", "x" * 400, at) for each in range(BATCH)]
        with database.transaction(), database.cursor() as cursor:
            cursor.executemany(APPEND, batch)


def read(database: Database, rows: int) -> None:
    for _ in range(READS):
        database.execute(PAGE, [random.randrange(STREAMS), random.randrange(rows // STREAMS)]).fetchall()


def delete(database: Database, rows: int) -> None:
    for stream in range(STREAMS):
        for last in range(CHUNK, rows // STREAMS + CHUNK, CHUNK):
            database.execute("DELETE FROM event WHERE stream_id = %s AND seq <= %s", [stream, last])


def drop(database: Database, rows: int) -> None:
    for month in range(MONTHS):
        database.execute(f"DROP TABLE event_{month}")


def timed(work: Callable[[], None]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def main() -> None:
    """Both in turn, three times: what else the machine does then falls on both. The median is told."""
    rows, rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, 3
    kinds = {"one_table": (plain, delete), "by_month": (partitioned, drop)}
    found: dict[str, list[dict[str, float]]] = {name: [] for name in kinds}
    for _ in range(rounds):
        for name, (make, forget) in kinds.items():
            found[name].append(measure(make, forget, rows))
    medians = {name: {key: median(each[key] for each in runs) for key in runs[0]} for name, runs in found.items()}
    print(json.dumps({"rows": rows, **medians}, indent=2))


if __name__ == "__main__":
    main()
