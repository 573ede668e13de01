import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.checks import FloatArray, InputError, IntArray
from analytics.downsample import m4
from analytics.drawdown import max_drawdown, max_drawdown_money
from analytics.returns import wealth_index


@st.composite
def lines(draw: st.DrawFn, low: int) -> tuple[IntArray, FloatArray]:
    steps = draw(st.lists(st.tuples(st.integers(0, 20), st.integers(low, 15)), max_size=120))
    times = np.cumsum([gap**3 for gap, _ in steps], dtype=np.int64)
    return times, np.array([value for _, value in steps], dtype=np.float64)


def test_by_hand_one_column() -> None:
    values = np.array([5.0, 9, 4, 4, 9, 1, 20, 7])  # fall from 9 to 1, high 20 after it
    assert m4(np.arange(8), values, 6).tolist() == [0, 1, 5, 6, 7]


def test_by_hand_two_columns_of_time_not_of_count() -> None:
    times = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 60, 100])
    values = np.array([3.0, 2, 4, 4, 6, 5, 5, 3, 3, 8, 7])
    # before 50: first 0, lowest 1, highest 4, last 8; then 9, 10; the deepest fall, 6 to 3, ends at 7
    assert m4(times, values, 10).tolist() == [0, 1, 4, 7, 8, 9, 10]


def test_the_drawdown_fits_beside_full_columns() -> None:
    times = np.array([0, 1, 2, 3, 3, 3, 6, 7, 8, 9])
    values = np.array([5.0, 4, 10, 5, 20, 15, 15, 14, 40, 35])  # 10 to 5 is the deepest, inside the first half
    assert m4(times, values, 8).tolist() == [0, 1, 2, 3, 8, 9]


@given(lines(low=1), st.integers(6, 60))
def test_keeps_extremes_and_the_maximum_drawdown(line: tuple[IntArray, FloatArray], points: int) -> None:
    times, values = line
    kept = m4(times, values, points)
    assert len(kept) <= points
    assert (np.diff(kept) > 0).all()
    if not values.size:
        return
    assert (kept[0], kept[-1]) == (0, values.size - 1)
    chosen = values[kept]
    assert (chosen.max(), chosen.min()) == (values.max(), values.min())
    assert max_drawdown(chosen) == max_drawdown(values)


@given(lines(low=-15), st.integers(6, 60))
def test_keeps_the_deepest_fall_in_money_of_a_line_below_zero(line: tuple[IntArray, FloatArray], points: int) -> None:
    times, values = line
    values = np.append(values, -16.0)
    chosen = values[m4(np.append(times, times[-1:] if times.size else 0), values, points)]
    assert max_drawdown_money(chosen) == max_drawdown_money(values)


@given(lines(low=-15), st.integers(6, 40))
def test_every_column_keeps_first_last_lowest_and_highest(line: tuple[IntArray, FloatArray], points: int) -> None:
    times, values = line
    kept = m4(times, values, points)
    if values.size <= points:
        assert kept.tolist() == list(range(values.size))
        return
    columns = (points - 2) // 4
    span = int(times[-1] - times[0])
    borders = [int(times[0]) + int(span * (column / columns)) for column in range(columns)]
    members: dict[int, list[int]] = {}
    for i, time in enumerate(times.tolist()):
        members.setdefault(max(c for c in range(columns) if borders[c] <= time), []).append(i)
    expected = set()
    for inside in members.values():
        expected |= {inside[0], inside[-1], min(inside, key=lambda i: values[i]), max(inside, key=lambda i: values[i])}
    # times equal to a border may open a column or not: compare what is drawn, the extremes of each column
    assert expected <= set(kept.tolist())
    assert len(set(kept.tolist()) - expected) <= 2


@given(lines(low=1), st.integers(6, 60), st.integers(1, 50), st.integers(-(10**12), 10**12))
def test_scale_and_shift_choose_the_same(
    line: tuple[IntArray, FloatArray], points: int, scale: int, shift: int
) -> None:
    times, values = line
    np.testing.assert_array_equal(m4(times + shift, values * scale, points), m4(times, values, points))


def test_a_year_of_five_minutes() -> None:
    random = np.random.default_rng(7)
    values = wealth_index(random.normal(0, 1e-3, 105_000))
    times = 1_700_000_000_000_000 + np.arange(values.size) * 300_000_000
    kept = m4(times, values, 1000)
    assert 500 < kept.size <= 1000
    assert max_drawdown(values[kept]) == max_drawdown(values)


@pytest.mark.parametrize("count", [0, 1, 6, 7, 500])
def test_constant_lines(count: int) -> None:
    kept = m4(np.arange(count), np.ones(count), 6)
    assert kept.tolist() == (list(range(count)) if count <= 6 else [0, count - 1])


def test_all_at_one_moment() -> None:
    kept = m4(np.zeros(50, dtype=np.int64), np.arange(50.0), 20)
    assert kept.tolist() == [0, 49]


@pytest.mark.parametrize("points", [5, 0, -1])
def test_refuses_too_few_points(points: int) -> None:
    with pytest.raises(InputError):
        m4(np.arange(3), np.ones(3), points)
