import itertools
import math
import statistics
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.checks import FloatArray, InputError
from analytics.trades import excursions, longest_run, r_multiple, sqn, trade_statistics

amounts = st.one_of(
    st.just(Decimal(0)),
    st.decimals(-(10**18), 10**18, places=18).filter(lambda amount: abs(amount) < 10**18),
    st.integers(-3, 3).map(Decimal),
)
pnls = st.lists(amounts, min_size=1, max_size=40)


def money(*values: object) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


def test_by_hand() -> None:
    stats = trade_statistics(
        money(10, 20, 0, -5, -5, 0, 30, -20), np.full(8, 60.0), np.array([1, 2, 0, -1, -1, np.nan, 3, -2.0])
    )
    assert (stats.total_trades, stats.winning_trades, stats.losing_trades, stats.breakeven_trades) == (8, 3, 3, 2)
    assert stats.win_rate == 37.5
    assert (stats.total_pnl, stats.gross_wins, stats.gross_losses) == (30, 60, -30)
    assert (stats.avg_win, stats.avg_loss, stats.expectancy) == (20.0, -10.0, 3.75)
    assert (stats.profit_factor, stats.payoff_ratio) == (2.0, 2.0)
    assert (stats.largest_win, stats.largest_loss) == (30, -20)
    assert (stats.max_consecutive_wins, stats.max_consecutive_losses) == (2, 4)
    assert stats.avg_duration_seconds == 60.0
    known = [1, 2, 0, -1, -1, 3, -2]
    assert stats.sqn == pytest.approx(math.sqrt(7) * statistics.mean(known) / statistics.stdev(known))


def test_sums_are_exact_to_the_last_of_36_digits() -> None:
    big, small = Decimal("999999999999999999.999999999999999999"), Decimal("0.000000000000000001")
    loss = big.copy_negate()  # the operator would round to 28 digits
    stats = trade_statistics([big] * 3 + [small, loss], np.zeros(5))
    assert str(stats.gross_wins) == "2999999999999999999.999999999999999998"
    assert str(stats.gross_losses) == "-999999999999999999.999999999999999999"
    assert str(stats.total_pnl) == "1999999999999999999.999999999999999999"
    assert (stats.largest_win, stats.largest_loss) == (big, loss)


@given(pnls)
def test_equal_the_formulas_in_fractions(pnl: list[Decimal]) -> None:
    stats = trade_statistics(pnl, np.arange(len(pnl), dtype=np.float64))
    exact = [Fraction(amount) for amount in pnl]
    wins, losses = [a for a in exact if a > 0], [a for a in exact if a < 0]
    assert Fraction(stats.total_pnl) == sum(exact)
    assert Fraction(stats.gross_wins) == sum(wins)
    assert Fraction(stats.gross_losses) == sum(losses)
    assert (stats.winning_trades, stats.losing_trades) == (len(wins), len(losses))
    assert stats.breakeven_trades == exact.count(Fraction(0))
    assert stats.win_rate == pytest.approx(100 * len(wins) / len(exact))
    assert stats.expectancy == pytest.approx(float(sum(exact) / len(exact)))
    assert stats.avg_duration_seconds == pytest.approx((len(pnl) - 1) / 2)
    assert stats.largest_win == (max(wins) if wins else None)
    assert stats.largest_loss == (min(losses) if losses else None)
    nan = math.nan
    expected = {
        "avg_win": sum(wins) / len(wins) if wins else nan,
        "avg_loss": sum(losses) / len(losses) if losses else nan,
        "profit_factor": sum(wins) / -sum(losses) if losses else nan,
        "payoff_ratio": (sum(wins) / len(wins)) / -(sum(losses) / len(losses)) if wins and losses else nan,
    }
    for name, value in expected.items():
        assert getattr(stats, name) == pytest.approx(float(value), nan_ok=True), name
    runs = [(won, len(list(run))) for won, run in itertools.groupby(exact, key=lambda amount: amount > 0)]
    assert stats.max_consecutive_wins == max((n for won, n in runs if won), default=0)
    assert stats.max_consecutive_losses == max((n for won, n in runs if not won), default=0)


@given(st.lists(st.integers(-1000, 1000).map(Decimal), min_size=1), st.integers(1, 1000).map(Decimal), st.randoms())
def test_scale_permutation_and_concatenation(pnl: list[Decimal], scale: Decimal, random: Any) -> None:
    stats = trade_statistics(pnl, np.zeros(len(pnl)))
    scaled = trade_statistics([amount * scale for amount in pnl], np.zeros(len(pnl)))
    shuffled = random.sample(pnl, len(pnl))
    mixed = trade_statistics(shuffled, np.zeros(len(pnl)))
    for name in ("win_rate", "profit_factor", "payoff_ratio"):
        assert getattr(scaled, name) == pytest.approx(getattr(stats, name), nan_ok=True)
        assert getattr(mixed, name) == pytest.approx(getattr(stats, name), nan_ok=True)
    assert scaled.total_pnl == stats.total_pnl * scale
    assert (scaled.max_consecutive_wins, scaled.max_consecutive_losses) == (
        stats.max_consecutive_wins,
        stats.max_consecutive_losses,
    )
    twice = trade_statistics(pnl + shuffled, np.zeros(2 * len(pnl)))
    assert (twice.total_pnl, twice.gross_wins) == (2 * stats.total_pnl, 2 * stats.gross_wins)
    assert twice.max_consecutive_wins >= max(stats.max_consecutive_wins, mixed.max_consecutive_wins)


