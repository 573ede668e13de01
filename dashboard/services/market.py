"""Recording candles. They are not logged: a tick tells who is watching to look again."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from dashboard.models import Account, ImportRun, MarketData
from dashboard.upsert import upsert
from realtime.log import hint_after_commit

VALUES = ("open", "high", "low", "close", "volume")


@transaction.atomic
def candles_record(
    *,
    account: Account,
    symbol: str,
    exchange: str,
    timeframe: str,
    candles: Sequence[tuple[Any, ...]],
    import_run: ImportRun | None = None,
) -> dict[str, int]:
    """Upsert candles `(timestamp, open, high, low, close, volume)`; the last of the same timestamp counts.

    Return how many were created, updated and duplicate (unchanged or given twice).
    """
    wanted = {candle[0]: candle[1:] for candle in candles}
    # The account row is the lock: a candle posted twice at once is counted once.
    Account.objects.select_for_update().get(pk=account.pk)
    rows = MarketData.objects.filter(account=account, symbol=symbol, exchange=exchange, timeframe=timeframe)
    found = rows.filter(timestamp__in=list(wanted)).order_by().values_list("timestamp", "import_run", *VALUES)
    stored = {at: values for at, _, *values in found}
    # An import may be undone as long as it alone made the candle what it is.
    run = import_run.pk if import_run else None
    foreign = {at for at, made_by, *_ in found if made_by != run}
    changed = {at: values for at, values in wanted.items() if stored.get(at) != list(values)}
    upsert(
        [
            MarketData(
                account=account,
                symbol=symbol,
                exchange=exchange,
                timeframe=timeframe,
                timestamp=at,
                import_run=None if at in foreign else import_run,
                **dict(zip(VALUES, values, strict=True)),
            )
            for at, values in changed.items()
        ],
        unique=["account", "symbol", "exchange", "timeframe", "timestamp"],
        update=[*VALUES, "import_run"],
    )
    if changed:
        Account.objects.filter(pk=account.pk).update(market_version=F("market_version") + 1)
        hint_after_commit(account.stream_key, tick="candle")
    created = sum(1 for at in changed if at not in stored)
    return {"created": created, "updated": len(changed) - created, "duplicate": len(candles) - len(changed)}
