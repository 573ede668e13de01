"""The Portfolio page: what is held, what it is exposed to, and the money that came and went."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from dashboard import drawings, wire
from dashboard.models import Account, CashFlow
from dashboard.page_filters import PageFilters
from dashboard.pages import CURVE_NOTES, EQUITY_POINTS, frame
from dashboard.remembered import remembers
from dashboard.selectors.allocation import HELD_BY
from dashboard.selectors.exposure import Exposed, exposure
from dashboard.selectors.paging import page
from dashboard.trade_table import PAGE_NUMBER
from dashboard.words import word

FLOWS = 12
MOST_PARTS = 200
MOST_EXPOSED = 10


class Asked(PageFilters):
    """The filters of the page, with what the positions are gathered by and the page of its cash flows."""

    def __init__(self, query: QueryDict, strategies: list[str]) -> None:
        super().__init__(query, strategies)
        by = query.get("by", "")
        self.by = by if by in HELD_BY else HELD_BY[0]
        number = query.get("page", "1")
        self.page = int(number) if PAGE_NUMBER.fullmatch(number) else 1

    def parameters(self, **changes: Any) -> dict[str, Any]:
        own = {"by": None if self.by == HELD_BY[0] else self.by}
        return super().parameters(**own | changes)


@login_required
@remembers("portfolio")
def portfolio(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "portfolio")
    account, now = context["account"], context["now"]
    asked = Asked(request.GET, [])
    found = exposure(account)
    shown = {
        "exposure": found,
        "exposed": [
            {"name": "asset", "title": word("group", "asset_class"), "rows": bars(found.by_asset_class)},
            {"name": "symbol", "title": word("group", "symbol"), "rows": bars(found.by_symbol)},
        ],
        "more_symbols": max(len(found.by_symbol) - MOST_EXPOSED, 0),
        "allocation": allocation_source(account, asked.by),
        "bys": [
            {
                "title": word("group", name),
                "url": asked.link(by=None if name == HELD_BY[0] else name),
                "chosen": name == asked.by,
            }
            for name in HELD_BY
        ],
        "waterfall": asked.source(account, "analytics/waterfall", now),
        "equity_source": asked.source(account, "portfolio/equity", now, points=EQUITY_POINTS),
        "equity_note": CURVE_NOTES.get(context["scope"]["summary"]["value_source"], ""),
        "flows": cash_flows(account, asked),
        "periods": asked.periods(),
    }
    return render(request, "pages/portfolio.html", context | shown)


def allocation_source(account: Account, group_by: str) -> str:
    """What is held now, whatever the period of the page."""
    return (
        f"/api/analytics/allocation?{urlencode({'account': account.slug, 'group_by': group_by, 'limit': MOST_PARTS})}"
    )


def bars(found: list[Exposed]) -> list[dict[str, Any]]:
    """The largest groups, each with its bar beside that of the largest."""
    most = max((each.size for each in found), default=Decimal(0))
    return [
        {
            "group": each,
            "parts": drawings.split(
                [("long", float(each.long)), ("short", float(each.short)), ("", float(most - each.size))]
            ),
        }
        for each in found[:MOST_EXPOSED]
    ]


def cash_flows(account: Account, asked: Asked) -> dict[str, Any]:
    """One page of the flows, newest first, and the links to the others."""
    rows = CashFlow.objects.filter(account=account)
    found = page(rows, wire.CASH_FLOW, "", ordering="-timestamp", limit=FLOWS, offset=(asked.page - 1) * FLOWS)
    return {
        "rows": found.rows,
        "total": found.total,
        "previous": asked.link(page=asked.page - 1 if asked.page > 2 else None) if asked.page > 1 else None,
        "next": asked.link(page=asked.page + 1) if found.has_more else None,
    }
