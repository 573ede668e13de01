"""Recording what the account is worth and what flowed in and out."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from dashboard import wire
from dashboard.fields import EXACT, OutOfRange, dumps, exact_sum, round_exact
from dashboard.models import EXTERNAL_FLOWS, Account, Bot, CashFlow, Portfolio
from dashboard.moments import day_of
from dashboard.services.outcome import CREATED, DUPLICATE, UPDATED, Outcome
from dashboard.services.reports import Events, announce, named, save_new
from dashboard.upsert import upsert
from realtime.log import stream_lock

SNAPSHOT_FIELDS = (
    "total_value cash_balance margin_used margin_available daily_change daily_change_pct total_pnl total_pnl_pct "
    "realized_pnl unrealized_pnl positions"
).split()
FLOW_FIELDS = "timestamp amount kind note".split()
DAY = timedelta(days=1)


@transaction.atomic
def snapshots_record(
    *, account: Account, items: Sequence[dict[str, Any]], now: datetime, bot: Bot | None = None
) -> list[Outcome]:
    """Create or update snapshots by timestamp; an item is the whole snapshot. Return one Outcome for each."""
    stream_lock(account.stream_key)
    times = [item["timestamp"] for item in items]
    found = Portfolio.objects.filter(account=account, timestamp__in=times).select_related("bot").order_by()
    stored = {row.timestamp: row for row in found}
    bots = named(Bot, account, [item["bot"] for item in items if "bot" in item])
    day_starts = DayStarts(account, times)
    newest = newest_at(account)
    outcomes: dict[int, Outcome] = {}
    changed: dict[datetime, Portfolio] = {}
    events: Events = []
    # Oldest first: a day begins with what the one before it ended with.
    for index in sorted(range(len(items)), key=times.__getitem__):
        item = items[index]
        reporter = bots[item["bot"]] if "bot" in item else bot
        before = changed.get(item["timestamp"]) or stored.get(item["timestamp"])
        row = Portfolio(account=account, timestamp=item["timestamp"], bot=reporter or (before.bot if before else None))
        for name in SNAPSHOT_FIELDS:
            setattr(row, name, item.get(name, [] if name == "positions" else None))
        row.daily_change_reported = row.daily_change is not None
        day_starts.complete(row)
        compared = (*SNAPSHOT_FIELDS, "daily_change_reported", "bot")
        same = before is not None and all(getattr(row, name) == getattr(before, name) for name in compared)
        if before is not None and same:
            outcomes[index] = Outcome(DUPLICATE, item=wire.PORTFOLIO.instance(before))
            continue
        save_new([row.bot], events)
        changed[row.timestamp] = row
        day_starts.remember(row)
        outcomes[index] = Outcome(UPDATED if before else CREATED, seq=len(events), item=wire.PORTFOLIO.instance(row))
        events.append(("portfolio_update", dumps(outcomes[index].item)))
    fields = [*SNAPSHOT_FIELDS, "daily_change_reported", "bot"]
    upsert(list(changed.values()), unique=["account", "timestamp"], update=fields)
    ids = dict(Portfolio.objects.filter(account=account, timestamp__in=times).order_by().values_list("timestamp", "pk"))
    for day in days_after(account, changed, newest):
        recompute_day(account, day, events)
    for index, outcome in outcomes.items():
        outcome.id = ids[times[index]]
    announce(account, events, outcomes.values(), now)
    return [outcomes[index] for index in range(len(items))]


def newest_at(account: Account) -> datetime | None:
    return Portfolio.objects.filter(account=account).aggregate(at=Max("timestamp"))["at"]


def days_after(account: Account, moments: Iterable[datetime], newest: datetime | None) -> list[datetime]:
    """The stored days that began with what snapshots of these moments may have changed; none after `newest`."""
    found = set()
    for day in {day_of(at) for at in moments if newest is not None and day_of(at) < day_of(newest)}:
        later = Portfolio.objects.filter(account=account, timestamp__gte=day + DAY).order_by("timestamp")
        found.add(day_of(later.values_list("timestamp", flat=True)[0]))
    return sorted(found)


class DayStarts:
    """The value each UTC day began with: its change so far is what was not deposited or withdrawn."""

    def __init__(self, account: Account, times: Sequence[datetime]) -> None:
        days = sorted({day_of(time) for time in times})
        earlier = Portfolio.objects.filter(account=account).order_by("-timestamp")
        values = earlier.values_list("timestamp", "total_value")
        self.opening = {day: values.filter(timestamp__lt=day).first() for day in days}
        self.flows = []
        if days:
            flows = CashFlow.objects.filter(
                account=account, kind__in=EXTERNAL_FLOWS, timestamp__gte=days[0], timestamp__lt=days[-1] + DAY
            )
            self.flows = list(flows.values_list("timestamp", "amount"))

    def complete(self, row: Portfolio) -> None:
        """Compute the daily change where the bot gave none; what has no room in the column is unknown."""
        day = day_of(row.timestamp)
        if not row.daily_change_reported:
            row.daily_change = row.daily_change_pct = None
            if (last := self.opening[day]) is not None:
                opening = last[1]
                flows = exact_sum(amount for at, amount in self.flows if day <= at <= row.timestamp)
                change = EXACT.subtract(EXACT.subtract(row.total_value, opening), flows)
                row.daily_change = fitting(change)
                if opening > 0:
                    row.daily_change_pct = fitting(EXACT.divide(EXACT.multiply(change, Decimal(100)), opening))

    def remember(self, row: Portfolio) -> None:
        """Later days of the same report begin with this snapshot, which is not stored yet."""
        for day, last in self.opening.items():
            if row.timestamp < day and (last is None or last[0] <= row.timestamp):
                self.opening[day] = (row.timestamp, row.total_value)


def fitting(value: Decimal) -> Decimal | None:
    try:
        return round_exact(value)
    except OutOfRange:
        return None


@transaction.atomic
def cash_flows_record(*, account: Account, items: Sequence[dict[str, Any]], now: datetime) -> list[Outcome]:
    """Create or update cash flows by `flow_id`; return one Outcome for each item."""
    stream_lock(account.stream_key)
    found = CashFlow.objects.filter(account=account, flow_id__in=[item["flow_id"] for item in items])
    stored = {row.flow_id: row for row in found}
    outcomes: list[Outcome] = []
    events: Events = []
    moved: set[datetime] = set()
    for item in items:
        row = stored.get(item["flow_id"])
        values = {"note": "", **item}
        if row is not None and all(getattr(row, name) == values[name] for name in FLOW_FIELDS):
            outcomes.append(Outcome(DUPLICATE, id=row.pk, item=wire.CASH_FLOW.instance(row)))
            continue
        status = UPDATED if row else CREATED
        moved |= {row.timestamp} if row else set()
        moved.add(values["timestamp"])
        row = row or CashFlow(account=account, flow_id=item["flow_id"])
        for name in FLOW_FIELDS:
            setattr(row, name, values[name])
        row.save()
        stored[row.flow_id] = row
        outcomes.append(Outcome(status, id=row.pk, seq=len(events), item=wire.CASH_FLOW.instance(row)))
        events.append(("cashflow", dumps(outcomes[-1].item)))
    for day in sorted({day_of(at) for at in moved}):
        recompute_day(account, min(at for at in moved if day_of(at) == day), events)
    announce(account, events, outcomes, now)
    return outcomes


def recompute_day(account: Account, since: datetime, events: Events) -> None:
    """What is told late changes what the day's snapshots earned; the latest snapshot is announced again."""
    rows = Portfolio.objects.filter(account=account, daily_change_reported=False).select_related("bot")
    rows = rows.filter(timestamp__gte=since, timestamp__lt=day_of(since) + DAY)
    newest = newest_at(account)
    day_starts = DayStarts(account, [since])
    changed = []
    for row in rows.order_by("timestamp").iterator():
        before = row.daily_change, row.daily_change_pct
        day_starts.complete(row)
        if (row.daily_change, row.daily_change_pct) != before:
            changed.append(row)
            if row.timestamp == newest:
                events.append(("portfolio_update", dumps(wire.PORTFOLIO.instance(row))))
    Portfolio.objects.bulk_update(changed, ["daily_change", "daily_change_pct"], batch_size=200)
