"""Candles: which are known, the latest, and a stretch of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Min, QuerySet, Subquery

from dashboard import wire
from dashboard.models import Account, MarketData
from dashboard.selectors.resample import resample
from dashboard.timeframes import TIMEFRAMES, finer


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

    def of(self, timeframe: str) -> QuerySet[MarketData]:
        return self.rows().filter(timeframe=timeframe)

    def newest(self) -> dict[str, datetime]:
        """When the newest candle opens, by timeframe, the shortest first."""
        ends = (Subquery(self.of(each).order_by("-timestamp").values("timestamp")[:1]) for each in TIMEFRAMES)
        found = Account.objects.values_list(*ends).get(pk=self.account.pk)
        return {each: at for each, at in zip(TIMEFRAMES, found, strict=True) if at is not None}


def series_find(account: Account, symbol: str, exchange: str | None) -> Series:
    """The series of a symbol; its exchange may be left out when there is one. Raises the errors above."""
    known = MarketData.objects.filter(account=account, symbol=symbol)
    if exchange is not None:
        known = known.filter(exchange=exchange)
    # The two ends of the index; all that lies between would be read to tell how many exchanges there are.
    ends = (Subquery(known.order_by(place).values("exchange")[:1]) for place in ("exchange", "-exchange"))
    first, last = Account.objects.values_list(*ends).get(pk=account.pk)
    if first is None:
        raise UnknownSymbol
    if first != last:
        raise ExchangeNeeded(", ".join(known.order_by("exchange").values_list("exchange", flat=True).distinct()[:20]))
    return Series(account, symbol, first)


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


@dataclass(frozen=True)
class Stretch:
    """Some candles of a series, oldest first. A `partial` last one may still get parts that are not stored yet."""

    rows: list[dict[str, Any]]
    resampled_from: str | None = None
    partial: bool = False


def candle_latest(series: Series, timeframe: str | None) -> dict[str, Any] | None:
    if timeframe is None:
        newest = series.newest()
        if not newest:
            return None
        timeframe = max(newest, key=newest.__getitem__)
    found = candles(series, timeframe, None, None, 1)
    if not found.rows:
        return None
    return {
        "symbol": series.symbol,
        "exchange": series.exchange,
        "timeframe": timeframe,
        "resampled_from": found.resampled_from,
        "partial": found.partial,
        **found.rows[0],
    }


def candles(series: Series, timeframe: str, start: datetime | None, end: datetime | None, limit: int) -> Stretch:
    """Stored candles, or those built from finer ones where none of this timeframe are; without a start the newest."""
    rows = series.of(timeframe)
    if start is not None:
        rows = rows.filter(timestamp__gte=start)
    if end is not None:
        rows = rows.filter(timestamp__lte=end)
    stored = wire.CANDLE.rows(rows.order_by("-timestamp" if start is None else "timestamp")[:limit])
    if stored:
        return Stretch(stored if start is not None else stored[::-1])
    newest = series.newest()
    source = next((each for each in finer(timeframe) if each in newest), None)
    if source is None or timeframe in newest:
        return Stretch([])
    built = resample(series.of(source), source, timeframe, start=start, end=end, limit=limit)
    return Stretch(built, source, bool(built) and is_partial(built[-1]["timestamp"], timeframe, source, newest[source]))


def is_partial(opens: datetime, timeframe: str, source: str, newest: datetime) -> bool:
    """Whether the newest part of all lies in this candle and is not its last."""
    return opens <= newest < opens + TIMEFRAMES[timeframe] - TIMEFRAMES[source]
