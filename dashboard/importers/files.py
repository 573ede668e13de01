"""Opening the files that people bring: recognised by what they hold, bounded whatever they unpack to."""

import csv
import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase, TextIOWrapper
from pathlib import Path
from typing import IO

from django.utils.translation import gettext

MAX_JSON = 128 * 2**20  # bytes; some 100,000 trades
MAX_MEMBERS = 1_000
MAX_TEXT = 2**32  # characters of a CSV file
MAX_LINE = 2**17
GZIP, ZIP = b"\x1f\x8b", b"PK"


class BadFile(ValueError):
    """The file cannot be imported; the message says why and what was expected."""


class BadRow(ValueError):
    """One row cannot be imported; the message says why."""


@contextmanager
def told() -> Iterator[None]:
    """Turn what unpacking and decoding may raise into BadFile."""
    try:
        yield
    except UnicodeDecodeError:
        raise BadFile(gettext("is not UTF-8 text")) from None
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BadFile(gettext("is damaged: {error}").format(error=error)) from None
    except (NotImplementedError, RuntimeError) as error:
        raise BadFile(gettext("cannot be unpacked: {error}").format(error=error)) from None
    except csv.Error as error:
        raise BadFile(gettext("is not CSV: {error}").format(error=error)) from None
    except OSError as error:
        raise BadFile(gettext("cannot be read: {error}").format(error=error.strerror or error)) from None


def json_texts(path: Path) -> list[str]:
    """The JSON texts of a .json, .json.gz or .zip file. Raises BadFile."""
    with told(), path.open("rb") as file:
        magic = file.read(2)
        file.seek(0)
        if magic == ZIP:
            return zipped(file)
        with gzip.GzipFile(fileobj=file) if magic == GZIP else file as source:
            return [bounded(source, MAX_JSON).decode("utf-8-sig")]


def zipped(file: IO[bytes]) -> list[str]:
    texts: list[str] = []
    room = MAX_JSON
    with zipfile.ZipFile(file) as archive:
        members = [member for member in archive.infolist() if member.filename.lower().endswith(".json")]
        if len(members) > MAX_MEMBERS:
            raise BadFile(gettext("holds more than {most} files").format(most=MAX_MEMBERS))
        for member in members:
            with archive.open(member) as source:
                content = bounded(source, room)
            room -= len(content)
            texts.append(content.decode("utf-8-sig"))
    return texts


def bounded(source: IO[bytes] | BufferedIOBase, limit: int) -> bytes:
    content = source.read(limit + 1)
    if len(content) > limit:
        raise BadFile(gettext("holds more than {most} MiB of JSON").format(most=MAX_JSON // 2**20))
    return content


def csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a .csv or .csv.gz file, comma or semicolon, with their numbers; the header is 1. Raises BadFile."""
    with told(), path.open("rb") as file:
        magic = file.read(2)
        file.seek(0)
        with gzip.GzipFile(fileobj=file) if magic == GZIP else file as source:
            lines = text_lines(TextIOWrapper(source, encoding="utf-8-sig", newline=""))
            header = next(lines, "")
            delimiter = ";" if header.count(";") > header.count(",") else ","
            yield 1, [name.strip() for name in next(csv.reader([header], delimiter=delimiter, strict=True), [])]
            for number, cells in enumerate(csv.reader(lines, delimiter=delimiter, strict=True), 2):
                if cells:
                    yield number, cells


def text_lines(text: TextIOWrapper) -> Iterator[str]:
    room = MAX_TEXT
    while line := text.readline(MAX_LINE + 1):
        room -= len(line)
        if len(line) > MAX_LINE or room < 0:
            raise BadFile(
                gettext("is larger than {size} GiB or has a line of more than {line} characters").format(
                    size=MAX_TEXT // 2**30, line=MAX_LINE
                )
            )
        yield line
