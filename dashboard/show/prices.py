"""The candles around something that happened: which are asked for, and what is drawn on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.http import QueryDict
from django.urls import reverse

from dashboard.market_page import chart_id_of
from dashboard.models import Account
from dashboard.page_filters import written
from dashboard.selectors.market import Series, choices, symbols
from dashboard.timeframes import TIMEFRAMES

CANDLES = 80  # drawn around something
LEAST = timedelta(minutes=10)
MOST_TIMEFRAMES = 4


@dataclass(frozen=True)
class Prices:
    """`source` is what the chart asks; empty where no candles are stored."""

    source: str
    timeframes: list[dict[str, Any]]
    chart_id: str
    market_url: str


def prices(account: Account, symbol: str, begin: datetime, end: datetime, query: QueryDict) -> Prices:
    """Candles from before `begin` until after `end`, as long as the address says, else as fit best."""
    exchange = exchange_of(account, symbol)
    known = [] if exchange is None else choices(list(Series(account, symbol, exchange).newest()))
    url = f"{reverse('market', args=[account.slug])}?{urlencode({'symbol': symbol})}"
    if exchange is None or not known:
        return Prices("", [], chart_id_of(symbol), url)
    around = max((end - begin) / 2, LEAST)
    fitting = [each for each in known if (end - begin + 2 * around) / TIMEFRAMES[each] <= CANDLES]
    natural = fitting[0] if fitting else known[-1]
    asked = query.get("timeframe")
    timeframe = asked if asked in known else natural
    length = TIMEFRAMES[timeframe]
    # Of long candles there are more before it than between, so that what was around can be seen.
    last = end + max(around, min((CANDLES * length - (end - begin)) / 3, CANDLES * length / 3))
    wanted = {"account": account.slug, "timeframe": timeframe, "limit": CANDLES, "end": written(last)}
    if exchange:
        wanted["exchange"] = exchange
    return Prices(
        f"/api/market/{quote(symbol, safe='/:')}/ohlcv?{urlencode(wanted)}",
        switch(known, timeframe, natural),
        chart_id_of(symbol),
        f"{url}&{urlencode({'timeframe': timeframe})}",
    )


def exchange_of(account: Account, symbol: str) -> str | None:
    """The account's own exchange, if candles of it are stored, else one that has some."""
    found = [row["exchange"] for row in symbols(account) if row["symbol"] == symbol]
    return account.exchange if account.exchange in found else next(iter(found), None)


def switch(known: Sequence[str], chosen: str, natural: str) -> list[dict[str, Any]]:
    """Links to the timeframes around the natural one."""
    place = known.index(natural)
    first = max(min(place - 1, len(known) - MOST_TIMEFRAMES), 0)
    shown = list(known[first : first + MOST_TIMEFRAMES])
    if chosen not in shown:
        shown = sorted([*shown[: MOST_TIMEFRAMES - 1], chosen], key=lambda each: TIMEFRAMES[each])
    return [{"title": each, "url": f"?timeframe={each}", "chosen": each == chosen} for each in shown]
