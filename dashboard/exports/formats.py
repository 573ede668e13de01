"""Tables as files, written a chunk at a time. A file that breaks off is never a whole one of its format."""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from dashboard.exports import cells
from dashboard.exports.summary import Summary
from dashboard.exports.tables import Chunks, Table
from dashboard.exports.workbook import write_workbook
from dashboard.fields import dumps

BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets do not read UTF-8


def write_csv(table: Table, chunks: Chunks, summary: Summary | None) -> Iterator[bytes]:
    """Lines end as RFC 4180 wants them; the last one has a line end too."""
    names = table.form.columns
    yield (BYTE_ORDER_MARK + (lines(summary.about.items()) + "\r\n" if summary else "") + lines([names])).encode()
    for chunk in chunks:
        yield lines([row[name] for name in names] for row in chunk).encode()
    if summary:
        ends = ([end, *(found.get(name) for name in names[1:])] for end, found in summary.ends())
        yield ("\r\n" + lines([("counted", summary.counted), *ends])).encode()


def lines(rows: Iterable[Iterable[Any]]) -> str:
    text = StringIO()
    csv.writer(text).writerows([cells.text(value) for value in row] for row in rows)
    return text.getvalue()


def write_json(table: Table, chunks: Chunks, summary: Summary | None) -> Iterator[bytes]:
    """One object with the list of rows, one row a line."""
    head = {"about": summary.about} if summary else {}
    yield dumps({**head, table.name: []}).removesuffix(b"]}")
    separator = b"\n"
    for chunk in chunks:
        yield separator + b",\n".join(dumps(row) for row in chunk)
        separator = b",\n"
    yield b"\n]"
    if summary:
        yield b',"summary":' + dumps({"counted": summary.counted, **dict(summary.ends())})
    yield b"}\n"


@dataclass(frozen=True)
class Format:
    content_type: str
    write: Callable[[Table, Chunks, Summary | None], Iterator[bytes]]
    most_rows: int | None = None


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", write_csv),
    "json": Format("application/json", write_json),
    "xlsx": Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_workbook, most_rows=2**20 - 1
    ),
}
