"""import_trades and import_candles: columns, encodings, the API's own rules, row numbers."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from rest_framework.test import APIClient

from dashboard.models import Account, MarketData, Trade
from tests.dashboard.commands import head, last_report, run

pytestmark = pytest.mark.django_db

CLOSED = "trade_id,symbol,direction,size,status,entry_price,entry_time,exit_price,exit_time"
ROW = "a-1,BTC/USDT,long,0.5,closed,100,2026-01-01T00:00:00Z,110.25,2026-01-01T01:00:00+01:00"


@pytest.fixture
def load(account: Account, tmp_path: Path) -> Callable[..., str]:
    def call(*lines: str, encoding: str = "utf-8", pack: bool = False) -> str:
        content = "\n".join(lines).encode(encoding)
        path = tmp_path / "trades.csv"
        path.write_bytes(gzip.compress(content) if pack else content)
        return run("import_trades", path, "--account", "main")

    return call


@pytest.mark.parametrize(
    ("delimiter", "encoding", "pack"),
    [(",", "utf-8", False), (";", "utf-8-sig", False), (",", "utf-8-sig", True), (";", "utf-8", True)],
)
def test_forms(load: Callable[..., str], delimiter: str, encoding: str, pack: bool) -> None:
    said = load(CLOSED.replace(",", delimiter), ROW.replace(",", delimiter), encoding=encoding, pack=pack)
    trade = Trade.objects.get()
    assert (trade.trade_id, trade.size, trade.exit_price) == ("a-1", Decimal("0.5"), Decimal("110.25"))
    assert trade.exit_time == trade.entry_time == datetime(2026, 1, 1, tzinfo=UTC)
    assert trade.net_pnl == Decimal("5.125")
    assert "1 created" in said


def test_every_kind_of_column(load: Callable[..., str]) -> None:
    load(
        "trade_id,symbol,direction,size,status,rev,tags,fills,extra,initial_stop_loss,stop_loss,strategy,exit_reason",
        'a,X,long,1,pending,7,up  fast,"[{""fill_id"":""f"",""side"":""buy"",""price"":1.5,""size"":""2"",'
        '""time"":""2026-01-01T00:00:00Z""}]","{""k"": 0.123456789012345678}",90,95,Grün,"said ""so"", twice"',
        'b,X,long,1,pending,,"[""two words""]",,,,,,',
    )
    first, second = Trade.objects.order_by("trade_id")
    assert (first.rev, first.tags, first.strategy.name) == (7, ["up", "fast"], "Grün")
    assert first.fills == [
        {"fill_id": "f", "side": "buy", "price": Decimal("1.5"), "size": 2, "time": "2026-01-01T00:00:00Z"}
    ]
    assert first.extra == {"k": Decimal("0.123456789012345678")}
    assert (first.initial_stop_loss, first.stop_loss) == (90, 95)
    assert first.exit_reason == 'said "so", twice'
    assert (second.tags, second.strategy.name, second.rev) == (["two words"], "unassigned", 1)


def test_decimals_are_exact_and_longer_ones_rounded_and_counted(load: Callable[..., str]) -> None:
    load(
        "trade_id,symbol,direction,size,status,net_pnl",
        "a,X,long,123456789012345678.123456789012345678,pending,-0.0000000000000000015",
    )
    trade = Trade.objects.get()
    assert trade.size == Decimal("123456789012345678.123456789012345678")
    assert trade.net_pnl == Decimal("-0.000000000000000002")
    assert last_report()["rounded"] == 1


BAD_CELLS = [
    ("size", "0"), ("size", "1e5"), ("size", "1_000"), ("size", " 1 2"), ("size", "1,5"), ("size", "NaN"),
    ("size", "1234567890123456789"), ("direction", "LONG"), ("status", "done"), ("trade_id", "a b"),
    ("symbol", "../x"), ("entry_time", "2026-01-01 00:00:00"), ("entry_time", "2026-02-30T00:00:00Z"),
    ("entry_time", "1969-12-31T00:00:00Z"), ("exit_time", "2025-01-01T00:00:00Z"), ("exit_price", "-1"),
    ("symbol", "x" * 101), ("exit_price", ""), ("size", ""),
]  # fmt: skip


@pytest.mark.parametrize(("column", "text"), BAD_CELLS)
def test_what_the_api_refuses_is_rejected_with_its_row(
    load: Callable[..., str], account: Account, api: Callable[..., APIClient], make_key: Callable[..., str],
    column: str, text: str,
) -> None:  # fmt: skip
    names, cells = CLOSED.split(","), ROW.split(",")
    broken = dict(zip(names, cells, strict=True)) | {column: text}
    said = load(CLOSED, ROW, ",".join(f'"{broken[name]}"' for name in names), ROW.replace("a-1", "a-2"))
    assert Trade.objects.count() == 2
    [(row, reason)] = last_report()["rejected"]
    assert row == "row 3" and "row 3: " in said
    body = {name: value for name, value in broken.items() if value}
    answer = api(make_key(account)).post("/api/trades", body, format="json").json()
    told: dict[str, Any] = answer["error"]["fields"]
    assert told and reason == "; ".join(f"{name}: {' '.join(messages)}" for name, messages in told.items())


def test_cells_that_hold_json(load: Callable[..., str]) -> None:
    header = "trade_id,symbol,direction,size,status,extra,fills,rev"
    rows = ['{"a": 1, "a": 2}', "{", "[1]", "{" * 30, "[" * 5000]
    load(header, *(f'a{n},X,long,1,pending,"{text.replace(chr(34), chr(34) * 2)}",,' for n, text in enumerate(rows)),
         "b,X,long,1,pending,,7,", "c,X,long,1,pending,,,1.5", "d,X,long,1,pending,,,")  # fmt: skip
    assert [trade.trade_id for trade in Trade.objects.all()] == ["d"]
    assert [row for row, _ in last_report()["rejected"]] == [f"row {n}" for n in range(2, 9)]


def test_ragged_and_blank_rows(load: Callable[..., str]) -> None:
    load(CLOSED, "", "a-1,BTC/USDT", ROW + ",9", "", ROW)
    assert Trade.objects.count() == 1
    assert last_report()["rejected"] == [
        ["row 3", "has 2 cells, the header has 9"], ["row 4", "has 10 cells, the header has 9"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "missing: trade_id, symbol, direction, size, status"),
        (["a,b,c", "1,2,3"], "missing: trade_id"),
        ([CLOSED + ",colour", ROW + ",red"], "unknown columns: 'colour'"),
        ([CLOSED + ",size", ROW + ",1"], "names a column twice"),
        ([CLOSED, 'a"b"c,"x"y', "z"], "is not CSV"),
        ([CLOSED, "x" * 200_000], "has a line of more than"),
    ],
)
def test_other_files_are_refused(load: Callable[..., str], lines: list[str], reason: str) -> None:
    with pytest.raises(CommandError, match=r"trades\.csv"):
        load(*lines)
    assert reason in last_report()["error"]
    assert not Trade.objects.exists()


def test_other_encodings_are_refused(load: Callable[..., str]) -> None:
    with pytest.raises(CommandError):
        load(CLOSED, ROW.replace("BTC", "BÜC"), encoding="utf-16")
    assert "is not UTF-8" in last_report()["error"]


def test_a_second_import_changes_nothing_and_a_corrected_file_updates(
    load: Callable[..., str], account: Account
) -> None:
    rows = [ROW.replace("a-1", f"a-{n}") for n in range(1, 1203)]
    load(CLOSED, *rows)
    assert Trade.objects.count() == 1202
    before = head(account)
    assert "0 created, 0 updated, 1202 skipped" in load(CLOSED, *rows)
    assert head(account) == before
    assert "0 created, 1 updated, 1201 skipped" in load(CLOSED, rows[0].replace("110.25", "111"), *rows[1:])
    assert head(account) == before + 1
    pending = "a-1,BTC/USDT,long,0.5,open,100,2026-01-01T00:00:00Z,,"
    assert "1 skipped (older than what is stored)" in load(CLOSED, pending)


CANDLES = "date,open,high,low,close,volume"


@pytest.fixture
def load_candles(account: Account, tmp_path: Path) -> Callable[..., str]:
    def call(*lines: str, **options: str) -> str:
        path = tmp_path / "candles.csv"
        path.write_text("\n".join(lines))
        options = {"symbol": "BTC/USDT", "timeframe": "1h", **options}
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        return run("import_candles", path, "--account", "main", *arguments)

    return call


def test_candle_times_and_numbers(load_candles: Callable[..., str]) -> None:
    load_candles(
        "Open,High,Low,Close,Volume,Date,Trades",
        "1,2,0.5,1.5,10,2026-01-01T00:00:00Z,x",
        "1,2,0.5,1.5,10,2026-01-01 02:00:00+01:00,",
        "1,2,0.5,1.5,10,2026-01-01 02:00:00,",
        "1,2,0.5,1.5,10,1767236400,",
        "1,2,0.5,1.5,10,1767240000000,",
        "5.330000000000001e-05,5.330000000000001E-05,5.288e-05,5.29e-05,0,2026-01-02,",
    )
    found = list(MarketData.objects.order_by("timestamp"))
    assert [(candle.timestamp.day, candle.timestamp.hour) for candle in found] == [
        (1, 0), (1, 1), (1, 2), (1, 3), (1, 4), (2, 0)
    ]  # fmt: skip
    assert found[-1].open == 5.330000000000001e-05
    assert (found[0].open, found[0].high, found[0].low, found[0].close, found[0].volume) == (1, 2, 0.5, 1.5, 10)


@pytest.mark.parametrize(
    "line",
    [
        "soon,1,2,0.5,1.5,1", "99999999999999999999,1,2,0.5,1.5,1", "2026-01-01,0,2,0.5,1.5,1",
        "2026-01-01,1,1,0.5,1.5,1", "2026-01-01,1,2,1.2,1.5,1", "2026-01-01,1,2,0.5,1.5,-1", "2026-01-01,1,2,0.5,1.5,",
        "2026-01-01,nan,2,0.5,1.5,1", "2026-01-01,1,1e999,0.5,1.5,1", "2026-01-01,1_0,20,0.5,1.5,1",
        "2999-01-01,1,2,0.5,1.5,1", "1960-01-01,1,2,0.5,1.5,1", "2026-01-01,1,2,0.5", ",1,2,0.5,1.5,1",
    ],
)  # fmt: skip
def test_bad_candles_are_rejected_with_their_row(load_candles: Callable[..., str], line: str) -> None:
    load_candles(CANDLES, "2025-01-01,1,2,0.5,1.5,1", line, "2025-01-02,1,2,0.5,1.5,1")
    assert MarketData.objects.count() == 2
    assert [row for row, _ in last_report()["rejected"]] == ["row 3"]


def test_candles_twice_and_changed(load_candles: Callable[..., str], account: Account) -> None:
    lines = [f"{1767225600 + 3600 * n},1,2,0.5,1.5,{n}" for n in range(2500)]
    assert "2500 created" in load_candles(CANDLES, *lines)
    account.refresh_from_db()
    version = account.market_version
    assert "0 created, 0 updated, 2500 skipped" in load_candles(CANDLES, *lines)
    account.refresh_from_db()
    assert account.market_version == version
    assert "1 updated, 2499 skipped" in load_candles(CANDLES, *lines[:-1], lines[-1] + "0")


def test_candle_options(load_candles: Callable[..., str]) -> None:
    row = "2026-01-01,1,2,0.5,1.5,1"
    for options in ({"symbol": "a b"}, {"symbol": "../x"}, {"timeframe": "7m"}, {"exchange": "a/b"}):
        with pytest.raises(CommandError):
            load_candles(CANDLES, row, **options)
    with pytest.raises(CommandError):
        load_candles("date,open,high,low,close", "2026-01-01,1,2,0.5,1.5")
    assert not MarketData.objects.exists()
    load_candles(CANDLES, row, exchange="binance")
    candle = MarketData.objects.get()
    assert (candle.symbol, candle.exchange, candle.timeframe) == ("BTC/USDT", "binance", "1h")


def test_real_candles(account: Account, shared_data: Path) -> None:
    path = shared_data / "candles" / "ADA_BTC_5m.csv.gz"
    if not path.exists():
        pytest.skip("no candles in the shared data")
    with gzip.open(path, "rt") as file:
        lines = file.read().splitlines()[1:]
    run("import_candles", path, "--account", "main", "--symbol", "ADA/BTC", "--timeframe", "5m")
    stored = MarketData.objects.order_by("timestamp").values_list("open", "high", "low", "close", "volume")
    assert list(stored) == [tuple(map(float, line.split(",")[1:])) for line in sorted(lines)]
