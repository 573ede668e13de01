"""Reading one value from text: of an address or of a body. Each reader says what it takes, in words and as a schema."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from dashboard.fields import INTEGER_DIGITS, PLACES, OutOfRange, check_exact

DECIMAL = re.compile(rf"-?(?:0|[1-9][0-9]{{0,{INTEGER_DIGITS - 1}}})(?:\.[0-9]{{1,{PLACES}}})?", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII)
NUMBER = re.compile(r"[0-9]{1,16}", re.ASCII)

UNPRINTABLE = re.compile("[\x00\ud800-\udfff]")
# What the rules above say, in the patterns of JSON Schema.
PRINTABLE = r"^[^\u0000]*$"
NOT_BLANK = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
SINCE_1970 = rf"^(?=19[7-9]|[2-9]){MOMENT.pattern}$"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD = timedelta(hours=24)


class Unreadable(ValueError):
    """The text is not such a value; the message says what it must be."""


@dataclass(frozen=True)
class Reader:
    """Reads one value or raises Unreadable; `schema` describes the text in JSON Schema."""

    read: Callable[[str], Any]
    schema: dict[str, Any]

    def __call__(self, text: str) -> Any:
        return self.read(text)


def whole(low: int, high: int) -> Reader:
    def read(text: str) -> int:
        if not NUMBER.fullmatch(text) or not low <= int(text) <= high:
            raise Unreadable(_("Must be a whole number from {low} to {high}.").format(low=low, high=high))
        return int(text)

    return Reader(read, {"type": "integer", "minimum": low, "maximum": high})


def choice(*choices: str) -> Reader:
    def read(text: str) -> str:
        if text not in choices:
            raise Unreadable(_("Must be one of {choices}.").format(choices=", ".join(choices)))
        return text

    return Reader(read, {"type": "string", "enum": list(choices)})


def flag() -> Reader:
    named = choice("true", "false")
    return Reader(lambda text: named(text) == "true", {"type": "boolean"})


def text(high: int, *, low: int = 1, pattern: str | None = None, say: str = "") -> Reader:
    """`low`..`high` characters without NUL or lone surrogates; `pattern` must match as a whole, else `say` is told."""
    whole_pattern = re.compile(pattern, re.ASCII) if pattern else None

    def read(text: str) -> str:
        if not low <= len(text) <= high:
            raise Unreadable(_("Must have {low} to {high} characters.").format(low=low, high=high))
        if UNPRINTABLE.search(text):
            raise Unreadable(_("Must not hold NUL or lone surrogates."))
        if whole_pattern and not whole_pattern.fullmatch(text):
            raise Unreadable(say)
        if low and not text.strip():
            raise Unreadable(_("Must not be blank."))
        return text

    schema: dict[str, Any] = {"type": "string", "minLength": low, "maxLength": high}
    schema["pattern"] = f"^(?:{pattern})$" if pattern else NOT_BLANK if low else PRINTABLE
    return Reader(read, schema)


def read_moment(data: Any, now: datetime | None = None) -> datetime:
    """ISO-8601 with an explicit offset, from 1970 to 24 hours after `now`; without it the future is not bounded."""
    if not isinstance(data, str) or not MOMENT.fullmatch(data):
        raise Unreadable(_("Must be an ISO-8601 time with an explicit offset, as in 2026-01-31T12:00:00Z."))
    try:
        found = datetime.fromisoformat(data.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(_("Is not a time that exists.")) from None
    if found < EPOCH:
        raise Unreadable(_("Must not be before 1970."))
    if now is not None and found > now + AHEAD:
        raise Unreadable(_("Must not be more than 24 hours ahead."))
    return found


def read_exact(data: Any) -> Decimal:
    """A decimal from a whole number, a Decimal or text in plain notation."""
    number = isinstance(data, int | Decimal) and not isinstance(data, bool)
    if not number and not (isinstance(data, str) and DECIMAL.fullmatch(data)):
        raise Unreadable(_("Must be a number in plain notation with at most 18 digits before and 18 after the point."))
    try:
        return check_exact(Decimal(data)) or Decimal(0)
    except OutOfRange as error:
        raise Unreadable(_("The value {error}.").format(error=error)) from None


# A + in an address is a blank once decoded.
moment = Reader(
    lambda text: read_moment(re.sub(r" (?=\d{2}:\d{2}\Z)", "+", text)),
    {"type": "string", "format": "date-time", "pattern": SINCE_1970},
)
money = Reader(read_exact, {"type": "string", "pattern": f"^{DECIMAL.pattern}$"})
