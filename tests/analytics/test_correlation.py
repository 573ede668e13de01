import statistics
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.checks import FloatArray, InputError
from analytics.correlation import MIN_OBSERVATIONS, correlation_matrix, side_by_side
from analytics.returns import Daily


def slow(table: FloatArray, minimum: int) -> tuple[FloatArray, FloatArray]:
    """Pair by pair, from the common rows alone."""
    columns = table.shape[1]
    found, counts = np.full((columns, columns), np.nan), np.zeros((columns, columns))
    for i in range(columns):
        for j in range(columns):
            both = [
                (x, y) for x, y in zip(table[:, i].tolist(), table[:, j].tolist(), strict=True) if x == x and y == y
            ]
            counts[i, j] = len(both)
            if len(both) >= minimum and min(statistics.pstdev(side) for side in zip(*both, strict=True)) > 1e-12:
                found[i, j] = statistics.correlation(*zip(*both, strict=True))
    return found, counts


def random_table(seed: int, rows: int, columns: int, missing: float) -> FloatArray:
    rng = np.random.default_rng(seed)
    table = rng.normal(0, 0.01, (rows, columns)) + rng.normal(0, 0.01, (rows, 1))
    table[rng.random(table.shape) < missing] = np.nan
    return table


def test_by_hand() -> None:
    table = np.array([[1, 1, 5], [2, 3, 5], [3, 2, 5], [np.nan, 9, 5]])
    found = correlation_matrix(table, minimum=3)
    expected = [[1, 0.5, np.nan], [0.5, 1, np.nan], [np.nan, np.nan, np.nan]]
    assert found.correlations == pytest.approx(np.array(expected), nan_ok=True)
    assert found.observations.tolist() == [[3, 3, 3], [3, 4, 4], [3, 4, 4]]


def test_nineteen_common_dates_are_too_few_and_twenty_are_enough() -> None:
    table = random_table(1, 40, 2, 0)
    table[: 40 - MIN_OBSERVATIONS, 0] = np.nan
    assert not np.isnan(correlation_matrix(table).correlations).any()
    table[-1, 1] = np.nan
    found = correlation_matrix(table)
    assert np.isnan(found.correlations).tolist() == [[False, True], [True, False]]
    assert found.observations[0, 1] == 19
    assert np.isnan(correlation_matrix(random_table(1, 19, 2, 0)).correlations).all()


@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.integers(1, 6), st.sampled_from([0, 0.2, 0.6, 1]))
def test_equals_each_pair_alone(seed: int, rows: int, columns: int, missing: float) -> None:
    table = random_table(seed, rows, columns, missing)
    found = correlation_matrix(table, minimum=5)
    expected, counts = slow(table, 5)
    np.testing.assert_allclose(found.correlations, expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(found.observations, counts)


def test_a_jump_outside_the_common_dates_costs_no_digit() -> None:
    table = random_table(3, 200, 4, 0)
    table[:50, 0] = 1e6
    table[:60, 1] = np.nan
    table[100:, 2] = -1e7
    table[90:, 3] = np.nan
    expected, _ = slow(table, 20)
    np.testing.assert_allclose(correlation_matrix(table).correlations, expected, rtol=1e-9)


def test_flat_on_the_common_dates_is_undefined_though_not_flat_elsewhere() -> None:
    table = random_table(4, 80, 3, 0)
    table[:40, 0] = 0.001
    table[40:, 1] = np.nan
    found = correlation_matrix(table).correlations
    assert np.isnan(found[0, 1]) and np.isnan(found[1, 0])
    assert not np.isnan(found[0, 2]) and found[0, 0] == found[1, 1] == 1.0


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100), st.floats(-1, 1), st.sampled_from([0, 0.3]))
def test_scale_shift_sign_and_permutation(seed: int, scale: float, shift: float, missing: float) -> None:
    table = random_table(seed, 60, 4, missing)
    found = correlation_matrix(table).correlations
    assert np.array_equal(found, found.T, equal_nan=True)
    assert np.nanmax(np.abs(found)) <= 1
    order = np.random.default_rng(seed).permutation(60)
    np.testing.assert_allclose(
        correlation_matrix(table[order] * scale + shift).correlations, found, rtol=1e-6, atol=1e-6
    )
    signs = np.array([1, -1, 1, -1])
    np.testing.assert_allclose(
        correlation_matrix(table * signs).correlations, found * np.outer(signs, signs), atol=1e-9
    )
    twice = correlation_matrix(np.concatenate((table, table)))
    known = ~np.isnan(found)
    np.testing.assert_allclose(twice.correlations[known], found[known], atol=1e-9)


def test_two_hundred_strategies_equal_numpy() -> None:
    table = random_table(5, 1000, 200, 0)
    np.testing.assert_allclose(correlation_matrix(table).correlations, np.corrcoef(table, rowvar=False), rtol=1e-10)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (30, 0)])
def test_nothing_correlates_with_nothing(shape: tuple[int, int]) -> None:
    found = correlation_matrix(np.empty(shape))
    assert found.correlations.shape == found.observations.shape == (shape[1], shape[1])
    assert np.isnan(found.correlations).all()


@pytest.mark.parametrize("bad", [[1.0, 2.0], [[[1.0]]], [[np.inf, 1.0]], [["a"]], [[1.0], [1.0, 2.0]]], ids=str)
def test_refuses_what_is_no_table(bad: Any) -> None:
    with pytest.raises(InputError):
        correlation_matrix(bad)
    with pytest.raises(InputError):
        correlation_matrix(np.ones((30, 2)), minimum=1)


def test_series_side_by_side() -> None:
    first, second = Daily(np.array([1, 3]), np.array([0.1, 0.3])), Daily(np.array([3, 4]), np.array([0.5, 0.6]))
    days, table = side_by_side([first, second])
    assert days.tolist() == [1, 3, 4]
    np.testing.assert_array_equal(table, [[0.1, np.nan], [0.3, 0.5], [np.nan, 0.6]])
    assert side_by_side([])[1].shape == (0, 0)


def test_input_is_never_changed() -> None:
    for missing in (0, 0.3):
        table = random_table(6, 40, 3, missing)
        before = table.copy()
        table.flags.writeable = False
        correlation_matrix(table)
        np.testing.assert_array_equal(table, before)
