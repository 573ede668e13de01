import math
import statistics

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.benchmark import align, alpha, beta, correlation, information_ratio, relation, tracking_error
from analytics.checks import FloatArray, InputError, IntArray
from analytics.ratios import per_period

pairs = st.lists(st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)), min_size=2, max_size=40).map(
    lambda rows: np.array(rows).T
)
dates = st.sets(st.integers(-50, 50), max_size=40).map(lambda days: np.array(sorted(days), np.int64))


def spread_enough(both: FloatArray) -> bool:
    return bool(np.std(both, axis=1).min() > 1e-3)


def test_by_hand() -> None:
    market = np.array([0.01, -0.01, 0.03, 0.01])  # mean 0.01, squares about it sum to 0.0008
    own = 2 * market + np.array([0.001, 0.001, -0.001, -0.001])  # the rest averages 0; products with market: -0.00004
    slope = 2 - 0.00004 / 0.0008
    assert beta(own, market) == pytest.approx(slope)
    assert alpha(own, market, 4) == pytest.approx((1 + 0.02 - slope * 0.01) ** 4 - 1)
    assert correlation(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])) == pytest.approx(0.5)
    active = [0.03, 0.01, 0.02, 0.02]
    assert tracking_error(market + active, market, 4) == pytest.approx(2 * statistics.stdev(active))
    assert information_ratio(market + active, market, 4) == pytest.approx(2 * 0.02 / statistics.stdev(active))


@given(pairs, st.floats(-0.3, 0.3))
def test_equal_the_line_that_fits_best(both: FloatArray, annual: float) -> None:
    assume(spread_enough(both))
    own, market = both
    rate = per_period(annual, 12)
    slope, intercept = statistics.linear_regression((market - rate).tolist(), (own - rate).tolist())
    assert beta(own, market) == pytest.approx(slope, abs=1e-9)
    expected = (1 + intercept) ** 12 - 1 if intercept >= -1 else math.nan
    assert alpha(own, market, 12, annual) == pytest.approx(expected, rel=1e-6, abs=1e-9, nan_ok=True)
    assert correlation(own, market) == pytest.approx(statistics.correlation(own.tolist(), market.tolist()), abs=1e-9)
    active = (own - market).tolist()
    error = statistics.stdev(active)
    assert tracking_error(own, market, 12) == pytest.approx(error * math.sqrt(12), abs=1e-9)
    assume(error > 1e-6)
    expected = statistics.fmean(active) / error * math.sqrt(12)
    assert information_ratio(own, market, 12) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(pairs, st.floats(0.1, 10), st.floats(-0.2, 0.2), st.integers(0, 2**32 - 1))
def test_scale_shift_and_permutation(both: FloatArray, scale: float, shift: float, seed: int) -> None:
    assume(spread_enough(both))
    own, market = both
    order = np.random.default_rng(seed).permutation(own.size)
    found, mixed = relation(own, market, 252), relation(own[order], market[order], 252)
    for name in ("beta", "alpha", "correlation", "tracking_error"):
        assert getattr(mixed, name) == pytest.approx(getattr(found, name), rel=1e-6, abs=1e-9, nan_ok=True)
    assert beta(own * scale + shift, market) == pytest.approx(scale * beta(own, market), abs=1e-9)
    assert correlation(own * scale + shift, market) == pytest.approx(correlation(own, market), abs=1e-9)
    assert correlation(own, -market) == pytest.approx(-correlation(own, market), abs=1e-9)
    assert correlation(own, market) == pytest.approx(correlation(market, own), abs=1e-12)
    assert beta(own, market) * beta(market, own) == pytest.approx(correlation(own, market) ** 2, abs=1e-9)
    itself = relation(market, market, 252)
    assert (itself.beta, itself.correlation) == (pytest.approx(1), pytest.approx(1))
    assert itself.tracking_error == 0.0
    assert itself.alpha == pytest.approx(0, abs=1e-12)
    assert math.isnan(itself.information_ratio)


@given(dates, dates)
def test_align_finds_the_common_dates(first: IntArray, second: IntArray) -> None:
    one, two = align(first, second)
    assert first[one].tolist() == second[two].tolist() == sorted(set(first.tolist()) & set(second.tolist()))


def test_a_constant_series() -> None:
    own, flat = np.array([0.1, -0.1, 0.2]), np.full(3, 0.01)
    beside = relation(own, flat, 365)
    assert all(math.isnan(figure) for figure in (beside.beta, beside.alpha, beside.correlation))
    assert beside.tracking_error > 0
    beside = relation(flat, own, 365)
    assert beside.beta == pytest.approx(0.0, abs=1e-15)
    assert math.isnan(beside.correlation)
    ahead = relation(own + 0.001, own, 365)
    assert ahead.tracking_error == 0.0
    assert math.isnan(ahead.information_ratio)


@pytest.mark.parametrize("size", [0, 1])
def test_too_few_returns_are_undefined(size: int) -> None:
    beside = relation(np.zeros(size), np.zeros(size), 365)
    assert all(math.isnan(getattr(beside, name)) for name in type(beside).__slots__)


def test_an_alpha_that_cannot_compound_is_undefined() -> None:
    market = np.array([0.0, 0.1, 0.2])
    assert math.isnan(alpha(market * 5 - 2, market, 365))
    assert math.isnan(alpha(market + 1e3, market, 365))


def test_refuses_what_does_not_fit() -> None:
    with pytest.raises(InputError):
        relation(np.zeros(2), np.zeros(3), 365)
    for bad in ([1, 1], [2, 1]):
        with pytest.raises(InputError):
            align(np.array(bad), np.array([1]))
        with pytest.raises(InputError):
            align(np.array([1]), np.array(bad))
    with pytest.raises(InputError):
        relation(np.zeros(2), np.zeros(2), 365, -1.0)
