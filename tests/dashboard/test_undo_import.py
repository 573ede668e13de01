"""undo_import: what an import made goes, what others changed stays, readers are told."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.utils import timezone
from rest_framework.test import APIClient

from dashboard.models import Account, Alert, ImportRun, MarketData, Trade
from dashboard.services.market import candles_record
from dashboard.services.trades import trade_annotate, trades_record
from realtime.log import read
from tests.dashboard.commands import head, run

pytestmark = pytest.mark.django_db

HEADER = "trade_id,symbol,direction,size,status"


@pytest.fixture
def load(account: Account, tmp_path: Path) -> Callable[..., ImportRun]:
    """Import trades `{trade_id: size}` and return the run."""

    def call(**sizes: int) -> ImportRun:
        path = tmp_path / "t.csv"
        path.write_text("\n".join([HEADER, *(f"{name},X,long,{size},pending" for name, size in sizes.items())]))
        said = run("import_trades", path, "--account", "main")
        found = ImportRun.objects.latest("id")
        assert f"Import {found.pk} into main" in said
        return found

    return call


def item(trade_id: str, size: int) -> dict[str, object]:
    return {"trade_id": trade_id, "symbol": "X", "direction": "long", "size": Decimal(size), "status": "pending"}


def ids() -> set[str]:
    return set(Trade.objects.values_list("trade_id", flat=True))


def test_everything_goes_and_is_announced_and_may_come_again(load: Callable[..., ImportRun], account: Account) -> None:
    sizes = {f"t{n}": 1 for n in range(1101)}
    first = load(**sizes)
    Alert.objects.create(
        account=account,
        type="trade",
        severity="info",
        title="x",
        trade=Trade.objects.all()[0],
        created_at=timezone.now(),
    )
    before = head(account)
    assert "1101 trades and 0 candles deleted" in run("undo_import", first.pk)
    assert not Trade.objects.exists()
    assert Alert.objects.get().trade is None
    events = read(account.stream_key, before, 2000)
    gone = [json.loads(event.data) for event in events if event.type == "trade_executed"]
    freed = [json.loads(event.data) for event in events if event.type == "alert"]
    assert (len(events), len(gone)) == (1102, 1101)
    assert [(row["change"], row["trade_id"]) for row in freed] == [("updated", None)]
    assert {row["change"] for row in gone} == {"deleted"}
    assert {row["trade_id"] for row in gone} == set(sizes)
    with pytest.raises(CommandError, match=f"Import {first.pk} was undone before"):
        run("undo_import", first.pk)
    assert head(account) == before + 1102
    load(**sizes)
    assert Trade.objects.count() == 1101


def test_what_changed_later_is_kept(
    load: Callable[..., ImportRun], account: Account, api: Callable[..., APIClient], make_key: Callable[..., str]
) -> None:
    first = load(untouched=1, reported=1, annotated=1, imported=1, repeated=1)
    body = {**item("reported", 2), "size": "2"}
    assert api(make_key(account)).post("/api/trades", body, format="json").status_code == 200
    again = {**item("repeated", 1), "size": "1"}
    assert api(make_key(account)).post("/api/trades", again, format="json").status_code == 200
    trade_annotate(trade=Trade.objects.get(trade_id="annotated"), values={"notes": "mine"}, now=timezone.now())
    load(imported=3)
    said = run("undo_import", first.pk)
    assert ids() == {"reported", "annotated", "imported"}
    assert "2 trades and" in said
    assert "3 trades kept (changed after the import): reported, annotated, imported" in said


def test_what_was_there_before_is_kept(load: Callable[..., ImportRun], account: Account) -> None:
    long_ago = timezone.now() - timedelta(days=1)
    trades_record(account=account, items=[item("old", 1), item("same", 5)], now=long_ago)
    second = load(old=2, same=5, new=1)
    said = run("undo_import", second.pk)
    assert ids() == {"old", "same"}
    assert Trade.objects.get(trade_id="old").size == 2
    assert "1 trades and" in said and "1 trades kept (there before the import, which updated them): old" in said


def test_a_trade_that_stands_twice_in_one_import_goes(load: Callable[..., ImportRun], tmp_path: Path) -> None:
    rows = [f"t{n},X,long,1,pending" for n in range(600)]
    path = tmp_path / "twice.csv"
    path.write_text("\n".join([HEADER, *rows, *(row.replace(",1,", ",2,") for row in rows)]))
    run("import_trades", path, "--account", "main")
    assert Trade.objects.count() == 600
    run("undo_import", ImportRun.objects.latest("id").pk)
    assert not Trade.objects.exists()


def test_candles(account: Account, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    start = 1767225600
    path.write_text(
        "date,open,high,low,close,volume\n" + "".join(f"{start + 3600 * n},1,2,1,2,3\n" for n in range(1500))
    )
    before_all = (datetime.fromtimestamp(start, UTC), 1.0, 2.0, 1.0, 2.0, 99.0)
    candles_record(account=account, symbol="X", exchange="", timeframe="1h", candles=[before_all])
    run("import_candles", path, "--account", "main", "--symbol", "X", "--timeframe", "1h")
    first = ImportRun.objects.latest("id")
    changed = MarketData.objects.order_by("timestamp")[7]
    candle = (changed.timestamp, 1.0, 9.0, 1.0, 2.0, 3.0)
    candles_record(account=account, symbol="X", exchange="", timeframe="1h", candles=[candle])
    account.refresh_from_db()
    version, before = account.market_version, head(account)
    said = run("undo_import", first.pk)
    assert "0 trades and 1498 candles deleted" in said and "2 candles kept" in said
    assert [candle.volume for candle in MarketData.objects.order_by("timestamp")] == [3, 3]
    assert MarketData.objects.latest("timestamp").pk == changed.pk
    account.refresh_from_db()
    assert account.market_version > version
    assert head(account) == before


def test_unknown_import(db: None) -> None:
    with pytest.raises(CommandError, match="There is no import 77"):
        run("undo_import", 77)
