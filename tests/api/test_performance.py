"""What strategies did, alone and beside each other, over the API."""

from typing import Any

import pytest
import time_machine

from dashboard import wire
from dashboard.models import Account, Strategy, StrategyPerformance
from dashboard.rollups.follow import rollups_follow
from tests.api.conftest import Caller
from tests.api.samples import trade
from tests.api.series import day, fall, floats, post_results, returns, sharpe, volatility

pytestmark = pytest.mark.django_db
RESULTS = {"A": [100, -55, 0, 20], "B": [-10, 30, 5]}


@pytest.fixture
def strategies(bot: Caller, account: Account) -> dict[str, int]:
    """Numbers of A, with a capital of 1000, and of B, without one."""
    bot.post("strategies", {"name": "A", "allocated_capital": 1000})
    for name, results in RESULTS.items():
        post_results(bot, results, strategy=name)
    rollups_follow(account)
    return dict(Strategy.objects.values_list("name", "pk"))


@pytest.mark.parametrize(("period", "count"), [("daily", 4), ("weekly", 1), ("monthly", 1)])
def test_rows_of_a_period(bot: Caller, strategies: dict[str, int], period: str, count: int) -> None:
    found = bot.get(f"strategies/{strategies['A']}/performance?period={period}")
    assert found["count"] == count == len(found["performance"])
    stored = StrategyPerformance.objects.filter(strategy=strategies["A"], period=period).order_by("timestamp")
    assert [row["net_pnl"] for row in found["performance"]] == [row.net_pnl for row in stored]
    last = found["performance"][-1]
    assert set(last) == set(wire.PERFORMANCE.names) and last["period"] == period and last["equity"] == 1065
    worth = [1000.0, 1100.0, 1045.0, 1045.0, 1065.0]
    assert float(last["sharpe_ratio"]) == pytest.approx(sharpe(returns(worth)))
    assert float(last["max_drawdown"]) == pytest.approx(fall(worth))


def test_the_newest_rows_oldest_first(bot: Caller, strategies: dict[str, int]) -> None:
    path = f"strategies/{strategies['A']}/performance"
    assert [row["timestamp"] for row in bot.get(f"{path}?limit=2")["performance"]] == [day(2), day(3)]
    with time_machine.travel(day(3, 12), tick=False):
        assert [row["timestamp"] for row in bot.get(f"{path}?days=2")["performance"]] == [day(2), day(3)]
    with time_machine.travel(day(90), tick=False):
        assert bot.get(f"{path}?days=2") == {"performance": [], "count": 0}
        assert bot.get(f"{path}?days=36600")["count"] == 4


def test_comparison(bot: Caller, strategies: dict[str, int]) -> None:
    found = bot.get(f"strategies/comparison?ids={strategies['B']},{strategies['A']}")
    assert found["timestamps"] == [day(number) for number in range(4)] and found["count"] == 2
    b, a = found["strategies"]
    assert (a["strategy"]["name"], b["strategy"]["name"]) == ("A", "B")
    assert a["strategy"] == bot.get(f"strategies/{strategies['A']}")
    assert a["equity"] == [1100, 1045, 1045, 1065]
    assert floats(a["cumulative"]) == pytest.approx([0.1, 0.045, 0.045, 0.065])
    assert b["equity"] == b["cumulative"] == [None] * 4
    worth = [1000.0, 1100.0, 1045.0, 1045.0, 1065.0]
    figures = a["performance"]
    assert float(figures["return_pct"]) == pytest.approx(6.5) and figures["equity"] == 1065
    assert float(figures["sharpe_ratio"]) == pytest.approx(sharpe(returns(worth)))
    assert float(figures["volatility"]) == pytest.approx(volatility(returns(worth)))
    assert float(figures["max_drawdown"]) == pytest.approx(fall(worth))
    assert b["performance"]["sharpe_ratio"] is None and b["performance"]["total_pnl"] == 25


def test_agrees_with_the_statistics_and_with_the_rows(bot: Caller, strategies: dict[str, int]) -> None:
    numbers = ",".join(map(str, strategies.values()))
    for each in bot.get(f"strategies/comparison?ids={numbers}")["strategies"]:
        name, figures = each["strategy"]["name"], each["performance"]
        stats = bot.get(f"trades/stats?strategy={name}")
        for key in set(stats) - {"open_trades", "unrealized_pnl", "groups", "columns"}:
            assert figures[key] == stats[key], key
        last = bot.get(f"strategies/{strategies[name]}/performance")["performance"][-1]
        for key in ("equity", "sharpe_ratio", "sortino_ratio", "max_drawdown", "volatility"):
            assert figures[key] == last[key], key
    points = bot.get("analytics/risk-return")
    for place, name in enumerate(points["strategies"]):
        figures = bot.get(f"strategies/comparison?ids={points['ids'][place]}")["strategies"][0]["performance"]
        assert points["net_pnl"][place] == figures["total_pnl"] and points["trades"][place] == len(RESULTS[name])
        for key in ("win_rate", "volatility", "sharpe_ratio", "sortino_ratio", "max_drawdown", "total_return"):
            assert points[key][place] == figures[key], key


