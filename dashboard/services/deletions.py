"""Trades that go: announced like every other change, and kept away where a person deleted them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from dashboard import wire
from dashboard.fields import dumps
from dashboard.models import Account, Alert, DeletedTrade, Trade
from dashboard.services.audit import Actor, audit_write
from dashboard.services.reports import Events
from realtime.log import publish, stream_lock


@transaction.atomic
def trade_delete(*, trade: Trade, actor: Actor, now: datetime) -> None:
    """Delete a trade for good: only a report with a higher `rev` brings it back."""
    account = trade.account
    stream_lock(account.stream_key)
    trade = Trade.objects.select_related("strategy", "bot").get(pk=trade.pk)
    DeletedTrade.objects.create(account=account, trade_id=trade.trade_id, rev=trade.rev, deleted_at=now)
    target, row = f"trade:{trade.trade_id}", wire.TRADE.instance(trade)
    audit_write(account=account, actor=actor, action="trade.delete", target=target, before=row, at=now)
    trades_remove(account=account, rows=[row], now=now)


def trades_remove(*, account: Account, rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """Delete the trades of these rows and tell it, also of the alerts that named them.

    The caller holds the lock of the stream.
    """
    keys = [row["id"] for row in rows]
    related = Alert.objects.select_related("strategy", "acknowledged_by", "resolved_by")
    alerts = list(related.filter(trade__in=keys).order_by("id"))
    events: Events = [("trade_executed", dumps({**row, "change": "deleted"})) for row in rows]
    Trade.objects.filter(pk__in=keys).only("pk").delete()
    for alert in alerts:
        alert.trade = None
    events += [("alert", dumps({**row, "change": "updated"})) for row in wire.ALERT.instances(alerts)]
    publish(account.stream_key, events, at=now)
