"""Imports: begun, ended and undone as a whole, so that a wrong file can be taken back."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from dashboard import wire
from dashboard.models import Account, ImportRun, MarketData, Trade
from dashboard.services.audit import Actor, audit_write
from dashboard.services.deletions import trades_remove
from realtime.log import hint_after_commit, stream_lock

CHUNK = 500
PAUSE = 0.05  # seconds between chunks: the lock of SQLite is not fair, and bots report meanwhile
NAMED = 100
ALIVE = "alive_at"  # in the result of an import that is running: when it was heard of last
SILENT = timedelta(minutes=1)  # after which it was killed: a chunk takes a second, and a lock is waited for for ten


class AlreadyUndone(Exception):
    """The import was undone before."""


class StillRunning(Exception):
    """The import goes on recording."""


def import_begin(*, account: Account, kind: str, files: Sequence[str]) -> ImportRun:
    """Begin an import. All it records is recorded at its `created_at`, by which an undo knows what changed since.

    It counts as running until `import_end`, or until it has not been heard of for a minute.
    """
    run = ImportRun.objects.create(account=account, kind=kind, files=list(files))
    import_note(run, run.created_at)
    return run


@transaction.atomic
def import_note(run: ImportRun, now: datetime, files: Sequence[dict[str, Any]] | None = None) -> None:
    """Say that the import is running, and keep what it did so far. Raises AlreadyUndone."""
    lock(run)
    if "undone" in run.result:
        raise AlreadyUndone
    run.result = {**run.result, ALIVE: now.isoformat()} | ({} if files is None else {"files": list(files)})
    run.save(update_fields=["result"])


@transaction.atomic
def import_end(run: ImportRun) -> None:
    stream_lock(run.account.stream_key)
    run.refresh_from_db(fields=["result"])
    run.result.pop(ALIVE, None)
    run.save(update_fields=["result"])


def is_running(run: ImportRun, now: datetime) -> bool:
    alive_at = run.result.get(ALIVE)
    return alive_at is not None and now - datetime.fromisoformat(alive_at) < SILENT


def import_undo(*, run: ImportRun, actor: Actor, now: datetime, most: int | None = None) -> None:
    """Delete what `run` created and nobody changed since; announce each trade as deleted. Raises AlreadyUndone and
    StillRunning.

    Works in chunks of 500, each its own transaction. An undo that was interrupted, or has deleted `most` rows, is
    finished by the next one. What was deleted and what was kept is told in `result["undone"]`. What goes may be
    imported again.
    """
    undo_begin(run, actor, now)
    deleted = 0
    while count := undo_chunk(run, now):
        deleted += count
        if most is not None and deleted >= most:
            return
        time.sleep(PAUSE)
    undo_end(run, now)


def lock(run: ImportRun) -> None:
    stream_lock(run.account.stream_key)
    run.refresh_from_db(fields=["result", "undone_at"])
    if run.undone_at is not None:
        raise AlreadyUndone


@transaction.atomic
def undo_begin(run: ImportRun, actor: Actor, now: datetime) -> None:
    lock(run)
    if is_running(run, now):
        raise StillRunning
    target = f"import:{run.pk}"
    about = {"kind": run.kind, "files": run.files, "created_at": run.created_at}
    audit_write(account=run.account, actor=actor, action="import.undo", target=target, before=about, at=now)


@transaction.atomic
def undo_chunk(run: ImportRun, now: datetime) -> int:
    """Delete some of what is left; return how many rows that were."""
    lock(run)
    own = Trade.objects.filter(import_run=run, created_at=run.created_at, updated_at=run.created_at)
    # The last ones first: what follows the log goes back to the earliest trade that it is told of.
    trades = wire.TRADE.rows(own.order_by("-id")[:CHUNK])
    candles = (
        []
        if trades
        else list(MarketData.objects.filter(import_run=run).order_by("-id").values_list("pk", flat=True)[:CHUNK])
    )
    if trades:
        trades_remove(account=run.account, rows=trades, now=now)
    elif candles:
        candles_remove(run.account, candles)
    before = run.result.get("undone", {"trades": 0, "candles": 0})
    undone = {"trades": before["trades"] + len(trades), "candles": before["candles"] + len(candles)}
    run.result = {**run.result, "undone": undone}
    run.save(update_fields=["result"])
    return len(trades) + len(candles)


def candles_remove(account: Account, candles: Sequence[int]) -> None:
    Account.objects.select_for_update().get(pk=account.pk)  # the lock of those who record candles
    MarketData.objects.filter(pk__in=candles).delete()
    Account.objects.filter(pk=account.pk).update(market_version=F("market_version") + 1)
    hint_after_commit(account.stream_key, tick="candle")


@transaction.atomic
def undo_end(run: ImportRun, now: datetime) -> None:
    lock(run)
    # A later report of a trade may belong to a later import; the time of its creation still is this run's.
    later = Trade.objects.filter(account=run.account, created_at=run.created_at)
    before = Trade.objects.filter(import_run=run).exclude(created_at=run.created_at)
    undone = {**run.result["undone"], "changed_later": kept(later), "there_before": kept(before)}
    if run.kind == "candles":
        recorded = sum(file["created"] + file["updated"] for file in run.result.get("files", []))
        undone["candles_kept"] = recorded - undone["candles"]
    run.undone_at = now
    run.result = {**run.result, "undone": undone}
    run.save(update_fields=["undone_at", "result"])


def kept(trades: QuerySet[Trade]) -> dict[str, Any]:
    """Trades that an undo left, the first ones by name."""
    return {
        "count": trades.count(),
        "trade_ids": list(trades.order_by("id").values_list("trade_id", flat=True)[:NAMED]),
    }
