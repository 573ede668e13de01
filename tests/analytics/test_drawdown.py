import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.checks import FloatArray, InputError, IntArray
from analytics.drawdown import (
    Drawdown,
    current_drawdown,
    drawdown_count,
    drawdown_series,
    max_drawdown,
    max_drawdown_money,
    worst_drawdowns,
)
from analytics.returns import DAY

equities = st.lists(st.integers(1, 12), min_size=1, max_size=40).map(lambda v: np.array(v, dtype=np.float64))


def days(count: int) -> IntArray:
    return np.arange(count, dtype=np.int64) * DAY


def slow_worst(equity: FloatArray) -> list[tuple[float, int, int, int | None]]:
    """Walk along the line with one open fall at a time."""
    falls: list[tuple[float, int, int, int | None]] = []
    peak = trough = 0
    for i in range(1, len(equity)):
        if equity[i] >= equity[peak]:
            if trough > peak:
                falls.append((equity[trough] / equity[peak] - 1, peak, trough, i))
            peak = trough = i
        elif trough <= peak or equity[i] < equity[trough]:
            trough = i
    if trough > peak:
        falls.append((equity[trough] / equity[peak] - 1, peak, trough, None))
    return sorted(falls, key=lambda fall: fall[0])


def test_by_hand() -> None:
    equity = np.array([100.0, 90.0, 95.0, 120.0, 60.0, 90.0])
    assert drawdown_series(equity) == pytest.approx([0, -0.1, -0.05, 0, -0.5, -0.25])
    assert max_drawdown(equity) == -0.5
    assert current_drawdown(equity) == -0.25
    assert max_drawdown_money(equity) == -60.0
    first, second = worst_drawdowns(equity, days(6), 5)
    assert second == Drawdown(-0.1, 0, 1, 3, 3.0, 2.0)
    assert (first.depth, first.peak, first.trough, first.recovery) == (-0.5, 3, 4, None)
    assert first.duration_days == 2.0
    assert math.isnan(first.recovery_days)


def test_a_loss_in_the_first_period_counts() -> None:
    assert max_drawdown(np.array([100.0, 80.0, 100.0])) == pytest.approx(-0.2)


def test_a_profit_and_loss_below_zero_is_measured_in_money() -> None:
    assert max_drawdown_money(np.array([0.0, -5.0, 3.0, -1.0])) == -5.0


@given(equities)
def test_equal_the_worst_pair(equity: FloatArray) -> None:
    pairs = [(equity[j], equity[i]) for i in range(len(equity)) for j in range(i + 1)]
    assert max_drawdown(equity) == pytest.approx(min(low / high - 1 for high, low in pairs), abs=1e-15)
    assert max_drawdown_money(equity) == min(low - high for high, low in pairs)
    assert current_drawdown(equity) == pytest.approx(equity[-1] / max(equity) - 1, abs=1e-15)
    assert drawdown_series(equity)[-1] == current_drawdown(equity)


@given(equities, st.integers(0, 5))
def test_the_worst_equal_those_met_on_a_walk(equity: FloatArray, count: int) -> None:
    found = worst_drawdowns(equity, days(len(equity)), count)
    expected = slow_worst(equity)[:count]
    assert [(f.peak, f.trough, f.recovery) for f in found] == [fall[1:] for fall in expected]
    assert [f.depth for f in found] == pytest.approx([fall[0] for fall in expected])
    assert drawdown_count(equity) == len(slow_worst(equity))
    for fall in found:
        last = len(equity) - 1 if fall.recovery is None else fall.recovery
        assert fall.duration_days == last - fall.peak
    if count and found:
        assert found[0].depth == max_drawdown(equity)


@given(equities, equities, st.floats(1e-6, 1e6))
def test_scale_and_concatenation(first: FloatArray, second: FloatArray, scale: float) -> None:
    assert max_drawdown(first * scale) == pytest.approx(max_drawdown(first))
    assert max_drawdown_money(first * scale) == pytest.approx(max_drawdown_money(first) * scale)
    both = np.concatenate((first, second))
    across = second.min() / first.max() - 1
    assert max_drawdown(both) == pytest.approx(min(max_drawdown(first), max_drawdown(second), across), abs=1e-15)
    assert (drawdown_series(both)[: len(first)] == drawdown_series(first)).all()


