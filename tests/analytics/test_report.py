import math
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import benchmark, positions, ratios, returns, risk, significance, trades
from analytics.checks import FloatArray, InputError, IntArray
from analytics.drawdown import current_drawdown, max_drawdown, worst_drawdowns
from analytics.report import RiskMetrics, risk_metrics
from analytics.returns import DAY

WIRE = """
 total_return cagr volatility downside_volatility sharpe_ratio sortino_ratio calmar_ratio max_drawdown current_drawdown
 drawdown_duration_days recovery_days var_95 var_99 cvar_95 cvar_99 beta alpha correlation tracking_error
 information_ratio profit_factor recovery_factor ulcer_index omega_ratio tail_ratio skewness kurtosis kelly
 probabilistic_sharpe deflated_sharpe exposure periods start end
"""
series = st.one_of(
    st.lists(st.floats(-0.3, 0.3), max_size=40),
    st.lists(st.sampled_from([0.0, 0.1, -0.1, -1.0]), max_size=10),
).map(lambda values: np.array(values, dtype=np.float64))


def times_of(count: int) -> IntArray:
    return np.arange(100, 101 + count, dtype=np.int64) * DAY


def one_by_one(
    r: FloatArray, b: FloatArray, pnl: FloatArray, stays: tuple[IntArray, IntArray], tried: FloatArray
) -> dict[str, Any]:
    """Every figure from the function that defines it."""
    nan, times, index = math.nan, times_of(r.size), returns.wealth_index(r)
    worst = worst_drawdowns(index, times, 1)
    return {
        "total_return": returns.total_return(r),
        "cagr": returns.cagr(r, 365),
        "volatility": ratios.volatility(r, 365),
        "downside_volatility": ratios.downside_volatility(r, 365, 0.02),
        "sharpe_ratio": ratios.sharpe(r, 365, 0.03),
        "sortino_ratio": ratios.sortino(r, 365, 0.02),
        "calmar_ratio": ratios.calmar(r, 365),
        "max_drawdown": max_drawdown(index) if r.size else nan,
        "current_drawdown": current_drawdown(index) if r.size else nan,
        "drawdown_duration_days": worst[0].duration_days if worst else nan,
        "recovery_days": worst[0].recovery_days if worst else nan,
        "var_95": risk.value_at_risk(r),
        "var_99": risk.value_at_risk(r, 0.99),
        "cvar_95": risk.conditional_value_at_risk(r),
        "cvar_99": risk.conditional_value_at_risk(r, 0.99),
        "beta": benchmark.beta(r, b),
        "alpha": benchmark.alpha(r, b, 365, 0.03),
        "correlation": benchmark.correlation(r, b),
        "tracking_error": benchmark.tracking_error(r, b, 365),
        "information_ratio": benchmark.information_ratio(r, b, 365),
        "profit_factor": trades.profit_factor(pnl),
        "recovery_factor": trades.recovery_factor(pnl),
        "ulcer_index": risk.ulcer_index(r),
        "omega_ratio": risk.omega(r, 365, 0.02),
        "tail_ratio": risk.tail_ratio(r),
        "skewness": risk.skewness(r),
        "kurtosis": risk.kurtosis(r),
        "kelly": trades.kelly(pnl),
        "probabilistic_sharpe": significance.probabilistic_sharpe(r, 365, 0.0, 0.03),
        "deflated_sharpe": significance.deflated_sharpe(r, 365, tried, 0.03),
        "exposure": positions.time_in_market(*stays, int(times[0]), int(times[-1])),
        "periods": r.size,
        "start": int(times[0]) if r.size else None,
        "end": int(times[-1]) if r.size else None,
    }


def test_the_names_are_those_on_the_wire() -> None:
    assert [field.name for field in fields(RiskMetrics)] == WIRE.split()


