"""One mark on the candles: what the bot did or was told, when, at which price, and what came of it."""

from decimal import Decimal

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from dashboard.models import Trade
from dashboard.page_filters import written
from dashboard.pages import frame
from dashboard.selectors.excursions import trade_detail
from dashboard.selectors.marks import Neighbour, mark_of, neighbours
from dashboard.show.closer import Look, closer, source
from dashboard.show.prices import prices
from dashboard.show.trade import focus
from dashboard.words import word


@login_required
def signal(request: HttpRequest, slug: str, pk: int, action: str) -> HttpResponse:
    context = frame(request, slug, "market")
    account, now = context["account"], context["now"]
    found = get_object_or_404(Trade.objects.select_related("strategy", "bot"), account=account, pk=pk)
    mark = mark_of(found, action)
    if mark is None:
        raise Http404
    row = trade_detail(found, now)
    before, after = neighbours(account, found.symbol, mark)
    at = written(mark.at)
    about = focus(row)
    about["marks"] = [{**each, "title": word("signal", mark.kind)} for each in about["marks"] if each["kind"] == action]
    about["extremes"] = []
    return closer(
        request,
        context,
        Look(
            "signal",
            f"{pk}/{action}",
            source(account, "analytics/signals", symbol=found.symbol, start=at, end=at),
            "trade_executed",
            ("id", pk),
            name_of(before),
            name_of(after),
        ),
        trade=row,
        mark=mark,
        risk=risked(row["entry_price"], row["initial_stop_loss"]),
        reward=risked(row["entry_price"], row["take_profit"]),
        prices=prices(account, found.symbol, mark.at, mark.at, request.GET),
        focus=about,
    )


def name_of(neighbour: Neighbour | None) -> str | None:
    return None if neighbour is None else f"signal-{neighbour.trade}/{neighbour.action}"


def risked(price: Decimal | None, level: Decimal | None) -> float | None:
    """How far a level is from the price, in percent of it."""
    return None if not price or level is None else float(abs(level - price) / price * 100)
