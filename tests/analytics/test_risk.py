import math
import statistics
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.checks import FloatArray, InputError
from analytics.ratios import per_period
from analytics.risk import (
    conditional_value_at_risk,
    kurtosis,
    omega,
    skewness,
    tail_ratio,
    tails,
    ulcer_index,
    value_at_risk,
)

series = st.lists(st.floats(-0.3, 0.3), min_size=2, max_size=60).map(np.array)
levels = st.sampled_from([0.5, 0.9, 0.95, 0.99, 0.975])
KNOWN = """
 -0.0310 0.0121 0.0034 -0.0052 0.0183 -0.0247 0.0009 0.0061 -0.0118 0.0155 0.0021 -0.0073 0.0098 -0.0189 0.0040
 0.0112 -0.0031 0.0067 -0.0382 0.0204 0.0015 -0.0096 0.0078 0.0033 -0.0141 0.0059 0.0127 -0.0008 0.0086 -0.0165
"""


def slow_quantile(returns: FloatArray, share: float) -> float:
    ordered = sorted(returns.tolist())
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] * (1 - (place - low)) + ordered[high] * (place - low)


def slow_shortfall(returns: FloatArray, level: float) -> float:
    """Give each return the weight 1/n until 1 - level is spent."""
    rest, spent = Fraction(1) - Fraction(str(level)), Fraction(0)
    share = rest
    for value in sorted(returns.tolist()):
        weight = min(Fraction(1, len(returns)), rest)
        spent, rest = spent + weight * Fraction(value), rest - weight
    return float(spent / share)


def test_by_hand() -> None:
    returns = np.arange(-10, 11) / 100  # 21 values: the quantiles fall on them
    assert value_at_risk(returns) == pytest.approx(-0.09)
    assert value_at_risk(returns, 0.99) == pytest.approx(-0.098)
    # The worst 1.05 of 21: -0.10 whole, -0.09 for a twentieth
    assert conditional_value_at_risk(returns) == pytest.approx((-0.10 - 0.05 * 0.09) / 1.05)
    assert conditional_value_at_risk(returns, 0.99) == pytest.approx(-0.10)
    assert tail_ratio(returns) == pytest.approx(1.0)
    assert omega(np.array([0.03, -0.01, 0.01, -0.01]), 365) == pytest.approx(2.0)
    assert ulcer_index(np.array([-0.5, 1.0, -0.1])) == pytest.approx(math.sqrt((0.25 + 0 + 0.01) / 3))
    assert skewness(np.array([0.0, 0.0, 0.3])) == pytest.approx(1 / math.sqrt(2))
    assert kurtosis(np.array([-1.0, 1.0])) == pytest.approx(-2.0)


def test_the_shortfall_of_thirty_returns_weights_the_boundary() -> None:
    """1.5 of 30: the worst whole, the second half. empyrical takes the second whole, quantstats the worst alone."""
    returns = np.array(KNOWN.split(), dtype=float)
    assert conditional_value_at_risk(returns) == pytest.approx((-0.0382 + 0.5 * -0.0310) / 1.5)


@given(series, levels)
def test_tails_equal_the_formulas(returns: FloatArray, level: float) -> None:
    found = value_at_risk(returns, level)
    assert found == pytest.approx(slow_quantile(returns, 1 - level), abs=1e-14)
    assert conditional_value_at_risk(returns, level) == pytest.approx(slow_shortfall(returns, level), abs=1e-14)
    assert conditional_value_at_risk(returns, level) <= found + 1e-14
    both = tails(returns, (level, 0.8))
    assert (both.value_at_risk[0], both.conditional[1]) == (found, conditional_value_at_risk(returns, 0.8))


@given(series)
def test_shapes_equal_the_formulas(returns: FloatArray) -> None:
    assume(np.std(returns) > 1e-6)
    mean, deviation = statistics.fmean(returns), statistics.pstdev(returns.tolist())
    scores = [(r - mean) / deviation for r in returns.tolist()]
    assert skewness(returns) == pytest.approx(statistics.fmean(z**3 for z in scores), rel=1e-6, abs=1e-6)
    assert kurtosis(returns) == pytest.approx(statistics.fmean(z**4 for z in scores) - 3, rel=1e-6, abs=1e-6)
    assert kurtosis(returns) >= skewness(returns) ** 2 - 2 - 1e-9


@given(series, st.floats(-0.5, 0.5))
def test_omega_equals_the_formula(returns: FloatArray, annual: float) -> None:
    rate = per_period(annual, 365)
    above = math.fsum(max(r - rate, 0) for r in returns.tolist())
    below = math.fsum(max(rate - r, 0) for r in returns.tolist())
    assume(below > 1e-9)
    assert omega(returns, 365, annual) == pytest.approx(above / below, rel=1e-6, abs=1e-9)
    assert math.copysign(1, omega(returns, 365, annual) - 1) == math.copysign(1, above - below) or above == below


