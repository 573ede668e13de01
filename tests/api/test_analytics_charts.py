"""Charts of value and returns over the API."""

import random
import statistics
from decimal import Decimal

import pytest

from dashboard.models import Account
from tests.api.conftest import Caller
from tests.api.samples import closed, flow, portfolio
from tests.api.series import day, fall, floats, post_closes, post_results, post_values, returns, sharpe, volatility

pytestmark = pytest.mark.django_db
VALUES = [1000, 1010, 990, 1030, 1020, 1060, 1050, 1100]
CLOSES = [100, 102, 99, 105, 104, 103, 108, 110]
DATES = [day(number)[:10] for number in range(8)]


def test_daily_returns_and_results(bot: Caller) -> None:
    post_values(bot, VALUES)
    post_results(bot, ["0.1", "-0.2", "0.3"])
    found = bot.get("analytics/returns")
    assert (found["source"], found["period"], found["total"]) == ("snapshots", "daily", 8)
    assert found["dates"] == DATES and found["benchmark"] is None
    assert found["returns"][0] is None  # the first day's return needs the day before
    assert floats(found["returns"][1:]) == pytest.approx(returns(VALUES))
    assert floats(found["cumulative"]) == pytest.approx([value / 1000 - 1 for value in VALUES])
    assert found["net_pnl"] == [Decimal("0.1"), Decimal("-0.2"), Decimal("0.3"), 0, 0, 0, 0, 0]
    assert found["trades"] == [1, 1, 1, 0, 0, 0, 0, 0]


def test_weeks_and_months(bot: Caller) -> None:
    values = [1000 + number * 3 % 17 for number in range(40)]
    post_values(bot, values)
    post_results(bot, [1] * 40)
    weeks = bot.get("analytics/returns?period=weekly")
    assert weeks["dates"][:2] == ["2025-12-29", "2026-01-05"]  # Mondays
    assert float(weeks["returns"][0]) == pytest.approx(values[3] / values[0] - 1)
    assert float(weeks["returns"][1]) == pytest.approx(values[10] / values[3] - 1)
    assert weeks["net_pnl"][:2] == [4, 7]
    months = bot.get("analytics/returns?period=monthly")
    assert months["dates"] == ["2026-01-01", "2026-02-01"] and months["trades"] == [31, 9]
    assert floats(months["returns"]) == pytest.approx([values[30] / values[0] - 1, values[39] / values[30] - 1])
    whole = bot.get("analytics/returns")["cumulative"][-1]
    assert float(months["cumulative"][-1]) == pytest.approx(float(whole))


def test_a_deposit_is_no_return(bot: Caller) -> None:
    post_values(bot, [1000, 1000, 1500, 1500])
    bot.post("cashflows", flow(timestamp=day(2, 11), amount="500"))
    assert floats(bot.get("analytics/returns")["returns"]) == [0, 0, 0]


def test_the_newest_periods_are_given(bot: Caller) -> None:
    post_values(bot, VALUES)
    found = bot.get("analytics/returns?limit=2")
    assert found["dates"] == DATES[-2:] and found["total"] == 7
    assert floats(found["cumulative"]) == pytest.approx([0.05, 0.1])


def test_a_part_of_the_trades_on_its_capital(bot: Caller) -> None:
    bot.post("strategies", [{"name": name, "allocated_capital": 100} for name in "AB"])
    post_results(bot, [10, 0, -11], strategy="A")
    post_results(bot, [1, 1, 1], strategy="B", symbol="X")
    one = bot.get("analytics/returns?strategy=A")
    assert one["source"] == "trades" and floats(one["returns"]) == pytest.approx([0.1, 0, -0.1])
    both = bot.get("analytics/returns?strategy=A&strategy=B")
    assert floats(both["returns"]) == pytest.approx(returns([200, 211, 212, 202]))
    symbol = bot.get("analytics/returns?symbol=X")
    assert floats(symbol["returns"]) == pytest.approx(returns([200, 201, 202, 203])) and symbol["net_pnl"] == [1, 1, 1]
    assert bot.get("analytics/returns?strategy=A&symbol=X")["dates"] == []
    bot.post("trades", closed(trade_id="c", strategy="C", net_pnl="5"))
    alone = bot.get("analytics/returns?strategy=C")
    assert alone["source"] is None and alone["returns"] == alone["cumulative"] == [None] and alone["net_pnl"] == [5]


def test_returns_beside_a_benchmark(bot: Caller) -> None:
    post_values(bot, VALUES)
    post_closes(bot, CLOSES)
    found = bot.get("analytics/returns?benchmark=SPX")
    assert found["dates"] == DATES[1:] and floats(found["benchmark"]) == pytest.approx(returns(CLOSES))
    assert floats(found["benchmark_cumulative"]) == pytest.approx([close / 100 - 1 for close in CLOSES[1:]])
    weekly = bot.get(f"analytics/returns?benchmark=SPX&period=weekly&start={day(2)}")
    assert float(weekly["benchmark"][0]) == pytest.approx(105 / 102 - 1)  # Saturday's from Friday's close, and Sunday's


