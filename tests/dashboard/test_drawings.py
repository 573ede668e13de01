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
    for kind in ("line", "area", "bar", "win_loss"):
        assert drawings.sparkline(kind, []) is None
    assert drawings.sparkline("line", [1]) is None
    assert drawings.sparkline("bar", [0, 0]) is None
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
    found = drawings.sparkline("line", [5, 5, 5])
    assert found is not None
    assert 0 <= number(found.y) <= found.height
    assert found.area == ""


def test_an_area_is_closed_at_zero() -> None:
    found = drawings.sparkline("area", [0, 10, -10], width=104, height=24)
    assert found is not None
    assert found.line == "M0.0 12.0L50.0 2.0L100.0 22.0"
    assert found.area == f"{found.line}V12.0H0Z"


def test_spark_bars_are_as_high_as_their_values() -> None:
    found = drawings.sparkline("bar", [2, -1, 0])
    assert found is not None
    gain, loss, nothing = found.bars
    assert number(gain.height) == pytest.approx(2 * number(loss.height), abs=0.1)
    assert number(loss.y) == pytest.approx(number(gain.y) + number(gain.height), abs=0.1)
    assert number(nothing.height) < 1


def test_win_loss_ticks_say_which_way_and_not_how_far() -> None:
    found = drawings.sparkline("win_loss", [Decimal(100), Decimal("-0.1"), Decimal(3), Decimal(0)])
    assert found is not None
    assert [bar.sign for bar in found.bars] == ["up", "down", "up", "zero"]
    assert found.bars[0].y == found.bars[2].y and found.bars[0].height == found.bars[1].height
    assert number(found.bars[1].y) > number(found.bars[0].y) + number(found.bars[0].height)
