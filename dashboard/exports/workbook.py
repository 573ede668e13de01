"""A table as an Excel workbook: built in a file without a name, then read out of it."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from dashboard.exports import cells
from dashboard.exports.summary import Summary
from dashboard.exports.tables import Chunks, Table
from dashboard.moments import DAY_MICROS, micros

BLOCK = 64 * 1024
SAFE_DIGITS = 15  # as many as every double keeps
LONGEST_TEXT = 32_767
DAY_1970 = 25_569


def write_workbook(table: Table, chunks: Chunks, summary: Summary | None) -> Iterator[bytes]:
    """Empty parts while the workbook is built, so that the server notices when nobody waits for it any more."""
    with TemporaryFile() as file:
        for _ in build(table, chunks, summary, file):
            yield b""
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


def build(table: Table, chunks: Chunks, summary: Summary | None, file: IO[bytes]) -> Iterator[None]:
    with TemporaryDirectory(prefix="botv2-export-") as folder:
        book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": folder})
        book.use_zip64()
        sheet = book.add_worksheet(table.name)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, table.form.columns, book.add_format({"bold": True}))
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        number = 0
        for chunk in chunks:
            for row in chunk:
                number += 1
                for place, name in enumerate(table.form.columns):
                    write(sheet, number, place, row[name], moment)
            yield
        if summary:
            below(sheet, table, number + 2, summary, moment)
            about = book.add_worksheet("about")
            for place, pair in enumerate(summary.about.items()):
                for column, value in enumerate(pair):
                    write(about, place, column, value, moment)
        book.close()


def below(sheet: Worksheet, table: Table, row: int, summary: Summary, moment: Format) -> None:
    """What the rows come to, with a row left free between."""
    write(sheet, row, 0, "counted", moment)
    write(sheet, row, 1, summary.counted, moment)
    for number, (end, found) in enumerate(summary.ends(), row + 1):
        for place, name in enumerate(table.form.columns):
            write(sheet, number, place, found.get(name) if place else end, moment)


def write(sheet: Worksheet, row: int, place: int, value: Any, moment: Format) -> None:
    """Numbers and moments have types; a number that a double would not keep is text."""
    if value is None:
        return
    if isinstance(value, datetime):
        sheet.write_number(row, place, DAY_1970 + micros(value) / DAY_MICROS, moment)
    elif isinstance(value, float) or (isinstance(value, int | Decimal) and digits(value) <= SAFE_DIGITS):
        sheet.write_number(row, place, float(value))
    else:
        sheet.write_string(row, place, fitting(cells.text(value)))


def digits(value: int | Decimal) -> int:
    return len(cells.number(value).strip("-").replace(".", "").strip("0"))


def fitting(text: str) -> str:
    """Text as long as a cell may be; a longer one says so by its end."""
    if text.startswith("<r>") and text.endswith("</r>"):
        text += " "  # XlsxWriter would take it for markup of its own
    encoded = text.encode("utf-16-le")  # whose units a workbook counts
    if len(encoded) <= 2 * LONGEST_TEXT:
        return text
    return encoded[: 2 * LONGEST_TEXT - 2].decode("utf-16-le", "ignore") + "…"