def test_value_with_average_and_benchmark(bot: Caller) -> None:
    post_values(bot, VALUES)
    post_values(bot, VALUES, hour=1)
    post_closes(bot, CLOSES)
    found = bot.get("analytics/equity?sma=3&benchmark=SPX")
    assert found["dates"] == DATES and found["equity"] == VALUES and found["total"] == 8
    averages = [statistics.mean(VALUES[place - 2 : place + 1]) for place in range(2, 8)]
    assert found["sma"][:2] == [None, None] and floats(found["sma"][2:]) == pytest.approx(averages)
    assert floats(found["benchmark"]) == pytest.approx([10 * close for close in CLOSES])
    part = bot.get(f"analytics/equity?sma=3&benchmark=SPX&start={day(3)}")
    assert part["equity"] == VALUES[3:] and part["total"] == 5
    assert floats(part["sma"]) == pytest.approx(averages[1:])  # what was before the range is known
    assert floats(part["benchmark"]) == pytest.approx([1030 * close / 105 for close in CLOSES[3:]])
    last = bot.get(f"analytics/equity?sma=3&benchmark=SPX&start={day(3)}&limit=2")
    assert last["dates"] == DATES[-2:] and last["benchmark"] == part["benchmark"][-2:]
    assert bot.get("analytics/equity")["sma"] is None


def test_a_day_without_snapshots_carries_its_value(bot: Caller) -> None:
    bot.post("portfolio", [portfolio(timestamp=day(0), total_value="5"), portfolio(timestamp=day(3), total_value="7")])
    assert bot.get("analytics/equity")["equity"] == [5, 5, 5, 7]


def test_rolling_figures(bot: Caller) -> None:
    post_values(bot, VALUES)
    post_closes(bot, CLOSES)
    found = bot.get("analytics/rolling?window=3&benchmark=SPX&risk_free=0.1")
    own, other = returns(VALUES), returns(CLOSES)
    assert found["dates"] == DATES[1:] and found["window"] == 3 and found["sharpe_ratio"][:2] == [None, None]
    rate = 1.1 ** (1 / 365) - 1
    windows = [slice(end - 3, end) for end in range(3, 8)]
    assert floats(found["sharpe_ratio"][2:]) == pytest.approx([sharpe([r - rate for r in own[w]]) for w in windows])
    assert floats(found["volatility"][2:]) == pytest.approx([volatility(own[w]) for w in windows])
    betas = [statistics.covariance(own[w], other[w]) / statistics.variance(other[w]) for w in windows]
    assert floats(found["beta"][2:]) == pytest.approx(betas)
    part = bot.get(f"analytics/rolling?window=3&risk_free=0.1&start={day(3)}&limit=4")
    assert part["sharpe_ratio"] == found["sharpe_ratio"][-4:] and part["total"] == 5 and part["beta"] is None
    assert bot.get("analytics/rolling?window=1000")["volatility"] == [None] * 7


def test_drawdowns(bot: Caller) -> None:
    post_values(bot, [100, 90, 100, 120, 60, 90, 130, 117])
    found = bot.get("analytics/drawdowns")
    assert floats(found["drawdown"]) == pytest.approx([0, -0.1, 0, 0, -0.5, -0.25, 0, -0.1])
    assert (float(found["max_drawdown"]), float(found["current_drawdown"])) == pytest.approx((-0.5, -0.1))
    worst = found["worst"]
    assert worst["total"] == 3 and floats(worst["depths"]) == pytest.approx([-0.5, -0.1, -0.1])
    assert (worst["peaks"][0], worst["troughs"][0], worst["recoveries"][0]) == (day(3, 12), day(4, 12), day(6, 12))
    assert worst["duration_days"][0] == 3 and worst["recovery_days"][0] == 2
    assert worst["recoveries"][-1] is None and worst["recovery_days"][-1] is None and worst["duration_days"][-1] == 1
    one = bot.get("analytics/drawdowns?count=1")["worst"]
    assert len(one["depths"]) == 1 and one["total"] == 3
    late = bot.get(f"analytics/drawdowns?start={day(4)}")
    assert floats(late["drawdown"]) == pytest.approx([0, 0, 0, -0.1])


