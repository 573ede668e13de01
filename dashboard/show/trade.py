"""One trade: what it came to, how it got there, and what people say about it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from dashboard.drawings import sign_of
from dashboard.models import Trade
from dashboard.pages import frame
from dashboard.selectors.excursions import trade_detail
from dashboard.show.closer import Look, closer, source
from dashboard.show.prices import prices
from dashboard.words import word

FILLS = 50


@login_required
def trade(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context = frame(request, slug, "trades")
    account, now = context["account"], context["now"]
    found = get_object_or_404(Trade.objects.select_related("strategy", "bot"), account=account, pk=pk)
    row = trade_detail(found, now)
    drawn = prices(account, found.symbol, found.entry_time or now, found.exit_time or now, request.GET)
    return closer(
        request,
        context,
        Look("trade", str(pk), source(account, f"trades/{pk}"), "trade_executed", ("id", pk)),
        trade=row,
        fills=row["fills"][:FILLS],
        prices=drawn,
        focus=focus(row),
    )


def focus(row: dict[str, Any]) -> dict[str, Any]:
    """What the candles are about: entry and exit, the room between them, and how far the price went meanwhile."""
    up = row["direction"] == "long"
    name = word("signal", "buy" if up else "sell")
    marks = [
        {"at": row[f"{kind}_time"], "price": row[f"{kind}_price"], "title": title, "kind": kind}
        for kind, title in (("entry", name), ("exit", word("chart", "left")))
        if row[f"{kind}_time"] is not None
    ]
    extremes = (("MAE", row["lowest_price" if up else "highest_price"], row["mae_pct"]),
                ("MFE", row["highest_price" if up else "lowest_price"], row["mfe_pct"]))  # fmt: skip
    return {
        "trade": row["id"],
        "marks": marks,
        "extremes": [
            {"name": name, "price": price, "percent": pct} for name, price, pct in extremes if price is not None
        ],
        "sign": None if row["net_pnl"] is None else sign_of(row["net_pnl"]),
    }
