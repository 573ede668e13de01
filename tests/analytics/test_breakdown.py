import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.breakdown import allocation, monthly_returns, sankey, waterfall, weekday_hours
from analytics.checks import InputError
from analytics.money import Money, exact_sum
from analytics.returns import DAY, total_return

amounts = st.decimals(-(10**17), 10**17, places=18)
lists = st.lists(amounts, max_size=8)
trades = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("axy"), amounts.map(abs), amounts), min_size=1, max_size=20
)


def money(*values: object) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


def fall(start: object, end: object, **parts: list[Decimal]) -> Any:
    every = dict.fromkeys(("net_pnl", "fees", "slippage", "funding", "flows"), money()) | parts
    return waterfall(Decimal(str(start)), Decimal(str(end)), **every)


def test_waterfall_by_hand() -> None:
    found = fall(
        1000, 1130, net_pnl=money(50, -20), fees=money(2, 1), slippage=money("0.5"), funding=money("-0.25"),
        flows=money(150, -50),
    )  # fmt: skip
    assert found.trades == Decimal("33.75")  # 30 net + 3 fees + 0.5 slippage + 0.25 funding paid
    assert (found.fees, found.slippage, found.funding) == (-3, Decimal("-0.5"), Decimal("-0.25"))
    assert (found.deposits, found.other) == (100, 0)


@given(amounts, amounts, st.tuples(lists, lists, lists, lists, lists))
def test_a_waterfall_arrives_to_the_last_digit(start: Decimal, end: Decimal, parts: tuple[list[Decimal], ...]) -> None:
    names = ("net_pnl", "fees", "slippage", "funding", "flows")
    found = waterfall(start, end, **dict(zip(names, parts, strict=True)))
    steps = (found.trades, found.fees, found.slippage, found.funding, found.deposits, found.other)
    assert Fraction(found.start) + sum(map(Fraction, steps)) == Fraction(found.end)
    net = sum(map(Fraction, (found.trades, found.fees, found.slippage, found.funding)))
    assert net == sum(map(Fraction, parts[0]))
    assert Fraction(found.fees) == -sum(map(Fraction, parts[1]))


def test_a_waterfall_of_nothing_shows_what_is_not_explained() -> None:
    found = fall(100, "99.5")
    assert found.other == Decimal("-0.5")
    assert str(found.fees) == "0"


def test_sankey_by_hand() -> None:
    flows = sankey(["s", "s", "t"], ["x", "y", "x"], money(10, 20, 5), money(1, -1, 0))
    assert [(f.source, f.target, f.value) for f in flows] == [
        ((0, "capital"), (1, "s"), 30),
        ((0, "capital"), (1, "t"), 5),
        ((1, "s"), (2, "x"), 10),
        ((1, "s"), (2, "y"), 20),
        ((1, "t"), (2, "x"), 5),
        ((2, "x"), (3, "wins"), 10),
        ((2, "y"), (3, "losses"), 20),
        ((2, "x"), (3, "breakeven"), 5),
    ]


@given(trades)
def test_what_flows_into_a_node_flows_out(rows: list[tuple[str, str, Decimal, Decimal]]) -> None:
    strategies, symbols, width, pnl = (list(column) for column in zip(*rows, strict=True))
    flows = sankey(strategies, symbols, width, pnl)
    whole = sum(map(Fraction, width))
    for level in range(3):
        assert sum(Fraction(f.value) for f in flows if f.source[0] == level) == whole
    for node in {f.target for f in flows if f.target[0] < 3}:
        into, out = (sum(Fraction(f.value) for f in flows if getattr(f, end) == node) for end in ("target", "source"))
        assert into == out
    wins = sum(Fraction(w) for w, p in zip(width, pnl, strict=True) if p > 0)
    assert sum(Fraction(f.value) for f in flows if f.target == (3, "wins")) == wins
    assert len({(f.source, f.target) for f in flows}) == len(flows)


def test_allocation_by_hand() -> None:
    parts = allocation(["BTC", "ETH", "BTC", "DOGE"], money(50, -30, 10, 10))
    assert [(p.name, p.value, p.share) for p in parts] == [("BTC", 60, 0.6), ("ETH", -30, 0.3), ("DOGE", 10, 0.1)]
    assert allocation([], []) == []
    assert math.isnan(allocation(["a"], money(0))[0].share)


