"""Trades over the API: filtered, ordered, page by page, counted."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
import time_machine

from dashboard.models import Trade
from tests.api.conftest import Caller
from tests.api.samples import closed, trade

pytestmark = pytest.mark.django_db

TRADES = [
    closed(
        trade_id="a",
        strategy="Trend",
        net_pnl="10",
        tags=["x", "Breakout"],
        fees="1",
        exit_reason="roi",
        exit_time="2026-01-05T12:00:00Z",
    ),
    closed(
        trade_id="b",
        strategy="Grid",
        net_pnl="-4",
        symbol="ETH/USDT:USDT",
        direction="short",
        signal_type="ai",
        exit_time="2026-01-06T12:00:00Z",
        asset_class="crypto",
    ),
    closed(trade_id="c", strategy="Grid", net_pnl="0", exit_time="2026-01-06T13:00:00Z", exit_reason="stop_loss"),
    trade(trade_id="d", strategy='50% "off"', net_pnl="2.5", entry_time="2026-01-07T00:00:00Z", tags=['x"y']),
    trade(trade_id="e", status="pending", entry_price=None, entry_time=None, strategy="Trend", tags=["xx", "ü"]),
]


@pytest.fixture
def reader(bot: Caller) -> Caller:
    bot.post("trades", TRADES)
    return bot


def names(reader: Caller, query: str) -> str:
    return "".join(row["trade_id"] for row in reader.get(f"trades?ordering=id&{query}")["trades"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "abcde"),
        ("symbol=ETH/USDT:USDT", "b"),
        ("symbol=ETH%2FUSDT%3AUSDT", "b"),
        ("symbol=ETH", ""),
        ("strategy=Grid", "bc"),
        ("strategy=Grid&strategy=Trend", "abce"),
        (f"strategy={quote(TRADES[3]['strategy'])}", "d"),
        ("strategy=grid", ""),
        ("status=open", "d"),
        ("status=pending", "e"),
        ("direction=short", "b"),
        ("asset_class=crypto", "b"),
        ("signal_type=ai", "b"),
        ("exit_reason=roi", "a"),
        ("tag=x", "a"),
        ("tag=breakout", ""),
        ("tag=Breakout", "a"),
        ("tag=%C3%BC", "e"),
        ("tag=x%22y", "d"),
        ("tag=%25", ""),
        ("trade_id=c", "c"),
        ("outcome=win", "a"),
        ("outcome=loss", "b"),
        ("outcome=breakeven", "c"),
        ("min_pnl=0", "acd"),
        ("max_pnl=-0.000000000000000001", "b"),
        ("min_pnl=-4&max_pnl=2.5", "bcd"),
        ("start=2026-01-06T12:00:00Z", "bcd"),
        ("end=2026-01-06T12:00:00Z", "ab"),
        ("start=2026-01-06T13:00:00%2B01:00&end=2026-01-06T12:00:00Z", "b"),
        ("start=2026-01-06T13:00:00+01:00&end=2026-01-06T12:00:00Z", "b"),
        ("search=eth", "b"),
        ("search=GRID", "bc"),
        ("search=50%25", "d"),
        ("search=stop_", "c"),
        ("account=main", "abcde"),
    ],
)
def test_filters(reader: Caller, query: str, expected: str) -> None:
    assert names(reader, query) == expected


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("id", "abcde"),
        ("-id", "edcba"),
        ("entry_time", "abcde"),
        ("-entry_time", "dcbae"),
        ("exit_time", "abcde"),
        ("-exit_time", "cbaed"),
        ("net_pnl", "bcdae"),
        ("-net_pnl", "adcbe"),
        ("symbol", "acdeb"),
        ("-strategy", "eacbd"),
        ("fees", "abcde"),
        ("duration_seconds", "abcde"),
        ("size", "abcde"),
        ("pnl_pct", "abcde"),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_ordering_and_cursor(reader: Caller, ordering: str, expected: str, limit: int) -> None:
    """Rows without the value come last, `id` decides between equals, and every page size gives the same list."""
    path, found = f"trades?ordering={ordering}&limit={limit}", ""
    page = reader.get(path)
    while page["next_cursor"]:
        assert page["has_more"] and page["total"] == 5 and page["limit"] == limit
        found += "".join(row["trade_id"] for row in page["trades"])
        page = reader.get(f"{path}&cursor={page['next_cursor']}")
    assert not page["has_more"]
    assert found + "".join(row["trade_id"] for row in page["trades"]) == expected


def test_a_cursor_is_stable_while_rows_arrive(reader: Caller) -> None:
    first = reader.get("trades?ordering=-entry_time&limit=2")
    reader.post("trades", [trade(trade_id="new", entry_time="2026-02-01T00:00:00Z"), trade(trade_id="old")])
    rest = reader.get(f"trades?ordering=-entry_time&limit=10&cursor={first['next_cursor']}")
    ids = [row["trade_id"] for row in first["trades"] + rest["trades"]]
    assert len(set(ids)) == len(ids) and "new" not in ids and set("abcde") <= set(ids)


def test_a_cursor_that_was_not_made_here_is_refused(reader: Caller) -> None:
    cursor = reader.get("trades?limit=1&ordering=id")["next_cursor"]
    for bad in (
        f"ordering=id&cursor={cursor[:-5]}{'B' if cursor[-5] == 'A' else 'A'}{cursor[-4:]}",
        f"ordering=id&cursor=A{cursor[1:]}",
        f"ordering=-id&cursor={cursor}",
        f"ordering=id&status=open&cursor={cursor}",
        "cursor=cD0yMDI2LTAxLTAx",
        "cursor=1:2:3",
        "cursor=%C3%BC:a:b",
        f"ordering=id&cursor={cursor.replace(':', '', 1)}",
    ):
        assert list(reader.refused(400, "GET", f"trades?{bad}")["fields"]) == ["cursor"], bad
    snapshots = [{"timestamp": f"2026-01-0{day}T00:00:00Z", "total_value": 1} for day in (1, 2, 3)]
    reader.post("portfolio", snapshots)
    foreign = reader.get("portfolio/history?limit=1")["next_cursor"]
    assert list(reader.refused(400, "GET", f"trades?cursor={foreign}")["fields"]) == ["cursor"]


def test_offset_pages(reader: Caller) -> None:
    page = reader.get("trades?ordering=id&limit=2&offset=2")
    assert [row["trade_id"] for row in page["trades"]] == ["c", "d"]
    assert (page["total"], page["limit"], page["offset"], page["has_more"]) == (5, 2, 2, True)
    assert reader.get("trades?ordering=id&limit=2&offset=4")["has_more"] is False
    assert reader.get("trades?offset=1000000000")["trades"] == []


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("trades?limit=1001", "limit"),
        ("trades?limit=0", "limit"),
        ("trades?limit=-1", "limit"),
        ("trades?limit=1_0", "limit"),
        ("trades?limit=%D9%A1", "limit"),
        ("trades?limit=", "limit"),
        ("trades?limit=1&limit=2", "limit"),
        ("trades?offset=1000000001", "offset"),
        ("trades?offset=1e3", "offset"),
        ("trades?unknown=1", "unknown"),
        ("trades?format=xml", "format"),
        ("trades?page=2", "page"),
        ("trades?status=done", "status"),
        ("trades?status=", "status"),
        ("trades?direction=LONG", "direction"),
        ("trades?ordering=password", "ordering"),
        ("trades?ordering=--id", "ordering"),
        ("trades?start=2026-01-01", "start"),
        ("trades?start=2026-01-01T00:00:00", "start"),
        ("trades?start=2026-02-30T00:00:00Z", "start"),
        ("trades?end=0001-01-01T00:00:00Z", "end"),
        ("trades?start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z", "end"),
        ("trades?min_pnl=NaN", "min_pnl"),
        ("trades?min_pnl=1e5", "min_pnl"),
        ("trades?max_pnl=%D9%A1", "max_pnl"),
        ("trades?symbol=%00", "symbol"),
        ("trades?%00=1", "\ufffd"),
        ("trades?search=", "search"),
        (f"trades?search={'x' * 101}", "search"),
        ("trades?symbol=a&symbol=b", "symbol"),
        ("trades?account=main&account=main", "account"),
        ("trades?cursor=x&offset=1", "offset"),
        ("trades/stats?group_by=password", "group_by"),
        ("trades/recent?hours=0", "hours"),
        ("trades/recent?hours=9999999", "hours"),
        ("trades/recent?limit=1001", "limit"),
        ("trades/stats?limit=5", "limit"),
    ],
)
def test_bad_parameters_are_named(reader: Caller, path: str, field: str) -> None:
    assert list(reader.refused(400, "GET", path)["fields"]) == [field]


def test_bad_filters_and_bad_parameters_are_named_together(reader: Caller) -> None:
    bad = reader.refused(400, "GET", "trades?status=done&strategy=Grid&strategy=&limit=0&unknown=1&start=2026-01-01")
    assert set(bad["fields"]) == {"status", "strategy", "limit", "unknown", "start"}
    assert bad["fields"]["status"] == ["Must be one of pending, open, closed, cancelled."]


def test_a_cursor_does_not_mind_the_order_of_the_address(reader: Caller) -> None:
    page = reader.get("trades?limit=1&ordering=id&strategy=Grid&asset_class=crypto&strategy=Trend")
    assert page["next_cursor"] is None
    page = reader.get("trades?limit=1&strategy=Grid&min_pnl=-5&ordering=id")
    rest = reader.get(f"trades?ordering=id&min_pnl=-5&cursor={page['next_cursor']}&strategy=Grid&limit=5")
    assert [row["trade_id"] for row in page["trades"] + rest["trades"]] == ["b", "c"]


def test_stats(reader: Caller) -> None:
    stats = reader.get("trades/stats?group_by=strategy")
    assert (stats["total_trades"], stats["winning_trades"], stats["losing_trades"], stats["breakeven_trades"]) == (
        3,
        1,
        1,
        1,
    )
    assert stats["total_pnl"] == 6 and stats["total_fees"] == 1 and stats["expectancy"] == 2
    assert round(stats["win_rate"], 6) == Decimal("33.333333")
    assert stats["profit_factor"] == Decimal("2.5") and stats["largest_win"] == 10 and stats["largest_loss"] == -4
    assert stats["open_trades"] == 1 and stats["unrealized_pnl"] == Decimal("2.5")
    assert [(group["name"], group["total_trades"], group["total_pnl"]) for group in stats["groups"]] == [
        ("Grid", 2, -4),
        ("Trend", 1, 10),
    ]
    assert reader.get("trades/stats?strategy=Trend")["total_trades"] == 1
    empty = reader.get("trades/stats?symbol=NONE")
    assert empty["total_trades"] == 0 and empty["win_rate"] is None and empty["profit_factor"] is None


@pytest.mark.parametrize(
    ("group_by", "expected"),
    [
        ("symbol", ["BTC/USDT", "ETH/USDT:USDT"]),
        ("exit_reason", ["none", "roi", "stop_loss"]),
        ("tag", ["Breakout", "untagged", "x"]),
        ("direction", ["long", "short"]),
        ("weekday", ["1", "2"]),
        ("hour", ["12", "13"]),
        ("month", ["2026-01"]),
    ],
)
def test_groups(reader: Caller, group_by: str, expected: list[str]) -> None:
    assert [group["name"] for group in reader.get(f"trades/stats?group_by={group_by}")["groups"]] == expected


def test_recent(reader: Caller) -> None:
    with time_machine.travel("2026-01-07T12:00:00Z", tick=False):
        assert [row["trade_id"] for row in reader.get("trades/recent?hours=24")["trades"]] == ["d", "c", "b"]
        found = reader.get("trades/recent?hours=1")
        assert found["trades"] == [] and found["since"] == "2026-01-07T11:00:00Z" and found["next_cursor"] is None
        first = reader.get("trades/recent?limit=2")
        assert (first["count"], first["has_more"]) == (2, True)
        rest = reader.get(f"trades?start={first['since']}&cursor={first['next_cursor']}")
        assert [row["trade_id"] for row in first["trades"] + rest["trades"]] == ["d", "c", "b"]


def test_an_unchanged_list_answers_304_without_reading_the_rows(
    reader: Caller, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with time_machine.travel("2026-01-07T12:00:00Z", tick=False):
        reader.get("trades?limit=2")
        etag, full = reader.response["ETag"], len(reader.response.content)
        assert reader.response["Cache-Control"] == "private, no-cache" and full > 100
        for sent in (etag, f'"other", {etag}', etag.removeprefix("W/")):
            with django_assert_max_num_queries(4) as captured:
                reader.send("GET", "trades?limit=2", if_none_match=sent)
            assert (
                reader.response.status_code == 304
                and reader.response.content == b""
                and reader.response["ETag"] == etag
            )
            assert not any("dashboard_trade" in query["sql"] for query in captured.captured_queries)
        assert reader.get("trades?limit=3", if_none_match=etag)["limit"] == 3
        reader.post("trades", trade(trade_id="f"))
        assert reader.get("trades?limit=2", if_none_match=etag)["total"] == 6
        assert reader.response["ETag"] != etag
    with time_machine.travel("2026-01-07T12:01:00Z", tick=False):
        reader.get("trades?limit=2", if_none_match=reader.response["ETag"])


def test_one_trade_is_found_by_its_number_in_its_account_alone(
    reader: Caller, program: Any, other_account: Any
) -> None:
    pk = Trade.objects.get(trade_id="a").pk
    assert reader.get(f"trades/{pk}")["trade_id"] == "a"
    stranger = program(of=other_account)
    for path in (
        f"trades/{pk}",
        "trades/0",
        "trades/999999999999999",
        f"trades/{10**15}",
        f"trades/{10**40}",
        "trades/-1",
    ):
        assert stranger.refused(404, "GET", path)["code"] == "not_found"
    assert stranger.get("trades")["trades"] == [] and stranger.get("trades/stats")["total_trades"] == 0
