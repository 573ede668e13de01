"""Reading trades from a CSV file whose columns are named like the fields of the API."""

from collections.abc import Collection, Iterator
from pathlib import Path

from django.utils.translation import gettext

from dashboard.importers.files import BadFile, BadRow, csv_rows


def read(
    path: Path, *, known: Collection[str], needed: Collection[str]
) -> Iterator[tuple[str, dict[str, str] | BadRow]]:
    """Yield each row's name and its filled cells by column. Raises BadFile where the header does not fit."""
    rows = csv_rows(path)
    _, header = next(rows)
    check(header, known, needed)
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
        else:
            yield name, {column: cell.strip() for column, cell in zip(header, cells, strict=True) if cell.strip()}


def check(header: list[str], known: Collection[str], needed: Collection[str]) -> None:
    if missing := [name for name in needed if name not in header]:
        raise BadFile(
            gettext("is not a CSV file of trades, whose first row names the columns; missing: {missing}").format(
                missing=", ".join(missing)
            )
        )
    if unknown := [name for name in header if name not in known]:
        raise BadFile(
            gettext("has unknown columns: {unknown}; known are {known}").format(
                unknown=", ".join(map(repr, unknown)), known=", ".join(known)
            )
        )
    if len(set(header)) != len(header):
        raise BadFile(gettext("names a column twice"))
