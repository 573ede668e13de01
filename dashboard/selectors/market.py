"""Candles: which are known, the latest, a stretch of them, and what the last day came to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Min, QuerySet, Subquery, Sum

from dashboard import wire
from dashboard.models import Account, MarketData
from dashboard.selectors.resample import resample
from dashboard.timeframes import TIMEFRAMES, finer

USUAL = ("1m", "5m", "15m", "1h", "4h", "1d", "1w")
CANDLES, PARTS = 1000, 200_000  # at most so many at once, built from so many stored ones
DAY = timedelta(days=1)


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
        names = known.order_by("exchange").values_list("exchange", flat=True).distinct()[:20]
        raise ExchangeNeeded(", ".join(name or '""' for name in names))
    return Series(account, symbol, first)


# One probe of the index for each series, from the first candle of one to the first of the next: a million candles lie
# between. A recursive query may carry one column of a subquery, so that is the candle's id. Three probes, as SQLite
# compares no more than the first column of several by its index.
FIRST_AND_LAST = """
WITH RECURSIVE first (id) AS (
    SELECT (
        SELECT id FROM dashboard_marketdata WHERE account_id = %s
        ORDER BY symbol, exchange, timeframe, timestamp LIMIT 1
    )
    UNION ALL
    SELECT COALESCE((
        SELECT id FROM dashboard_marketdata AS other
        WHERE account_id = candle.account_id AND symbol = candle.symbol AND exchange = candle.exchange
        AND timeframe > candle.timeframe
        ORDER BY timeframe, timestamp LIMIT 1
    ), (
        SELECT id FROM dashboard_marketdata AS other
        WHERE account_id = candle.account_id AND symbol = candle.symbol AND exchange > candle.exchange
        ORDER BY exchange, timeframe, timestamp LIMIT 1
    ), (
        SELECT id FROM dashboard_marketdata AS other
        WHERE account_id = candle.account_id AND symbol > candle.symbol
        ORDER BY symbol, exchange, timeframe, timestamp LIMIT 1
    ))
    FROM first JOIN dashboard_marketdata AS candle ON candle.id = first.id
)
SELECT candle.id, symbol, exchange, timeframe, timestamp, (
    SELECT max(timestamp) FROM dashboard_marketdata AS other
    WHERE account_id = candle.account_id AND symbol = candle.symbol
    AND exchange = candle.exchange AND timeframe = candle.timeframe
) AS last
FROM first JOIN dashboard_marketdata AS candle ON candle.id = first.id
ORDER BY symbol, exchange, timeframe LIMIT 5000
"""


def symbols(account: Account) -> list[dict[str, Any]]:
    """Each symbol with its exchange, timeframes and first and last candle."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    candles: Any = MarketData.objects.raw(FIRST_AND_LAST, [account.pk])
    for candle in candles:
        first, last = candle.timestamp, moment(candle.last)
        row = found.setdefault(
            (candle.symbol, candle.exchange),
            {"symbol": candle.symbol, "exchange": candle.exchange, "timeframes": [], "first": first, "last": last},
        )
        row["timeframes"].append(candle.timeframe)
        row["first"], row["last"] = min(row["first"], first), max(row["last"], last)
    return list(found.values())


def moment(value: Any) -> datetime:
    """What a raw query gives for a moment: SQLite has its text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(f"{value}+00:00")


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
    source = source_of(timeframe, newest)
    if source is None or timeframe in newest:
        return Stretch([])
    built = resample(series.of(source), source, timeframe, start=start, end=end, limit=limit)
    return Stretch(built, source, bool(built) and is_partial(built[-1]["timestamp"], timeframe, source, newest[source]))


def source_of(timeframe: str, stored: Collection[str]) -> str | None:
    """The coarsest stored timeframe that this one can be built from."""
    return next((each for each in finer(timeframe) if each in stored), None)


def choices(stored: Collection[str]) -> list[str]:
    """The timeframes worth offering: those that are stored, and the usual ones that can be built from them."""
    return [each for each in TIMEFRAMES if each in stored or (each in USUAL and source_of(each, stored))]


def most_candles(timeframe: str, stored: Collection[str]) -> int:
    """How many candles to ask for at once, so that not too many stored ones are read."""
    source = source_of(timeframe, stored)
    if timeframe in stored or source is None:
        return CANDLES
    return min(CANDLES, PARTS // (TIMEFRAMES[timeframe] // TIMEFRAMES[source]))


def day_latest(series: Series) -> dict[str, Any] | None:
    """The last price, and what the 24 hours up to the end of its candle came to; a longer candle stands for itself."""
    newest = series.newest()
    if not newest:
        return None
    timeframe = max(newest, key=newest.__getitem__)
    length = TIMEFRAMES[timeframe]
    start = newest[timeframe] + length - max(DAY, length)
    rows = series.of(timeframe)
    last = rows.order_by("-timestamp").values("timestamp", "close")[0]
    figures = rows.filter(timestamp__gte=start).aggregate(high=Max("high"), low=Min("low"), volume=Sum("volume"))
    before = rows.filter(timestamp__lt=start).order_by("-timestamp").values_list("close", flat=True).first()
    return {
        "price": last["close"],
        "at": last["timestamp"],
        "change_pct": (last["close"] / before - 1) * 100 if before else None,
        **figures,
        "hours": max(DAY, length) // timedelta(hours=1),
    }


def is_partial(opens: datetime, timeframe: str, source: str, newest: datetime) -> bool:
    """Whether the newest part of all lies in this candle and is not its last."""
    return opens <= newest < opens + TIMEFRAMES[timeframe] - TIMEFRAMES[source]