@given(series)
def test_ulcer_index_equals_the_formula(returns: FloatArray) -> None:
    wealth, falls = [1.0], []
    for r in returns.tolist():
        wealth.append(wealth[-1] * (1 + r))
        falls.append(1 - wealth[-1] / max(wealth))
    assert ulcer_index(returns) == pytest.approx(math.sqrt(math.fsum(f * f for f in falls) / len(falls)), abs=1e-12)


@given(series, st.floats(0.01, 100), st.integers(0, 2**32 - 1))
def test_scale_shift_permutation_and_mirror(returns: FloatArray, scale: float, seed: int) -> None:
    shuffled = np.random.default_rng(seed).permutation(returns) * scale
    for function in (value_at_risk, conditional_value_at_risk):
        assert function(shuffled) == pytest.approx(function(returns) * scale, abs=1e-12)
        assert function(returns + 0.5) == pytest.approx(function(returns) + 0.5, abs=1e-12)
    assume(np.std(returns) > 1e-3)
    for shape in (skewness, kurtosis):
        assert shape(shuffled) == pytest.approx(shape(returns), rel=1e-6, abs=1e-6)
        assert shape(returns + 0.5) == pytest.approx(shape(returns), rel=1e-6, abs=1e-6)
    assert skewness(-returns) == pytest.approx(-skewness(returns), abs=1e-9)
    assert kurtosis(-returns) == pytest.approx(kurtosis(returns), abs=1e-9)
    assume(abs(value_at_risk(returns)) > 1e-6)
    assert tail_ratio(shuffled) == pytest.approx(tail_ratio(returns))
    assume(returns.min() < -1e-6)
    assert omega(shuffled, 365) == pytest.approx(omega(returns, 365), rel=1e-6)


@given(series, st.integers(2, 4), levels)
def test_the_shortfall_of_a_series_repeated_is_the_same(returns: FloatArray, times: int, level: float) -> None:
    repeated = np.tile(returns, times)
    assert conditional_value_at_risk(repeated, level) == pytest.approx(
        conditional_value_at_risk(returns, level), abs=1e-12
    )
    assume(np.std(returns) > 1e-6)
    assert kurtosis(repeated) == pytest.approx(kurtosis(returns), rel=1e-6, abs=1e-6)


FUNCTIONS: dict[str, Callable[[FloatArray], float]] = {
    "value_at_risk": value_at_risk,
    "conditional_value_at_risk": conditional_value_at_risk,
    "tail_ratio": tail_ratio,
    "ulcer_index": ulcer_index,
    "omega": lambda r: omega(r, 365),
    "skewness": skewness,
    "kurtosis": kurtosis,
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("returns", [[], [0.1], [-0.1]], ids=["empty", "one gain", "one loss"])
def test_too_few_returns_are_undefined(function: Callable[[FloatArray], float], returns: list[float]) -> None:
    assert math.isnan(function(np.array(returns)))


@pytest.mark.parametrize("value", [0.0, 0.1, -0.003, 1e-9])
def test_constant_returns(value: float) -> None:
    returns = np.full(30, value)
    assert math.isnan(skewness(returns)) and math.isnan(kurtosis(returns))
    assert value_at_risk(returns) == pytest.approx(value, rel=1e-15)
    assert conditional_value_at_risk(returns) == pytest.approx(value, rel=1e-12)
    assert math.isnan(omega(returns, 365)) if value >= 0 else omega(returns, 365) == 0.0
    assert ulcer_index(returns) == 0.0 if value >= 0 else ulcer_index(returns) > 0
    assert math.isnan(tail_ratio(returns)) if value == 0 else tail_ratio(returns) == pytest.approx(1.0)


def test_a_total_loss_is_the_deepest_there_is() -> None:
    assert ulcer_index(np.array([-1.0, 0.5])) == 1.0


def test_beyond_the_range_of_a_double_is_undefined() -> None:
    huge = np.array([1e200, 3e200, 2e300])
    assert math.isnan(ulcer_index(huge))
    assert kurtosis(huge) == pytest.approx(-1.5)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, 95.0, math.nan])
def test_refuses_a_level_that_is_none(level: float) -> None:
    for function in (value_at_risk, conditional_value_at_risk):
        with pytest.raises(InputError):
            function(np.array([0.1, 0.2]), level)


def test_refuses_less_than_a_total_loss() -> None:
    with pytest.raises(InputError):
        ulcer_index(np.array([0.1, -1.5]))
