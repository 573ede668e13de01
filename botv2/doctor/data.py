"""Database, log, clock, channel layer and worker."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connection
from django.utils import timezone

from botv2 import health
from botv2.doctor import Finding, failure, ok, warning
from dashboard.models import Account, AuditEntry
from dashboard.services.audit import audit_faults
from realtime.log import broken_streams, newest_event_at
from realtime.standing import standing

SKEW = 1.0  # seconds
WORKER_GONE = 60.0  # seconds
LAG = 10_000  # events
SHOWN = 5


def ask(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def of_database() -> Iterator[Finding]:
    begun = time.monotonic()
    ask("SELECT 1")
    took = (time.monotonic() - begun) * 1000
    if not health.database():
        yield failure("database", "Its tables are not those of this release.", "Run `manage.py migrate`.")
    yield from (of_postgres if connection.vendor == "postgresql" else of_sqlite)()
    yield ok("database", f"{connection.vendor} answers in {took:.1f} ms")


def of_sqlite() -> Iterator[Finding]:
    if ask("PRAGMA journal_mode") != "wal":
        yield failure(
            "database",
            "SQLite does not keep a write-ahead log.",
            "Is BOTV2_DATA on a network file system? Move it to a local disk.",
        )
    if (said := ask("PRAGMA quick_check(1)")) != "ok":
        yield failure(
            "database",
            f"The file is damaged: {said}",
            "Stop BotV2, keep a copy of the file, and restore the newest backup.",
        )


def of_postgres() -> Iterator[Finding]:
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if ask(f"SHOW {name}") == "off":
            yield failure(
                "database",
                f"{name} is off: what was acknowledged can be lost.",
                f"Set {name} = on in postgresql.conf.",
            )
    most, used = int(ask("SHOW max_connections")), int(ask("SELECT count(*) FROM pg_stat_activity"))
    if used > 0.8 * most:
        yield warning(
            "database",
            f"{used} of {most} connections are in use.",
            "Raise max_connections, or lower DB_POOL_SIZE; docs/deploy.md adds them up.",
        )
    if ask("SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"):
        yield warning(
            "database",
            "BotV2's role is allowed more than it needs.",
            "Use a role of its own without SUPERUSER, CREATEDB and CREATEROLE.",
        )


def of_log() -> Iterator[Finding]:
    broken = broken_streams()
    names = dict(Account.objects.filter(stream_key__in=broken).values_list("stream_key", "slug"))
    for key, said in list(broken.items())[:SHOWN]:
        yield failure(
            "log",
            f"{names.get(key, key)}: {said}.",
            "Events are missing: restore the newest backup (docs/backup.md).",
        )
    if not broken:
        now = standing(timezone.now())
        yield ok("log", f"{now.kept} events of {now.streams} streams, none missing")


def of_clock() -> Iterator[Finding]:
    apart = []
    if connection.vendor == "postgresql":
        apart.append(("the database", ask("SELECT clock_timestamp()")))
    if settings.REDIS_URL:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            seconds, micros = client.time()
            apart.append(("Redis", datetime.fromtimestamp(seconds + micros / 1e6, tz=UTC)))
    well = True
    for whose, then in apart:
        if abs(skew := (then - timezone.now()).total_seconds()) > SKEW:
            well = False
            yield failure(
                "clock",
                f"The clock of {whose} is {skew:+.1f} s apart from ours.",
                "Turn on time synchronisation (chrony, systemd-timesyncd) on both machines.",
            )
    newest = newest_event_at()
    if newest and newest > timezone.now() + timedelta(seconds=SKEW):
        well = False
        yield failure(
            "clock",
            f"There are events from the future, {newest:%Y-%m-%d %H:%M:%S} UTC.",
            "The clock was ahead, or is behind now: synchronise it. The order of events does not depend on it.",
        )
    if well:
        yield ok("clock", f"{timezone.now():%Y-%m-%d %H:%M:%S} UTC")


def of_layer() -> Iterator[Finding]:
    if not settings.REDIS_URL:
        yield ok("layer", "in memory: for one process; more would look at the log once a second")
        return
    try:
        took = async_to_sync(round_trip)()
    except Exception as error:  # whatever the layer's library raises
        yield failure(
            "layer",
            f"Redis does not pass hints on: {type(error).__name__} {error}",
            "Start Redis, check REDIS_URL and its password. Nothing is lost: events are up to a second late "
            "until then.",
        )
        return
    yield ok("layer", f"a hint takes {took * 1000:.1f} ms")


async def round_trip() -> float:
    layer = get_channel_layer()
    assert layer is not None
    channel, begun = await layer.new_channel(), time.monotonic()
    async with asyncio.timeout(3):
        await layer.group_add("botv2.doctor", channel)
        await layer.group_send("botv2.doctor", {"type": "hint"})
        await layer.receive(channel)
        await layer.group_discard("botv2.doctor", channel)
    return time.monotonic() - begun


def of_worker() -> Iterator[Finding]:
    now = standing(timezone.now())
    if now.worker_age is None or now.worker_age > WORKER_GONE:
        since = "never" if now.worker_age is None else f"{now.worker_age:.0f} s ago"
        yield failure(
            "worker",
            f"The worker was last at work: {since}.",
            "Start `manage.py work` (deploy/systemd/botv2-worker.service). Until then figures by day and "
            "strategy stand still.",
        )
    for name, events in now.lags.items():
        if events > LAG:
            yield warning(
                "worker",
                f"{name} is {events} events behind.",
                "Wait if the number falls; else see the worker's logs.",
            )
    if now.worker_age is not None and now.worker_age <= WORKER_GONE:
        yield ok(
            "worker", f"at work {now.worker_age:.0f} s ago, at most {max(now.lags.values(), default=0)} events behind"
        )


def of_audit() -> Iterator[Finding]:
    broken = 0
    for account in (None, *Account.objects.order_by("slug").iterator()):
        for fault in list(audit_faults(account))[:SHOWN]:
            broken += 1
            yield failure(
                "audit",
                f"{account or 'installation'}: {fault}.",
                "Somebody changed the database by hand. Compare with a backup: `manage.py verify_audit`.",
            )
    if not broken:
        yield ok("audit", f"{AuditEntry.objects.count()} entries, unbroken")
