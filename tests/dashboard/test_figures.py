"""Figures on the first paint are written as the live page writes them: both follow tests/samples/format.json."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import translation

from botv2.env import ROOT
from dashboard.drawings import glyph
from dashboard.templatetags.figures import FORMATS, Setting, holds, money_places, sign, write

SAMPLES = json.loads((ROOT / "tests/samples/format.json").read_text(), parse_float=str)
NOW = datetime.fromisoformat(SAMPLES["now"])


def setting(sample: dict[str, Any]) -> Setting:
    return Setting(sample.get("places", 2), NOW, ZoneInfo(sample.get("zone", "UTC")), sample.get("masked", False))


@pytest.mark.parametrize("sample", SAMPLES["cases"], ids=lambda sample: f"{sample['kind']} {sample['value']}")
def test_a_figure_is_written_as_agreed(sample: dict[str, Any]) -> None:
    with translation.override(sample.get("locale", "en")):
        found = setting(sample)
        assert write(sample["kind"], sample["value"], found) == sample["text"]
        if "sign" in sample:
            assert (
                sign(sample["kind"], sample["value"], write(sample["kind"], sample["value"], found), found)
                == sample["sign"]
            )


def test_every_format_of_the_page_has_a_sample() -> None:
    """`tick` is drawn on the server alone."""
    assert set(FORMATS) - {sample["kind"] for sample in SAMPLES["cases"]} == {"tick"}


@pytest.mark.parametrize(("condition", "expected"), SAMPLES["conditions"]["cases"])
def test_conditions(condition: str, expected: bool) -> None:
    assert holds(SAMPLES["conditions"]["scope"], condition) is expected


@pytest.mark.parametrize("sample", SAMPLES["glyphs"])
def test_the_excursion_glyph(sample: dict[str, Any]) -> None:
    assert glyph(sample["trade"]) == sample["places"]


def test_money_has_the_decimals_of_its_currency() -> None:
    assert [money_places(name) for name in ("USDT", "jpy", "BTC")] == [2, 0, 8]


def render(text: str, scope: dict[str, Any]) -> str:
    context = Context({"scope": scope, "money_places": 2, "now": NOW})
    return Template("{% load figures %}" + text).render(context)


def test_a_bound_figure_says_where_it_comes_from() -> None:
    found = render('{% bind "a.b" "signed-money" cls="x" tone=True %}', {"a": {"b": "-1.5"}})
    assert found == (
        '<span data-bind="a.b" data-format="signed-money" class="x" data-tone="" data-sign="down">−1.50</span>'
    )


def test_a_time_carries_its_exact_moment() -> None:
    found = render('{% bind "at" "clock" %}', {"at": datetime(2024, 8, 2, 5, 40, 7, tzinfo=UTC)})
    assert 'datetime="2024-08-02T05:40:07Z"' in found
    assert 'title="2 Aug 2024, 05:40:07 UTC"' in found


def test_a_time_names_the_place_it_is_for() -> None:
    context = Context({"scope": {"at": NOW}, "money_places": 2, "now": NOW, "zone": ZoneInfo("America/New_York")})
    found = Template('{% load figures %}{% bind "at" "clock" %}').render(context)
    assert 'datetime="2024-08-02T15:20:04Z"' in found
    assert 'title="2 Aug 2024, 11:20:04 America/New York"' in found and ">11:20<" in found


def test_what_a_bot_calls_itself_stays_text() -> None:
    assert "&lt;img src=x&gt;" in render('{% bind "name" %}', {"name": "<img src=x>"})


def test_a_condition_hides_until_it_holds() -> None:
    assert render('{% when "a" %}', {"a": None}) == 'data-when="a" hidden'
    assert render('{% when "a" %}', {"a": 1}) == 'data-when="a"'
    assert render('{% when "a" %}', {"a": Decimal(0)}) == 'data-when="a"', "on the wire it is a text"
    assert render('{% when "a" %}', {"a": 0}) == 'data-when="a" hidden'
