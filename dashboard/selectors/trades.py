"""Trades in an order, page by page."""

from django.db.models import QuerySet

from dashboard import wire
from dashboard.models import Trade
from dashboard.selectors.paging import Page, page

ORDERINGS = (
    "entry_time", "exit_time", "net_pnl", "pnl_pct", "size", "fees", "symbol", "strategy", "duration_seconds", "id",
)  # fmt: skip
PATHS = {"strategy": "strategy__name"}


def trades_page(
    matching: QuerySet[Trade],
    key: str,
    *,
    ordering: str = "-entry_time",
    limit: int = 100,
    offset: int = 0,
    cursor: str | None = None,
) -> Page:
    """One page of these trades; `key` names the filters that made `matching`. Raises BadCursor."""
    return page(
        matching, wire.TRADE, f"trades {key}", ordering=ordering, paths=PATHS, limit=limit, offset=offset, cursor=cursor
    )