@pytest.mark.parametrize(
    ("pnl", "undefined"),
    [
        (
            [],
            "win_rate avg_win avg_loss expectancy profit_factor payoff_ratio avg_duration_seconds sqn",
        ),
        ([1], "avg_loss profit_factor payoff_ratio sqn"),
        ([-1], "avg_win payoff_ratio sqn"),
        ([0, 0], "avg_win avg_loss profit_factor payoff_ratio sqn"),
    ],
    ids=["empty", "one win", "one loss", "all breakeven"],
)
def test_degenerate_trades(pnl: list[int], undefined: str) -> None:
    stats = trade_statistics(money(*pnl), np.ones(len(pnl)))
    names = "win_rate avg_win avg_loss expectancy profit_factor payoff_ratio avg_duration_seconds sqn".split()
    assert [name for name in names if math.isnan(getattr(stats, name))] == undefined.split()
    assert stats.total_pnl == sum(pnl)
    assert (stats.largest_win is None) == (1 not in pnl)
    assert (stats.largest_loss is None) == (-1 not in pnl)


@pytest.mark.parametrize(
    ("pnl", "durations", "r_multiples"),
    [
        (money("NaN"), [1], None),
        (money("Infinity"), [1], None),
        (money(1, 2), [1], None),
        (money(1), [math.nan], None),
        (money(1), [1], [1, 2]),
        (money(1), [1], [math.inf]),
        (money("1e99", "1e-99"), [1, 1], None),
        ([1.5], [1], None),
        (["x"], [1], None),
    ],
    ids=["nan", "infinite", "length", "duration nan", "R length", "R infinite", "200 digits", "float", "text"],
)
def test_refuses_what_is_no_money(pnl: Any, durations: list[float], r_multiples: list[float] | None) -> None:
    with pytest.raises(InputError):
        trade_statistics(pnl, np.array(durations), None if r_multiples is None else np.array(r_multiples))


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=30).filter(lambda r: np.std(r) > 1e-3), st.floats(0.1, 10))
def test_sqn_equals_the_formula_and_knows_no_unit(multiples: list[float], scale: float) -> None:
    known = np.array(multiples)
    expected = math.sqrt(len(multiples)) * statistics.fmean(multiples) / statistics.stdev(multiples)
    assert sqn(known) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert sqn(known * scale) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert sqn(np.append(known, np.nan)[::-1]) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("multiples", [[], [1.0], [0.1] * 9, [0.0, 0.0], [math.nan] * 3])
def test_sqn_without_spread_is_undefined(multiples: list[float]) -> None:
    assert math.isnan(sqn(np.array(multiples)))


@given(st.lists(st.booleans(), max_size=40))
def test_longest_run_equals_counting(flags: list[bool]) -> None:
    expected = max((len(run) for run in "".join("x" if flag else " " for flag in flags).split()), default=0)
    assert longest_run(np.array(flags, dtype=np.bool_)) == expected


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


def columns(trades: list[dict[str, Any]]) -> tuple[list[Decimal], FloatArray]:
    closed = sorted(trades, key=lambda trade: trade["close_timestamp"])
    seconds = [(trade["close_timestamp"] - trade["open_timestamp"]) / 1000 for trade in closed]
    return [trade["profit_abs"] for trade in closed], np.array(seconds)


def test_real_backtests_agree_with_freqtrade(backtest: dict[str, Any]) -> None:
    stats = trade_statistics(*columns(backtest["trades"]))
    assert stats.total_trades == backtest["total_trades"]
    assert (stats.winning_trades, stats.losing_trades, stats.breakeven_trades) == (
        backtest["wins"],
        backtest["losses"],
        backtest["draws"],
    )
    assert round(stats.total_pnl, 8) == round(Decimal(backtest["profit_total_abs"]), 8)
    assert stats.max_consecutive_wins == backtest["max_consecutive_wins"]
    assert stats.max_consecutive_losses == backtest["max_consecutive_losses"]
    if backtest["trades"]:  # freqtrade says 0 where there is nothing to divide by
        assert stats.win_rate / 100 == pytest.approx(float(backtest["winrate"]))
        assert stats.profit_factor == pytest.approx(float(backtest["profit_factor"]))
        assert stats.expectancy == pytest.approx(float(backtest["expectancy"]))
        assert stats.avg_duration_seconds == pytest.approx(float(backtest["holding_avg_s"]), abs=60)


def test_real_excursions_contain_the_exit(backtest: dict[str, Any]) -> None:
    trades = [{key: float(t[key]) for key in ("open_rate", "min_rate", "max_rate")} for t in backtest["trades"]]
    entry, low, high = (np.array([t[key] for t in trades]) for key in ("open_rate", "min_rate", "max_rate"))
    side = np.array([-1 if trade["is_short"] else 1 for trade in backtest["trades"]], dtype=np.int64)
    mae, mfe = excursions(entry, low, high, side)
    assert (mae <= 0).all()
    assert (mfe >= 0).all()
    assert (mae > -1).all()
