"""Alerts: raised once for a cause, acknowledged and resolved by people; their state only moves forward."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from dashboard import wire
from dashboard.fields import dumps
from dashboard.models import Account, Alert, Strategy, Trade
from dashboard.services.outcome import CREATED, DUPLICATE, INVALID, UPDATED, DomainError, Outcome
from dashboard.services.reports import Events, announce
from realtime.log import publish, stream_lock

CONTENT = ("type", "severity", "title", "message", "data")


@transaction.atomic
def alerts_record(*, account: Account, items: Sequence[dict[str, Any]], now: datetime) -> list[Outcome]:
    """Raise alerts. With the `dedupe_key` of an unresolved alert the report updates that one instead."""
    stream_lock(account.stream_key)
    keys = [item["dedupe_key"] for item in items if "dedupe_key" in item]
    related = Alert.objects.select_related("strategy", "trade", "acknowledged_by", "resolved_by")
    open_alerts = {row.dedupe_key: row for row in related.filter(account=account, dedupe_key__in=keys).active()}
    strategies = {row.name: row for row in Strategy.objects.filter(account=account, name__in=given(items, "strategy"))}
    trades = {row.trade_id: row for row in Trade.objects.filter(account=account, trade_id__in=given(items, "trade_id"))}
    outcomes: list[Outcome] = []
    events: Events = []
    for item in items:
        errors = {
            name: [f"This account has no such {name.removesuffix('_id')}."]
            for name, known in (("strategy", strategies), ("trade_id", trades))
            if name in item and item[name] not in known
        }
        if errors:
            outcomes.append(Outcome(INVALID, errors=errors))
            continue
        row = open_alerts.get(item.get("dedupe_key", ""))
        values = {"message": "", "data": {}, **{name: item[name] for name in CONTENT if name in item}}
        links = {"strategy": strategies.get(item.get("strategy", "")), "trade": trades.get(item.get("trade_id", ""))}
        values.update({name: link for name, link in links.items() if link is not None or row is None})
        if row is not None and all(getattr(row, name) == value for name, value in values.items()):
            outcomes.append(Outcome(DUPLICATE, id=row.pk, item=wire.ALERT.instance(row)))
            continue
        status = UPDATED if row else CREATED
        row = row or Alert(account=account, dedupe_key=item.get("dedupe_key"), created_at=now)
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        if row.dedupe_key:
            open_alerts[row.dedupe_key] = row
        outcomes.append(Outcome(status, id=row.pk, seq=len(events), item=wire.ALERT.instance(row)))
        events.append(("alert", dumps({**wire.ALERT.instance(row), "change": status})))
    announce(account, events, outcomes, now)
    return outcomes


def given(items: Sequence[dict[str, Any]], name: str) -> list[str]:
    return [item[name] for item in items if name in item]


@transaction.atomic
def alert_move(*, alert: Alert, status: str, user: Any, now: datetime) -> Alert:
    """Acknowledge or resolve. Doing it again changes nothing; going back raises DomainError."""
    stream_lock(alert.account.stream_key)
    alert = Alert.objects.select_related("account", "strategy", "trade").get(pk=alert.pk)
    order = list(Alert.Status.values)
    if order.index(status) < order.index(alert.status):
        raise DomainError({"status": [_("The alert is resolved already.")]})
    if status == alert.status:
        return alert
    alert.status = status
    person = user if getattr(user, "pk", None) else None
    if status == Alert.Status.ACKNOWLEDGED:
        alert.acknowledged_at, alert.acknowledged_by = now, person
    else:
        alert.resolved_at, alert.resolved_by = now, person
    alert.save(update_fields=["status", "acknowledged_at", "acknowledged_by", "resolved_at", "resolved_by"])
    row = wire.ALERT.instance(alert)
    publish(alert.account.stream_key, [("alert", dumps({**row, "change": status}))], at=now)
    return alert
