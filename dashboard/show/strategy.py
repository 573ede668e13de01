"""One strategy: what it came to, how it got there, what it is allowed, and what it did last."""

from dataclasses import replace
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from dashboard.filters import TradeFilters
from dashboard.models import Strategy
from dashboard.pages import frame
from dashboard.risk_page import limit_row
from dashboard.selectors.limits import limits
from dashboard.selectors.strategies import strategy_rows
from dashboard.selectors.trades import trades_page
from dashboard.show.closer import Look, closer, source
from dashboard.strategies_page import CURVE_POINTS, FACTS, Timed

LATEST = 8


@login_required
def strategy(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context = frame(request, slug, "strategies")
    account, now = context["account"], context["now"]
    name = get_object_or_404(Strategy, account=account, pk=pk).name
    asked = Timed(request.GET, [])
    window = asked.stretch(account, now)
    [row] = strategy_rows(account, replace(window, part=replace(window.part, strategies=(name,))), [pk])
    trades = TradeFilters.of(account, {"strategy": [name], "status": "closed", **asked.filters(now)})
    part = {"strategy": name, **asked.part}
    look = Look(
        "strategy", str(pk), source(account, f"strategies/{pk}"), "trade_executed strategy_update", ("strategy", name)
    )
    return closer(
        request,
        context,
        look,
        strategy=row,
        periods=asked.periods(),
        figures=[(each, row[each.name]) for each in FACTS],
        limits=[limit_row(each) for each in limits(account, now, [pk])],
        latest=trades_page(trades.qs, trades.key, ordering="-exit_time", limit=LATEST).rows,
        has_returns=row["return_pct"] is not None,
        value=asked.source(account, "analytics/equity", now, sma=20, **part),
        underwater=asked.source(account, "analytics/drawdowns", now, points=CURVE_POINTS, count=1, **part),
        returns=asked.source(account, "analytics/returns", now, **part),
        page_url=reverse("strategy", args=[slug, pk]) + asked.link(),
        trades_url=f"{reverse('trades', args=[slug])}?{urlencode({**part, 'status': 'closed'})}",
    )
