"""Imports: begun, ended and undone as a whole, so that a wrong file can be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from dashboard import wire
from dashboard.fields import dumps
from dashboard.models import Account, ImportRun, MarketData, Trade
from realtime.log import hint_after_commit, publish, stream_lock

CHUNK = 500


class AlreadyUndone(Exception):
    """The import was undone before."""


@dataclass
class Undone:
    """What an undo deleted, and the trades it kept: their producer's ids."""

    trades: int = 0
    candles: int = 0
    changed_later: list[str] = field(default_factory=list)
    there_before: list[str] = field(default_factory=list)


def import_begin(*, account: Account, kind: str, files: Sequence[str]) -> ImportRun:
    """Begin an import. All it records is recorded at its `created_at`, by which an undo knows what changed since."""
    return ImportRun.objects.create(account=account, kind=kind, files=list(files))


def import_note(run: ImportRun, result: dict[str, Any]) -> None:
    """Keep what the import did so far."""
    run.result = result
    run.save(update_fields=["result"])


def import_undo(*, run: ImportRun, now: datetime) -> Undone:
    """Delete what `run` created and nobody changed since; announce each trade as deleted. Raises AlreadyUndone.

    Works in chunks of 500, each its own transaction: an undo that was interrupted is finished by the next one.
    """
    run.refresh_from_db()
    if run.undone_at is not None:
        raise AlreadyUndone
    account, undone = run.account, Undone()
    own = Trade.objects.filter(import_run=run, created_at=run.created_at, updated_at=run.created_at)
    while count := trades_delete(account, own, now):
        undone.trades += count
    while count := candles_delete(account, run):
        undone.candles += count
    # A later report of a trade may belong to a later import; the time of its creation still is this run's.
    later = Trade.objects.filter(account=account, created_at=run.created_at)
    before = Trade.objects.filter(import_run=run).exclude(created_at=run.created_at)
    undone.changed_later = list(later.order_by("id").values_list("trade_id", flat=True))
    undone.there_before = list(before.order_by("id").values_list("trade_id", flat=True))
    if not ImportRun.objects.filter(pk=run.pk, undone_at__isnull=True).update(undone_at=now):
        raise AlreadyUndone
    run.undone_at = now
    return undone


@transaction.atomic
def trades_delete(account: Account, trades: QuerySet[Trade], now: datetime) -> int:
    stream_lock(account.stream_key)
    rows = list(trades.select_related("strategy", "bot").order_by("id")[:CHUNK])
    events = [("trade_executed", dumps({**wire.TRADE.instance(row), "change": "deleted"})) for row in rows]
    Trade.objects.filter(pk__in=[row.pk for row in rows]).delete()
    publish(account.stream_key, events, at=now)
    return len(rows)


@transaction.atomic
def candles_delete(account: Account, run: ImportRun) -> int:
    Account.objects.select_for_update().get(pk=account.pk)
    keys = list(MarketData.objects.filter(import_run=run).order_by("id").values_list("pk", flat=True)[:CHUNK])
    if keys:
        MarketData.objects.filter(pk__in=keys).delete()
        Account.objects.filter(pk=account.pk).update(market_version=F("market_version") + 1)
        hint_after_commit(account.stream_key, tick="candle")
    return len(keys)
