"""Candles of a timeframe that is not stored, built from finer ones that are."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import groupby, islice
from math import fsum
from operator import itemgetter
from typing import Any

from django.db.models import F, QuerySet

from dashboard import wire
from dashboard.columns import AsMicros, moments
from dashboard.fields import exact_sum
from dashboard.models import MarketData
from dashboard.moments import MICRO, micros, moment_of
from dashboard.timeframes import TIMEFRAMES, closing, first_opening, opening

CHUNK = 5_000
MOST = 500_000
VALUES = wire.CANDLE.select[1:]


class TooMany(ValueError):
    """More stored candles would be read than MOST."""


def resample(
    parts: QuerySet[MarketData],
    source: str,
    timeframe: str,
    *,
    start: datetime | None,
    end: datetime | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Candles that open between `start` and `end`, oldest first; without a `start` the newest ones.

    `parts` are the candles of the finer timeframe `source`. No more are read than fit into the candles asked for.
    """
    if start is not None:
        whole = opening(start, timeframe) == start
        parts = parts.filter(timestamp__gte=start if whole else closing(start, timeframe))
    if end is not None:
        parts = parts.filter(timestamp__lt=closing(end, timeframe))
    most = min(MOST, limit * (TIMEFRAMES[timeframe] // TIMEFRAMES[source]) + 1)
    step = 1 if start is not None else -1
    placed = read(parts.order_by("timestamp" if step == 1 else "-timestamp"), timeframe, most)
    candles = islice(groupby(placed, key=itemgetter(0)), limit)
    return [merge(opens, [row for _, row in group][::step]) for opens, group in candles][::step]


def read(parts: QuerySet[MarketData], timeframe: str, most: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The parts in their order, each with when the candle opens that it lies in."""
    rows = parts.values_list(AsMicros(F("timestamp")), *VALUES)[:most].iterator(chunk_size=CHUNK)
    first, length = micros(first_opening(timeframe)), int(TIMEFRAMES[timeframe].total_seconds()) * MICRO
    done = 0
    while chunk := list(islice(rows, CHUNK)):
        times = moments([row[0] for row in chunk])
        yield from zip((times - (times - first) % length).tolist(), chunk, strict=True)
        done += len(chunk)
    if done == most:
        raise TooMany


def merge(opens: int, parts: list[tuple[Any, ...]]) -> dict[str, Any]:
    """One candle from those inside it, oldest first. What one part does not know is not known of the whole."""
    _, opened, highs, lows, closed, volumes, counts, vwaps = zip(*parts, strict=True)
    count = None if None in counts else sum(counts)
    prices = opened[0], max(highs), min(lows), closed[-1]
    return wire.CANDLE.row([moment_of(opens), *prices, volume_of(volumes), count, vwap_of(vwaps, volumes)])


def volume_of(volumes: tuple[float, ...]) -> Decimal:
    """Their sum to the last digit that they were reported with."""
    return exact_sum(Decimal(repr(volume)) for volume in volumes)


def vwap_of(vwaps: tuple[float | None, ...], volumes: tuple[float, ...]) -> float | None:
    """Each part's average weighs as much as was traded in it; one without trades has none to know."""
    traded = [(vwap, volume) for vwap, volume in zip(vwaps, volumes, strict=True) if volume]
    if not traded or any(vwap is None for vwap, _ in traded):
        return None
    return fsum(vwap * volume for vwap, volume in traded if vwap is not None) / fsum(volumes)
