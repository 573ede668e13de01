"""Inputs that must be refused: what is sent, the status, and the names that the answer must give."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.fields import dumps
from tests.api.samples import closed, trade


@dataclass
class Bad:
    """One request that must be refused."""

    name: str
    method: str
    path: str
    body: Any
    status: int
    fields: list[str]
    headers: dict[str, str] = field(default_factory=dict)


def raw(text: str) -> bytes:
    """A trade whose JSON holds `text` as one more member, or in the place of the member it repeats."""
    return dumps(trade(extra=None))[:-1] + b"," + text.encode("utf-8", "surrogatepass") + b"}"


def nested(levels: int) -> str:
    return '"extra":' + '{"a":' * levels + "1" + "}" * levels


AHEAD = (datetime.now(UTC) + timedelta(days=2)).isoformat()
LONG = "x" * 101
FILL = {"fill_id": "f", "side": "buy", "price": "1", "size": "1", "time": "2026-01-01T00:00:00Z"}
TEXTS = ["symbol", "strategy", "bot", "exit_reason", "trade_id"]
NUMBERS = (
    "size leverage entry_price stop_loss take_profit pnl pnl_pct fees slippage funding net_pnl realized_pnl".split()
)

# Numbers as they stand in JSON text: each is refused by the name of its field.
JSON_NUMBERS = {
    "NaN": "NaN",
    "Infinity": "Infinity",
    "minus infinity": "-Infinity",
    "exponent": "1e5",
    "negative exponent": "1E-5",
    "fraction exponent": "1.5e3",
    "19 digits": "1" * 19,
    "19 digits after the point": "0." + "1" * 19,
    "bool": "true",
    "10,000 digits": "9" * 10_000,
    "10,000 digits after the point": "1." + "9" * 10_000,
    "19 digits and a point": "1" * 19 + ".5",
    "an object": "{}",
    "a list": "[1]",
}
NUMBER_TEXTS = {
    "Arabic digits": "١٢",
    "full-width digits": "１２",
    "underscore": "1_0",
    "blank before": " 1",
    "blank after": "1 ",
    "newline": "1\n",
    "plus": "+1",
    "exponent text": "1e5",
    "NaN text": "NaN",
    "Infinity text": "Infinity",
    "sNaN": "sNaN",
    "hex": "0x10",
    "leading zero": "01",
    "no digit after the point": "1.",
    "no digit before the point": ".5",
    "comma": "1,5",
    "thousands": "1,000",
    "empty": "",
    "NUL in a number": "1\x00",
    "minus sign": "\u22121",
    "19 digits text": "1" * 19,
    "19 places text": "0." + "0" * 18 + "1",
    "words": "ten",
    "two points": "1.2.3",
}
TIMES = {
    "naive": "2026-01-01T00:00:00",
    "a date": "2026-01-01",
    "February 30": "2026-02-30T00:00:00Z",
    "month 13": "2026-13-01T00:00:00Z",
    "hour 25": "2026-01-01T25:00:00Z",
    "second 61": "2026-01-01T00:00:61Z",
    "year 0001": "0001-01-01T00:00:00Z",
    "year 0000": "0000-01-01T00:00:00Z",
    "before 1970": "1969-12-31T23:59:59Z",
    "year 9999": "9999-12-31T23:59:59-23:59",
    "two days ahead": AHEAD,
    "unix time": 1767225600,
    "unix time as text": "1767225600",
    "words": "yesterday",
    "empty": "",
    "7 places": "2026-01-01T00:00:00.1234567Z",
    "offset of 99 hours": "2026-01-01T00:00:00+99:00",
    "week date": "2026-W01-1T00:00:00Z",
    "Arabic digits": "٢٠٢٦-01-01T00:00:00Z",
    "NUL": "2026-01-01T00:00:00Z\x00",
    "year 12026": "12026-01-01T00:00:00Z",
    "a list": ["2026"],
}
IDENTS = ["", " ", "a b", "a/b", "ü", "a\x00", "a\n", LONG, "<b>", "'; DROP TABLE dashboard_trade; --", "a\u202eb"]
SYMBOLS = [
    "",
    "..",
    ".",
    "a/../b",
    "/a",
    "a/",
    "a//b",
    "B T",
    "é",
    LONG,
    "a\\b",
    "a\x00",
    "a\n",
    "x?y",
    "x#y",
    "%00",
    "a/./b",
    "BTC/ohlcv",
]

BODIES: dict[str, tuple[bytes, int, list[str]]] = {
    "empty body": (b"", 400, ["direction", "size", "status", "symbol", "trade_id"]),
    "blank body": (b"  ", 400, []),
    "byte order mark": (b"\xef\xbb\xbf" + dumps(trade()), 400, []),
    "bad UTF-8": (raw('"strategy":"')[:-1] + b'\xff\xfe"}', 400, []),
    "UTF-16": (dumps(trade()).decode().encode("utf-16"), 400, []),
    "overlong NUL": (raw('"strategy":"')[:-1] + b'\xc0\x80"}', 400, []),
    "cut off": (dumps(trade())[:-10], 400, []),
    "two values": (dumps(trade()) * 2, 400, []),
    "trailing comma": (raw("")[:-2] + b",}", 400, []),
    "single quotes": (b"{'trade_id': 't'}", 400, []),
    "a comment": (b"/* x */ {}", 400, []),
    "null": (b"null", 400, ["body"]),
    "a number": (b"5", 400, ["body"]),
    "a huge number": (b"9" * 5000, 400, ["body"]),
    "NaN alone": (b"NaN", 400, ["body"]),
    "text": (b'"x"', 400, ["body"]),
    "true": (b"true", 400, ["body"]),
    "empty list": (b"[]", 400, ["body"]),
    "501 items": (dumps([trade(trade_id=f"t{n}") for n in range(501)]), 400, ["body"]),
    "deep list": (b"[" * 21 + b"]" * 21, 400, []),
    "very deep list": (b"[" * 500_000 + b"]" * 500_000, 400, []),
    "deep and open": (b"[" * 100_000, 400, []),
    "deep object": (raw(nested(20)), 400, []),
    "very deep object": (raw(nested(50_000)), 400, []),
    "key twice": (raw('"size":"2"'), 400, ["size"]),
    "key twice inside": (raw('"extra":{"a":1,"a":2}'), 400, ["a"]),
    "key twice, escaped": (raw('"si\\u007ae":"2"'), 400, ["size"]),
    "raw control character": (raw('"strategy":"a\nb"'), 400, []),
    "NUL escaped": (raw('"strategy":"a\\u0000b"'), 400, ["strategy"]),
    "raw NUL": (raw('"strategy":"a\x00b"'), 400, []),
    "lone surrogate": (raw('"strategy":"\\ud800"'), 400, ["strategy"]),
    "lone low surrogate": (raw('"strategy":"x\\udfffx"'), 400, ["strategy"]),
    "reversed surrogates": (raw('"strategy":"\\udc00\\ud800"'), 400, ["strategy"]),
    "raw surrogate": (raw('"strategy":"\ud800"'), 400, []),
    "NUL in extra": (raw('"extra":{"a":["\\u0000"]}'), 400, ["extra"]),
    "NUL in a name of extra": (raw('"extra":{"\\u0000":1}'), 400, ["extra"]),
    "surrogate in extra": (raw('"extra":{"a":{"b":"\\udead"}}'), 400, ["extra"]),
    "NaN in extra": (raw('"extra":{"a":NaN}'), 400, ["extra"]),
    "exponent in extra": (raw('"extra":{"a":[1e400]}'), 400, ["extra"]),
    "huge integer in extra": (raw(f'"extra":{{"a":{"9" * 400}}}'), 400, ["extra"]),
    "large extra": (raw(f'"extra":{{"a":"{"x" * 17_000}"}}'), 400, ["extra"]),
    "NUL in the name of a field": (raw('"a\\u0000":1'), 400, ["a\ufffd"]),
    "surrogate in the name of a field": (raw('"\\ud800":1'), 400, ["\ufffd"]),
    "over-long name of a field": (raw(f'"{"n" * 5000}":1'), 400, ["n" * 100]),
    "prototype": (raw('"__proto__":{"admin":true}'), 400, ["__proto__"]),
}


def trades() -> list[Bad]:
    found = [Bad(name, "POST", "trades", body, status, names) for name, (body, status, names) in BODIES.items()]
    found += [
        Bad(
            f"size {name}", "POST", "trades", dumps(trade(size=None))[:-1] + f',"size":{text}}}'.encode(), 400, ["size"]
        )
        for name, text in JSON_NUMBERS.items()
    ]
    found += [
        Bad(f"size {name}", "POST", "trades", trade(size=text), 400, ["size"]) for name, text in NUMBER_TEXTS.items()
    ]
    found += [
        Bad(f"entry_time {name}", "POST", "trades", trade(entry_time=text), 400, ["entry_time"])
        for name, text in TIMES.items()
    ]
    found += [
        Bad(f"trade_id {text!r:.20}", "POST", "trades", trade(trade_id=text), 400, ["trade_id"]) for text in IDENTS
    ]
    found += [Bad(f"symbol {text!r:.20}", "POST", "trades", trade(symbol=text), 400, ["symbol"]) for text in SYMBOLS]
    found += [
        Bad(f"{name} {value}", "POST", "trades", trade(**{name: value}), 400, [name])
        for name in TEXTS
        for value in (True, 5, [1], {"a": 1}, "", " ", "x" * 256)
    ]
    found += [
        Bad(f"{name} {value}", "POST", "trades", trade(**{name: value}), 400, [name])
        for name in NUMBERS
        for value in (True, [1], {"a": 1}, "x")
    ]
    found += [
        Bad(f"{name} {value}", "POST", "trades", trade(**{name: value}), 400, [name])
        for name in ("size", "leverage", "entry_price", "stop_loss", "highest_price")
        for value in (0, "-0", "-1", -1)
    ]
    found += [
        Bad(f"{name} {value}", "POST", "trades", trade(**{name: value}), 400, [name])
        for name in ("direction", "status", "signal_type", "asset_class")
        for value in ("LONG", "", 1, True, ["long"])
    ]
    found += [
        Bad(f"rev {value}", "POST", "trades", trade(rev=value), 400, ["rev"])
        for value in (0, -1, 10**15 + 1, "1", True, [1])
    ]
    found += [
        Bad("rev 1.0", "POST", "trades", raw('"rev":1.0'), 400, ["rev"]),
        Bad("rev 1e3", "POST", "trades", raw('"rev":1e3'), 400, ["rev"]),
    ]
    return found + [
        Bad(name, "POST", "trades", body, 400, names)
        for name, body, names in [
            ("unknown field", trade(colour="red"), ["colour"]),
            ("field of people", trade(notes="mine", user_tags=["x"]), ["notes", "user_tags"]),
            ("field of the server", trade(id=1, account="other"), ["account", "id"]),
            ("open without entry", trade(entry_price=None, entry_time=None), ["entry_price", "entry_time"]),
            ("closed without exit", trade(status="closed"), ["exit_price", "exit_time"]),
            ("exit before entry", closed(exit_time="2026-01-01T09:59:59Z"), ["exit_time"]),
            ("high below low", trade(highest_price="1", lowest_price="2"), ["highest_price"]),
            (
                "everything at once",
                {"size": "x", "status": 1, "a": 1, "tags": 5},
                ["a", "direction", "size", "status", "symbol", "tags", "trade_id"],
            ),
            ("21 tags", trade(tags=[f"t{n}" for n in range(21)]), ["tags"]),
            ("a long tag", trade(tags=[LONG]), ["tags"]),
            ("a number as tag", trade(tags=[1]), ["tags"]),
            ("tags as text", trade(tags="a,b"), ["tags"]),
            ("a tag with NUL", trade(tags=["a\x00"]), ["tags"]),
            ("extra as a list", trade(extra=[1]), ["extra"]),
            ("fills as an object", trade(fills=FILL), ["fills"]),
            (
                "a fill without price",
                trade(fills=[{"fill_id": "f"}]),
                ["fills.0.price", "fills.0.side", "fills.0.size", "fills.0.time"],
            ),
            ("a fill twice", trade(fills=[FILL, FILL]), ["fills"]),
            ("a fill for nothing", trade(fills=[{**FILL, "price": 0}]), ["fills.0.price"]),
            ("a fill in the future", trade(fills=[{**FILL, "time": AHEAD}]), ["fills.0.time"]),
            ("201 fills", trade(fills=[{**FILL, "fill_id": f"f{n}"} for n in range(201)]), ["fills"]),
            ("a long reason", trade(exit_reason="x" * 256), ["exit_reason"]),
            ("a result too large", closed(entry_price="1", exit_price="9" * 18, size="9" * 18), ["net_pnl"]),
        ]
    ]
