import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.checks import InputError
from analytics.positions import excursions, open_value, r_multiple, time_in_market, turnover

stays = st.lists(st.tuples(st.integers(-20, 60), st.integers(0, 30)), max_size=12).map(
    lambda pairs: np.array([(begin, begin + length) for begin, length in pairs], np.int64).reshape(-1, 2).T
)


def test_r_multiple_by_hand() -> None:
    nan = math.nan
    pnl, entry = np.array([20, -10, 5, 5, nan]), np.array([100.0] * 5)
    result = r_multiple(pnl, entry, np.array([95, 105, 100, nan, 95]), np.array([2.0, 2, 2, 2, 2]))
    assert result == pytest.approx([2.0, -1.0, nan, nan, nan], nan_ok=True)


def test_excursions_by_hand() -> None:
    nan = math.nan
    entry = np.array([100.0, 100, 100, 100, 0, 100])
    lowest = np.array([90.0, 90, 101, 90, 1, nan])
    highest = np.array([125.0, 125, 110, 99, 2, 125])
    mae, mfe = excursions(entry, lowest, highest, np.array([1, -1, 1, -1, 1, 1]))
    assert mae == pytest.approx([-0.1, -0.25, 0.0, 0.0, nan, nan], nan_ok=True)
    assert mfe == pytest.approx([0.25, 0.1, 0.1, 0.1, nan, 0.25], nan_ok=True)


prices = st.lists(st.floats(1, 1000), min_size=3, max_size=3).map(sorted)


@given(st.lists(prices, min_size=1), st.floats(1e-6, 1e6))
def test_a_short_is_a_long_in_a_mirror_and_prices_have_no_unit(rows: list[list[float]], scale: float) -> None:
    lowest, entry, highest = np.array(rows).T
    long, short = np.ones(len(rows), dtype=np.int64), -np.ones(len(rows), dtype=np.int64)
    mae, mfe = excursions(entry, lowest, highest, long)
    assert mae == pytest.approx(lowest / entry - 1, abs=1e-12)
    assert mfe == pytest.approx(highest / entry - 1, abs=1e-12)
    mirrored = excursions(entry, lowest, highest, short)
    np.testing.assert_array_equal(mirrored, (-mfe, -mae))
    np.testing.assert_allclose(excursions(entry * scale, lowest * scale, highest * scale, long), (mae, mfe), atol=1e-12)


@pytest.mark.parametrize("direction", [[0], [2], [1, 1]])
def test_refuses_a_direction_that_is_none(direction: list[int]) -> None:
    one = np.ones(1)
    with pytest.raises(InputError):
        excursions(one, one, one, np.array(direction))


def test_refuses_columns_of_different_length() -> None:
    one, two = np.ones(1), np.ones(2)
    with pytest.raises(InputError):
        r_multiple(one, two, one, one)
    with pytest.raises(InputError):
        excursions(two, one, two, np.ones(2, dtype=np.int64))


def test_real_excursions_contain_the_exit(backtest: dict[str, Any]) -> None:
    trades = [{key: float(t[key]) for key in ("open_rate", "min_rate", "max_rate")} for t in backtest["trades"]]
    entry, low, high = (np.array([t[key] for t in trades]) for key in ("open_rate", "min_rate", "max_rate"))
    side = np.array([-1 if trade["is_short"] else 1 for trade in backtest["trades"]], dtype=np.int64)
    mae, mfe = excursions(entry, low, high, side)
    assert (mae <= 0).all()
    assert (mfe >= 0).all()
    assert (mae > -1).all()


def test_time_in_market_by_hand() -> None:
    opened, closed = np.array([10, 12, 30, 90]), np.array([20, 15, 40, 200])
    assert time_in_market(opened, closed, 0, 100) == 0.3
    assert time_in_market(opened, closed, 15, 35) == 0.5
    assert time_in_market(opened, closed, 50, 60) == 0.0


def test_open_value_by_hand() -> None:
    opened, closed, values = np.array([1, 2, 5]), np.array([4, 2, 9]), np.array([10.0, 7.0, 0.1])
    assert open_value(opened, closed, values, np.arange(10)).tolist() == [0, 10, 10, 10, 0, 0.1, 0.1, 0.1, 0.1, 0]


def test_turnover_by_hand() -> None:
    assert turnover(np.array([100.0, 110.0, 50.0, 40.0]), np.array([90.0, 110.0])) == 1.5


@given(stays)
def test_time_in_market_equals_counting_moments(each: Any) -> None:
    opened, closed = each
    inside = [any(b <= t < e for b, e in each.T.tolist()) for t in range(50)]
    assert time_in_market(opened, closed, 0, 50) == pytest.approx(sum(inside) / 50)


@given(stays, st.integers(0, 2**32 - 1))
def test_open_value_equals_adding_up(each: Any, seed: int) -> None:
    opened, closed = each
    values = np.random.default_rng(seed).normal(size=opened.size)
    expected = [math.fsum(v for v, b, e in zip(values, opened, closed, strict=True) if b <= t < e) for t in range(50)]
    assert open_value(opened, closed, values, np.arange(50)) == pytest.approx(expected, abs=1e-12)


@given(stays, st.integers(-1000, 1000), st.integers(1, 9), st.randoms())
def test_time_in_market_knows_no_order_unit_or_beginning(each: Any, shift: int, scale: int, random: Any) -> None:
    opened, closed = each
    order = random.sample(range(opened.size), opened.size)
    found = time_in_market(opened, closed, 0, 50)
    moved = (opened[order] + shift) * scale, (closed[order] + shift) * scale
    assert time_in_market(*moved, shift * scale, (50 + shift) * scale) == pytest.approx(found)
    twice = np.concatenate((opened, opened)), np.concatenate((closed, closed))
    assert time_in_market(*twice, 0, 50) == found


def test_nothing_open_and_no_time() -> None:
    none = np.empty(0, np.int64)
    assert time_in_market(none, none, 0, 10) == 0.0
    assert math.isnan(time_in_market(none, none, 10, 10))
    assert open_value(none, none, np.empty(0), np.arange(3)).tolist() == [0, 0, 0]
    assert open_value(np.array([0]), np.array([5]), np.ones(1), none).size == 0
    assert math.isnan(turnover(np.ones(2), np.empty(0)))
    assert math.isnan(turnover(np.ones(2), np.array([-1.0])))


def test_refuses_what_is_no_position() -> None:
    one = np.array([1])
    for call in (
        lambda: time_in_market(one, np.array([0]), 0, 9),
        lambda: time_in_market(one, np.array([1, 2]), 0, 9),
        lambda: time_in_market(np.array([1.5]), one, 0, 9),
        lambda: open_value(one, one, np.array([math.nan]), one),
        lambda: open_value(one, one, np.ones(1), np.array([2, 1])),
        lambda: turnover(np.array([-1.0]), np.ones(1)),
        lambda: turnover(np.ones(1), np.array([math.inf])),
    ):
        with pytest.raises(InputError):
            call()
