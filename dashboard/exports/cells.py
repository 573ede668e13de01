"""What stands in one cell of a spreadsheet."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboard.fields import dumps, plain

# What a spreadsheet would run as a formula, also behind the quotes and blanks that it takes away.
FORMULA = re.compile(r"[\t\r\n]|[\s\"']*[=+\-@＝＋－＠]")


def inert(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def number(value: int | float | Decimal) -> str:
    """Plain notation with every digit."""
    return plain(Decimal(repr(value)) if isinstance(value, float) else Decimal(value))


def moment(value: datetime) -> str:
    return dumps(value).decode().strip('"')


def text(value: Any) -> str:
    """Any value as text; lists and objects as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, int | float | Decimal):
        return number(value)
    if isinstance(value, datetime):
        return moment(value)
    return dumps(value).decode()
