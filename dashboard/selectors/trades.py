"""Which trades, in which order, page by page; and what they came to."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from django.core import signing
from django.db import connection
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, StrIndex

from analytics.positions import r_multiple
from analytics.trades import TradeStatistics, trade_statistics
from dashboard import wire
from dashboard.fields import exact_sum
from dashboard.models import Account, Trade
from dashboard.wire import doubles

GROUPS = ("strategy", "symbol", "exit_reason", "tag", "direction", "weekday", "hour", "month")
ORDERINGS = (
    "entry_time", "exit_time", "net_pnl", "pnl_pct", "size", "fees", "symbol", "strategy", "duration_seconds", "id",
)  # fmt: skip
PATHS = {"strategy": "strategy__name"}
CURSOR_SALT = "trades.cursor"


class AsText(Cast):
    """The stored text of a JSON column."""

    def __init__(self, column: str) -> None:
        super().__init__(column, TextField())


@dataclass(frozen=True)
class TradeFilter:
    """Which trades are meant; None and empty mean all. `start` and `end` are by exit, of open trades by entry."""

    symbol: str | None = None
    strategy: list[str] | None = None
    status: str | None = None
    direction: str | None = None
    asset_class: str | None = None
    exit_reason: str | None = None
    tag: str | None = None
    trade_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    min_pnl: Decimal | None = None
    max_pnl: Decimal | None = None
    outcome: str | None = None
    signal_type: str | None = None
    search: str | None = None

    def key(self) -> list[str]:
        """What a cursor must agree with."""
        return [str(getattr(self, each.name)) for each in fields(self)]


def trades_matching(account: Account, wanted: TradeFilter) -> QuerySet[Trade]:
    found = Trade.objects.filter(account=account)
    for name in ("symbol", "status", "direction", "asset_class", "exit_reason", "trade_id", "signal_type"):
        if (value := getattr(wanted, name)) is not None:
            found = found.filter(**{name: value})
    if wanted.strategy:
        found = found.filter(strategy__name__in=wanted.strategy)
    if wanted.outcome:
        comparison = {"win": "net_pnl__gt", "loss": "net_pnl__lt", "breakeven": "net_pnl"}[wanted.outcome]
        found = found.filter(status="closed", **{comparison: Decimal(0)})
    if wanted.min_pnl is not None:
        found = found.filter(net_pnl__gte=wanted.min_pnl)
    if wanted.max_pnl is not None:
        found = found.filter(net_pnl__lte=wanted.max_pnl)
    if wanted.start is not None:
        found = found.filter(Q(exit_time__gte=wanted.start) | Q(exit_time__isnull=True, entry_time__gte=wanted.start))
    if wanted.end is not None:
        found = found.filter(Q(exit_time__lte=wanted.end) | Q(exit_time__isnull=True, entry_time__lte=wanted.end))
    if wanted.tag is not None:
        # Not LIKE, which is blind to case on SQLite.
        places = {f"in_{name}": StrIndex(AsText(name), Value(quoted(wanted.tag))) for name in ("tags", "user_tags")}
        found = found.alias(**places).filter(Q(in_tags__gt=0) | Q(in_user_tags__gt=0))
    if wanted.search:
        text = wanted.search
        found = found.filter(
            Q(trade_id__icontains=text)
            | Q(symbol__icontains=text)
            | Q(strategy__name__icontains=text)
            | Q(exit_reason__icontains=text)
            | Q(notes__icontains=text)
        )
    return found


def quoted(tag: str) -> str:
    """A tag as it stands inside a stored JSON list."""
    return json.dumps(tag, ensure_ascii=connection.vendor == "sqlite")


@dataclass(frozen=True)
class Page:
    rows: list[dict[str, Any]]
    total: int
    has_more: bool
    next_cursor: str | None


class BadCursor(ValueError):
    """The cursor was not made by this installation, or for other filters or another order."""


def trades_page(
    account: Account,
    wanted: TradeFilter,
    *,
    ordering: str = "-entry_time",
    limit: int = 100,
    offset: int = 0,
    cursor: str | None = None,
) -> Page:
    """One page of trades. Rows without the ordering value come last; `id` decides between equals."""
    matching = trades_matching(account, wanted)
    name, descending = ordering.lstrip("-"), ordering.startswith("-")
    path = PATHS.get(name, name)
    ordered = matching.order_by(
        F(path).desc(nulls_last=True) if descending else F(path).asc(nulls_last=True), "-id" if descending else "id"
    )
    total = matching.count()
    if cursor is not None:
        ordered, offset = ordered.filter(after(read_cursor(cursor, ordering, wanted), path, descending)), 0
    rows = wire.TRADE.rows(ordered[offset : offset + limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, total, more, make_cursor(rows[-1], ordering, name, wanted) if more else None)


def make_cursor(row: dict[str, Any], ordering: str, name: str, wanted: TradeFilter) -> str:
    value = row[name]
    text = value.isoformat() if isinstance(value, datetime) else None if value is None else str(value)
    return signing.dumps([ordering, text, row["id"], wanted.key()], salt=CURSOR_SALT, compress=True)


def read_cursor(cursor: str, ordering: str, wanted: TradeFilter) -> tuple[Any, int]:
    try:
        made_for, text, row_id, key = signing.loads(cursor, salt=CURSOR_SALT)
    except (signing.BadSignature, ValueError):
        raise BadCursor from None
    if made_for != ordering or key != wanted.key():
        raise BadCursor
    name = ordering.lstrip("-")
    column = Trade._meta.get_field("symbol" if name == "strategy" else name)
    return (None if text is None else column.to_python(text)), row_id  # type: ignore[union-attr]


def after(position: tuple[Any, int], path: str, descending: bool) -> Q:
    value, row_id = position
    beyond = "lt" if descending else "gt"
    if value is None:
        return Q(**{f"{path}__isnull": True, f"id__{beyond}": row_id})
    tie = Q(**{path: value, f"id__{beyond}": row_id})
    return Q(**{f"{path}__{beyond}": value}) | tie | Q(**{f"{path}__isnull": True})


@dataclass(frozen=True, slots=True)
class ClosedRow:
    """One closed trade, as far as statistics need it."""

    net_pnl: Decimal
    fees: Decimal | None
    duration: int | None
    entry_price: Decimal
    initial_stop: Decimal | None
    size: Decimal
    exit_time: datetime
    strategy: str
    symbol: str
    exit_reason: str | None
    direction: str
    tags: list[str]


CLOSED_COLUMNS = (
    "net_pnl", "fees", "duration_seconds", "entry_price", "initial_stop_loss", "size", "exit_time", "strategy__name",
    "symbol", "exit_reason", "direction", "tags",
)  # fmt: skip


def closed_rows(found: QuerySet[Trade]) -> Iterable[ClosedRow]:
    rows = found.filter(status="closed").order_by("exit_time", "id").values_list(*CLOSED_COLUMNS)
    return (ClosedRow(*row) for row in rows.iterator(chunk_size=2000))


def statistics(rows: Sequence[ClosedRow]) -> dict[str, Any]:
    """The figures of /api/trades/stats for these closed trades, in closing order; undefined is None."""
    durations = np.array([row.duration or 0 for row in rows], dtype=np.float64)
    multiples = r_multiple(
        doubles(row.net_pnl for row in rows),
        doubles(row.entry_price for row in rows),
        doubles(row.initial_stop for row in rows),
        doubles(row.size for row in rows),
    )
    found: TradeStatistics = trade_statistics([row.net_pnl for row in rows], durations, multiples)
    figures = {each.name: defined(getattr(found, each.name)) for each in fields(found)}
    figures["total_fees"] = exact_sum(row.fees for row in rows)
    return figures


def defined(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value


def trades_stats(account: Account, wanted: TradeFilter, group_by: str | None = None) -> dict[str, Any]:
    """Statistics of the closed trades that match, whole and by group; open ones apart."""
    matching = trades_matching(account, wanted)
    whole, groups = list[ClosedRow](), dict[str, list[ClosedRow]]()
    for row in closed_rows(matching):
        whole.append(row)
        for name in group_names(row, group_by):
            groups.setdefault(name, []).append(row)
    open_pnl = list(matching.filter(status="open").values_list("net_pnl", flat=True))
    return {
        **statistics(whole),
        "open_trades": len(open_pnl),
        "unrealized_pnl": exact_sum(open_pnl),
        "groups": [{"name": name, **statistics(groups[name])} for name in sorted(groups)],
    }


def group_names(row: ClosedRow, group_by: str | None) -> list[str]:
    if group_by is None:
        return []
    if group_by == "tag":
        return row.tags or ["untagged"]
    if group_by in ("weekday", "hour", "month"):
        return [row.exit_time.strftime({"weekday": "%u", "hour": "%H", "month": "%Y-%m"}[group_by])]
    return [getattr(row, group_by) or "none"]
