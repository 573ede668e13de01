import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.checks import FloatArray, InputError
from analytics.distribution import MAX_BINS, box_plot, histogram
from analytics.risk import conditional_value_at_risk, value_at_risk

series = st.lists(st.floats(-0.3, 0.3), min_size=2, max_size=60).map(np.array)


def test_by_hand() -> None:
    bars = histogram(np.array([0.0, 0.1, 0.1, 0.2, 0.4]), 4)
    assert bars.edges == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert bars.counts.tolist() == [1, 2, 1, 1]
    assert (bars.mean, bars.median) == (pytest.approx(0.16), 0.1)
    box = box_plot(np.array([7.0, 1.0, 2.0, 3.0, 4.0, 5.0, 30.0]))  # quartiles 2.5 and 6, reach 5.25
    assert (box.lower_quartile, box.median, box.upper_quartile) == (2.5, 4.0, 6.0)
    assert (box.lower_whisker, box.upper_whisker, box.outliers.tolist()) == (1.0, 7.0, [30.0])


@given(series, st.one_of(st.none(), st.integers(1, 30)))
def test_every_return_is_in_the_bar_it_lies_in(returns: FloatArray, bins: int | None) -> None:
    bars = histogram(returns, bins)
    assert bars.counts.sum() == returns.size
    assert bars.counts.size == bars.edges.size - 1 == (bins or bars.counts.size)
    assert 1 <= bars.counts.size <= MAX_BINS
    assert bars.edges[0] <= returns.min() and returns.max() <= bars.edges[-1]
    if np.ptp(returns) > 1e-6:
        below = [int((returns < edge - 1e-12).sum()) for edge in bars.edges]
        upto = [int((returns <= edge + 1e-12).sum()) for edge in bars.edges]
        for edge, count in enumerate(np.cumsum(bars.counts)[:-1], start=1):
            assert below[edge] <= count <= upto[edge]
    assert (bars.var_95, bars.var_99) == (value_at_risk(returns), value_at_risk(returns, 0.99))
    assert bars.cvar_95 == conditional_value_at_risk(returns)
    assert bars.cvar_99 == conditional_value_at_risk(returns, 0.99)


@given(series)
def test_a_box_equals_the_formulas(values: FloatArray) -> None:
    box = box_plot(values)
    quartiles = statistics.quantiles(values.tolist(), n=4, method="inclusive")
    assert [box.lower_quartile, box.median, box.upper_quartile] == pytest.approx(quartiles, abs=1e-15)
    assert box.lower_whisker <= box.lower_quartile <= box.median <= box.upper_quartile <= box.upper_whisker
    reach = 1.5 * (box.upper_quartile - box.lower_quartile)
    inside = [v for v in values.tolist() if box.lower_quartile - reach <= v <= box.upper_quartile + reach]
    assert sorted([*inside, *box.outliers.tolist()]) == sorted(values.tolist())
    assert box.lower_whisker == min(*inside, box.lower_quartile)
    assert box.upper_whisker == max(*inside, box.upper_quartile)


@given(series, st.floats(0.1, 10), st.floats(-0.2, 0.2), st.integers(0, 2**32 - 1))
def test_scale_shift_and_permutation(values: FloatArray, scale: float, shift: float, seed: int) -> None:
    shuffled = np.random.default_rng(seed).permutation(values)
    np.testing.assert_array_equal(histogram(shuffled).counts, histogram(values).counts)
    box, moved = box_plot(values), box_plot(shuffled * scale + shift)
    for name in ("lower_quartile", "median", "upper_quartile"):
        assert getattr(moved, name) == pytest.approx(getattr(box, name) * scale + shift, abs=1e-12)
    mirrored = box_plot(-values)
    assert (mirrored.lower_whisker, mirrored.upper_whisker) == (-box.upper_whisker, -box.lower_whisker)
    assert mirrored.median == pytest.approx(-box.median, abs=1e-15)


def test_nothing_and_one_and_equal_values() -> None:
    none = histogram(np.array([]))
    assert none.counts.size == none.edges.size == 0
    assert math.isnan(none.mean) and math.isnan(none.median) and math.isnan(none.var_95)
    for values in ([0.1], [0.1] * 9):
        bars = histogram(np.array(values))
        assert bars.counts.sum() == len(values)
        assert bars.edges[-1] - bars.edges[0] == pytest.approx(1.0)
        box = box_plot(np.array(values))
        assert (box.lower_whisker, box.median, box.upper_whisker, box.outliers.size) == (0.1, 0.1, 0.1, 0)
    empty = box_plot(np.array([]))
    assert math.isnan(empty.median) and math.isnan(empty.lower_whisker) and empty.outliers.size == 0


@pytest.mark.parametrize("values", [[1e36], [1e36] * 9, [1e36, np.nextafter(1e36, 2e36)], [0.1, np.nextafter(0.1, 1)]])
@pytest.mark.parametrize("bins", [None, 1, 100])
def test_bars_can_be_told_apart_whatever_the_size_of_the_values(values: list[float], bins: int | None) -> None:
    bars = histogram(np.array(values), bins)
    assert bars.counts.sum() == len(values) and (np.diff(bars.edges) > 0).all()
    assert bars.edges[0] <= min(values) and max(values) <= bars.edges[-1]


def test_one_return_far_away_makes_no_thousand_bars() -> None:
    assert histogram(np.append(np.linspace(-0.01, 0.01, 500), 50.0)).counts.size == MAX_BINS
    assert histogram(np.array([0.0] * 50 + [0.1])).counts.size == 7  # quartiles coincide: Sturges


@pytest.mark.parametrize("bins", [0, -1])
def test_refuses_no_bars(bins: int) -> None:
    with pytest.raises(InputError):
        histogram(np.array([0.1, 0.2]), bins)