@given(series, st.integers(0, 2**32 - 1))
def test_each_figure_is_that_of_its_function(values: FloatArray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    market, pnl, tried = rng.normal(0, 0.1, values.size), rng.integers(-9, 9, 12).astype(float), rng.normal(0, 1, 4)
    opened = rng.integers(100 * DAY, 140 * DAY, 3)
    stays = opened, opened + rng.integers(0, 9 * DAY, 3)
    found = risk_metrics(
        times_of(values.size), values, 365, risk_free=0.03, minimum=0.02, net_pnl=pnl, positions=stays,
        benchmark=(times_of(values.size)[1:], market), trial_sharpes=tried,
    )  # fmt: skip
    for name, expected in one_by_one(values, market, pnl, stays, tried).items():
        if expected is not None:
            expected = pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)
        assert getattr(found, name) == expected, name


@given(series, st.integers(1, 39), st.integers(0, 2**32 - 1))
def test_a_benchmark_counts_where_both_have_returns(values: FloatArray, missing: int, seed: int) -> None:
    times = times_of(values.size)
    own = np.delete(np.arange(values.size), missing % values.size) if values.size else np.arange(0)
    market = np.random.default_rng(seed).normal(0, 0.1, values.size)
    found = risk_metrics(times, values, 365, benchmark=(times[1:][own], market[own]))
    expected = benchmark.relation(values[own], market[own], 365)
    for name in ("beta", "alpha", "correlation", "tracking_error", "information_ratio"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), nan_ok=True)


def test_what_is_not_given_is_undefined() -> None:
    found = asdict(risk_metrics(times_of(5), np.array([0.1, -0.05, 0.07, 0.01, -0.02]), 365))
    undefined = [name for name, value in found.items() if isinstance(value, float) and math.isnan(value)]
    missing = "beta alpha correlation tracking_error information_ratio profit_factor recovery_factor kelly"
    assert undefined == [*missing.split(), "deflated_sharpe", "exposure"]


@pytest.mark.parametrize("times", [times_of(0), np.empty(0, np.int64)], ids=["begin", "nothing"])
def test_without_returns_all_is_undefined(times: IntArray) -> None:
    found = asdict(risk_metrics(times, np.empty(0), 365))
    assert (found.pop("periods"), found.pop("start"), found.pop("end")) == (0, None, None)
    assert all(math.isnan(value) for value in found.values())


def test_one_and_constant_returns() -> None:
    one = risk_metrics(times_of(1), np.array([-0.1]), 365)
    assert (one.total_return, one.max_drawdown, one.periods) == (pytest.approx(-0.1), pytest.approx(-0.1), 1)
    assert (one.drawdown_duration_days, math.isnan(one.recovery_days)) == (1.0, True)
    assert math.isnan(one.sharpe_ratio) and math.isnan(one.calmar_ratio) and math.isnan(one.ulcer_index)
    flat = risk_metrics(times_of(30), np.zeros(30), 365)
    assert (flat.total_return, flat.cagr, flat.volatility, flat.max_drawdown, flat.ulcer_index) == (0, 0, 0, 0, 0)
    for name in ("sharpe_ratio", "sortino_ratio", "calmar_ratio", "skewness", "probabilistic_sharpe", "recovery_days"):
        assert math.isnan(getattr(flat, name))


def test_beyond_the_range_of_a_double_is_undefined() -> None:
    found = risk_metrics(times_of(3), np.array([1e200, 3e200, 2e300]), 365)
    for name in ("total_return", "cagr", "volatility", "calmar_ratio", "max_drawdown", "ulcer_index"):
        assert math.isnan(getattr(found, name)), name


def test_refuses_what_does_not_fit() -> None:
    values = np.array([0.1, -0.1])
    for call in (
        lambda: risk_metrics(times_of(1), values, 365),
        lambda: risk_metrics(times_of(3), np.empty(0), 365),
        lambda: risk_metrics(np.array([1, 1, 2]), values, 365),
        lambda: risk_metrics(times_of(2), np.array([0.1, -1.5]), 365),
        lambda: risk_metrics(times_of(2), values, 365, risk_free=-1.0),
        lambda: risk_metrics(times_of(2), values, 365, benchmark=(times_of(1), np.zeros(3))),
        lambda: risk_metrics(times_of(2), values, 365, positions=(np.array([2]), np.array([1]))),
        lambda: risk_metrics(times_of(2), values, 365, trial_sharpes=np.array([math.inf])),
    ):
        with pytest.raises(InputError):
            call()
