"""What happens while rollups are worked out and written: reports come in, others follow too, the process is killed."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections

from dashboard.models import Account, CountedTrade, StrategyPerformance
from dashboard.rollups import follow as rollups
from dashboard.rollups import rows
from dashboard.rollups.follow import rollups_follow
from dashboard.services.strategies import strategies_record
from realtime import follow
from realtime.log import read
from realtime.models import Cursor
from tests.api.samples import trade
from tests.dashboard.test_rollups import BEGIN, NOW, closed, edits, rebuild, record
from tests.dashboard.test_rollups import account as account  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)
Hook = Callable[[], None]


class Killed(BaseException):
    pass


def patch_sleep(monkeypatch: pytest.MonkeyPatch, hook: Hook) -> None:
    monkeypatch.setattr(follow, "time", SimpleNamespace(monotonic=time.monotonic, sleep=lambda seconds: hook()))


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[Hook], None]:
    """`between(hook)` calls it between what a plan reads, and between two of its transactions."""

    def install(hook: Hook) -> None:
        parts = rollups.performance_parts

        def read_later(*args: Any) -> list[rows.Part]:
            hook()
            found = list(parts(*args))
            hook()
            return found

        monkeypatch.setattr(rollups, "performance_parts", read_later)
        patch_sleep(monkeypatch, hook)

    return install


def test_a_report_is_answered_while_rollups_are_worked_out(
    account: Account, api: Any, make_key: Any, between: Callable[[Hook], None]
) -> None:
    program = api(make_key(account))
    answers: list[int] = []

    def report() -> None:
        answers.append(program.post("/api/trades", trade(trade_id=f"t{len(answers)}"), format="json").status_code)
        connections.close_all()

    record(account, closed("a", "Trend", BEGIN, "1"))
    with ThreadPoolExecutor(1) as another:
        between(lambda: another.submit(report).result(5) if len(answers) < 2 else None)
        rollups_follow(account)
    assert answers == [201, 201]


def test_a_day_of_1970_is_written_in_many_short_transactions(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    strategies_record(account=account, items=[{"name": "Trend", "allocated_capital": Decimal(1000)}], now=NOW)
    record(account, closed("new", "Trend", LONG_AGO + timedelta(days=7000), "1"))
    rollups_follow(account)
    record(account, closed("old", "Trend", LONG_AGO, "2"))
    before = Cursor.objects.get()
    written: list[int] = []
    patch_sleep(monkeypatch, lambda: written.append(StrategyPerformance.objects.count()))
    rollups_follow(account)
    assert len(written) >= 4
    assert max(after - first for first, after in zip([3, *written], written, strict=False)) <= rows.PIECE
    assert Cursor.objects.get().seq > before.seq
    daily = StrategyPerformance.objects.filter(period="daily")
    assert daily.count() == 7001
    assert daily.latest("timestamp").equity == Decimal(1003)
    told = [row.type for row in read(account.stream_key, before.seq, 100)]
    assert (told.count("strategy_update"), told.count("risk_update")) == (1, 1)


def test_a_kill_between_two_transactions_is_no_loss(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "PIECE", 3)
    record(account, closed("a", "Trend", BEGIN, "1"), closed("b", "Trend", BEGIN + timedelta(days=9), "2"))
    deaths = 0

    def dies() -> None:
        nonlocal deaths
        deaths += 1
        raise Killed

    while True:
        with monkeypatch.context() as patched:
            patch_sleep(patched, dies)
            try:
                rollups_follow(account)
                break
            except Killed:
                assert deaths < 20
    assert deaths > 2
    assert CountedTrade.objects.count() == 2
    assert "equal" in rebuild()


def test_of_two_followers_one_throws_its_work_away(account: Account, between: Callable[[Hook], None]) -> None:
    rollups_follow(account)
    record(account, closed("a", "Trend", BEGIN, "1"))
    called = 0

    def overtake() -> None:
        nonlocal called
        called += 1
        if called == 2:  # all is read, nothing is written
            record(account, closed("a", "Trend", BEGIN + timedelta(days=3), "1", rev=2))
            assert rollups_follow(account) > 0

    between(overtake)
    rollups_follow(account)
    assert called == 4  # by each of the two: nothing is followed twice
    assert StrategyPerformance.objects.get(period="daily").timestamp == BEGIN + timedelta(days=3)
    assert "equal" in rebuild()


def test_a_trade_that_moves_on_while_it_is_counted_leaves_nothing_behind(
    account: Account, between: Callable[[Hook], None]
) -> None:
    """Read on its second day, it is on its third before what tells of the second is followed."""
    record(account, closed("x", "Trend", BEGIN, "5"), closed("a", "Trend", BEGIN + timedelta(days=20), "1"))
    rollups_follow(account)
    record(account, closed("b", "Trend", BEGIN, "1"))
    moves = iter([1, 30])

    def move() -> None:
        if (days := next(moves, None)) is not None:
            left = BEGIN + timedelta(days=days)
            record(account, closed("a", "Trend", left, "1", rev=days + 2))

    between(move)
    rollups_follow(account)
    assert "equal" in rebuild()


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_incremental_equals_rebuilt_whatever_happens_meanwhile(
    account: Account, between: Callable[[Hook], None], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(rows, "PIECE", 7)
    monkeypatch.setattr(rollups, "MOST_DAYS", 400)
    monkeypatch.setattr(follow, "PAGE", 5)
    chance, follows, depth = random.Random(seed), rollups.rollups_follow, 0

    def meanwhile() -> None:
        nonlocal depth
        dice = chance.random()
        if depth or connection.in_atomic_block:
            return
        depth += 1
        try:
            if dice < 0.05:
                raise Killed
            if dice < 0.15:
                follows(account)
            elif dice < 0.5:
                next(work, None)
        finally:
            depth -= 1

    def follow_or_die(account: Account) -> int:
        while True:
            try:
                return follows(account)
            except Killed:
                continue

    work = edits(account, seed, 80)
    monkeypatch.setattr("tests.dashboard.test_rollups.rollups_follow", lambda account: 0)
    between(meanwhile)
    for _ in work:
        if chance.random() < 0.5:
            follow_or_die(account)
    follow_or_die(account)
    monkeypatch.undo()
    assert "equal" in rebuild()
