"""The Alerts page: what is open, and all that ever was, filtered by the address."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from dashboard import wire
from dashboard.filters import AlertFilters
from dashboard.list_filters import ListFilters, number
from dashboard.models import Account
from dashboard.pages import frame
from dashboard.remembered import remembers
from dashboard.selectors.paging import page

PAGE = 50


class Asked(ListFilters):
    """Unasked, the list is of those that are not resolved."""

    coded = {"type": "alert_type", "severity": "severity", "status": "alert_status"}
    offered = (*coded, "strategy")

    def __init__(self, query: QueryDict, strategies: list[str]) -> None:
        super().__init__(query, strategies)
        self.history = query.get("show") == "history" or self.single.get("status") == "resolved"
        self.page = number(query.get("page", "")) or 1

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """A change goes back to page one."""
        return super().parameters(**{"show": "history" if self.history else None} | changes)


@login_required
@remembers("alerts")
def alerts(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "alerts")
    asked = Asked(request.GET, [row["name"] for row in context["scope"]["strategies"]])
    return render(request, "pages/alerts.html", context | alert_list(context["account"], asked, context["now"]))


def alert_list(account: Account, asked: Asked, now: datetime) -> dict[str, Any]:
    given = asked.filters(now)
    wanted = AlertFilters.of(account, given)
    rows = wanted.qs if asked.history else wanted.qs.active()
    offset = (asked.page - 1) * PAGE
    found = page(rows, wire.ALERT, "page", ordering="-created_at", limit=PAGE, offset=offset)
    path = "alerts/history" if asked.history else "alerts"
    return {
        "rows": found.rows,
        "list": {
            "id": "list",
            "total": found.total,
            "first": offset + 1 if found.rows else 0,
            "last": offset + len(found.rows),
        },
        "filters": asked,
        "periods": asked.periods(),
        "pills": asked.pills(),
        "filtered": asked.active,
        "history": asked.history,
        "views": {
            "open": asked.link(show=None, status=None),
            "history": asked.link(show="history"),
            "reset": "?show=history" if asked.history else "?",
        },
        "previous": asked.link(page=asked.page - 1 if asked.page > 2 else None) if asked.page > 1 else None,
        "next": asked.link(page=asked.page + 1) if found.has_more else None,
        "first_page": asked.page == 1,
        "alerts_url": f"/api/{path}?{urlencode({'account': account.slug, **given, 'limit': PAGE}, doseq=True)}",
    }
