"""The Trades page: filters, order and page live in the address; every control is a link to another address."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dashboard.exports.formats import FORMATS
from dashboard.filters import TradeFilters
from dashboard.models import Account
from dashboard.page_filters import OF_TRADES, PageFilters
from dashboard.pills import pills
from dashboard.selectors.statistics import trades_stats
from dashboard.selectors.trades import ORDERINGS, trades_page
from dashboard.sorting import Order
from dashboard.trade_columns import Column, choices, chosen_columns, feet

PAGE = 50
PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


class Asked(PageFilters):
    """The filters of the page, with the order and the page of its table."""

    offered = OF_TRADES

    def __init__(self, query: QueryDict, strategies: list[str]) -> None:
        super().__init__(query, strategies)
        closed_only = self.single.get("status") == "closed" or "outcome" in self.single
        self.order = Order(query, ORDERINGS, "-exit_time" if closed_only else "-entry_time")
        page = query.get("page", "1")
        self.page = int(page) if PAGE_NUMBER.fullmatch(page) else 1

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """A change goes back to page one."""
        return super().parameters(**self.order.parameters | changes)


def trade_table(
    account: Account, query: QueryDict, strategies: list[str], now: datetime, kept: list[str] | None
) -> dict[str, Any]:
    """The context of the page: rows, figures, and the links of every control; `kept` are the columns chosen."""
    asked = Asked(query, strategies)
    given = asked.filters(now)
    wanted = TradeFilters.of(account, given)
    page = trades_page(wanted.qs, wanted.key, ordering=asked.order.chosen, limit=PAGE, offset=(asked.page - 1) * PAGE)
    first = (asked.page - 1) * PAGE + 1 if page.rows else 0
    shown = chosen_columns(kept)
    filters = urlencode({"account": account.slug, **given}, doseq=True)
    return {
        "rows": page.rows,
        "list": {
            "id": "list",
            "total": page.total,
            "first": first,
            "last": first + len(page.rows) - 1 if page.rows else 0,
            "stats": trades_stats(account, wanted.qs, wanted.key),
        },
        "time": "exit_time" if asked.order.name == "exit_time" else "entry_time",
        "times": [
            asked.order.head(asked, "entry_time", falling=True, title=_("Opened")),
            asked.order.head(asked, "exit_time", falling=True, title=pgettext("moment", "Closed")),
        ],
        "symbol_head": asked.order.head(asked, "symbol", falling=False, title=_("Symbol")),
        "columns": [(each, head(asked, each)) for each in shown],
        "column_choices": choices(shown),
        "columns_kept": kept is not None,
        "feet": feet(shown),
        "exports": [(name, f"/api/export/trades?{filters}&format={name}&summary=true") for name in FORMATS],
        "filters": asked,
        "periods": asked.periods(),
        "pills": pills(asked, account),
        "filtered": asked.active,
        "previous": asked.link(page=asked.page - 1 if asked.page > 2 else None) if asked.page > 1 else None,
        "next": asked.link(page=asked.page + 1) if page.has_more else None,
        "first_page": asked.page == 1,
        "trades_url": f"/api/trades?{filters}&limit={PAGE}&ordering={asked.order.chosen}",
        "stats_url": f"/api/trades/stats?{filters}",
    }


def head(asked: Asked, column: Column) -> dict[str, Any] | None:
    """The link that sorts by a column; None where nothing sorts by it."""
    return asked.order.head(asked, column.order, falling=column.falling) if column.order else None
