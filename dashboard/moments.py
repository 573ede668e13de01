"""Moments as the columns hold them, and UTC days."""

from datetime import UTC, datetime

MICRO = 1_000_000
DAY_MICROS = 86_400 * MICRO


def micros(moment: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return int(moment.timestamp()) * MICRO + moment.microsecond


def moment_of(value: int) -> datetime:
    return datetime.fromtimestamp(value // MICRO, UTC).replace(microsecond=int(value % MICRO))


def day_of(moment: datetime) -> datetime:
    """The beginning of the day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
