"""Charts of real backtests and real prices, beside freqtrade's own figures and sums made by hand."""

import csv
import gzip
import json
import math
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.models import Strategy
from tests.api.conftest import Caller
from tests.api.samples import candles, portfolio
from tests.api.series import floats
from tests.dashboard.commands import run

pytestmark = pytest.mark.django_db
FILES = ("supertrend_762", "macd_156", "reinforced_average_143", "sample_160", "no_trades")


@pytest.fixture
def backtests(bot: Caller, shared_data: Path) -> dict[str, dict[str, Any]]:
    """The imported results by strategy, numbers with a point as Decimal."""
    found: dict[str, dict[str, Any]] = {}
    for name in FILES:
        path = shared_data / "freqtrade_backtests" / f"{name}.json.gz"
        run("import_freqtrade", path, "--account", "main")
        with gzip.open(path) as file:
            found |= json.load(file, parse_float=Decimal)["strategy"]
    return found


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_daily_results_are_freqtrades(bot: Caller, backtests: dict[str, dict[str, Any]]) -> None:
    for name, result in backtests.items():
        found = bot.get(f"analytics/returns?strategy={name}")
        wanted = dict(result["daily_profit"]) if result["trades"] else {}
        days = dict(zip(found["dates"], found["net_pnl"], strict=True))
        assert {day: round(value, 6) for day, value in days.items()} == pytest.approx(
            {day: round(Decimal(value), 6) for day, value in wanted.items()}, abs=Decimal("0.000001")
        )
        assert sum(found["trades"]) == len(result["trades"])
        if wanted:
            grown = float(result["final_balance"] / result["starting_balance"]) - 1
            assert float(found["cumulative"][-1]) == pytest.approx(grown)


def test_months_are_the_sums_of_their_trades(bot: Caller, backtests: dict[str, dict[str, Any]]) -> None:
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for result in backtests.values():
        for trade in result["trades"]:
            sums[moment(trade["close_date"][:19]).month] += trade["profit_abs"]
    found = bot.get("analytics/monthly")
    assert found["years"] == [2023] and set(sums) == {7, 8}
    assert [found["net_pnl"][0][month - 1] for month in (7, 8)] == [sums[7], sums[8]]
    assert found["net_pnl_totals"] == [sums[7] + sums[8]] == [bot.get("trades/stats")["total_pnl"]]
    assert float(found["totals"][0]) == pytest.approx(float((sums[7] + sums[8]) / 5000))
    assert float(found["totals"][0]) * 100 == pytest.approx(float(bot.get("portfolio/equity")["return_pct"]))


def test_drawdowns_are_those_of_the_balance(bot: Caller, backtests: dict[str, dict[str, Any]]) -> None:
    for name, result in backtests.items():
        closes: dict[int, Decimal] = defaultdict(Decimal)
        for trade in result["trades"]:
            closes[trade["close_timestamp"]] += trade["profit_abs"]
        balance = peak = Decimal(result["starting_balance"])
        depth, trough = Decimal(0), None
        for at in sorted(closes):
            balance += closes[at]
            peak = max(peak, balance)
            if balance / peak - 1 < depth:
                depth, trough = balance / peak - 1, at
        found = bot.get(f"analytics/drawdowns?strategy={name}")
        if trough is None:
            assert found["max_drawdown"] is None and found["worst"]["depths"] == []
            continue
        assert float(found["max_drawdown"]) == pytest.approx(float(depth))
        assert datetime.fromisoformat(found["worst"]["troughs"][0]).timestamp() * 1000 == trough
        # freqtrade goes trade by trade within a moment too, so it may find a little more.
        assert -float(depth) == pytest.approx(float(result["max_drawdown_account"]), rel=0.01)


def test_the_waterfall_ends_at_freqtrades_balance(bot: Caller, backtests: dict[str, dict[str, Any]]) -> None:
    whole = bot.get("analytics/waterfall")
    bars = dict(zip(whole["names"], whole["values"], strict=True))
    stats = bot.get("trades/stats")
    assert bars["start"] == 5000 and bars["end"] - bars["start"] == stats["total_pnl"]
    assert bars["fees"] == -stats["total_fees"] and bars["other"] == bars["deposits"] == 0
    for name, result in backtests.items():
        found = bot.get(f"analytics/waterfall?strategy={name}")
        assert float(found["values"][-1]) == pytest.approx(float(result["final_balance"]) if result["trades"] else 0)


