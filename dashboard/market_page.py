"""The Market page: which candles, how long each, and what is drawn on them; all of it lives in the address."""

import re
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from dashboard.filters import TradeFilters
from dashboard.models import Account, Trade
from dashboard.pages import frame, membership
from dashboard.selectors.market import Series, choices, day_latest, most_candles, symbols
from dashboard.selectors.statistics import trades_stats
from dashboard.selectors.trades import trades_page
from dashboard.words import WORDS, word

TRADES = 20
TIMEFRAME = "1h"  # if there is a choice
NOT_IN_CHART_ID = re.compile(r"[^A-Za-z0-9._:-]", re.ASCII)


class Chosen:
    """What the address asks for, kept to what exists; a symbol without candles is still a symbol that may be traded."""

    def __init__(self, query: QueryDict, known: list[dict[str, Any]]) -> None:
        self.known = known
        symbol, exchange = query.get("symbol", "")[:100], query.get("exchange")
        symbol = symbol if symbol.isprintable() else ""
        found = self.rows(symbol)
        row = next((each for each in found if each["exchange"] == exchange), found[0] if found else None)
        self.symbol = symbol
        self.exchange: str | None = row["exchange"] if row else None
        self.timeframes = choices(row["timeframes"]) if row else []
        natural = TIMEFRAME if TIMEFRAME in self.timeframes else next(iter(self.timeframes), None)
        asked = query.get("timeframe")
        self.timeframe = asked if asked in self.timeframes else natural
        self.limit = most_candles(self.timeframe, row["timeframes"]) if row and self.timeframe else 0
        self.indicators = [code for code in WORDS["indicator"] if code in query.getlist("indicator")]

    def rows(self, symbol: str) -> list[dict[str, Any]]:
        return [row for row in self.known if row["symbol"] == symbol]

    def link(self, **changes: Any) -> str:
        """This page with some of its choices changed."""
        found: dict[str, Any] = {"symbol": self.symbol, "timeframe": self.timeframe, "indicator": self.indicators}
        if len(self.rows(self.symbol)) > 1:
            found["exchange"] = self.exchange
        found |= changes
        return "?" + urlencode({name: value for name, value in found.items() if value}, doseq=True)

    def source(self, account: Account) -> str:
        """What the chart asks the API."""
        query = {"account": account.slug, "exchange": self.exchange, "timeframe": self.timeframe, "limit": self.limit}
        given = {name: value for name, value in query.items() if value}
        return f"/api/market/{quote(self.symbol, safe='/:')}/ohlcv?{urlencode(given)}"

    @property
    def chart_id(self) -> str:
        return chart_id_of(self.symbol)


def chart_id_of(symbol: str) -> str:
    """What annotations of this symbol are kept under, whatever the timeframe."""
    return f"market:{NOT_IN_CHART_ID.sub('.', symbol)}"[:100]


@login_required
def market(request: HttpRequest, slug: str) -> HttpResponse:
    account = membership(request, slug).account
    chosen = Chosen(request.GET, symbols(account))
    if chosen.known and not chosen.symbol:
        # The address names it, so that the page stays with it whatever is traded next.
        return redirect(request.path + chosen.link(symbol=traded_last(account, chosen.known)))
    context = frame(request, slug, "market")
    shown: dict[str, Any] = {"chosen": chosen, "site_url": settings.SITE_URL, "picker": picker(chosen)}
    if chosen.exchange is not None:
        wanted = TradeFilters.of(account, {"symbol": chosen.symbol})
        shown |= {
            "quote": {
                "day": day_latest(Series(account, chosen.symbol, chosen.exchange)),
                "stats": trades_stats(account, wanted.qs, wanted.key),
            },
            "rows": trades_page(wanted.qs, wanted.key, limit=TRADES).rows,
            "trades_query": urlencode({"symbol": chosen.symbol}),
            "source": chosen.source(account),
            "timeframes": timeframes(chosen),
            "indicators": indicators(chosen),
        }
    return render(request, "pages/market.html", context | shown)


def traded_last(account: Account, known: list[dict[str, Any]]) -> str:
    """Of the symbols that have candles the one that was traded last, else the first."""
    names = {row["symbol"] for row in known}
    found = (
        Trade.objects.filter(account=account, symbol__in=names).order_by("-entry_time").values_list("symbol", flat=True)
    )
    return found.first() or known[0]["symbol"]


def picker(chosen: Chosen) -> list[dict[str, Any]]:
    """Every symbol that has candles; its exchange where that tells it from another."""
    return [
        {
            "symbol": row["symbol"],
            "exchange": row["exchange"],
            "chosen": (row["symbol"], row["exchange"]) == (chosen.symbol, chosen.exchange),
            "url": chosen.link(
                symbol=row["symbol"], exchange=row["exchange"] if len(chosen.rows(row["symbol"])) > 1 else None
            ),
        }
        for row in chosen.known
    ]


def timeframes(chosen: Chosen) -> list[dict[str, Any]]:
    return [
        {"title": each, "url": chosen.link(timeframe=each), "chosen": each == chosen.timeframe}
        for each in chosen.timeframes
    ]


def indicators(chosen: Chosen) -> list[dict[str, Any]]:
    """A link each that switches it on or off."""
    on = chosen.indicators
    return [
        {
            "title": word("indicator", code),
            "chosen": code in on,
            "url": chosen.link(indicator=[each for each in on if each != code] if code in on else [*on, code]),
        }
        for code in WORDS["indicator"]
    ]
