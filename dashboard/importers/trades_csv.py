"""Reading trades from a CSV file whose columns are named like the fields of the API."""

from collections.abc import Collection, Iterator
from pathlib import Path

from dashboard.importers.files import BadFile, BadRow, csv_rows


def read(
    path: Path, *, known: Collection[str], needed: Collection[str]
) -> Iterator[tuple[str, dict[str, str] | BadRow]]:
    """Yield each row's name and its filled cells by column. Raises BadFile where the header does not fit."""
    rows = csv_rows(path)
    _, header = next(rows)
    check(header, known, needed)
    for number, cells in rows:
        name = f"row {number}"
        if len(cells) != len(header):
            yield name, BadRow(f"has {len(cells)} cells, the header has {len(header)}")
        else:
            yield name, {column: cell.strip() for column, cell in zip(header, cells, strict=True) if cell.strip()}


def check(header: list[str], known: Collection[str], needed: Collection[str]) -> None:
    if missing := [name for name in needed if name not in header]:
        raise BadFile(f"is not a CSV file of trades, whose first row names the columns; missing: {', '.join(missing)}")
    if unknown := [name for name in header if name not in known]:
        raise BadFile(f"has unknown columns: {', '.join(map(repr, unknown))}; known are {', '.join(known)}")
    if len(set(header)) != len(header):
        raise BadFile("names a column twice")
