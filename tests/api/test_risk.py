"""Risk metrics and correlation over the API."""

import math
import random
import statistics
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from dashboard import wire
from dashboard.models import Account, RiskMetrics
from dashboard.rollups.follow import rollups_follow
from tests.api.conftest import Caller
from tests.api.samples import candles, closed, flow, portfolio
from tests.api.series import day, fall, post_closes, post_results, post_values, returns, sharpe, volatility

pytestmark = pytest.mark.django_db
VALUES = [1000, 1010, 990, 1030, 1020, 1060, 1050, 1100]
EXTRA = {"value", "var_95_money", "var_99_money", "cvar_95_money", "cvar_99_money"}


def test_by_hand(bot: Caller) -> None:
    post_values(bot, VALUES)
    post_results(bot, [10, -5, 20])
    found, own = bot.get("risk/metrics"), returns(VALUES)
    assert set(found) == {*wire.RISK.names, *EXTRA} - {"timestamp"}
    assert (found["source"], found["periods"], found["benchmark"]) == ("snapshots", 7, None)
    assert (found["start"], found["end"]) == (day(1), day(8))
    assert float(found["total_return"]) == pytest.approx(0.1)
    assert float(found["cagr"]) == pytest.approx(1.1 ** (365 / 7) - 1)
    assert float(found["volatility"]) == pytest.approx(volatility(own))
    assert float(found["sharpe_ratio"]) == pytest.approx(sharpe(own))
    assert float(found["max_drawdown"]) == pytest.approx(fall(VALUES))
    assert float(found["var_95_money"]) == pytest.approx(float(found["var_95"]) * 1100)
    assert found["value"] == 1100
    assert found["profit_factor"] == 6 and float(found["kelly"]) == pytest.approx(2 / 3 - 1 / 3 / 3)
    # Open from 10 to 12 on each of the first three days; the first period begins with the second day.
    assert float(found["exposure"]) == pytest.approx(4 / (7 * 24))
    assert all(found[name] is None for name in ("beta", "alpha", "correlation", "information_ratio"))


def test_agrees_with_the_row_that_events_carry(bot: Caller, account: Account) -> None:
    post_values(bot, VALUES)
    post_results(bot, [10, -5, 20])
    bot.post("cashflows", flow(timestamp=day(2, 1)))
    rollups_follow(account)
    row, found = wire.RISK.instance(RiskMetrics.objects.latest("timestamp")), bot.get("risk/metrics")
    # The row knows no trials: how many strategies were tried is asked at the time of reading.
    for name in set(wire.RISK.names) - {"timestamp", "start", "end", "benchmark", "deflated_sharpe"}:
        assert found[name] == row[name] or float(found[name]) == row[name], name


def test_agrees_with_the_overview_and_the_curve(bot: Caller) -> None:
    post_values(bot, VALUES)
    metrics, summary = bot.get("risk/metrics"), bot.get("snapshot")["summary"]
    curve, underwater = bot.get("portfolio/equity"), bot.get("analytics/drawdowns")
    assert metrics["sharpe_ratio"] == summary["sharpe_ratio"] and metrics["periods"] == summary["sharpe_periods"]
    assert float(metrics["total_return"]) * 100 == pytest.approx(float(curve["return_pct"]), rel=1e-12)
    assert float(metrics["max_drawdown"]) * 100 == pytest.approx(float(summary["max_drawdown_pct"]), rel=1e-12)
    assert underwater["drawdown"] == curve["drawdown"] and underwater["timestamps"] == curve["timestamps"]
    assert float(underwater["max_drawdown"]) * 100 == pytest.approx(float(summary["max_drawdown_pct"]), rel=1e-15)
    assert float(underwater["current_drawdown"]) * 100 == float(summary["current_drawdown_pct"])


def test_an_account_of_trades_alone_earns_from_its_first_day(bot: Caller) -> None:
    bot.post("strategies", {"name": "Trend", "allocated_capital": 1000})
    post_results(bot, [100, -55, 0, 20])
    whole, part = bot.get("risk/metrics"), bot.get("risk/metrics?strategy=Trend")
    assert whole["source"] == "trades" and whole["periods"] == 4 and whole["start"] == day(0)
    assert float(whole["total_return"]) == pytest.approx(0.065)
    assert float(whole["total_return"]) * 100 == pytest.approx(float(bot.get("portfolio/equity")["return_pct"]))
    for name in ("total_return", "sharpe_ratio", "sortino_ratio", "max_drawdown", "profit_factor", "exposure"):
        assert float(part[name]) == pytest.approx(float(whole[name]), rel=1e-9), name


