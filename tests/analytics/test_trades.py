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
from analytics.money import exact_sum
from analytics.trades import (
    TradeStatistics,
    grouped_statistics,
    kelly,
    longest_run,
    profit_factor,
    recovery_factor,
    sqn,
    trade_statistics,
)

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
        assert round(stats.avg_duration_seconds / 60) * 60 == float(backtest["holding_avg_s"])  # whole minutes


@given(pnls, st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_a_group_is_what_its_trades_are_alone(pnl: list[Decimal], count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups, seconds = rng.integers(0, count, len(pnl)), rng.integers(0, 1000, len(pnl)).astype(float)
    multiples = np.where(rng.random(len(pnl)) < 0.3, np.nan, rng.integers(-3, 4, len(pnl)))
    found = grouped_statistics(pnl, seconds, groups, count, multiples)
    assert len(found) == count
    for group, stats in enumerate(found):
        own = np.flatnonzero(groups == group)
        alone = trade_statistics([pnl[i] for i in own], seconds[own], multiples[own])
        for name in TradeStatistics.__slots__:
            one, other = getattr(stats, name), getattr(alone, name)
            assert one == (pytest.approx(other, nan_ok=True) if isinstance(other, float) else other), name
    assert exact_sum(stats.total_pnl for stats in found) == trade_statistics(pnl, seconds).total_pnl


def test_a_quiet_series_of_100_000_multiples_has_no_spread() -> None:
    assert math.isnan(sqn(np.full(100_000, 0.1)))


@pytest.mark.parametrize("groups", [[0, 2], [-1, 0], [0], [0.0, 1.0], [[0], [1]]], ids=str)
def test_refuses_groups_that_are_none(groups: Any) -> None:
    with pytest.raises(InputError):
        grouped_statistics(money(1, 2), np.zeros(2), np.array(groups), 2)


def test_factors_by_hand() -> None:
    pnl = np.array([10.0, -4.0, 0.0, 6.0, -2.0, -2.0])
    assert profit_factor(pnl) == 2.0
    assert recovery_factor(pnl) == 2.0  # 8 earned, from 12 down to 8 lost
    # 2 of 5 won, 8 on average; lost 8/3 on average
    assert kelly(pnl) == pytest.approx(0.4 - 0.6 / 3)
    assert kelly(np.array([2.0, -1.0])) == pytest.approx(0.25)


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=30).filter(lambda p: min(p) < 0 < max(p)))
def test_kelly_grows_fastest(pnl: list[int]) -> None:
    """The two outcomes of Kelly: lose the stake, or win payoff times the stake."""
    bets = np.array(pnl, dtype=np.float64)
    wins, losses = bets[bets > 0], -bets[bets < 0]
    payoff, won = wins.mean() / losses.mean(), wins.size / (wins.size + losses.size)
    best = kelly(bets)
    assert best < 1

    def growth(stake: float) -> float:
        return float(won * math.log1p(payoff * stake) + (1 - won) * math.log1p(-stake))

    if best > 0:
        assert growth(best) >= max(growth(best * 0.99), growth(best + (1 - best) * 0.01)) - 1e-15
    else:
        assert growth(1e-6) <= 1e-12


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30), st.integers(1, 9), st.randoms())
def test_factors_equal_the_formulas_and_know_no_unit(pnl: list[int], scale: int, random: Any) -> None:
    bets = np.array(pnl, dtype=np.float64)
    wins, losses = sum(p for p in pnl if p > 0), -sum(p for p in pnl if p < 0)
    worth = list(itertools.accumulate(pnl, initial=0))
    fall = max(worth[j] - worth[i] for i in range(len(worth)) for j in range(i + 1))
    assert profit_factor(bets) == pytest.approx(wins / losses if losses else math.nan, nan_ok=True)
    assert recovery_factor(bets) == pytest.approx(worth[-1] / fall if fall else math.nan, nan_ok=True)
    shuffled = np.array(random.sample(pnl, len(pnl)), dtype=np.float64) * scale
    assert profit_factor(shuffled) == pytest.approx(profit_factor(bets), nan_ok=True)
    assert kelly(shuffled) == pytest.approx(kelly(bets), nan_ok=True)
    assert recovery_factor(bets * scale) == pytest.approx(recovery_factor(bets), nan_ok=True)


@pytest.mark.parametrize("pnl", [[], [0.0], [1.0], [1.0, 0.0]])
def test_without_a_loss_there_is_nothing_to_divide_by(pnl: list[float]) -> None:
    for function in (profit_factor, recovery_factor, kelly):
        assert math.isnan(function(np.array(pnl)))


def closed_by(backtest: dict[str, Any], column: str) -> tuple[list[Any], list[TradeStatistics]]:
    trades = sorted(backtest["trades"], key=lambda trade: trade["close_timestamp"])
    names = sorted({trade[column] for trade in trades})
    groups = np.array([names.index(trade[column]) for trade in trades], np.int64)
    return names, grouped_statistics(*columns(trades), groups, len(names))


@pytest.mark.parametrize(("column", "table"), [("pair", "results_per_pair"), ("exit_reason", "exit_reason_summary")])
def test_real_groups_agree_with_freqtrade(backtest: dict[str, Any], column: str, table: str) -> None:
    names, found = closed_by(backtest, column)
    by_name = dict(zip(names, found, strict=True))
    for row in backtest[table]:
        name = row.get("key", row.get("exit_reason"))
        if name != "TOTAL" and row["trades"]:
            stats = by_name.pop(name)
            assert (stats.total_trades, stats.winning_trades, stats.losing_trades, stats.breakeven_trades) == (
                row["trades"],
                row["wins"],
                row["losses"],
                row["draws"],
            )
            assert float(stats.total_pnl) == pytest.approx(float(row["profit_total_abs"]), rel=1e-10)
    assert not by_name


def test_real_holding_times_of_winners_and_losers_equal_freqtrade(backtest: dict[str, Any]) -> None:
    trades = sorted(backtest["trades"], key=lambda trade: trade["close_timestamp"])
    outcomes = np.array([0 if trade["profit_abs"] > 0 else 1 if trade["profit_abs"] < 0 else 2 for trade in trades])
    winners, losers, _ = grouped_statistics(*columns(trades), outcomes.astype(np.int64), 3)
    for stats, name in ((winners, "winner_holding_avg_s"), (losers, "loser_holding_avg_s")):
        if stats.total_trades:  # freqtrade rounds to whole minutes
            assert round(stats.avg_duration_seconds / 60) * 60 == float(backtest[name])
