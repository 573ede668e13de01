"""One trade: what it came to, how it got there, and what people say about it. Shown in a dialog or as a page."""

from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from dashboard.models import Account, Trade
from dashboard.page_filters import written
from dashboard.pages import frame
from dashboard.selectors.excursions import trade_detail
from dashboard.selectors.market import Series, choices
from dashboard.timeframes import TIMEFRAMES

CANDLES = 120  # drawn around a trade
FILLS = 50


@login_required
def trade(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context = frame(request, slug, "trades")
    account, now = context["account"], context["now"]
    found = get_object_or_404(Trade.objects.select_related("strategy", "bot"), account=account, pk=pk)
    row = trade_detail(found, now)
    shown = {
        "trade": row,
        "fills": row["fills"][:FILLS],
        "prices": prices(account, found, now),
        "api": f"/api/trades/{pk}?{urlencode({'account': slug})}",
        "market_url": f"{reverse('market', args=[slug])}?{urlencode({'symbol': found.symbol})}",
        "module": "app/pages/show.js",
    }
    return render(request, "show/trade.html", context | shown)


def prices(account: Account, found: Trade, now: datetime) -> str:
    """What the chart asks: candles from before the entry until after the exit; empty where none are stored."""
    if found.entry_time is None:
        return ""
    series = Series(account, found.symbol, account.exchange)
    known = choices(list(series.newest()))
    begin, end = found.entry_time, found.exit_time or now
    around = max((end - begin) / 2, timedelta(minutes=10))
    fitting = [each for each in known if (end - begin + 2 * around) / TIMEFRAMES[each] <= CANDLES]
    if not known:
        return ""
    timeframe = fitting[0] if fitting else known[-1]
    last = end + around
    query = {"account": account.slug, "timeframe": timeframe, "limit": CANDLES, "end": written(last)}
    if account.exchange:
        query["exchange"] = account.exchange
    return f"/api/market/{quote(found.symbol, safe='/:')}/ohlcv?{urlencode(query)}"