def test_a_window_holds_the_days_that_begin_in_it(bot: Caller) -> None:
    post_values(bot, VALUES)
    post_results(bot, [10, -5, 20])
    found = bot.get(f"risk/metrics?start={day(2)}&end={day(5, 23)}")
    assert found["periods"] == 4 and (found["start"], found["end"]) == (day(2), day(6))
    assert float(found["total_return"]) == pytest.approx(1060 / 1010 - 1)
    assert found["profit_factor"] is None  # one win, no loss
    assert bot.get(f"risk/metrics?start={day(2, 1)}")["periods"] == 5
    # What is known at its end counts as the day's.
    early = bot.get(f"risk/metrics?end={day(3, 11)}")
    assert early["periods"] == 2 and early["value"] == 990


def test_rates_are_yearly(bot: Caller) -> None:
    post_values(bot, VALUES)
    own, daily = returns(VALUES), 1.1 ** (1 / 365) - 1
    found = bot.get("risk/metrics?risk_free=0.1&minimum=0.1")
    excess = [value - daily for value in own]
    assert float(found["sharpe_ratio"]) == pytest.approx(sharpe(excess))
    below = math.sqrt(statistics.mean(min(value, 0) ** 2 for value in excess))
    assert float(found["sortino_ratio"]) == pytest.approx(statistics.mean(excess) / below * math.sqrt(365))
    assert bot.get("risk/metrics?risk_free=-0.5")["sharpe_ratio"] > found["sharpe_ratio"]


CLOSES = [100, 102, 99, 105, 104, 103, 108, 110]


def by_benchmark(values: Sequence[float], closes: Sequence[float]) -> tuple[float, float]:
    """Beta and correlation."""
    own, other = returns(values), returns(closes)
    return statistics.covariance(own, other) / statistics.variance(other), statistics.correlation(own, other)


def test_benchmark(bot: Caller) -> None:
    post_values(bot, VALUES)
    post_closes(bot, CLOSES)
    found = bot.get("risk/metrics?benchmark=SPX")
    beta, correlation = by_benchmark(VALUES, CLOSES)
    assert found["benchmark"] == "SPX"
    assert float(found["beta"]) == pytest.approx(beta) and float(found["correlation"]) == pytest.approx(correlation)
    active = [own - other for own, other in zip(returns(VALUES), returns(CLOSES), strict=True)]
    assert float(found["tracking_error"]) == pytest.approx(volatility(active))
    assert float(found["information_ratio"]) == pytest.approx(sharpe(active))


@pytest.mark.parametrize(("timeframe", "hours"), [("1h", 1), ("4h", 4), ("1d", 24)])
def test_a_day_closes_with_its_last_candle(bot: Caller, timeframe: str, hours: int) -> None:
    post_values(bot, VALUES)
    rows = [
        [day(number, hour), *[str(close if hour + hours == 24 else 1)] * 4, "1"]
        for number, close in enumerate(CLOSES)
        for hour in range(0, 24, hours)
    ]
    if hours < 24:
        # The last day is not over yet: its newest candle is its close.
        rows = rows[:-1]
        rows[-1] = [rows[-1][0], *["110"] * 4, "1"]
    bot.post("market/SPX/ohlcv", candles(*rows, timeframe=timeframe))
    assert float(bot.get("risk/metrics?benchmark=SPX")["beta"]) == pytest.approx(by_benchmark(VALUES, CLOSES)[0])


def test_a_benchmark_that_is_not_stored_is_refused_by_name(bot: Caller) -> None:
    post_values(bot, VALUES)
    for symbol in ("SPX", "..", "a'b", "%C3%BC"):
        assert list(bot.refused(400, "GET", f"risk/metrics?benchmark={symbol}")["fields"]) == ["benchmark"]
    bot.post("market/WEEK/ohlcv", candles([day(3), 1, 1, 1, 1, 1], timeframe="1w"))
    assert list(bot.refused(400, "GET", "risk/metrics?benchmark=WEEK")["fields"]) == ["benchmark"]
    post_closes(bot, CLOSES)
    post_closes(bot, CLOSES[::-1], exchange="kraken")
    assert list(bot.refused(400, "GET", "risk/metrics?benchmark=SPX")["fields"]) == ["exchange"]
    assert list(bot.refused(400, "GET", "risk/metrics?benchmark=SPX&exchange=x")["fields"]) == ["benchmark"]
    assert list(bot.refused(400, "GET", "risk/metrics?exchange=kraken")["fields"]) == ["exchange"]
    for exchange, closes in (("", CLOSES), ("kraken", CLOSES[::-1])):
        found = bot.get(f"risk/metrics?benchmark=SPX&exchange={exchange}")["beta"]
        assert float(found) == pytest.approx(by_benchmark(VALUES, closes)[0])