def test_a_stretch_and_its_capital(bot: Caller, strategies: dict[str, int]) -> None:
    found = bot.get(f"strategies/comparison?ids={strategies['A']}&start={day(1)}&end={day(2, 23)}")
    (a,) = found["strategies"]
    assert found["timestamps"] == [day(1), day(2)] and a["equity"] == [1045, 1045]
    assert float(a["performance"]["return_pct"]) == pytest.approx(-5) and a["performance"]["total_trades"] == 2
    assert floats(a["cumulative"]) == pytest.approx([-0.05, -0.05])


def test_many_days_are_drawn_with_fewer_points(bot: Caller) -> None:
    bot.post("strategies", [{"name": "A", "allocated_capital": 10_000}, {"name": "B", "allocated_capital": 10_000}])
    post_results(bot, [(number * 37) % 11 - 5 for number in range(300)], strategy="A")
    post_results(bot, [*[1] * 250, -900, *[1] * 49], strategy="B")
    numbers = ",".join(map(str, Strategy.objects.values_list("pk", flat=True)))
    found = bot.get(f"strategies/comparison?ids={numbers}&points=100")
    assert 20 < len(found["timestamps"]) <= 100
    assert min(found["strategies"][1]["equity"]) == 10_000 + 250 - 900
    assert all(len(each["equity"]) == len(found["timestamps"]) for each in found["strategies"])


def test_a_lost_capital_has_no_returns(bot: Caller) -> None:
    bot.post("strategies", {"name": "A", "allocated_capital": 100})
    post_results(bot, [50, -150, 10], strategy="A")
    pk = Strategy.objects.get().pk
    (found,) = bot.get(f"strategies/comparison?ids={pk}")["strategies"]
    assert found["performance"]["return_pct"] is None and found["performance"]["equity"] == 10
    (before,) = bot.get(f"strategies/comparison?ids={pk}&end={day(0, 23)}")["strategies"]
    assert before["performance"]["return_pct"] == 50


def test_open_trades_are_no_results(bot: Caller) -> None:
    bot.post("strategies", {"name": "A", "allocated_capital": 100})
    bot.post("trades", trade(strategy="A", net_pnl="5"))
    pk = Strategy.objects.get().pk
    (found,) = bot.get(f"strategies/comparison?ids={pk}")["strategies"]
    assert found["performance"]["total_trades"] == 0 and found["performance"]["equity"] is None
    assert bot.get("analytics/risk-return")["trades"] == [0]


def test_the_most_traded_are_given(bot: Caller, strategies: dict[str, int]) -> None:
    found = bot.get("analytics/risk-return?limit=1")
    assert found["strategies"] == ["A"] and found["total"] == 2
    assert bot.get(f"analytics/risk-return?start={day(3)}")["net_pnl"] == [20, 0]


def test_strategies_of_another_account_are_not_there(
    bot: Caller, program: Any, other_account: Account, strategies: dict[str, int]
) -> None:
    stranger = program(of=other_account)
    stranger.refused(404, "GET", f"strategies/{strategies['A']}/performance")
    assert list(stranger.refused(400, "GET", f"strategies/comparison?ids={strategies['A']}")["fields"]) == ["ids"]
    assert stranger.get("analytics/risk-return")["strategies"] == []


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("performance?days=0", "days"),
        ("performance?days=36601", "days"),
        ("performance?period=hourly", "period"),
        ("performance?limit=5001", "limit"),
        ("performance?start=2026-01-01T00:00:00Z", "start"),
        ("comparison", "ids"),
        ("comparison?ids=", "ids"),
        ("comparison?ids=1,,2", "ids"),
        ("comparison?ids=1,1", "ids"),
        ("comparison?ids=1,-2", "ids"),
        ("comparison?ids=%D9%A1", "ids"),
        ("comparison?ids=999999999999999", "ids"),
        ("comparison?ids=9999999999999999", "ids"),
        (f"comparison?ids={','.join(map(str, range(21)))}", "ids"),
        ("comparison?ids=1&ids=2", "ids"),
        ("comparison?ids=1&points=99", "points"),
        ("comparison?ids=1&points=5001", "points"),
    ],
)
def test_bad_parameters_are_named(bot: Caller, strategies: dict[str, int], path: str, field: str) -> None:
    prefix = f"strategies/{strategies['A']}" if path.startswith("performance") else "strategies"
    assert list(bot.refused(400, "GET", f"{prefix}/{path}")["fields"]) == [field]
