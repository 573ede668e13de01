"""Single trades as marks on a chart: what the bot did on the candles, and how far each trade went."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from dashboard import wire
from dashboard.models import Account, Trade
from dashboard.selectors.series import Window

STOPS = ("stop", "liquidat")
TARGETS = ("take_profit", "take profit", "takeprofit", "target")


@dataclass(frozen=True)
class Signals:
    """The newest marks of a stretch, oldest first: `buy`, `sell`, `stop_loss` and `take_profit` are fills, `signal` is
    one that was not followed. Stops and targets of a trade stand at its entry."""

    symbol: str
    timestamps: list[datetime]
    prices: list[Decimal]
    kinds: list[str]
    actions: list[str]
    directions: list[str]
    trades: list[int]
    strategies: list[str]
    net_pnl: list[Decimal | None]
    stop_losses: list[Decimal | None]
    take_profits: list[Decimal | None]
    has_more: bool


COLUMNS = (
    "id", "symbol", "direction", "status", "strategy__name", "entry_time", "entry_price", "exit_time", "exit_price",
    "exit_reason", "initial_stop_loss", "stop_loss", "take_profit", "net_pnl",
)  # fmt: skip
Mark = tuple[datetime, Decimal, str, str, dict[str, Any]]


def signals_chart(account: Account, window: Window, limit: int) -> Signals:
    rows = Trade.objects.filter(account=account, **window.part.traits)
    found = [entry(row) for row in newest(rows, "entry", window, limit + 1)]
    found += [leave(row) for row in newest(rows.filter(status="closed"), "exit", window, limit + 1)]
    found.sort(key=lambda mark: (mark[0], mark[4]["id"], mark[3]))
    shown = found[-limit:]
    entries = [mark[4] if mark[3] == "entry" else {} for mark in shown]
    return Signals(
        symbol=window.part.symbol or "",
        timestamps=[mark[0] for mark in shown],
        prices=[mark[1] for mark in shown],
        kinds=[mark[2] for mark in shown],
        actions=[mark[3] for mark in shown],
        directions=[mark[4]["direction"] for mark in shown],
        trades=[mark[4]["id"] for mark in shown],
        strategies=[mark[4]["strategy__name"] for mark in shown],
        net_pnl=[mark[4]["net_pnl"] if mark[3] == "exit" else None for mark in shown],
        stop_losses=[row.get("initial_stop_loss") for row in entries],
        take_profits=[row.get("take_profit") for row in entries],
        has_more=len(found) > limit,
    )


def newest(rows: QuerySet[Trade], which: str, window: Window, limit: int) -> list[dict[str, Any]]:
    """The trades with the newest entries (or exits) of the window."""
    time, price = f"{which}_time", f"{which}_price"
    rows = rows.filter(**{f"{time}__isnull": False, f"{price}__isnull": False})
    if window.start is not None:
        rows = rows.filter(**{f"{time}__gte": window.start})
    if window.end is not None:
        rows = rows.filter(**{f"{time}__lte": window.end})
    return list(rows.order_by(f"-{time}", "-id").values(*COLUMNS)[:limit])


def entry(row: dict[str, Any]) -> Mark:
    kind = "buy" if row["direction"] == "long" else "sell"
    if row["status"] in ("pending", "cancelled"):
        kind = "signal"
    return row["entry_time"], row["entry_price"], kind, "entry", row


def leave(row: dict[str, Any]) -> Mark:
    return row["exit_time"], row["exit_price"], exit_kind(row), "exit", row


def exit_kind(row: dict[str, Any]) -> str:
    """What closed a trade: as its reason says, else as its price does."""
    reason = (row["exit_reason"] or "").lower()
    if any(word in reason for word in STOPS):
        return "stop_loss"
    if reason == "roi" or any(word in reason for word in TARGETS):
        return "take_profit"
    up = row["direction"] == "long"
    price, stop, target = row["exit_price"], row["stop_loss"], row["take_profit"]
    if stop is not None and (price <= stop if up else price >= stop):
        return "stop_loss"
    if target is not None and (price >= target if up else price <= target):
        return "take_profit"
    return "sell" if up else "buy"


class Neighbour(NamedTuple):
    """A mark in the order of all marks of a symbol: by moment, then by trade, an entry before an exit."""

    at: datetime
    trade: int
    action: str


@dataclass(frozen=True)
class Marked:
    """One mark of `Signals`."""

    at: datetime
    price: Decimal
    kind: str
    action: str
    trade: int


def mark_of(trade: Trade, action: str) -> Marked | None:
    """The mark that a trade has; None if it has none of this action."""
    row = {name: getattr(trade, name) for name in COLUMNS if "__" not in name}
    made = {"entry": entry, "exit": leave}.get(action)
    which = None if made is None or (action == "exit" and trade.status != "closed") else action
    if made is None or which is None or None in (row[f"{which}_time"], row[f"{which}_price"]):
        return None
    at, price, kind, _, _ = made(row)
    return Marked(at, price, kind, action, trade.pk)


def neighbours(account: Account, symbol: str, mark: Marked) -> tuple[Neighbour | None, Neighbour | None]:
    """The marks of the symbol before and after this one."""
    before: list[Neighbour] = []
    after: list[Neighbour] = []
    for action in ("entry", "exit"):
        time = f"{action}_time"
        known = {f"{time}__isnull": False, f"{action}_price__isnull": False}
        rows = Trade.objects.filter(account=account, symbol=symbol, **known)
        if action == "exit":
            rows = rows.filter(status="closed")
        lower = {time: mark.at, "id__lte" if action < mark.action else "id__lt": mark.trade}
        higher = {time: mark.at, "id__gte" if action > mark.action else "id__gt": mark.trade}
        earlier = rows.filter(Q(**{f"{time}__lt": mark.at}) | Q(**lower)).order_by(f"-{time}", "-id")
        later = rows.filter(Q(**{f"{time}__gt": mark.at}) | Q(**higher)).order_by(time, "id")
        before += [Neighbour(at, pk, action) for at, pk in earlier.values_list(time, "id")[:1]]
        after += [Neighbour(at, pk, action) for at, pk in later.values_list(time, "id")[:1]]
    return max(before, default=None), min(after, default=None)


@dataclass(frozen=True)
class Excursions:
    """The newest closed trades, latest first: worst and best excursion in percent of the entry price, and what came of
    them. Null where the extremes were not reported."""

    ids: list[int]
    trade_ids: list[str]
    symbols: list[str]
    strategies: list[str]
    directions: list[str]
    exit_times: list[datetime]
    mae_pct: list[float | None]
    mfe_pct: list[float | None]
    pnl_pct: list[Decimal | None]
    net_pnl: list[Decimal]
    r_multiple: list[float | None]
    duration_seconds: list[int]
    total: int


EXCURSION = wire.Wire(
    "id trade_id symbol strategy direction exit_time pnl_pct net_pnl duration_seconds entry_price initial_stop_loss "
    "size lowest_price highest_price",
    renamed={"strategy": "strategy.name"},
    derive=wire.derive_trades,
)


def excursions_chart(matching: QuerySet[Trade], limit: int) -> Excursions:
    closed = matching.filter(status="closed")
    rows = EXCURSION.rows(closed.order_by("-exit_time", "-id")[:limit])

    def column(name: str) -> list[Any]:
        return [row[name] for row in rows]

    return Excursions(
        ids=column("id"),
        trade_ids=column("trade_id"),
        symbols=column("symbol"),
        strategies=column("strategy"),
        directions=column("direction"),
        exit_times=column("exit_time"),
        mae_pct=column("mae_pct"),
        mfe_pct=column("mfe_pct"),
        pnl_pct=column("pnl_pct"),
        net_pnl=column("net_pnl"),
        r_multiple=column("r_multiple"),
        duration_seconds=column("duration_seconds"),
        total=closed.count(),
    )
