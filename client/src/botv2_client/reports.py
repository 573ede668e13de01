"""What a bot says, as entries of the spool. These raise on what cannot be sent; what is not right BotV2 says itself."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botv2_client.encoding import encode
from botv2_client.entry import CANDLE, ENVELOPE, MAX_BODY, Entry

SYMBOL = re.compile(r"(?!.*(?:^|/)\.{0,2}(?:/|$))[A-Za-z0-9._:/@-]{1,100}", re.ASCII)
# BotV2 wants these in every report of a trade, so that each can stand alone.
ESSENTIALS = ("symbol", "direction", "size", "status", "entry_price", "entry_time")
OVER = ("closed", "cancelled")


def now() -> datetime:
    return datetime.now(UTC)


def given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def body_of(value: object) -> str:
    body = encode(value)
    if len(body) > MAX_BODY - ENVELOPE:
        raise ValueError("larger than the 1 MiB that BotV2 takes at once")
    return body


def simple_entry(kind: str, fields: Mapping[str, Any], *, slot: str | None = None) -> Entry:
    return Entry(kind, body_of(given(fields)), slot=slot)


def trade_entry(name: str, remembered: str | None, report: Mapping[str, Any]) -> Entry:
    """`name` is the trade's id as JSON, `remembered` the essentials of what was said of it before."""
    known = json.loads(remembered) if remembered else {"status": "open"}
    whole = {"trade_id": json.loads(name), **known, **given(report)}
    essentials = {each: whole[each] for each in ESSENTIALS if each in whole}
    over = whole["status"] in OVER
    return Entry("trade", body_of(whole), trade=name, essentials=None if over else encode(essentials))


def candle_entries(symbol: str, timeframe: str, rows: Iterable[Sequence[Any]], exchange: str | None) -> list[Entry]:
    if not SYMBOL.fullmatch(symbol):
        raise ValueError("a symbol holds A-Z a-z 0-9 . _ : / @ - only, without an empty or dot segment")
    series = body_of(given({"symbol": symbol, "timeframe": timeframe, "exchange": exchange}))
    return [Entry(CANDLE, body_of(row), series=series, slot=f"{series} {encode(row[0])}") for row in map(list, rows)]
