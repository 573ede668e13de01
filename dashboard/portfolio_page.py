"""The Portfolio page: what is held, what it is exposed to, and the money that came and went."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from dashboard import drawings, wire
from dashboard.models import Account, CashFlow
from dashboard.page_filters import OF_PART, PageFilters
from dashboard.pages import CURVE_NOTES, EQUITY_POINTS, frame, membership
from dashboard.pills import pills
from dashboard.remembered import remembers
from dashboard.selectors.allocation import HELD_BY
from dashboard.selectors.exposure import Exposed, exposure
from dashboard.selectors.paging import page
from dashboard.selectors.parts import strategy_names
from dashboard.selectors.series import Window
from dashboard.trade_table import PAGE_NUMBER
from dashboard.words import word

FLOWS = 12
MOST_PARTS = 200
MOST_EXPOSED = 10


class Asked(PageFilters):
    """The filters of the page, with what the positions are gathered by and the page of its cash flows."""

    offered = OF_PART

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
    account, now = membership(request, slug).account, timezone.now()
    asked = Asked(request.GET, strategy_names(account))
    context = frame(request, slug, "portfolio", asked)
    window, part = asked.stretch(account, now), asked.part
    found = exposure(account, window.part)
    shown = {
        "exposure": found,
        "exposed": [
            {"name": "asset", "title": word("group", "asset_class"), "rows": bars(found.by_asset_class)},
            {"name": "symbol", "title": word("group", "symbol"), "rows": bars(found.by_symbol)},
        ],
        "more_symbols": max(len(found.by_symbol) - MOST_EXPOSED, 0),
        "allocation": allocation_source(account, asked),
        "bys": [
            {
                "title": word("group", name),
                "url": asked.link(by=None if name == HELD_BY[0] else name),
                "chosen": name == asked.by,
            }
            for name in HELD_BY
        ],
        "waterfall": asked.source(account, "analytics/waterfall", now, **part),
        "equity_source": asked.source(account, "portfolio/equity", now, points=EQUITY_POINTS, **part),
        "equity_appends": "" if part or asked.days else "portfolio_update",
        "equity_note": CURVE_NOTES.get(context["scope"]["summary"]["value_source"], ""),
        "flows": cash_flows(account, asked, window),
        "of_part": bool(part),
        "clear_part": asked.link(**dict.fromkeys(OF_PART)),
        "of_time": bool(asked.window(now)),
        "filters": asked,
        "starts": window.start,
        "pills": pills(asked, account),
        "filtered": asked.active,
        "periods": asked.periods(),
    }
    return render(request, "pages/portfolio.html", context | shown)


def allocation_source(account: Account, asked: Asked) -> str:
    """What is held now, whatever the period of the page."""
    query = {"account": account.slug, "group_by": asked.by, "limit": MOST_PARTS, **asked.part}
    return f"/api/analytics/allocation?{urlencode(query, doseq=True)}"


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


def cash_flows(account: Account, asked: Asked, window: Window) -> dict[str, Any]:
    """One page of the flows in the time chosen, newest first, and the links to the others."""
    bounds = {"timestamp__gte": window.start, "timestamp__lte": window.end}
    rows = CashFlow.objects.filter(account=account, **{name: at for name, at in bounds.items() if at is not None})
    found = page(rows, wire.CASH_FLOW, "", ordering="-timestamp", limit=FLOWS, offset=(asked.page - 1) * FLOWS)
    return {
        "rows": found.rows,
        "total": found.total,
        "previous": asked.link(page=asked.page - 1 if asked.page > 2 else None) if asked.page > 1 else None,
        "next": asked.link(page=asked.page + 1) if found.has_more else None,
    }
