"""What a client may say, and the shape of what it is told."""

import json
from datetime import UTC, datetime

import pytest

from realtime import protocol
from realtime.log import Position, Row
from realtime.protocol import MAX_IN, MAX_OUT, BadFrame, Close, Hello, Pong, Sub

GOOD = '{"t":"hello","subs":[{"account":"main","epoch":"e","since":3}]}'
BAD: dict[str, str | None] = {
    "binary": None,
    "empty": "",
    "blank": "   ",
    "not JSON": "hello",
    "cut off": GOOD[:-1],
    "something after": GOOD + "x",
    "two messages": GOOD + GOOD,
    "byte order mark": "\ufeff" + GOOD,
    "single quotes": "{'t':'hello','subs':[]}",
    "comma at the end": '{"t":"hello","subs":[],}',
    "comment": '{"t":"hello","subs":[]/**/}',
    "control character": '{"t":"hello","subs":[{"account":"a\nb"}]}',
    "null": "null",
    "true": "true",
    "number": "1",
    "text": '"hello"',
    "list": "[]",
    "list of messages": f"[{GOOD}]",
    "no fields": "{}",
    "no t": '{"subs":[]}',
    "t null": '{"t":null,"subs":[]}',
    "t number": '{"t":1,"subs":[]}',
    "t list": '{"t":["hello"],"subs":[]}',
    "t unknown": '{"t":"shout","subs":[]}',
    "t of the server": '{"t":"welcome"}',
    "t in capitals": '{"t":"HELLO","subs":[]}',
    "t twice": '{"t":"hello","t":"hello","subs":[]}',
    "subs missing": '{"t":"hello"}',
    "subs null": '{"t":"hello","subs":null}',
    "subs object": '{"t":"hello","subs":{}}',
    "subs text": '{"t":"hello","subs":"main"}',
    "subs twice": '{"t":"hello","subs":[],"subs":[]}',
    "unknown field": '{"t":"hello","subs":[],"x":1}',
    "sub null": '{"t":"hello","subs":[null]}',
    "sub text": '{"t":"hello","subs":["main"]}',
    "sub list": '{"t":"hello","subs":[["main"]]}',
    "sub without account": '{"t":"hello","subs":[{}]}',
    "sub with unknown field": '{"t":"hello","subs":[{"account":"main","key":1}]}',
    "account null": '{"t":"hello","subs":[{"account":null}]}',
    "account number": '{"t":"hello","subs":[{"account":1}]}',
    "account list": '{"t":"hello","subs":[{"account":["main"]}]}',
    "account empty": '{"t":"hello","subs":[{"account":""}]}',
    "account too long": '{"t":"hello","subs":[{"account":"%s"}]}' % ("a" * 65),
    "account twice": '{"t":"hello","subs":[{"account":"a","account":"b"}]}',
    "epoch number": '{"t":"hello","subs":[{"account":"main","epoch":1,"since":0}]}',
    "epoch too long": '{"t":"hello","subs":[{"account":"main","epoch":"%s","since":0}]}' % ("e" * 65),
    "since text": '{"t":"hello","subs":[{"account":"main","epoch":"e","since":"3"}]}',
    "since true": '{"t":"hello","subs":[{"account":"main","epoch":"e","since":true}]}',
    "since negative": '{"t":"hello","subs":[{"account":"main","epoch":"e","since":-1}]}',
    "since with a point": '{"t":"hello","subs":[{"account":"main","epoch":"e","since":1.0}]}',
    "since with an exponent": '{"t":"hello","subs":[{"account":"main","epoch":"e","since":1e3}]}',
    "since beyond 64 bits": '{"t":"hello","subs":[{"account":"main","epoch":"e","since":9223372036854775808}]}',
    "since huge": '{"t":"hello","subs":[{"account":"main","epoch":"e","since":%s}]}' % ("9" * 5000),
    "since NaN": '{"t":"hello","subs":[{"account":"main","epoch":"e","since":NaN}]}',
    "since Infinity": '{"t":"hello","subs":[{"account":"main","epoch":"e","since":Infinity}]}',
    "since Arabic": '{"t":"hello","subs":[{"account":"main","epoch":"e","since":١٢}]}',
    "since underscore": '{"t":"hello","subs":[{"account":"main","epoch":"e","since":1_0}]}',
    "off false": '{"t":"hello","subs":[{"account":"main","off":false}]}',
    "off one": '{"t":"hello","subs":[{"account":"main","off":1}]}',
    "off with a position": '{"t":"hello","subs":[{"account":"main","off":true,"since":1}]}',
    "deep lists": '{"t":"hello","subs":' + "[" * 20_000 + "]" * 20_000 + "}",
    "deep objects": '{"t":"hello","subs":' + '{"a":' * 10_000 + "1" + "}" * 10_000 + "}",
    "too long": '{"t":"hello","subs":[%s]}' % (" " * MAX_IN),
    "too long in bytes": '{"t":"hello","subs":[{"account":"%s"}]}' % ("é" * (MAX_IN // 2)),
    "pong without at": '{"t":"pong"}',
    "pong at list": '{"t":"pong","at":[]}',
    "pong at null": '{"t":"pong","at":{"main":null}}',
    "pong at text": '{"t":"pong","at":{"main":"3"}}',
    "pong at negative": '{"t":"pong","at":{"main":-1}}',
    "pong at twice": '{"t":"pong","at":{"main":1,"main":2}}',
    "pong unknown field": '{"t":"pong","at":{},"x":1}',
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_bad_frame_is_refused(text: str | None) -> None:
    with pytest.raises(BadFrame):
        protocol.parse(text)


def test_hello_is_read() -> None:
    assert protocol.parse(GOOD) == Hello((Sub("main", "e", 3),))
    assert protocol.parse('{"t":"hello","subs":[]}') == Hello(())
    assert protocol.parse(
        '{"subs":[{"account":"a"},{"account":"b","epoch":null},{"account":"c","off":true}], "t":"hello"}'
    ) == Hello((Sub("a"), Sub("b"), Sub("c", off=True)))
    largest = '{"t":"hello","subs":[{"account":"a","epoch":"e","since":9223372036854775807}]}'
    assert protocol.parse(largest) == Hello((Sub("a", "e", 2**63 - 1),))


def test_pong_is_read() -> None:
    assert protocol.parse('{"t":"pong","at":{"main":3,"other":0}}') == Pong({"main": 3, "other": 0})


@pytest.mark.parametrize(
    ("epoch", "since", "why"),
    [
        (None, 0, "first"),
        ("other", 150, "epoch"),
        ("e", 201, "ahead"),
        ("e", 200, None),
        ("e", 150, None),
        ("e", 100, None),
        ("e", 99, None),
        ("e", 98, "too_old"),
    ],
)
def test_who_may_go_on_from_where(epoch: str | None, since: int, why: str | None) -> None:
    assert protocol.why_reset(Position("k", "e", head=200, floor=100), epoch, since) == why


def test_replay_is_limited_to_50_000_events() -> None:
    position = Position("k", "e", head=60_000, floor=1)
    assert protocol.why_reset(position, "e", 10_000) is None
    assert protocol.why_reset(position, "e", 9_999) == "too_far"


def rows(count: int, size: int) -> list[Row]:
    return [Row(i + 1, "alert", datetime(2026, 1, 1, tzinfo=UTC), '{"x":"%s"}' % ("é" * size)) for i in range(count)]


@pytest.mark.parametrize(("count", "size"), [(1, 1), (200, 10), (200, 5_000), (500, 1), (3, 100_000)])
def test_ev_frame_keeps_its_limits(count: int, size: int) -> None:
    frame = protocol.ev("a" * 50, "e" * 32, rows(count, size))
    read = json.loads(frame.text)
    assert (read["t"], read["from"], read["to"]) == ("ev", frame.first, frame.last)
    assert [event["s"] for event in read["ev"]] == list(range(frame.first, frame.last + 1))
    assert 1 <= len(read["ev"]) <= 200
    assert len(frame.text.encode()) <= MAX_OUT


def test_frame_takes_as_many_events_as_fit() -> None:
    frame = protocol.ev("main", "e", rows(200, 5_000))
    assert len(frame.text.encode()) > MAX_OUT - 12_000


def test_bye_says_when_to_come_back() -> None:
    for code in Close:
        told = json.loads(protocol.bye(code))
        assert told["t"] == "bye" and told["code"] == code
        assert (told["retry_after"] is None) == (code >= 4500)
