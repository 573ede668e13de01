"""Candles: which are known, the latest, and a stretch of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Min, QuerySet

from dashboard import wire
from dashboard.models import Account, MarketData


class UnknownSymbol(LookupError):
    """No candle of this symbol (and exchange) is stored."""


class ExchangeNeeded(LookupError):
    """Candles of several exchanges are stored; `args` names them."""


@dataclass(frozen=True)
class Series:
    """Which candles are meant."""

    account: Account
    symbol: str
    exchange: str

    def rows(self) -> QuerySet[MarketData]:
        return MarketData.objects.filter(account=self.account, symbol=self.symbol, exchange=self.exchange)


def series_find(account: Account, symbol: str, exchange: str | None) -> Series:
    """The series of a symbol; its exchange may be left out when there is one. Raises the errors above."""
    known = MarketData.objects.filter(account=account, symbol=symbol).order_by("exchange")
    exchanges = list(known.values_list("exchange", flat=True).distinct()[:20])
    if not exchanges or (exchange is not None and exchange not in exchanges):
        raise UnknownSymbol
    if exchange is None and len(exchanges) > 1:
        raise ExchangeNeeded(", ".join(exchanges))
    return Series(account, symbol, exchanges[0] if exchange is None else exchange)


def symbols(account: Account) -> list[dict[str, Any]]:
    """Each symbol with its exchange, timeframes and first and last candle."""
    groups = (
        MarketData.objects.filter(account=account)
        .order_by("symbol", "exchange", "timeframe")
        .values_list("symbol", "exchange", "timeframe")
        .annotate(first=Min("timestamp"), last=Max("timestamp"))
    )
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for symbol, exchange, timeframe, first, last in groups[:5000]:
        row = found.setdefault(
            (symbol, exchange),
            {"symbol": symbol, "exchange": exchange, "timeframes": [], "first": first, "last": last},
        )
        row["timeframes"].append(timeframe)
        row["first"], row["last"] = min(row["first"], first), max(row["last"], last)
    return list(found.values())


def candle_latest(series: Series, timeframe: str | None) -> dict[str, Any] | None:
    rows = series.rows() if timeframe is None else series.rows().filter(timeframe=timeframe)
    latest = rows.order_by("-timestamp").first()
    if latest is None:
        return None
    return {
        "symbol": series.symbol,
        "exchange": series.exchange,
        "timeframe": latest.timeframe,
        **wire.CANDLE.instance(latest),
    }


def candles(
    series: Series, timeframe: str, start: datetime | None, end: datetime | None, limit: int
) -> list[dict[str, Any]]:
    """Stored candles, oldest first; with only a limit the newest ones."""
    rows = series.rows().filter(timeframe=timeframe)
    if start is not None:
        rows = rows.filter(timestamp__gte=start)
    if end is not None:
        rows = rows.filter(timestamp__lte=end)
    if start is not None:
        return wire.CANDLE.rows(rows.order_by("timestamp")[:limit])
    return wire.CANDLE.rows(rows.order_by("-timestamp")[:limit])[::-1]
