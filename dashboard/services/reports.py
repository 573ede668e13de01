"""What every report has in common: strategies and bots are made when first named, changes are announced."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from dashboard import wire
from dashboard.fields import dumps
from dashboard.models import Account, Bot, Strategy
from dashboard.services.outcome import Outcome
from realtime.log import publish

Events = list[tuple[str, bytes]]
Named = TypeVar("Named", Strategy, Bot)
ANNOUNCED: dict[type[Any], tuple[str, wire.Wire]] = {
    Strategy: ("strategy_update", wire.STRATEGY),
    Bot: ("bot_status", wire.BOT),
}


def named(model: type[Named], account: Account, names: Iterable[str]) -> dict[str, Named]:
    """The rows of these names; missing ones are new and unsaved, so that a refused item leaves nothing behind."""
    wanted = dict.fromkeys(names)
    found = {row.name: row for row in model.objects.filter(account=account, name__in=list(wanted))}
    return {name: found.get(name) or model(account=account, name=name) for name in wanted}


def save_new(rows: Iterable[Strategy | Bot | None], events: Events) -> None:
    """Save those that are new and add their announcements to `events`."""
    for row in rows:
        if row is not None and row._state.adding:
            row.save()
            kind, form = ANNOUNCED[type(row)]
            events.append((kind, dumps(form.instance(row))))


def announce(account: Account, events: Events, outcomes: Iterable[Outcome], now: datetime) -> None:
    """Publish, and turn each outcome's place in `events` into the number of its event."""
    first = publish(account.stream_key, events, at=now)
    for outcome in outcomes:
        if outcome.seq is not None:
            outcome.seq += first
