import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.checks import FloatArray, InputError, IntArray
from analytics.drawdown import max_drawdown
from analytics.montecarlo import AT_ONCE, PERCENTILES, _positions, monte_carlo
from analytics.returns import wealth_index

series = st.lists(st.floats(-0.3, 0.3), min_size=1, max_size=40).map(np.array)


def positions(seed: int, size: int, paths: int, periods: int, block: float) -> IntArray:
    return _positions(np.random.default_rng(seed), size, paths, periods, block)


def test_by_hand() -> None:
    """Of returns that are all alike every path is the same."""
    found = monte_carlo(np.full(4, -0.5), np.random.default_rng(1), paths=7, horizon=3)
    assert found.terminals.tolist() == [0.125] * 7
    assert found.drawdowns.tolist() == [-0.875] * 7
    assert found.terminal.tolist() == [0.125] * 5
    assert found.drawdown.tolist() == [-0.875] * 5
    assert found.block == pytest.approx(4 ** (1 / 3))


@given(series, st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 30), st.floats(1, 10))
def test_a_path_is_worth_what_its_returns_make_of_it(
    returns: FloatArray, seed: int, paths: int, horizon: int, block: float
) -> None:
    found = monte_carlo(returns, np.random.default_rng(seed), paths=paths, horizon=horizon, block=block)
    rows = positions(seed, returns.size, paths, horizon, block)
    for row, terminal, depth in zip(rows, found.terminals, found.drawdowns, strict=True):
        index = wealth_index(returns[row])
        assert terminal == pytest.approx(index[-1])
        assert depth == pytest.approx(max_drawdown(index), abs=1e-12)
    assert found.terminal == pytest.approx([np.quantile(found.terminals, p / 100) for p in PERCENTILES])
    assert found.drawdown == pytest.approx([np.quantile(found.drawdowns, p / 100) for p in PERCENTILES])


@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.integers(1, 6), st.integers(1, 30), st.floats(1, 20))
def test_a_path_goes_on_or_begins_anew(seed: int, size: int, paths: int, periods: int, block: float) -> None:
    rows = positions(seed, size, paths, periods, block)
    assert rows.shape == (paths, periods)
    assert rows.min() >= 0 and rows.max() < size
    if block > 1e6:
        assert (np.diff(rows, axis=1) % size == 1).all()


def test_blocks_are_geometric_and_begin_anywhere() -> None:
    size, block = 997, 8.0
    rows = positions(3, size, 400, 1000, block)
    going_on = (np.diff(rows, axis=1) - 1) % size == 0
    # Goes on with 1 - 1/8, and by chance where it begins anew; 400,000 draws.
    expected = 1 - 1 / block + 1 / block / size
    assert going_on.mean() == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / going_on.size))
    twice = going_on[:, 1:] & going_on[:, :-1]
    assert twice.mean() == pytest.approx(expected**2, abs=0.005)
    counts = np.bincount(rows.ravel(), minlength=size)
    assert counts.min() > 0.6 * counts.mean() and counts.max() < 1.5 * counts.mean()


def test_the_mean_of_many_paths_is_the_mean_of_the_returns() -> None:
    returns = np.random.default_rng(4).normal(0.001, 0.01, 250)
    found = monte_carlo(returns, np.random.default_rng(5), paths=20_000, horizon=50, block=1.0)
    expected = float((1 + returns.mean()) ** 50)
    error = float(np.std(found.terminals)) / math.sqrt(20_000)
    assert found.terminals.mean() == pytest.approx(expected, abs=5 * error)


def test_the_same_seed_gives_the_same_paths_and_another_does_not() -> None:
    returns = np.random.default_rng(4).normal(0, 0.01, 100)
    one, again, other = (monte_carlo(returns, np.random.default_rng(seed), paths=50) for seed in (1, 1, 2))
    assert one.terminals.tolist() == again.terminals.tolist() != other.terminals.tolist()
    state = np.random.get_state()[1].tolist()  # type: ignore[index]
    monte_carlo(returns, np.random.default_rng(1), paths=50)
    assert np.random.get_state()[1].tolist() == state  # type: ignore[index]


@given(series, st.integers(0, 2**32 - 1))
def test_scale_of_the_capital_and_order_of_percentiles(returns: FloatArray, seed: int) -> None:
    found = monte_carlo(returns, np.random.default_rng(seed), paths=20, horizon=20)
    assert (np.diff(found.terminal) >= 0).all() and (np.diff(found.drawdown) >= 0).all()
    assert found.drawdowns.min() >= -1 and found.drawdowns.max() <= 0
    assert found.terminals.min() >= 0
    assert (found.terminals >= 1 + found.drawdowns - 1e-12).all()


def test_more_paths_than_are_drawn_at_once() -> None:
    found = monte_carlo(np.array([0.1, -0.1]), np.random.default_rng(1), paths=3, horizon=AT_ONCE)
    assert found.terminals.shape == (3,)
    assert np.isfinite(found.terminals).all()


def test_no_returns_and_a_total_loss() -> None:
    none = monte_carlo(np.array([]), np.random.default_rng(1), paths=3)
    assert np.isnan(none.terminal).all() and np.isnan(none.drawdown).all()
    assert none.terminals.shape == none.drawdowns.shape == (3,)
    lost = monte_carlo(np.array([-1.0]), np.random.default_rng(1), paths=3)
    assert (lost.terminals == 0).all() and (lost.drawdowns == -1).all()
    one = monte_carlo(np.array([0.5]), np.random.default_rng(1), paths=3, horizon=2)
    assert (one.terminals == 2.25).all() and (one.drawdowns == 0).all()


def test_beyond_the_range_of_a_double() -> None:
    found = monte_carlo(np.array([1e200]), np.random.default_rng(1), paths=3, horizon=5)
    assert np.isinf(found.terminals).all()


@pytest.mark.parametrize(
    "options",
    [{"paths": 0}, {"horizon": 0}, {"block": 0.5}, {"block": math.nan}, {"block": math.inf}],
    ids=str,
)
def test_refuses_numbers_that_are_too_small(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        monte_carlo(np.array([0.1, 0.2]), np.random.default_rng(1), **options)


def test_refuses_less_than_a_total_loss() -> None:
    with pytest.raises(InputError):
        monte_carlo(np.array([-1.5]), np.random.default_rng(1))