@pytest.mark.parametrize("equity", [[5.0], [5.0] * 4, [1.0, 2.0, 3.0], [0.1 + 0.2, 0.3]])
def test_without_a_fall_there_is_none(equity: list[float]) -> None:
    array = np.array(equity)
    assert max_drawdown(array) == pytest.approx(0.0, abs=1e-15)
    assert worst_drawdowns(array, days(len(equity)), 3) == []


def test_a_total_loss_is_a_fall_of_one() -> None:
    equity = np.array([4.0, 5.0, 0.0, 0.0])
    assert drawdown_series(equity).tolist() == [0.0, 0.0, -1.0, -1.0]
    assert (max_drawdown(equity), current_drawdown(equity)) == (-1.0, -1.0)
    (only,) = worst_drawdowns(equity, days(4), 2)
    assert (only.depth, only.peak, only.trough, only.recovery) == (-1.0, 1, 2, None)


@pytest.mark.parametrize(
    "equity",
    [[], [0.0, 1.0], [0.0], [1.0, -1.0], [1.0, math.nan], [1.0, math.inf]],
    ids=["empty", "begins with zero", "zero", "negative", "nan", "infinite"],
)
def test_refuses_what_has_no_fraction(equity: list[float]) -> None:
    array = np.array(equity)
    for function in (drawdown_series, max_drawdown, current_drawdown, lambda e: worst_drawdowns(e, days(e.size), 1)):
        with pytest.raises(InputError):
            function(array)


def test_refuses_an_empty_profit_and_loss_and_a_negative_count() -> None:
    with pytest.raises(InputError):
        max_drawdown_money(np.array([]))
    with pytest.raises(InputError):
        worst_drawdowns(np.ones(2), days(2), -1)


def closing_orders(trades: list[dict[str, Any]], moment: float) -> Iterator[list[dict[str, Any]]]:
    """Yield the trades as they closed. freqtrade's sort is not stable and its trough may lie among trades that closed
    at one `moment` (the end of the test), so then come the orders with any of those first."""
    closed = sorted(trades, key=lambda trade: trade["close_timestamp"])
    yield closed
    before = [trade for trade in closed if trade["close_timestamp"] < moment]
    after = [trade for trade in closed if trade["close_timestamp"] > moment]
    tied = [trade for trade in closed if trade["close_timestamp"] == moment]
    tied.sort(key=lambda trade: trade["profit_abs"], reverse=True)
    for chosen in itertools.product((True, False), repeat=len(tied)):
        rest = [not first for first in chosen]
        yield [*before, *itertools.compress(tied, chosen), *itertools.compress(tied, rest), *after]


def test_real_backtests_fall_as_freqtrade_says(backtest: dict[str, Any]) -> None:
    expected = pytest.approx(float(backtest["max_drawdown_abs"]), rel=1e-9)
    for closed in closing_orders(backtest["trades"], float(backtest["drawdown_end_ts"])):
        profit = np.cumsum([0.0] + [float(trade["profit_abs"]) for trade in closed])
        if -max_drawdown_money(profit) == expected:
            break
    assert -max_drawdown_money(profit) == expected
    start = float(backtest["starting_balance"])
    assert -max_drawdown(start + profit) == pytest.approx(float(backtest["max_drawdown_account"]), rel=1e-9)
    if closed:
        times = np.array([closed[0]["open_timestamp"]] + [trade["close_timestamp"] for trade in closed]) * 1000
        (worst,) = worst_drawdowns(start + profit, times, 1)
        assert times[worst.peak] == float(backtest["drawdown_start_ts"]) * 1000
        assert times[worst.trough] == float(backtest["drawdown_end_ts"]) * 1000