def test_what_flows_in_flows_out(bot: Caller, backtests: dict[str, dict[str, Any]]) -> None:
    found = bot.get("analytics/sankey")
    into: dict[int, Decimal] = defaultdict(Decimal)
    out: dict[int, Decimal] = defaultdict(Decimal)
    for source, target, value in zip(*(found["links"][name] for name in ("sources", "targets", "values")), strict=True):
        out[source] += value
        into[target] += value
    levels = found["nodes"]["levels"]
    assert all(into[node] == out[node] for node, level in enumerate(levels) if level in (1, 2))
    profits = [trade["profit_abs"] for result in backtests.values() for trade in result["trades"]]
    assert out[0] == sum(map(abs, profits))
    hours = bot.get("analytics/hours")
    assert sum(sum(row) for row in hours["net_pnl"]) == sum(profits)
    for group in bot.get("trades/stats?group_by=weekday")["groups"]:
        row = int(group["name"]) - 1
        assert sum(hours["net_pnl"][row]) == group["total_pnl"] and sum(hours["trades"][row]) == group["total_trades"]


def test_strategies_agree_with_freqtrade_and_with_the_statistics(
    bot: Caller, backtests: dict[str, dict[str, Any]]
) -> None:
    numbers = ",".join(map(str, Strategy.objects.values_list("pk", flat=True)))
    for each in bot.get(f"strategies/comparison?ids={numbers}")["strategies"]:
        result, figures = backtests[each["strategy"]["name"]], each["performance"]
        if not result["trades"]:
            assert figures["total_trades"] == 0 and figures["equity"] is None
            continue
        assert float(figures["equity"]) == pytest.approx(float(result["final_balance"]))
        assert float(figures["total_return"]) == pytest.approx(float(result["profit_total"]))
        assert float(figures["profit_factor"]) == pytest.approx(float(result["profit_factor"]))
        assert float(figures["win_rate"]) == pytest.approx(100 * float(result["winrate"]))
        assert figures["max_consecutive_wins"] == result["max_consecutive_wins"]
    matrix = bot.get("risk/correlation")["correlations"]
    returns = {name: bot.get(f"analytics/returns?strategy={name}") for name in ("MACDStrategy", "Supertrend")}
    known = [dict(zip(each["dates"], floats(each["returns"]), strict=True)) for each in returns.values()]
    common = sorted(set(known[0]) & set(known[1]))
    wanted = np.corrcoef([[each[date] for date in common] for each in known])[0, 1]
    assert float(matrix[1][4]) == pytest.approx(float(wanted))


def test_excursions_hold_what_was_earned(bot: Caller, backtests: dict[str, dict[str, Any]]) -> None:
    found = bot.get("analytics/mae-mfe?strategy=Supertrend")
    assert found["total"] == 762 == len(found["mae_pct"])
    trades = {trade["open_date"]: trade for trade in backtests["Supertrend"]["trades"]}
    assert trades
    assert all(mae <= 0 <= mfe for mae, mfe in zip(found["mae_pct"], found["mfe_pct"], strict=True))
    longs = [trade for trade in backtests["Supertrend"]["trades"] if not trade["is_short"]]
    worst = min(float(trade["min_rate"] / trade["open_rate"]) - 1 for trade in longs) * 100
    places = [place for place, side in enumerate(found["directions"]) if side == "long"]
    assert float(min(found["mae_pct"][place] for place in places)) == pytest.approx(worst)


def test_beta_of_real_returns_against_a_real_index(bot: Caller, shared_data: Path) -> None:
    folder = shared_data / "portfolio"
    with gzip.open(folder / "pyfolio_test_returns.csv.gz", "rt") as file:
        returns = {row[0][:10]: float(row[1]) for row in csv.reader(file) if row[0] >= "2008"}
    with gzip.open(folder / "sp500_index_1d.csv.gz", "rt") as file:
        closes = {row["Date"]: float(row["SP500"]) for row in csv.DictReader(file) if "2008" <= row["Date"] < "2010"}
    values = {"2007-12-31": 1000.0}
    for date, value in returns.items():
        values[date] = values[list(values)[-1]] * (1 + value)
    shots = [portfolio(timestamp=f"{date}T21:00:00Z", total_value=f"{value:.12f}") for date, value in values.items()]
    rows = [[f"{date}T00:00:00Z", *[str(close)] * 4, "1"] for date, close in closes.items()]
    for start in range(0, len(shots), 500):
        bot.post("portfolio", shots[start : start + 500])
        bot.post("market/SP500/ohlcv", candles(*rows[start : start + 500], timeframe="1d"))
    found = bot.get("risk/metrics?benchmark=SP500")
    # Every session on which the account was valued; on the days between both stood still.
    dates = [date for date in list(closes)[1:] if date in returns]
    before = dict(zip(list(closes)[1:], closes.values(), strict=False))
    own = np.array([returns[date] for date in dates])
    index = np.array([closes[date] / before[date] - 1 for date in dates])
    assert len(dates) > 480
    wanted = np.cov(own, index)[0, 1] / np.var(index, ddof=1)
    # Sessions that the account has no value of are days without a return of its own.
    assert float(found["beta"]) == pytest.approx(float(wanted), rel=0.02)
    assert math.isclose(float(found["total_return"]), values[list(values)[-1]] / 1000 - 1, rel_tol=1e-9)