def test_candles_that_change_change_the_answer(bot: Caller) -> None:
    post_values(bot, VALUES)
    post_closes(bot, CLOSES)
    first = bot.get("risk/metrics?benchmark=SPX")["beta"]
    etag = bot.response["ETag"]
    post_closes(bot, CLOSES[::-1])
    assert bot.get("risk/metrics?benchmark=SPX", if_none_match=etag)["beta"] != first


def test_the_best_of_many_is_good_by_luck(bot: Caller) -> None:
    rng = random.Random(1)
    for name in "ABC":
        bot.post("strategies", {"name": name, "allocated_capital": 1000})
        post_results(bot, [rng.randrange(-50, 60) for _ in range(30)], strategy=name)
    found = bot.get("risk/metrics")
    assert 0 < found["deflated_sharpe"] < found["probabilistic_sharpe"] < 1


def two_strategies(bot: Caller, days: int) -> list[int]:
    results = [random.Random(days).randrange(-50, 60) or 1 for _ in range(days)]
    results = [value * (-1) ** (number % 3) for number, value in enumerate(results)]
    for name, sign in (("A", 1), ("B", -1), ("C", 1)):
        bot.post("strategies", {"name": name, "allocated_capital": 10**9})
        post_results(bot, [sign * value for value in results], strategy=name, symbol=f"{name}/USDT")
    return results


def test_correlation_of_strategies(bot: Caller) -> None:
    two_strategies(bot, 30)
    bot.post("strategies", {"name": "idle", "allocated_capital": 5})
    bot.post("trades", closed(trade_id="poor", strategy="no capital"))
    found = bot.get("risk/correlation")
    assert found["strategies"] == ["A", "B", "C", "idle", "no capital"] and found["symbols"] == []
    ids = {row["name"]: row["id"] for row in bot.get("strategies")["strategies"]}
    assert found["ids"] == [ids[name] for name in found["strategies"]]
    matrix = found["correlations"]
    assert [float(value) for value in matrix[0][:3]] == pytest.approx([1, -1, 1], abs=1e-6)
    assert matrix[0][3] is None and matrix[3] == matrix[4] == [None] * 5
    assert found["observations"][0] == [30, 30, 30, 0, 0] and found["total"] == 5
    few = bot.get("risk/correlation?limit=2")
    assert few["strategies"] == ["A", "B"] and few["total"] == 5 and len(few["correlations"]) == 2


def test_correlation_of_symbols_and_of_weeks(bot: Caller, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(initial_capital=Decimal(10**9))
    two_strategies(bot, 21 * 7)
    found = bot.get("risk/correlation?by=symbol&period=weekly")
    assert found["symbols"] == ["A/USDT", "B/USDT", "C/USDT"] and found["strategies"] == []
    assert found["ids"] == []
    assert float(found["correlations"][0][1]) == pytest.approx(-1, abs=1e-6)
    assert found["observations"][0][1] == 22  # 2026-01-01 is a Thursday
    assert bot.get(f"risk/correlation?by=symbol&end={day(100)}")["observations"][0][1] == 100


def test_a_pair_with_too_little_in_common_is_not_known(bot: Caller) -> None:
    two_strategies(bot, 19)
    found = bot.get("risk/correlation")
    assert found["observations"][0][1] == 19 and found["correlations"][0][1] is None


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("risk/metrics?start=2026-01-01", "start"),
        ("risk/metrics?start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z", "end"),
        ("risk/metrics?benchmark=", "benchmark"),
        ("risk/metrics?benchmark=%00", "benchmark"),
        ("risk/metrics?risk_free=-1", "risk_free"),
        ("risk/metrics?risk_free=NaN", "risk_free"),
        ("risk/metrics?minimum=10.1", "minimum"),
        ("risk/metrics?minimum=1e-3", "minimum"),
        ("risk/metrics?period=daily", "period"),
        ("risk/metrics?symbol=a&symbol=b", "symbol"),
        (f"risk/metrics?strategy={'x' * 101}", "strategy"),
        ("risk/correlation?period=monthly", "period"),
        ("risk/correlation?by=hour", "by"),
        ("risk/correlation?limit=201", "limit"),
        ("risk/correlation?benchmark=SPX", "benchmark"),
    ],
)
def test_bad_parameters_are_named(bot: Caller, path: str, field: str) -> None:
    assert list(bot.refused(400, "GET", path)["fields"]) == [field]


def test_another_accounts_figures_are_not_mixed_in(bot: Caller, program: Any, other_account: Account) -> None:
    post_values(bot, VALUES)
    post_closes(bot, CLOSES)
    stranger = program(of=other_account)
    assert stranger.get("risk/metrics")["periods"] == 0
    assert list(stranger.refused(400, "GET", "risk/metrics?benchmark=SPX")["fields"]) == ["benchmark"]
    stranger.post("portfolio", portfolio())
    assert stranger.get("risk/metrics")["source"] == "snapshots"