def test_fewer_points_keep_the_extremes(bot: Caller) -> None:
    rng = random.Random(3)
    values = [1000 + rng.randrange(-50, 50) for _ in range(300)]
    values[200] = 100
    post_values(bot, values)
    whole, few = bot.get("analytics/drawdowns?points=5000"), bot.get("analytics/drawdowns?points=20")
    assert len(whole["drawdown"]) == 300 and len(few["drawdown"]) <= 20
    assert min(few["drawdown"]) == min(whole["drawdown"]) and few["worst"] == whole["worst"]
    assert float(few["max_drawdown"]) == pytest.approx(fall(values))


def test_months_by_year(bot: Caller) -> None:
    values = {(2024, 12, 30): 100, (2024, 12, 31): 110, (2026, 2, 1): 99, (2026, 2, 28): 132}
    bot.post(
        "portfolio",
        [portfolio(timestamp=f"{y}-{m:02}-{d:02}T12:00:00Z", total_value=str(v)) for (y, m, d), v in values.items()],
    )
    bot.post(
        "trades",
        [
            closed(trade_id="a", exit_time="2026-02-28T23:59:59Z", net_pnl="7.000000000000000001"),
            closed(trade_id="b", exit_time="2026-03-01T00:00:00Z", net_pnl="-7"),
        ],
    )
    found = bot.get("analytics/monthly")
    assert found["years"] == [2024, 2025, 2026]
    assert float(found["returns"][0][11]) == pytest.approx(0.1) and found["returns"][0][10] is None
    assert found["returns"][1] == [0] * 12  # days without snapshots carry the value
    assert float(found["returns"][2][1]) == pytest.approx(0.2) and found["returns"][2][2] is None
    assert floats(found["totals"]) == pytest.approx([0.1, 0, 0.2])
    assert found["net_pnl"][2][1:3] == [Decimal("7.000000000000000001"), -7] and found["trades"][2][1:3] == [1, 1]
    assert found["net_pnl_totals"] == [0, 0, Decimal("0.000000000000000001")]


def test_distribution(bot: Caller) -> None:
    rng = random.Random(5)
    values = [1000.0]
    for _ in range(200):
        values.append(round(values[-1] * (1 + rng.gauss(0.001, 0.02)), 6))
    post_values(bot, values)
    own, found = returns(values), bot.get("analytics/distribution?bins=7")
    assert len(found["edges"]) == 8 and sum(found["counts"]) == 200 == found["periods"]
    assert (float(found["edges"][0]), float(found["edges"][-1])) == pytest.approx((min(own), max(own)))
    assert float(found["mean"]) == pytest.approx(statistics.mean(own))
    metrics = bot.get("risk/metrics")
    assert all(found[name] == metrics[name] for name in ("var_95", "var_99", "cvar_95", "cvar_99"))
    boxes = found["boxes"]
    assert boxes["names"] == ["all"] and float(boxes["median"][0]) == pytest.approx(statistics.median(own))
    assert len(boxes["outliers"][0]) == boxes["outlier_counts"][0]
    assert bot.get("analytics/distribution?period=weekly")["periods"] == 30


@pytest.mark.parametrize(
    ("group_by", "names"),
    [
        ("year", ["2026"]),
        ("month", ["1", "2"]),
        ("weekday", ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]),
        ("strategy", ["A", "B"]),
    ],
)
def test_boxes_by_group(bot: Caller, group_by: str, names: list[str]) -> None:
    for name in "AB":
        bot.post("strategies", {"name": name, "allocated_capital": 1000})
        post_results(bot, [5, -5, 1, 2, 40] * 8, strategy=name)
    boxes = bot.get(f"analytics/distribution?group_by={group_by}")["boxes"]
    assert boxes["names"] == names and len(boxes["outliers"]) == len(names)
    ids = [row["id"] for row in bot.get("strategies")["strategies"]]
    assert boxes["ids"] == (ids if group_by == "strategy" else [])
    assert sum(boxes["periods"]) == (80 if group_by == "strategy" else 40)
    for low, first, middle, third, high in zip(
        *(boxes[name] for name in ("lower_whisker", "lower_quartile", "median", "upper_quartile", "upper_whisker")),
        strict=True,
    ):
        assert low <= first <= middle <= third <= high


def test_monte_carlo_is_repeatable(bot: Caller, account: Account) -> None:
    post_values(bot, [1000 + number * 7 % 13 for number in range(60)])
    path = "analytics/montecarlo?paths=200&horizon=30"
    first = bot.get(path)
    assert (first["paths"], first["horizon"], first["seed"], first["periods"]) == (200, 30, 0, 59)
    assert first["percentiles"] == [5, 25, 50, 75, 95]
    assert first["terminal"] == sorted(first["terminal"]) and first["drawdown"] == sorted(first["drawdown"])
    assert all(-1 <= value <= 0 for value in first["drawdown"])
    assert bot.get(path) == first != bot.get(f"{path}&seed=1")
    assert list(bot.refused(400, "GET", "analytics/montecarlo?paths=5000&horizon=3650")["fields"]) == ["paths"]
