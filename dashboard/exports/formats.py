"""Tables as files, written a chunk at a time. A file that breaks off is never a whole one of its format."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO

from dashboard.exports import cells
from dashboard.exports.tables import Chunks, Table
from dashboard.exports.workbook import write_workbook
from dashboard.fields import dumps

BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets do not read UTF-8


def write_csv(table: Table, chunks: Chunks) -> Iterator[bytes]:
    """Lines end as RFC 4180 wants them; the last one has a line end too."""
    names = table.form.columns
    yield (BYTE_ORDER_MARK + ",".join(names) + "\r\n").encode()
    for chunk in chunks:
        lines = StringIO()
        csv.writer(lines).writerows([cells.text(row[name]) for name in names] for row in chunk)
        yield lines.getvalue().encode()


def write_json(table: Table, chunks: Chunks) -> Iterator[bytes]:
    """One object with the list of rows, one row a line."""
    yield dumps({table.name: []}).removesuffix(b"]}")
    separator = b"\n"
    for chunk in chunks:
        yield separator + b",\n".join(dumps(row) for row in chunk)
        separator = b",\n"
    yield b"\n]}\n"


@dataclass(frozen=True)
class Format:
    content_type: str
    write: Callable[[Table, Chunks], Iterator[bytes]]
    most_rows: int | None = None


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", write_csv),
    "json": Format("application/json", write_json),
    "xlsx": Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_workbook, most_rows=2**20 - 1
    ),
}