@given(st.lists(st.tuples(st.sampled_from("abc"), amounts), max_size=12))
def test_shares_are_of_the_whole(rows: list[tuple[str, Decimal]]) -> None:
    parts = allocation([name for name, _ in rows], [value for _, value in rows])
    for part in parts:
        assert Fraction(part.value) == sum(Fraction(value) for name, value in rows if name == part.name)
    if any(part.value for part in parts):
        assert math.fsum(part.share for part in parts) == pytest.approx(1)
    sizes = [part.value.copy_abs() for part in parts]
    assert sizes == sorted(sizes, reverse=True)


def test_monthly_returns_by_hand() -> None:
    dates = date(2023, 11, 30), date(2023, 12, 1), date(2023, 12, 31), date(2025, 2, 1)
    days = [(each - date(1970, 1, 1)).days for each in dates]
    table = monthly_returns(np.array(days), np.array([0.1, 0.2, -0.5, 0.03]))
    assert table.years.tolist() == [2023, 2024, 2025]
    expected = np.full((3, 12), np.nan)
    expected[0, 10], expected[0, 11], expected[2, 1] = 0.1, -0.4, 0.03
    np.testing.assert_allclose(table.months, expected)
    np.testing.assert_allclose(table.totals, [1.1 * 0.6 - 1, np.nan, 0.03])


@given(st.sets(st.integers(-800, 20_000), min_size=1, max_size=60), st.integers(0, 2**32 - 1))
def test_monthly_returns_equal_the_calendar(chosen: set[int], seed: int) -> None:
    days = np.array(sorted(chosen))
    returns = np.random.default_rng(seed).uniform(-0.1, 0.1, days.size)
    table = monthly_returns(days, returns)
    months: dict[tuple[int, int], float] = {}
    for day, r in zip(days.tolist(), returns.tolist(), strict=True):
        on = date(1970, 1, 1) + timedelta(days=day)
        months[on.year, on.month] = months.get((on.year, on.month), 1.0) * (1 + r)
    found = {
        (int(year), month + 1): 1 + value
        for year, row in zip(table.years, table.months, strict=True)
        for month, value in enumerate(row)
        if not np.isnan(value)
    }
    assert found == pytest.approx(months)
    assert np.nanprod(table.totals + 1) - 1 == pytest.approx(total_return(returns), abs=1e-12)


def test_no_months_without_days() -> None:
    table = monthly_returns(np.empty(0, np.int64), np.empty(0))
    assert (table.years.size, table.months.shape, table.totals.size) == (0, (0, 12), 0)


def test_weekday_hours_by_hand() -> None:
    moments = [datetime(2026, 1, 5, 0, 59, tzinfo=UTC), datetime(2026, 1, 11, 23, tzinfo=UTC)]  # a Monday and a Sunday
    times = np.array([int(moment.timestamp()) * 1_000_000 for moment in moments])
    found = weekday_hours(times, money(5, "-0.1"))
    assert (found.counts[0, 0], found.counts[6, 23], found.counts.sum()) == (1, 1, 2)
    assert (found.totals[0][0], found.totals[6][23], found.totals[3][3]) == (5, Decimal("-0.1"), 0)


@given(st.lists(st.tuples(st.integers(-40 * DAY, 40_000 * DAY), amounts), max_size=15), st.integers(-9, 9))
def test_weekday_hours_equal_the_clock(rows: list[tuple[int, Decimal]], weeks: int) -> None:
    times, pnl = np.array([at for at, _ in rows], np.int64), Money.of(value for _, value in rows)
    found = weekday_hours(times, pnl)
    cells: dict[tuple[int, int], list[Decimal]] = {}
    for at, value in rows:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
        cells.setdefault((moment.weekday(), moment.hour), []).append(value)
    for day in range(7):
        for hour in range(24):
            own = cells.get((day, hour), [])
            assert found.counts[day, hour] == len(own)
            assert found.totals[day][hour] == exact_sum(own)
    assert weekday_hours(times + weeks * 7 * DAY, pnl).totals == found.totals


def test_refuses_what_does_not_fit() -> None:
    one, two = money(1), money(1, 2)
    for call in (
        lambda: fall(0, "NaN"),
        lambda: fall(0, 1, fees=money("Infinity")),
        lambda: sankey(["s"], ["x"], one, two),
        lambda: sankey(["s"], ["x", "y"], two, two),
        lambda: sankey(["s"], ["x"], money(-1), one),
        lambda: allocation(["a"], two),
        lambda: allocation(["a"], money("NaN")),
        lambda: monthly_returns(np.array([1]), np.array([-1.5])),
        lambda: weekday_hours(np.array([1]), two),
        lambda: weekday_hours(np.array([1.5]), one),
    ):
        with pytest.raises(InputError):
            call()
