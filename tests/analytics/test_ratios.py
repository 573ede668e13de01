import math
import statistics
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.checks import FloatArray, InputError
from analytics.ratios import calmar, downside_volatility, per_period, sharpe, sortino, volatility

series = st.lists(st.floats(-0.3, 0.3), min_size=2, max_size=40).map(np.array)
Ratio = Callable[[FloatArray, float], float]


def slow_downside(excess: list[float]) -> float:
    return math.sqrt(math.fsum(e * e for e in excess if e < 0) / len(excess))


def slow_calmar(returns: FloatArray, periods: float) -> float:
    wealth = [1.0]
    for r in returns:
        wealth.append(wealth[-1] * (1 + r))
    depth = max(1 - wealth[i] / wealth[j] for i in range(len(wealth)) for j in range(i + 1))
    return (wealth[-1] ** (periods / len(returns)) - 1) / depth


def test_by_hand() -> None:
    returns = np.array([0.03, -0.01, 0.01, 0.01])  # mean 0.01, squares about it sum to 0.0008
    deviation = math.sqrt(0.0008 / 3)
    assert volatility(returns, 4) == pytest.approx(2 * deviation)
    assert sharpe(returns, 4) == pytest.approx(0.01 / deviation * 2)
    assert downside_volatility(returns, 4) == pytest.approx(2 * math.sqrt(0.0001 / 4))
    assert sortino(returns, 4) == pytest.approx(0.01 / 0.005 * 2)
    assert calmar(np.array([0.1, -0.5, 0.2]), 3) == pytest.approx((1.1 * 0.5 * 1.2 - 1) / 0.5)
    assert per_period(0.21, 2) == pytest.approx(0.1)


@given(series, st.floats(-0.5, 0.5))
def test_equal_the_formulas(returns: FloatArray, annual: float) -> None:
    assume(np.ptp(returns) > 1e-6)
    rate = math.expm1(math.log1p(annual) / 365)
    excess = [r - rate for r in returns.tolist()]
    spread, downside = statistics.stdev(excess), slow_downside(excess)
    year = math.sqrt(365)
    assert volatility(returns, 365) == pytest.approx(statistics.stdev(returns.tolist()) * year)
    assert sharpe(returns, 365, annual) == pytest.approx(statistics.fmean(excess) / spread * year, rel=1e-6, abs=1e-6)
    assume(downside > 1e-6)
    assert downside_volatility(returns, 365, annual) == pytest.approx(downside * year, rel=1e-6)
    assert sortino(returns, 365, annual) == pytest.approx(
        statistics.fmean(excess) / downside * year, rel=1e-6, abs=1e-6
    )


@given(series)
def test_calmar_equals_the_worst_pair(returns: FloatArray) -> None:
    assume(returns.min() < -1e-6)
    assert calmar(returns, 12) == pytest.approx(slow_calmar(returns, 12), rel=1e-6, abs=1e-6)


@given(series, st.floats(0.01, 3), st.floats(-0.2, 0.2), st.integers(0, 2**32 - 1))
def test_scale_shift_and_permutation(returns: FloatArray, scale: float, shift: float, seed: int) -> None:
    assume(np.std(returns) > 1e-6)
    assert volatility(returns * scale, 252) == pytest.approx(scale * volatility(returns, 252))
    assert volatility(returns + shift, 252) == pytest.approx(volatility(returns, 252), rel=1e-6)
    assert volatility(returns, 4 * 252) == pytest.approx(2 * volatility(returns, 252))
    assert sharpe(returns * scale, 252) == pytest.approx(sharpe(returns, 252), rel=1e-6)
    assert sharpe(-returns, 252) == pytest.approx(-sharpe(returns, 252))
    shuffled = np.random.default_rng(seed).permutation(returns)
    assert sharpe(shuffled, 252) == pytest.approx(sharpe(returns, 252), rel=1e-6, abs=1e-9)
    assert volatility(shuffled, 252) == pytest.approx(volatility(returns, 252))
    assert downside_volatility(shuffled, 252) == pytest.approx(downside_volatility(returns, 252))
    assume(downside_volatility(returns, 252) > 1e-6)
    assert sortino(shuffled, 252) == pytest.approx(sortino(returns, 252), rel=1e-6, abs=1e-9)
    assert sortino(returns * scale, 252) == pytest.approx(sortino(returns, 252), rel=1e-6)


@given(series, st.integers(2, 4))
def test_repeating_a_series_keeps_what_is_a_mean_over_all(returns: FloatArray, times: int) -> None:
    repeated = np.tile(returns, times)
    assert downside_volatility(repeated, 365) == pytest.approx(downside_volatility(returns, 365))


@pytest.mark.parametrize("function", [volatility, downside_volatility, sharpe, sortino, calmar])
@pytest.mark.parametrize("returns", [[], [0.1], [-0.1]], ids=["empty", "one gain", "one loss"])
def test_too_few_returns_are_undefined(function: Ratio, returns: list[float]) -> None:
    assert math.isnan(function(np.array(returns), 365))


@pytest.mark.parametrize(
    "returns",
    [
        np.zeros(30),
        np.full(30, 0.1),
        np.full(30, 0.001),
        np.full(30, -0.003),
        np.full(7, 1e-9),
        np.diff(1000 * 1.001 ** np.arange(400)) / (1000 * 1.001 ** np.arange(399)),
    ],
    ids=["zero", "0.1", "0.001", "-0.003", "1e-9", "constant growth with rounding"],
)
def test_a_spread_of_rounding_size_is_none(returns: FloatArray) -> None:
    assert volatility(returns, 365) == 0.0
    assert math.isnan(sharpe(returns, 365))
    assert math.isnan(sharpe(returns, 365, 0.05))
    if returns[0] >= 0:
        assert math.isnan(sortino(returns, 365))
        assert math.isnan(calmar(returns, 365))
        assert downside_volatility(returns, 365) == 0.0


def test_returns_that_meet_the_minimum_but_for_rounding_fall_short_of_nothing() -> None:
    assert math.isnan(sortino(np.full(10, per_period(0.2, 365) - 1e-17), 365, 0.2))


def test_a_fall_of_rounding_size_is_none() -> None:
    assert math.isnan(calmar(np.array([0.1, -2e-16, 0.1]), 365))


def test_a_total_loss_is_a_fall_of_one() -> None:
    assert calmar(np.array([0.1, -1.0, 0.2]), 365) == -1.0


def test_beyond_the_range_of_a_double_is_undefined() -> None:
    huge = np.array([1e200, 3e200, 2e300])
    for function in (volatility, sharpe, calmar):
        assert math.isnan(function(huge, 365))


@pytest.mark.parametrize("rate", [-1.0, -2.0, math.nan, math.inf])
def test_refuses_a_rate_that_cannot_compound(rate: float) -> None:
    for function in (sharpe, sortino, downside_volatility):
        with pytest.raises(InputError):
            function(np.array([0.1, 0.2]), 365, rate)


def test_calmar_refuses_less_than_a_total_loss() -> None:
    with pytest.raises(InputError):
        calmar(np.array([0.1, -1.5]), 365)
