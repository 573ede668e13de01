"""Rollups follow the log: incrementally, idempotently, and equal to what is built from nothing."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from itertools import chain, repeat
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from dashboard.models import Account, ImportRun, RiskMetrics, StrategyPerformance, Trade
from dashboard.rollups.follow import rollups_follow
from dashboard.services.access import account_create
from dashboard.services.audit import COMMAND
from dashboard.services.imports import import_undo
from dashboard.services.portfolio import cash_flows_record, snapshots_record
from dashboard.services.strategies import strategies_record
from dashboard.services.trades import trades_record
from realtime.log import change_epoch, position, read
from realtime.models import Cursor

pytestmark = pytest.mark.django_db(transaction=True)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def account(db: None) -> Account:
    return account_create(slug="main")


def closed(name: str, strategy: str, left: datetime, pnl: str, **fields: object) -> dict[str, object]:
    return {
        "trade_id": name,
        "symbol": "BTC/USDT",
        "strategy": strategy,
        "direction": "long",
        "size": Decimal(1),
        "status": "closed",
        "entry_price": Decimal(100),
        "exit_price": Decimal(101),
        "entry_time": left - timedelta(hours=5),
        "exit_time": left,
        "net_pnl": Decimal(pnl),
        "fees": Decimal("0.1"),
        **fields,
    }


def record(account: Account, *items: dict[str, object]) -> None:
    trades_record(account=account, items=list(items), now=NOW)


def rebuild() -> str:
    out = StringIO()
    call_command("rebuild_rollups", stdout=out)
    return out.getvalue()


def test_days_weeks_and_months_of_a_strategy(account: Account) -> None:
    strategies_record(account=account, items=[{"name": "Trend", "allocated_capital": Decimal(1000)}], now=NOW)
    monday = datetime(2026, 3, 30, 10, tzinfo=UTC)
    record(account, closed("a", "Trend", monday, "100"), closed("b", "Trend", monday + timedelta(days=2), "-55"))
    rollups_follow(account)
    rows = StrategyPerformance.objects.order_by("timestamp")
    daily = rows.filter(period="daily").values_list("equity", "net_pnl", "gross_pnl", "total_trades", "win_rate")
    assert list(daily) == [
        (Decimal(1100), Decimal(100), Decimal("100.1"), 1, 100.0),
        (Decimal(1100), Decimal(0), Decimal(0), 0, None),
        (Decimal(1045), Decimal(-55), Decimal("-54.9"), 1, 0.0),
    ]
    week = rows.get(period="weekly")
    assert (week.total_trades, week.winning_trades, week.losing_trades) == (2, 1, 1)
    assert week.return_pct == pytest.approx(4.5)
    assert week.max_drawdown == pytest.approx(-0.05)
    months = rows.filter(period="monthly").values_list("timestamp__month", "net_pnl")
    assert list(months) == [(3, Decimal(100)), (4, Decimal(-55))]


def test_without_capital_there_is_money_but_no_return(account: Account) -> None:
    record(account, closed("a", "Trend", BEGIN, "100"))
    rollups_follow(account)
    row = StrategyPerformance.objects.get(period="daily")
    assert (row.net_pnl, row.equity, row.return_pct, row.sharpe_ratio) == (Decimal(100), None, None, None)


def test_a_change_publishes_one_risk_update_and_following_again_nothing(account: Account) -> None:
    snapshots = [{"timestamp": BEGIN + timedelta(days=day), "total_value": Decimal(1000 + day)} for day in range(5)]
    snapshots_record(account=account, items=snapshots, now=NOW)
    rollups_follow(account)
    events = read(account.stream_key, 0, 100)
    assert [row.type for row in events].count("risk_update") == 1
    assert '"source":"snapshots"' in events[-1].data
    assert RiskMetrics.objects.count() == 4
    head = position(account.stream_key).head
    assert rollups_follow(account) == 0
    assert position(account.stream_key).head == head


def test_the_first_snapshot_takes_over_from_trades(account: Account) -> None:
    strategies_record(account=account, items=[{"name": "Trend", "allocated_capital": Decimal(1000)}], now=NOW)
    record(account, *(closed(f"t{day}", "Trend", BEGIN + timedelta(days=day, hours=9), "10") for day in range(4)))
    rollups_follow(account)
    assert set(RiskMetrics.objects.values_list("source", flat=True)) == {"trades"}
    items = [{"timestamp": BEGIN + timedelta(days=day), "total_value": Decimal(1000 + day)} for day in (10, 11, 12)]
    snapshots_record(account=account, items=items, now=NOW)
    rollups_follow(account)
    assert set(RiskMetrics.objects.values_list("source", flat=True)) == {"snapshots"}
    assert RiskMetrics.objects.count() == 2


def test_a_kill_between_effects_and_cursor_is_no_loss(account: Account) -> None:
    record(account, closed("a", "Trend", BEGIN, "1"))
    rollups_follow(account)
    record(account, closed("b", "Trend", BEGIN, "2"))
    before = Cursor.objects.get().seq

    def dies_before_its_commit() -> None:
        with transaction.atomic():
            rollups_follow(account)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        dies_before_its_commit()
    assert Cursor.objects.get().seq == before
    rollups_follow(account)
    assert StrategyPerformance.objects.get(period="daily").net_pnl == Decimal(3)


@pytest.mark.parametrize(("took", "rests"), [(0.4, [0.4]), (9.0, [1.0])])
def test_with_more_to_come_it_rests_as_long_as_it_held_the_lock(
    account: Account, monkeypatch: pytest.MonkeyPatch, took: float, rests: list[float]
) -> None:
    rollups_follow(account)
    record(account, *(closed(f"t{number}", "Trend", BEGIN, "1") for number in range(1000)))
    rested: list[float] = []
    ticks = chain([0.0, took], repeat(took))
    monkeypatch.setattr("realtime.follow.time", SimpleNamespace(monotonic=ticks.__next__, sleep=rested.append))
    rollups_follow(account)
    assert rested == rests and StrategyPerformance.objects.get(period="daily").total_trades == 1000


def test_a_restored_log_is_followed_from_the_rows(account: Account) -> None:
    record(account, closed("a", "Trend", BEGIN, "1"))
    rollups_follow(account)
    StrategyPerformance.objects.all().delete()
    change_epoch(account.stream_key)
    rollups_follow(account)
    assert StrategyPerformance.objects.filter(period="daily").count() == 1


def test_a_wrong_row_is_found_and_replaced(account: Account) -> None:
    record(account, closed("a", "Trend", BEGIN, "1"))
    rollups_follow(account)
    StrategyPerformance.objects.filter(period="daily").update(win_rate=12.5)
    with pytest.raises(CommandError, match="1 accounts"):
        call_command("rebuild_rollups", stdout=StringIO())
    assert "equal" in rebuild()


def edits(account: Account, seed: int, count: int) -> Iterator[int]:
    """Change the account at random, as bots and people do: new, late, corrected, reopened, moved and deleted trades,
    snapshots, cash flows and capital."""
    rng = random.Random(seed)
    for number in range(count):
        left = BEGIN + timedelta(minutes=rng.randrange(60 * 24 * 60))
        name, strategy = f"t{rng.randrange(60)}", f"S{rng.randrange(4)}"
        rev = Trade.objects.filter(account=account, trade_id=name).values_list("rev", flat=True).first() or 0
        dice = rng.random()
        if dice < 0.55:
            held = timedelta(minutes=rng.randrange(1, 9000))
            pnl = str(rng.randrange(-5000, 5000) / 100)
            record(account, closed(name, strategy, left, pnl, entry_time=left - held, rev=rev + 1))
        elif dice < 0.65:
            item = {**closed(name, strategy, left, "1", rev=rev + 1), "status": "open"}
            record(account, {key: item[key] for key in item if key not in ("exit_price", "exit_time", "net_pnl")})
        elif dice < 0.75:
            run = ImportRun.objects.create(account=account, kind="csv")
            item = closed(f"gone-{number}", strategy, left, "25")
            trades_record(account=account, items=[item], now=NOW, import_run=run)
            if rng.random() < 0.5:
                rollups_follow(account)
            import_undo(run=run, actor=COMMAND, now=NOW)
        elif dice < 0.85:
            capital = Decimal(rng.randrange(500, 3000))
            strategies_record(account=account, items=[{"name": strategy, "allocated_capital": capital}], now=NOW)
        elif dice < 0.95 and number > count // 3:
            items = [{"timestamp": left, "total_value": Decimal(rng.randrange(900, 1100))}]
            snapshots_record(account=account, items=items, now=NOW)
        else:
            flow = {"flow_id": name, "timestamp": left, "amount": Decimal(rng.randrange(1, 50)), "kind": "deposit"}
            cash_flows_record(account=account, items=[flow], now=NOW)
        if rng.random() < 0.4:
            rollups_follow(account)
        yield number


@pytest.mark.parametrize("seed", [1, 2])
def test_incremental_equals_rebuilt_after_random_edits(account: Account, seed: int) -> None:
    for number in edits(account, seed, 90):
        if number % 30 == 29:
            assert "equal" in rebuild()


def test_incremental_equals_rebuilt_on_real_backtests(account: Account, shared_data: Path) -> None:
    files = sorted(str(path) for path in (shared_data / "freqtrade_backtests").glob("*.json.gz"))
    for file in files:
        call_command("import_freqtrade", file, account="main", stdout=StringIO())
        rollups_follow(account)
    for _ in edits(account, 3, 20):
        pass
    assert "equal" in rebuild()


def test_the_number_of_queries_does_not_grow_with_trades(account: Account) -> None:
    def queries(count: int) -> int:
        record(account, *(closed(f"{count}-{index}", "Trend", BEGIN, "1") for index in range(count)))
        with CaptureQueriesContext(connection) as captured:
            rollups_follow(account)
        return len(captured)

    rollups_follow(account)
    queries(1)
    assert queries(2) == queries(150)
