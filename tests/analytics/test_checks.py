from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from analytics import (
    benchmark,
    breakdown,
    distribution,
    downsample,
    drawdown,
    montecarlo,
    positions,
    ratios,
    report,
    returns,
    risk,
    rolling,
    significance,
    trades,
)
from analytics.checks import InputError

TIMES = np.arange(3, dtype=np.int64)
NO_TIMES = np.array([], dtype=np.int64)
NO_AMOUNTS = np.array([])
SERIES_FUNCTIONS: dict[str, Callable[[Any], object]] = {
    "total_return": returns.total_return,
    "wealth_index": returns.wealth_index,
    "cagr": lambda r: returns.cagr(r, 365),
    "volatility": lambda r: ratios.volatility(r, 365),
    "downside_volatility": lambda r: ratios.downside_volatility(r, 365),
    "sharpe": lambda r: ratios.sharpe(r, 365),
    "sortino": lambda r: ratios.sortino(r, 365),
    "calmar": lambda r: ratios.calmar(r, 365),
    "drawdown_series": drawdown.drawdown_series,
    "max_drawdown": drawdown.max_drawdown,
    "current_drawdown": drawdown.current_drawdown,
    "max_drawdown_money": drawdown.max_drawdown_money,
    "worst_drawdowns": lambda v: drawdown.worst_drawdowns(v, TIMES, 1),
    "day_end_values": lambda v: returns.day_end_values(TIMES, v),
    "daily_returns": lambda v: returns.daily_returns(TIMES, v, NO_TIMES, NO_AMOUNTS),
    "flows": lambda a: returns.daily_returns(TIMES, np.ones(3), TIMES, a),
    "m4": lambda v: downsample.m4(TIMES, v, 6),
    "durations": lambda d: trades.trade_statistics([], d),
    "profit_factor": trades.profit_factor,
    "recovery_factor": trades.recovery_factor,
    "kelly": trades.kelly,
    "value_at_risk": risk.value_at_risk,
    "conditional_value_at_risk": risk.conditional_value_at_risk,
    "tail_ratio": risk.tail_ratio,
    "ulcer_index": risk.ulcer_index,
    "omega": lambda r: risk.omega(r, 365),
    "skewness": risk.skewness,
    "kurtosis": risk.kurtosis,
    "relation": lambda r: benchmark.relation(r, np.zeros(3), 365),
    "benchmark": lambda b: benchmark.relation(np.zeros(3), b, 365),
    "probabilistic_sharpe": lambda r: significance.probabilistic_sharpe(r, 365),
    "deflated_sharpe": lambda r: significance.deflated_sharpe(r, 365, np.ones(1)),
    "rolling_sharpe": lambda r: rolling.rolling_sharpe(r, 2, 365),
    "rolling_volatility": lambda r: rolling.rolling_volatility(r, 2, 365),
    "rolling_beta": lambda r: rolling.rolling_beta(r, np.zeros(3), 2),
    "rolling_benchmark": lambda b: rolling.rolling_beta(np.zeros(3), b, 2),
    "histogram": distribution.histogram,
    "box_plot": distribution.box_plot,
    "monthly_returns": lambda r: breakdown.monthly_returns(TIMES, r),
    "monte_carlo": lambda r: montecarlo.monte_carlo(r, np.random.default_rng(1)),
    "open_value": lambda v: positions.open_value(TIMES, TIMES, v, TIMES),
    "turnover": lambda e: positions.turnover(np.ones(1), e),
    "risk_metrics": lambda r: report.risk_metrics(np.arange(4), r, 365),
    "risk_metrics_pnl": lambda p: report.risk_metrics(np.arange(4), np.zeros(3), 365, net_pnl=p),
}
NOT_OF_RETURNS = {
    "drawdown_series", "max_drawdown", "current_drawdown", "worst_drawdowns", "durations", "open_value"
}  # fmt: skip
BAD = {
    "nan": [0.1, np.nan, 0.2],
    "infinite": [0.1, np.inf, 0.2],
    "minus infinite": [0.1, -np.inf, 0.2],
    "2-D": [[0.1, 0.2, 0.3]],
    "scalar": 0.1,
    "text": ["a", "b", "c"],
    "ragged": [[0.1], [0.2, 0.3]],
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
@pytest.mark.parametrize("name", SERIES_FUNCTIONS)
def test_refuses_what_is_no_finite_series(name: str, bad: object) -> None:
    with pytest.raises(InputError):
        SERIES_FUNCTIONS[name](bad)


@pytest.mark.parametrize("times", [[0, 2, 1], [0.0, 1.0, 2.0], [[0, 1, 2]]], ids=str)
def test_refuses_times_out_of_order_or_of_another_shape(times: Any) -> None:
    for function in (
        lambda: returns.day_end_values(times, np.ones(3)),
        lambda: returns.daily_returns(times, np.ones(3), NO_TIMES, NO_AMOUNTS),
        lambda: drawdown.worst_drawdowns(np.ones(3), times, 1),
        lambda: downsample.m4(times, np.ones(3), 6),
        lambda: breakdown.monthly_returns(times, np.ones(3)),
        lambda: benchmark.align(times, TIMES),
        lambda: report.risk_metrics(times, np.ones(2), 365),
        lambda: positions.open_value(TIMES, TIMES, np.ones(3), times),
    ):
        with pytest.raises(InputError):
            function()


def test_refuses_times_of_another_length() -> None:
    two = TIMES[:2]
    for function in (
        lambda: returns.day_end_values(two, np.ones(3)),
        lambda: returns.daily_returns(two, np.ones(3), NO_TIMES, NO_AMOUNTS),
        lambda: drawdown.worst_drawdowns(np.ones(3), two, 1),
        lambda: downsample.m4(two, np.ones(3), 6),
        lambda: breakdown.monthly_returns(two, np.ones(3)),
        lambda: report.risk_metrics(TIMES, np.ones(3), 365),
    ):
        with pytest.raises(InputError):
            function()


@pytest.mark.parametrize("periods", [0, -1, np.nan, np.inf])
@pytest.mark.parametrize(
    "function",
    [
        returns.cagr,
        ratios.volatility,
        ratios.sharpe,
        ratios.sortino,
        ratios.calmar,
        risk.omega,
        significance.probabilistic_sharpe,
        lambda r, ppy: benchmark.relation(r, r, ppy),
        lambda r, ppy: rolling.rolling_volatility(r, 2, ppy),
        lambda r, ppy: rolling.rolling_sharpe(r, 2, ppy),
        lambda r, ppy: report.risk_metrics(TIMES, r, ppy),
    ],
)
def test_refuses_a_number_of_periods_that_is_none(function: Callable[..., float], periods: float) -> None:
    with pytest.raises(InputError):
        function(np.array([0.1, 0.2]), periods)


def test_inputs_are_never_changed() -> None:
    series = np.array([0.1, -0.2, 0.3])
    times = np.arange(3, dtype=np.int64) * returns.DAY
    series.flags.writeable = times.flags.writeable = False
    for name, function in SERIES_FUNCTIONS.items():
        if name not in NOT_OF_RETURNS:
            function(series)
    drawdown.worst_drawdowns(series + 1, times, 3)
    returns.daily_returns(times, series + 1, times, series)
    positions.excursions(series, series, series, np.ones(3, dtype=np.int64))
    positions.r_multiple(series, series, series, series)
    np.testing.assert_array_equal(series, [0.1, -0.2, 0.3])
