"""Reading candles from a CSV file with the columns date, open, high, low, close and volume."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.utils.translation import gettext

from dashboard.importers.files import BadFile, BadRow, csv_rows

COLUMNS = ("date", "open", "high", "low", "close", "volume")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM = 10**11  # as seconds this is the year 5138, as milliseconds 1973


def read(path: Path) -> Iterator[tuple[str, list[str] | BadRow]]:
    """Yield each row's name and its cells in the order of COLUMNS, the date as ISO-8601 in UTC. Raises BadFile."""
    rows = csv_rows(path)
    _, header = next(rows)
    names = [name.lower() for name in header]
    if missing := [name for name in COLUMNS if names.count(name) != 1]:
        raise BadFile(
            gettext(
                "is not a CSV file of candles: the first row must name {columns} once each; "
                "missing or doubled: {missing}"
            ).format(columns=", ".join(COLUMNS), missing=", ".join(missing))
        )
    places = [names.index(name) for name in COLUMNS]
    named = gettext("row {number}")
    for number, cells in rows:
        name = named.format(number=number)
        if len(cells) != len(header):
            yield (
                name,
                BadRow(
                    gettext("has {cells} cells, the header has {header}").format(cells=len(cells), header=len(header))
                ),
            )
            continue
        date, *values = [cells[place].strip() for place in places]
        try:
            yield name, [utc(date).isoformat(), *values]
        except (ValueError, OverflowError):
            yield (
                name,
                BadRow(
                    "date: "
                    + gettext("{date} is not an ISO-8601 time nor seconds or milliseconds since 1970").format(
                        date=repr(date[:50])
                    )
                ),
            )


def utc(text: str) -> datetime:
    """A time without an offset is UTC. Raises ValueError or OverflowError."""
    if text.isascii() and text.isdigit():
        number = int(text)
        return EPOCH + (timedelta(milliseconds=number) if number >= MILLISECONDS_FROM else timedelta(seconds=number))
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
