"""Geometry of the drawings: what is larger is drawn larger, gains and losses stand on their own side of zero."""

from decimal import Decimal
from itertools import pairwise

import pytest

from dashboard import drawings


def number(text: str) -> float:
    return float(text.removesuffix("%"))


def test_daily_bars_stand_on_their_side_of_zero() -> None:
    found = drawings.daily(["a", "b", "c"], [Decimal(10), Decimal(-20), Decimal(0)])
    assert found is not None
    gain, loss, _ = found["bars"]
    zero = number(found["zero"])
    assert number(gain.y) + number(gain.height) == pytest.approx(zero, abs=0.11)
    assert number(loss.y) == pytest.approx(zero, abs=0.11)
    assert number(loss.height) == pytest.approx(2 * number(gain.height), abs=0.2)
    assert [bar.sign for bar in found["bars"]] == ["up", "down", "zero"]
    assert (found["up"], found["down"]) == (1, 1)
    assert sorted(label.value for label in found["labels"]) == [-20, 10]


def test_nothing_earned_is_nothing_drawn() -> None:
    assert drawings.daily(["a"], [Decimal(0)]) is None
    assert drawings.ranked([]) is None
    assert drawings.waterfall([("Wins", Decimal(0), False)]) is None
    assert drawings.spark([1]) is None
    assert drawings.spark_bars([0, 0]) == []
    assert drawings.steps([1]) == ""


def test_ranking_shows_the_best_and_the_worst_around_one_zero() -> None:
    groups = [{"name": str(value), "net_pnl": Decimal(value)} for value in range(-8, 8)]
    found = drawings.ranked(groups)
    assert found is not None
    assert [bar.name for bar in found["rows"]] == ["7", "6", "5", "4", "3", "-4", "-5", "-6", "-7", "-8"]
    assert found["left_out"] == 6
    zero = number(found["zero"])
    for bar in found["rows"]:
        edge = number(bar.x) + (number(bar.width) if bar.sign == "down" else 0)
        assert edge == pytest.approx(zero, abs=0.01)
        assert 0 <= number(bar.x) <= 100
        assert number(bar.x) + number(bar.width) <= 100.01


def test_a_waterfall_hands_each_level_on() -> None:
    parts = [("Wins", Decimal(10), False), ("Losses", Decimal(-4), False), ("Realised", Decimal(6), True)]
    found = drawings.waterfall(parts)
    assert found is not None
    wins, losses, realised = found["bars"]
    assert number(losses.y) == pytest.approx(number(wins.y), abs=0.11)
    assert number(losses.y) + number(losses.height) == pytest.approx(number(realised.y), abs=0.11)
    assert realised.sign == "level"


@pytest.mark.parametrize(("low", "high"), [(-20, 10), (0, 3), (-0.004, 0.011), (-1e6, 5e6), (0, 0)])
def test_ticks_are_few_round_and_inside(low: float, high: float) -> None:
    found = drawings.ticks_of(low, high)
    assert 1 <= len(found) <= 4
    assert 0 in found
    assert all(low <= value <= high for value in found)
    steps = {round(b - a, 12) for a, b in pairwise(found)}
    assert len(steps) <= 1


def test_a_split_fills_its_bar() -> None:
    bars = drawings.split([("up", 3), ("down", 1), ("zero", 0)])
    assert [(bar.x, bar.width) for bar in bars] == [("0.000%", "75.000%"), ("75.000%", "25.000%")]
    assert drawings.split([("up", 0)]) == []


def test_a_flat_line_stays_inside() -> None:
    found = drawings.spark([5, 5, 5])
    assert found is not None
    assert 0 <= number(found["y"]) <= drawings.SPARK_HEIGHT
