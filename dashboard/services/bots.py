"""Heartbeats: a change of state is logged, an ordinary beat is only a tick."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from dashboard import wire
from dashboard.fields import dumps
from dashboard.models import Account, Beat, Bot
from dashboard.services.outcome import CREATED, UPDATED, Outcome
from dashboard.services.reports import Events, announce, named, save_new
from realtime.log import hint_after_commit, publish, stream_lock

BEAT_FIELDS = ("state", "version", "open_positions", "lag_ms", "message")


@transaction.atomic
def heartbeat_record(*, account: Account, item: dict[str, Any], now: datetime) -> Outcome:
    """Record that a bot is alive. `item` holds `bot`, `state` and what else it says of itself."""
    stream_lock(account.stream_key)
    bot = Bot.objects.filter(account=account, name=item["bot"]).first()
    status = UPDATED if bot else CREATED
    bot = bot or Bot(account=account, name=item["bot"])
    announced = bot.pk is None or bot.state != item["state"] or bot.version != item.get("version", bot.version)
    for name in BEAT_FIELDS:
        if name in item:
            setattr(bot, name, item[name])
    bot.message = item.get("message", "")
    bot.last_seen = now
    bot.save()
    slot = int(now.timestamp()) // Beat.SLOT_SECONDS
    if not Beat.objects.filter(bot=bot, slot=slot).update(count=F("count") + 1):
        Beat.objects.create(bot=bot, slot=slot)
        Beat.objects.filter(bot=bot, slot__lt=slot - Beat.KEPT_SLOTS).delete()
    row = wire.BOT.instance(bot)
    seq = publish(account.stream_key, [("bot_status", dumps(row))], at=now) if announced else None
    hint_after_commit(account.stream_key, tick="heartbeat")
    return Outcome(status, id=bot.pk, seq=seq, item=row)


@transaction.atomic
def bot_ensure(*, account: Account, name: str, now: datetime) -> Bot:
    """The bot of this name; a new one is announced, in the state unknown until its first heartbeat."""
    stream_lock(account.stream_key)
    events: Events = []
    bot = named(Bot, account, [name])[name]
    save_new([bot], events)
    announce(account, events, [], now)
    return bot
