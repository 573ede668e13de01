"""Recording trades: upsert by the producer's `trade_id`, versions, exact money, one event for each change."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from dashboard import wire
from dashboard.fields import EXACT, OutOfRange, dumps, exact_sum, round_exact
from dashboard.models import UNASSIGNED, Account, Bot, DeletedTrade, ImportRun, Strategy, Trade
from dashboard.services.outcome import CONFLICT, CREATED, DUPLICATE, INVALID, STALE, UPDATED, DomainError, Outcome
from dashboard.services.reports import Events, announce, named, save_new
from dashboard.upsert import upsert
from realtime.log import publish, stream_lock

RANK = {"pending": 0, "open": 1, "closed": 2, "cancelled": 2}
PLAIN_FIELDS = (
    "symbol asset_class direction size leverage entry_price exit_price stop_loss take_profit entry_time exit_time "
    "pnl_pct fees slippage funding realized_pnl highest_price lowest_price fills status exit_reason signal_type tags "
    "extra"
).split()
DERIVED_FIELDS = "initial_stop_loss duration_seconds pnl pnl_reported net_pnl net_pnl_reported".split()
COMPARED = (*PLAIN_FIELDS, *DERIVED_FIELDS, "strategy", "bot")
WRITTEN = (*COMPARED, "rev", "import_run", "updated_at")


@transaction.atomic
def trades_record(
    *,
    account: Account,
    items: Sequence[dict[str, Any]],
    now: datetime,
    bot: Bot | None = None,
    import_run: ImportRun | None = None,
) -> list[Outcome]:
    """Create or update trades, in order; return one Outcome for each item.

    `items` hold validated input fields; an absent field keeps its stored value. A trade that stands in the list
    twice is recorded twice, in order. Invalid and conflicting items change nothing and do not stop the others.
    """
    stream_lock(account.stream_key)
    outcomes: list[Outcome] = []
    for wave in waves(items):
        outcomes += record_wave(account, wave, now, bot, import_run)
    return outcomes


def waves(items: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Split where a trade comes back, so that one wave holds each trade once."""
    wave: list[dict[str, Any]] = []
    seen: set[str] = set()
    for item in items:
        if item["trade_id"] in seen:
            yield wave
            wave, seen = [], set()
        wave.append(item)
        seen.add(item["trade_id"])
    if wave:
        yield wave


def record_wave(
    account: Account, items: list[dict[str, Any]], now: datetime, bot: Bot | None, import_run: ImportRun | None
) -> list[Outcome]:
    events: Events = []
    strategies = named(Strategy, account, [item.get("strategy", UNASSIGNED) for item in items])
    bots = named(Bot, account, [item["bot"] for item in items if "bot" in item])
    found = Trade.objects.filter(account=account, trade_id__in=[item["trade_id"] for item in items])
    # Without an order: SQLite would walk all trades of the account in it.
    stored = {trade.trade_id: trade for trade in found.select_related("strategy", "bot").order_by()}
    deleted = deleted_revs(account, [item["trade_id"] for item in items if item["trade_id"] not in stored])
    outcomes: list[Outcome] = []
    changed: list[tuple[Outcome, Trade, str]] = []
    for item in items:
        trade = stored.get(item["trade_id"])
        reporter = bots[item["bot"]] if "bot" in item else bot
        strategy = strategies[item.get("strategy", UNASSIGNED)]
        deleted_rev = deleted.get(item["trade_id"])
        outcome, change = apply(account, trade, deleted_rev, item, strategy, reporter)
        outcomes.append(outcome)
        if change:
            row: Trade = outcome.item.pop("row")  # type: ignore[union-attr]
            row.import_run, row.updated_at = import_run or row.import_run, now
            row.created_at = row.created_at or now
            changed.append((outcome, row, change))
        elif trade is not None:
            outcome.id, outcome.item = trade.pk, wire.TRADE.instance(trade)
    for _, row, _ in changed:
        save_new([row.strategy, row.bot], events)
    save([row for _, row, _ in changed])
    if back := [row.trade_id for _, row, _ in changed if row.trade_id in deleted]:
        DeletedTrade.objects.filter(account=account, trade_id__in=back).delete()
    forms = wire.TRADE.instances(row for _, row, _ in changed)
    for (outcome, row, change), form in zip(changed, forms, strict=True):
        outcome.id, outcome.item, outcome.seq = row.pk, form, len(events)
        events.append(("trade_executed", dumps({**form, "change": change})))
    announce(account, events, outcomes, now)
    return outcomes


def deleted_revs(account: Account, trade_ids: list[str]) -> dict[str, int]:
    """The last `rev` of those that a person deleted."""
    if not trade_ids:
        return {}
    found = DeletedTrade.objects.filter(account=account, trade_id__in=trade_ids)
    return dict(found.order_by().values_list("trade_id", "rev"))


