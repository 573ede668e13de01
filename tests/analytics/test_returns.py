import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.checks import FloatArray, InputError, IntArray
from analytics.returns import (
    DAY,
    cagr,
    daily_returns,
    day_end_values,
    simple_returns,
    snapshot_returns,
    total_return,
    wealth_index,
)

HOUR = DAY // 24
NO_TIMES = np.array([], dtype=np.int64)
NO_AMOUNTS = np.array([])

fractions = st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=30).map(np.array)


@st.composite
def accounts(draw: st.DrawFn) -> tuple[IntArray, FloatArray, IntArray, FloatArray]:
    """Up to 12 snapshots and 6 flows on some ten days around 1970, with ties, gaps and times without capital."""
    times = sorted(draw(st.lists(st.integers(-5 * 24, 5 * 24), max_size=12)))
    values = draw(st.lists(st.integers(-50, 2000), min_size=len(times), max_size=len(times)))
    flows = draw(st.lists(st.tuples(st.integers(-6 * 24, 6 * 24), st.integers(-1000, 1000)), max_size=6))
    return (
        np.array(times, dtype=np.int64) * HOUR,
        np.array(values, dtype=np.float64),
        np.array([hour for hour, _ in flows], dtype=np.int64) * HOUR,
        np.array([amount for _, amount in flows], dtype=np.float64),
    )


