"""One symbol: its price, what is held of it and by whom, and what its trades came to."""

from datetime import timedelta
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from dashboard.filters import TradeFilters
from dashboard.pages import frame
from dashboard.selectors.asset import asset as asset_of
from dashboard.selectors.asset import is_known
from dashboard.selectors.trades import trades_page
from dashboard.show.closer import Look, closer, source
from dashboard.show.prices import exchange_of, prices

LATEST = 8
SEEN = timedelta(hours=6)


@login_required
def asset(request: HttpRequest, slug: str, symbol: str) -> HttpResponse:
    context = frame(request, slug, "portfolio")
    account, now = context["account"], context["now"]
    wanted = TradeFilters.of(account, {"symbol": symbol})
    if not wanted.is_valid() or not (is_known(account, symbol) or exchange_of(account, symbol) is not None):
        raise Http404
    found = asset_of(account, symbol)
    numbers = {row["name"]: row["id"] for row in context["scope"]["strategies"]}
    return closer(
        request,
        context,
        Look(
            "asset",
            symbol,
            source(account, "analytics/asset", symbol=symbol),
            "trade_executed portfolio_update",
        ),
        asset=found,
        positions=found.positions,
        stats=found.statistics,
        groups=[{**group, "pk": numbers.get(group["name"])} for group in found.statistics["groups"]],
        latest=trades_page(wanted.qs, wanted.key, limit=LATEST).rows,
        prices=prices(account, symbol, now - SEEN, now, request.GET),
        trades_url=f"{reverse('trades', args=[slug])}?{urlencode({'symbol': symbol})}",
    )
