"""JSON in: strict, exact, bounded. Decimals are read as text, never through float."""

import hashlib
import json
import re
import tempfile
from decimal import Decimal
from typing import Any

from django.conf import settings
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

from api.errors import BodyTooLarge, FileTooLarge

BLOCK = 2**20
MAX_DEPTH = 20
MAX_NUMBER = 40
MAX_DIGITS = 18
NOISE = re.compile(rb'"(?:[^"\\]|\\.)*+"|[^\[\]{}"]++', re.DOTALL)


class StrictJSONParser(BaseParser):
    """JSON objects and lists, refusing what two readers could read differently."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        if stream.META.get("HTTP_CONTENT_ENCODING", "identity").lower() not in {"", "identity"}:
            raise UnsupportedMediaType("a compressed body")
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if int(stream.META.get("CONTENT_LENGTH") or 0) > limit:
            raise BodyTooLarge
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLarge
        parser_context["request"].raw_body = body
        return strict_loads(body)


class FileParser(BaseParser):
    """A file as it is, kept on disk until the request is answered."""

    media_type = "application/octet-stream"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        length = int(stream.META.get("CONTENT_LENGTH") or 0)
        if length > settings.IMPORT_MAX_SIZE:
            raise FileTooLarge
        file, digest = tempfile.NamedTemporaryFile(), hashlib.sha256()  # noqa: SIM115  closed by the view
        while block := stream.read(BLOCK):
            digest.update(block)
            file.write(block)
        if file.tell() < length:  # came in chunks, and is too large for that
            raise FileTooLarge
        file.flush()
        parser_context["request"].raw_body = digest.digest()
        return file


def strict_loads(body: bytes) -> Any:
    """Parse JSON. Raises ParseError; `detail` names the field where there is one."""
    if depth(body) > MAX_DEPTH:
        raise ParseError(f"The body is nested deeper than {MAX_DEPTH} levels.")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise ParseError("The body is not UTF-8.") from None
    try:
        return json.loads(
            text, object_pairs_hook=unique, parse_float=exact, parse_int=integer, parse_constant=not_plain
        )
    except json.JSONDecodeError as error:
        raise ParseError(f"The body is not JSON: {error.msg} at line {error.lineno} column {error.colno}.") from None


def depth(body: bytes) -> int:
    level = deepest = 0
    for char in NOISE.sub(b"", body):
        if char in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif char in b"]}":
            level -= 1
    return deepest


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise FieldParseError(name, "This key stands twice.")
            seen.add(name)
    return found


class NotPlain:
    """A number that no field takes: with an exponent, too many digits, NaN or Infinity. The field's error names it."""


def exact(text: str) -> Decimal | NotPlain:
    return Decimal(text) if text.isascii() and "e" not in text.lower() and len(text) <= MAX_NUMBER else NotPlain()


def integer(text: str) -> int | NotPlain:
    return int(text) if len(text.lstrip("-")) <= MAX_DIGITS else NotPlain()


def not_plain(text: str) -> NotPlain:
    return NotPlain()


class FieldParseError(ParseError):
    """A body that is malformed at a field that can be named."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.fields = {field: [message]}