def slow_daily(times: IntArray, values: FloatArray, flow_times: IntArray, amounts: FloatArray) -> dict[int, float]:
    """The definition, day by day and flow by flow."""
    result: dict[int, float] = {}
    if not len(times):
        return result
    for day in range(times[0] // DAY + 1, times[-1] // DAY + 1):
        growth = []
        for i in range(1, len(times)):
            if times[i] // DAY == day:
                inside = [a for t, a in zip(flow_times, amounts, strict=True) if times[i - 1] < t <= times[i]]
                # Of snapshots at one moment the first stretch holds the flow, as `inside` is empty for the others.
                begin = values[i - 1] + sum(a for a in inside if a > 0)
                end = values[i] - sum(a for a in inside if a < 0)
                if begin > 0:
                    growth.append(max(end / begin, 0.0))
        last = max(i for i in range(len(times)) if times[i] // DAY <= day)
        idle = times[last] // DAY < day and values[last] > 0
        if growth or idle:
            result[day] = math.prod(growth) - 1
    return result


def test_a_deposit_and_a_withdrawal_are_not_profit() -> None:
    times = np.array([23, 24 + 12, 24 + 13, 24 + 20, 3 * 24 + 1]) * HOUR
    values = np.array([1000.0, 1100.0, 1600.0, 1760.0, 1000.0])
    flow_times = np.array([24 * 3 * HOUR + 1, 24 * HOUR + 12 * HOUR + 1])
    daily = daily_returns(times, values, flow_times, np.array([-760.0, 500.0]))
    assert daily.days.tolist() == [1, 2, 3]
    assert daily.values == pytest.approx([1.1 * 1.0 * 1.1 - 1, 0.0, 0.0])


def test_the_first_day_needs_the_day_before_and_a_day_is_its_last_snapshot() -> None:
    times = np.array([1, 23, 24, 47]) * HOUR
    values = np.array([500.0, 1000.0, 900.0, 1050.0])
    ends = day_end_values(times, values)
    assert (ends.days.tolist(), ends.values.tolist()) == ([0, 1], [1000.0, 1050.0])
    daily = daily_returns(times, values, NO_TIMES, NO_AMOUNTS)
    assert daily.days.tolist() == [1]
    assert daily.values == pytest.approx([0.05])


def test_a_snapshot_of_the_same_moment_contains_the_flow() -> None:
    times = np.array([0, DAY, 2 * DAY])
    result = snapshot_returns(times, np.array([100.0, 150.0, 165.0]), np.array([DAY]), np.array([50.0]))
    assert result == pytest.approx([0.0, 0.1])


def test_flows_outside_the_snapshots_change_nothing() -> None:
    times, values = np.array([0, DAY]), np.array([100.0, 110.0])
    result = snapshot_returns(times, values, np.array([-DAY, 0, DAY + 1]), np.array([50.0, 60.0, 70.0]))
    assert result == pytest.approx([0.1])


def test_taking_out_nearly_all_does_not_blow_up_the_rest() -> None:
    result = snapshot_returns(np.array([0, DAY]), np.array([1000.0, 15.0]), np.array([1]), np.array([-990.0]))
    assert result == pytest.approx([0.005])


def test_a_lost_account_ends_at_minus_one_and_begins_anew_with_a_deposit() -> None:
    times = np.arange(5) * DAY
    values = np.array([100.0, -20.0, -20.0, 200.0, 210.0])
    flow_times, amounts = np.array([3 * DAY]), np.array([220.0])
    assert snapshot_returns(times, values, flow_times, amounts) == pytest.approx([-1, np.nan, 0, 0.05], nan_ok=True)
    daily = daily_returns(times, values, flow_times, amounts)
    assert daily.days.tolist() == [1, 3, 4]
    assert daily.values == pytest.approx([-1, 0, 0.05])


@given(accounts())
def test_daily_returns_equal_the_definition(account: tuple[IntArray, FloatArray, IntArray, FloatArray]) -> None:
    daily = daily_returns(*account)
    expected = slow_daily(*account)
    assert daily.days.tolist() == list(expected)
    assert daily.values == pytest.approx(list(expected.values()), abs=1e-12)
    assert (daily.values >= -1).all()


@given(accounts(), st.floats(1e-6, 1e6), st.integers(-1000, 1000))
def test_daily_returns_know_neither_currency_nor_calendar(
    account: tuple[IntArray, FloatArray, IntArray, FloatArray], scale: float, shift: int
) -> None:
    times, values, flow_times, amounts = account
    daily = daily_returns(*account)
    moved = daily_returns(times + shift * DAY, values * scale, flow_times + shift * DAY, amounts * scale)
    np.testing.assert_array_equal(moved.days, daily.days + shift)
    np.testing.assert_allclose(moved.values, daily.values, rtol=1e-9, atol=1e-12)


@given(accounts(), st.randoms())
def test_the_order_of_flows_does_not_matter(
    account: tuple[IntArray, FloatArray, IntArray, FloatArray], random: object
) -> None:
    times, values, flow_times, amounts = account
    order = list(range(len(amounts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    np.testing.assert_allclose(
        daily_returns(times, values, flow_times[order], amounts[order]).values, daily_returns(*account).values
    )


@given(st.lists(st.tuples(st.integers(0, 240), st.floats(1, 1e6)), min_size=1, max_size=20))
def test_without_flows_the_days_chain_the_day_end_values(snapshots: list[tuple[int, float]]) -> None:
    snapshots.sort(key=lambda snapshot: snapshot[0])
    times = np.array([hour for hour, _ in snapshots]) * HOUR
    values = np.array([value for _, value in snapshots])
    ends = day_end_values(times, values)
    by_hand = {int(t // DAY): v for t, v in zip(times, values, strict=True)}
    assert {d: v for d, v in zip(ends.days.tolist(), ends.values.tolist(), strict=True) if d in by_hand} == by_hand
    daily = daily_returns(times, values, NO_TIMES, NO_AMOUNTS)
    np.testing.assert_array_equal(daily.days, ends.days[1:])
    np.testing.assert_allclose(daily.values, ends.values[1:] / ends.values[:-1] - 1, rtol=1e-9, atol=1e-9)


@given(fractions, st.lists(st.floats(-0.9, 10), min_size=1, max_size=30))
def test_deposits_in_proportion_leave_the_returns_alone(returns: FloatArray, deposits: list[float]) -> None:
    count = min(len(returns), len(deposits))
    value, values, flow_times, amounts = 1000.0, [1000.0], [], []
    for day in range(count):  # the flow comes at once after the day's snapshot, with a snapshot of its own
        value *= 1 + returns[day]
        values.append(value)
        amounts.append(value * deposits[day])
        value += amounts[-1]
        values.append(value)
        flow_times.append((day + 1) * DAY + HOUR)
    times = [0] + [(day + 1) * DAY + hour * HOUR for day in range(count) for hour in (0, 1)]
    daily = daily_returns(np.array(times), np.array(values), np.array(flow_times), np.array(amounts))
    np.testing.assert_allclose(daily.values, returns[:count], atol=1e-9)


def test_total_return_and_cagr_by_hand() -> None:
    returns = np.array([0.1, -0.1, 0.2])
    assert total_return(returns) == pytest.approx(1.1 * 0.9 * 1.2 - 1)
    assert cagr(returns, 6) == pytest.approx(1.188**2 - 1)
    assert wealth_index(returns) == pytest.approx([1, 1.1, 0.99, 1.188])


@given(fractions)
def test_total_return_and_cagr_equal_the_formula_in_logarithms(returns: FloatArray) -> None:
    logarithm = math.fsum(math.log1p(r) for r in returns)
    assert total_return(returns) == pytest.approx(math.expm1(logarithm), rel=1e-9, abs=1e-12)
    assert cagr(returns, 12) == pytest.approx(math.expm1(logarithm * 12 / len(returns)), rel=1e-9, abs=1e-12)


@given(fractions, fractions)
def test_returns_chain_and_their_order_does_not_matter(first: FloatArray, second: FloatArray) -> None:
    both = np.concatenate((first, second))
    assert 1 + total_return(both) == pytest.approx((1 + total_return(first)) * (1 + total_return(second)))
    assert total_return(both[::-1]) == pytest.approx(total_return(both), abs=1e-12)
    assert cagr(np.tile(first, 3), 365) == pytest.approx(cagr(first, 365), rel=1e-9, abs=1e-12)
    assert wealth_index(both)[-1] - 1 == pytest.approx(total_return(both), abs=1e-12)


@pytest.mark.parametrize(
    ("returns", "total", "yearly"),
    [
        ([], math.nan, math.nan),
        ([0.25], 0.25, 1.25**4 - 1),
        ([0.0] * 8, 0.0, 0.0),
        ([-1.0, 0.5], -1.0, -1.0),
        ([1e200, 1e200], math.nan, math.nan),
        ([1e100], 1e100, math.nan),
    ],
    ids=["empty", "one", "constant", "total loss", "overflow", "overflow a year"],
)
def test_degenerate_returns(returns: npt.ArrayLike, total: float, yearly: float) -> None:
    array = np.array(returns)
    assert total_return(array) == pytest.approx(total, nan_ok=True)
    assert cagr(array, 4) == pytest.approx(yearly, nan_ok=True)


def test_simple_returns() -> None:
    assert simple_returns(np.array([100.0, 110.0, 55.0])) == pytest.approx([0.1, -0.5])
    found = simple_returns(np.array([5.0, 0.0, 5.0, -5.0, 5.0]))
    assert found.tolist()[:1] == [-1.0] and np.isnan(found[[1, 3]]).all() and found[2] == -2.0
    assert simple_returns(np.array([5.0])).size == simple_returns(np.empty(0)).size == 0
    with pytest.raises(InputError):
        simple_returns(np.array([1.0, np.nan]))


def test_a_day_and_an_index_beyond_doubles() -> None:
    times = np.array([0, *(DAY + hour * HOUR for hour in range(20)), 2 * DAY])
    values = np.array([1e-18, *[1e17, 1e-18] * 10, 2e-18])
    flows = np.array([DAY + (2 * hour + 1) * HOUR for hour in range(10)])
    found = daily_returns(times, values, flows, np.full(10, -1e17))
    assert found.days.tolist() == [2] and found.values == pytest.approx([1.0])
    assert np.isnan(wealth_index(np.array([1e200, 1e200, -1.0]))[-1])


def test_degenerate_accounts() -> None:
    nothing = daily_returns(NO_TIMES, NO_AMOUNTS, NO_TIMES, NO_AMOUNTS)
    assert nothing.days.size == nothing.values.size == 0
    single = daily_returns(np.array([5]), np.array([1.0]), NO_TIMES, NO_AMOUNTS)
    assert single.days.size == single.values.size == 0
    constant = daily_returns(np.arange(4) * DAY, np.full(4, 7.0), NO_TIMES, NO_AMOUNTS)
    assert constant.values.tolist() == [0.0, 0.0, 0.0]
    empty = daily_returns(np.arange(4) * DAY, np.zeros(4), NO_TIMES, NO_AMOUNTS)
    assert empty.values.size == 0


def test_refuses_less_than_a_total_loss_and_flows_of_another_length() -> None:
    for function in (total_return, wealth_index, lambda r: cagr(r, 365)):
        with pytest.raises(InputError):
            function(np.array([0.1, -1.01]))
    with pytest.raises(InputError):
        daily_returns(np.array([0, DAY]), np.ones(2), np.array([1]), np.array([1.0, 2.0]))
