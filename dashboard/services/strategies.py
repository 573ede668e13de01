"""Strategies: registered by bots, switched and limited by people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from dashboard import wire
from dashboard.fields import dumps
from dashboard.models import Account, Strategy
from dashboard.services.audit import COMMAND, Actor, audit_write
from dashboard.services.outcome import CREATED, DUPLICATE, UPDATED, Outcome
from dashboard.services.reports import Events, announce
from realtime.log import stream_lock

SETTINGS = ("description parameters enabled max_position_size max_daily_loss max_drawdown allocated_capital").split()


@transaction.atomic
def strategies_record(
    *, account: Account, items: Sequence[dict[str, Any]], now: datetime, actor: Actor = COMMAND
) -> list[Outcome]:
    """Register strategies by name, or change the given settings of known ones, which is noted with who did it."""
    stream_lock(account.stream_key)
    found = Strategy.objects.select_related("account").filter(
        account=account, name__in=[item["name"] for item in items]
    )
    stored = {row.name: row for row in found}
    outcomes: list[Outcome] = []
    events: Events = []
    for item in items:
        row = stored.get(item["name"])
        values = {name: item[name] for name in SETTINGS if name in item}
        if row is not None:
            values = {name: value for name, value in values.items() if getattr(row, name) != value}
            if not values:
                outcomes.append(Outcome(DUPLICATE, id=row.pk, item=wire.STRATEGY.instance(row)))
                continue
            note(row, values, actor, now)
        status = UPDATED if row else CREATED
        row = row or Strategy(account=account, name=item["name"])
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        stored[row.name] = row
        outcomes.append(Outcome(status, id=row.pk, seq=len(events), item=wire.STRATEGY.instance(row)))
        events.append(("strategy_update", dumps(outcomes[-1].item)))
    announce(account, events, outcomes, now)
    return outcomes


def note(row: Strategy, values: dict[str, Any], actor: Actor, now: datetime) -> None:
    """What is about to change: limits that a person has set may not be moved unseen."""
    audit_write(
        account=row.account,
        actor=actor,
        action="strategy.change",
        target=f"strategy:{row.name}",
        before=wire.pick(wire.STRATEGY.instance(row), list(values)),
        after=values,
        at=now,
    )


def strategy_change(*, strategy: Strategy, values: dict[str, Any], now: datetime, actor: Actor = COMMAND) -> Outcome:
    """Change settings of one strategy."""
    items = [{"name": strategy.name, **values}]
    return strategies_record(account=strategy.account, items=items, now=now, actor=actor)[0]