def apply(
    account: Account,
    stored: Trade | None,
    deleted_rev: int | None,
    item: dict[str, Any],
    strategy: Strategy,
    bot: Bot | None,
) -> tuple[Outcome, str | None]:
    """Decide what an item does to the stored trade; the changed row travels in `outcome.item["row"]`."""
    rev = item.get("rev")
    if deleted_rev is not None and (rev is None or rev <= deleted_rev):
        return Outcome(STALE), None
    if stored is not None and rev is not None and rev < stored.rev:
        return Outcome(STALE), None
    if stored is not None and rev is None and RANK[item["status"]] < RANK[stored.status]:
        return Outcome(STALE), None
    try:
        row = merge(account, stored, item, strategy, bot)
    except DomainError as error:
        return Outcome(INVALID, errors=error.fields), None
    same = stored is not None and all(getattr(row, name) == getattr(stored, name) for name in COMPARED)
    if stored is not None and same and rev in (None, stored.rev):
        return Outcome(DUPLICATE), None
    if stored is not None and rev == stored.rev:
        return Outcome(CONFLICT, errors={"rev": ["This rev was reported before with other content."]}), None
    row.rev = rev if rev is not None else (stored.rev + 1 if stored else 1)
    return Outcome(UPDATED if stored else CREATED, item={"row": row}), change_of(stored, row)


def change_of(stored: Trade | None, row: Trade) -> str:
    if stored is not None and stored.status == row.status:
        return "updated"
    return (
        row.status
        if row.status in ("closed", "cancelled")
        else "opened"
        if RANK[row.status] or not stored
        else "updated"
    )


def merge(account: Account, stored: Trade | None, item: dict[str, Any], strategy: Strategy, bot: Bot | None) -> Trade:
    """The trade as it is after this report. Raises DomainError where it would contradict itself."""
    row = Trade(account=account, trade_id=item["trade_id"], strategy=strategy, bot=bot)
    if stored is not None:
        for field in Trade._meta.concrete_fields:
            setattr(row, field.attname, getattr(stored, field.attname))
        row.strategy = strategy if "strategy" in item else stored.strategy
        row.bot = bot or stored.bot
        if RANK[item["status"]] < RANK[stored.status]:
            reopen(row)
    for name in PLAIN_FIELDS:
        if name in item:
            setattr(row, name, item[name])
    if row.initial_stop_loss is None:
        row.initial_stop_loss = item.get("initial_stop_loss", row.stop_loss)
    row.duration_seconds = (
        int((row.exit_time - row.entry_time).total_seconds()) if row.entry_time and row.exit_time else None
    )
    merge_money(row, stored, item)
    check(row)
    return row


def reopen(row: Trade) -> None:
    """A correction with a higher rev takes a close back."""
    row.exit_price = row.exit_time = row.exit_reason = row.pnl = row.net_pnl = None
    row.pnl_reported = row.net_pnl_reported = False


def merge_money(row: Trade, stored: Trade | None, item: dict[str, Any]) -> None:
    """Set `pnl` (gross) and `net_pnl` from what was reported; the other one follows from the costs."""
    closing = row.status == "closed" and (stored is None or stored.status != "closed")
    if closing and "net_pnl" not in item and "pnl" not in item:
        # What was reported while open was unrealised.
        row.pnl_reported = row.net_pnl_reported = False
    for name in ("pnl", "net_pnl"):
        if name in item:
            setattr(row, name, item[name])
            setattr(row, f"{name}_reported", True)
    known = exact_sum([row.fees, row.slippage, None if row.funding is None else row.funding.copy_negate()])
    if not row.net_pnl_reported:
        gross = row.pnl if row.pnl_reported else price_pnl(row)
        row.net_pnl = None if gross is None else EXACT.subtract(gross, known)
    if not row.pnl_reported:
        row.pnl = None if row.net_pnl is None or row.fees is None else EXACT.add(row.net_pnl, known)


def price_pnl(row: Trade) -> Decimal | None:
    """Gross P&L of a closed trade from its prices."""
    if row.status != "closed" or row.exit_price is None or row.entry_price is None:
        return None
    move = EXACT.subtract(row.exit_price, row.entry_price)
    return EXACT.multiply(move if row.direction == "long" else move.copy_negate(), row.size)


def check(row: Trade) -> None:
    """Rules that need the whole trade, and room for the money that was derived."""
    errors: dict[str, list[str]] = {}
    if row.entry_time and row.exit_time and row.exit_time < row.entry_time:
        errors["exit_time"] = ["Must not be before entry_time."]
    if row.highest_price is not None and row.lowest_price is not None and row.highest_price < row.lowest_price:
        errors["highest_price"] = ["Must not be below lowest_price."]
    for name in ("pnl", "net_pnl"):
        value = getattr(row, name)
        try:
            setattr(row, name, None if value is None else round_exact(value))
        except OutOfRange as error:
            errors[name] = [f"The calculated value {error}."]
    if errors:
        raise DomainError(errors)


def save(rows: list[Trade]) -> None:
    upsert(rows, unique=["account", "trade_id"], update=WRITTEN)
    new = {row.trade_id: row for row in rows if row.pk is None}
    if new:
        found = Trade.objects.filter(account=rows[0].account, trade_id__in=list(new)).order_by()
        for trade_id, pk in found.values_list("trade_id", "pk"):
            new[trade_id].pk = pk


@transaction.atomic
def trade_annotate(*, trade: Trade, values: dict[str, Any], now: datetime) -> Trade:
    """Set people's own `notes` and `user_tags`; `trade` has its account selected."""
    stream_lock(trade.account.stream_key)
    trade = Trade.objects.select_related("account", "strategy", "bot").get(pk=trade.pk)
    changes = {name: value for name, value in values.items() if getattr(trade, name) != value}
    if changes:
        for name, value in changes.items():
            setattr(trade, name, value)
        trade.updated_at = now
        trade.save(update_fields=[*changes, "updated_at"])
        row = wire.TRADE.instance(trade)
        publish(trade.account.stream_key, [("trade_executed", dumps({**row, "change": "updated"}))], at=now)
    return trade
