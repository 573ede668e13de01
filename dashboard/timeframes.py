"""How long the candles of a timeframe last, and when they open: counted from 1970 in UTC, weeks from a Monday."""

from datetime import UTC, datetime, timedelta

TIMEFRAMES = {
    "1m": timedelta(minutes=1),
    "3m": timedelta(minutes=3),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "2h": timedelta(hours=2),
    "4h": timedelta(hours=4),
    "6h": timedelta(hours=6),
    "8h": timedelta(hours=8),
    "12h": timedelta(hours=12),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
    "1w": timedelta(days=7),
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MONDAY = EPOCH + timedelta(days=4)


def first_opening(timeframe: str) -> datetime:
    """When the candle opens that all others are counted from."""
    return MONDAY if timeframe == "1w" else EPOCH


def opening(moment: datetime, timeframe: str) -> datetime:
    """When the candle that holds `moment` opens."""
    return moment - (moment - first_opening(timeframe)) % TIMEFRAMES[timeframe]


def closing(moment: datetime, timeframe: str) -> datetime:
    """When the candle that holds `moment` closes, or the calendar ends."""
    try:
        return opening(moment, timeframe) + TIMEFRAMES[timeframe]
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def finer(timeframe: str) -> list[str]:
    """The timeframes whose candles fill those of this one without a rest, the coarsest first."""
    length = TIMEFRAMES[timeframe]
    return [name for name, part in reversed(TIMEFRAMES.items()) if part < length and not length % part]
