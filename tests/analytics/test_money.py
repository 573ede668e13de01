import itertools
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.checks import InputError
from analytics.money import Money, check_money, exact_sum, in_order

amounts = st.one_of(
    st.decimals(-(10**18), 10**18, places=18).filter(lambda amount: abs(amount) < 10**18),
    st.integers(-3, 3).map(Decimal),
    st.sampled_from([Decimal("1e-18"), Decimal("-1e-18"), Decimal(10**18 - 1), Decimal("-0"), Decimal("1E+5")]),
)
NINES = Decimal("999999999999999999.999999999999999999")


def test_by_hand() -> None:
    money = Money.of([Decimal("0.1"), Decimal("-2.5"), Decimal(0), NINES])
    assert money.decimals() == [Decimal("0.1"), Decimal("-2.5"), 0, NINES]
    assert money.positive.tolist() == [True, False, False, True]
    assert money.negative.tolist() == [False, True, False, False]
    assert money.floats().tolist() == [0.1, -2.5, 0.0, 1e18]
    assert str(money.total()) == "999999999999999997.599999999999999999"
    assert money.sums_by(np.array([2, 0, 0, 2]), 3) == [Decimal("-2.5"), 0, exact_sum([NINES, Decimal("0.1")])]
    assert money[1:3].decimals() == [Decimal("-2.5"), 0]


@given(st.lists(amounts, max_size=30), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_equals_fractions(values: list[Decimal], count: int, seed: int) -> None:
    money, exact = Money.of(values), [Fraction(value) for value in values]
    groups = np.random.default_rng(seed).integers(0, count, len(values))
    order, bounds = in_order(groups, count)
    assert order.tolist() == sorted(range(len(values)), key=groups.tolist().__getitem__)
    assert [Fraction(value) for value in money.decimals()] == exact
    assert money.positive.tolist() == [value > 0 for value in exact]
    assert money.negative.tolist() == [value < 0 for value in exact]
    assert money.floats() == pytest.approx([float(value) for value in exact], rel=1e-15)
    assert [Fraction(value) for value in money.sizes().decimals()] == [abs(value) for value in exact]
    assert Fraction(money.total()) == sum(exact)
    for group, total in enumerate(money.sums_by(groups, count)):
        own = [value for value, place in zip(exact, groups, strict=True) if place == group]
        assert Fraction(total) == sum(own)
        assert money[order].extreme(np.maximum, bounds)[group] == max(own, default=None)
        assert money[order].extreme(np.minimum, bounds)[group] == min(own, default=None)


def test_a_hundred_thousand_of_the_largest_amounts_are_exact() -> None:
    assert Fraction(Money.of([NINES] * 100_000).total()) == Fraction(NINES) * 100_000
    few = Money.of(list(itertools.islice(itertools.cycle([NINES, NINES.copy_negate()]), 99_999)))
    assert few.total() == NINES


@pytest.mark.parametrize(
    "value",
    [*map(Decimal, ("NaN", "sNaN", "Infinity", "1e18", "-1e18", "1e-19", "1e99")), 1.5, 1, "x", None],
    ids=str,
)
def test_refuses_what_is_no_money(value: Any) -> None:
    with pytest.raises(InputError):
        check_money([Decimal(1), value], "amounts")


def test_refuses_another_length_and_sums_that_are_not_exact() -> None:
    with pytest.raises(InputError):
        check_money([Decimal(1)], "amounts", size=2)
    for values in (["1e99", "1e-99"], ["sNaN"], ["Infinity", "-Infinity"]):
        with pytest.raises(InputError):
            exact_sum(map(Decimal, values))


def test_nothing_sums_to_nothing() -> None:
    none = Money.of([])
    assert (len(none), none.total(), none.decimals()) == (0, 0, [])
    assert none.sums_by(np.empty(0, np.int64), 2) == [0, 0]
    assert none.extreme(np.maximum, np.zeros(3, np.int64)) == [None, None]
    assert not math.isnan(none.floats().sum())
