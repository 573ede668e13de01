import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.benchmark import beta
from analytics.checks import FloatArray, InputError
from analytics.ratios import sharpe, volatility
from analytics.rolling import rolling_beta, rolling_mean, rolling_sharpe, rolling_volatility

series = st.lists(st.floats(-0.3, 0.3), max_size=40).map(np.array)
windows = st.integers(2, 12)


def test_by_hand() -> None:
    nan = math.nan
    returns, market = np.array([0.01, 0.03, 0.01, 0.05]), np.array([0.0, 0.01, 0.02, 0.0])
    deviations = [0.02 / math.sqrt(2), 0.02 / math.sqrt(2), 0.04 / math.sqrt(2)]
    assert rolling_volatility(returns, 2, 4) == pytest.approx([nan, *(2 * d for d in deviations)], nan_ok=True)
    means = [0.02, 0.02, 0.03]
    expected = [nan, *(2 * mean / d for mean, d in zip(means, deviations, strict=True))]
    assert rolling_sharpe(returns, 2, 4) == pytest.approx(expected, nan_ok=True)
    assert rolling_beta(returns, market, 2) == pytest.approx([nan, 2.0, -2.0, -2.0], nan_ok=True)


@given(series, windows, st.integers(0, 2**32 - 1), st.floats(-0.5, 0.5))
def test_equal_the_functions_of_each_window(returns: FloatArray, window: int, seed: int, annual: float) -> None:
    market = np.random.default_rng(seed).normal(0, 0.1, returns.size)
    found = (
        rolling_volatility(returns, window, 365),
        rolling_sharpe(returns, window, 365, annual),
        rolling_beta(returns, market, window),
        rolling_mean(returns, window),
    )
    assert [each.shape for each in found] == [returns.shape] * 4
    for end in range(returns.size):
        inside = slice(end - window + 1, end + 1)
        if end < window - 1:
            expected = (math.nan,) * 4
        else:
            part = returns[inside]
            expected = volatility(part, 365), sharpe(part, 365, annual), beta(part, market[inside]), part.mean()
            assume(expected[0] == 0 or expected[0] > 1e-6)
        assert [each[end] for each in found] == pytest.approx(expected, rel=1e-7, abs=1e-7, nan_ok=True)


@pytest.mark.parametrize("window", [2, 30, 288, 4999, 60_000])
@pytest.mark.parametrize("kind", ["quiet", "spike", "trend", "spike of one, a thousandth as large"])
def test_105_000_points_equal_the_naive_window_to_1e_10(window: int, kind: str) -> None:
    """A spike of 10^6 times the spread, or a drift, spoils differences of running sums for all that follows."""
    rng = np.random.default_rng(7)
    returns, market = rng.normal(1e-5, 1e-3, (2, 105_000))
    if kind == "spike":
        returns[[1000, 50_000]] = 1e3
    elif kind == "trend":
        returns += np.linspace(0, 10, returns.size)
    elif kind != "quiet":
        returns[[1000, 50_000]] = 1e3
        returns *= 1e-3
    if kind in {"spike", "trend"}:
        market += 0.5 * returns
    some = np.unique([0, 1, 2, *rng.integers(0, returns.size - window, min(300, 500_000 // window))])
    rows = some[:, None] + np.arange(window)
    own, other = returns[rows].astype(np.longdouble), market[rows].astype(np.longdouble)
    own_centred, other_centred = (each - each.mean(axis=1, keepdims=True) for each in (own, other))
    spread = np.sqrt((own_centred**2).sum(axis=1) / (window - 1))
    slope = (own_centred * other_centred).sum(axis=1) / (other_centred**2).sum(axis=1)
    ends = some + window - 1
    np.testing.assert_allclose(rolling_volatility(returns, window, 1)[ends], spread, rtol=1e-10)
    # Where a mean is near 0 its digits are those of the spread.
    ratios = own.mean(axis=1) / spread
    np.testing.assert_allclose(rolling_sharpe(returns, window, 1)[ends], ratios, rtol=1e-10, atol=1e-11)
    scale = spread / np.sqrt((other_centred**2).sum(axis=1) / (window - 1))
    np.testing.assert_allclose(
        rolling_beta(returns, market, window)[ends] / scale, slope / scale, rtol=1e-10, atol=1e-11
    )


@given(series, windows, st.floats(0.01, 100), st.floats(-0.2, 0.2), st.integers(0, 30))
def test_scale_shift_and_cutting_off(returns: FloatArray, window: int, scale: float, shift: float, cut: int) -> None:
    found = rolling_volatility(returns, window, 252)
    assume(not (found[window - 1 :] < 1e-6).any())
    assert rolling_volatility(returns * scale + shift, window, 252) == pytest.approx(
        found * scale, rel=1e-6, nan_ok=True
    )
    assert rolling_sharpe(returns * scale, window, 252) == pytest.approx(
        rolling_sharpe(returns, window, 252), rel=1e-6, abs=1e-6, nan_ok=True
    )
    # A figure knows only its window: what came before changes nothing.
    later = rolling_volatility(returns[cut:], window, 252)[window - 1 :]
    assert later == pytest.approx(found[cut + window - 1 :], rel=1e-9, nan_ok=True)
    assert rolling_beta(returns, returns, window)[window - 1 :] == pytest.approx(1.0)


@pytest.mark.parametrize("size", [0, 1, 4])
def test_without_a_full_window_all_is_undefined(size: int) -> None:
    values = np.ones(size)
    for found in (rolling_volatility(values, 5, 365), rolling_sharpe(values, 5, 365), rolling_beta(values, values, 5)):
        assert found.shape == (size,)
        assert np.isnan(found).all()


@pytest.mark.parametrize("value", [0.0, 0.1, -0.003, 1e-9])
def test_a_spread_of_rounding_size_is_none(value: float) -> None:
    flat = np.full(50, value)
    assert (rolling_volatility(flat, 7, 365)[6:] == 0.0).all()
    assert np.isnan(rolling_sharpe(flat, 7, 365)).all()
    assert np.isnan(rolling_beta(np.arange(50.0), flat, 7)).all()


@pytest.mark.parametrize("window", [1, 0, -3])
def test_refuses_a_window_that_has_no_spread(window: int) -> None:
    calls: list[Any] = [
        lambda: rolling_mean(np.ones(9), window),
        lambda: rolling_volatility(np.ones(9), window, 365),
        lambda: rolling_sharpe(np.ones(9), window, 365),
        lambda: rolling_beta(np.ones(9), np.ones(9), window),
    ]
    for call in calls:
        with pytest.raises(InputError):
            call()


def test_refuses_series_of_different_length() -> None:
    with pytest.raises(InputError):
        rolling_beta(np.ones(9), np.ones(8), 3)
