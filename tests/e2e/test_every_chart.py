"""What every chart of every page offers: a sentence, a table, files, the whole screen. No kind is left out."""

import json
import re
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.chart_kinds import CHART_KINDS
from tests.e2e.chart_menu import act, saved
from tests.e2e.views import PAGES, Tour, View, press

KINDS = {
    "overview": {"equity", "daily"},
    "portfolio": {"treemap", "sunburst", "waterfall", "equity"},
    "strategies": {"risk_return", "strategy_bars", "boxes", "sankey"},
    "comparison": {"comparison"},
    "compared-values": {"comparison-equity"},
    "strategy": {"value", "underwater", "returns", "monthly", "calendar", "hours", "excursions"},
    "risk": {"underwater", "rolling-sharpe", "rolling-volatility", "distribution", "montecarlo", "correlation"},
    "market": {"candles"},
}
PICKED = [f".table-strategies .pick input >> nth={number}" for number in (0, 1)]
COMPARED = {
    "comparison": ["#chart-comparison .panel-head"],
    "compared-values": ["#chart-comparison .switch a >> nth=1"],
}
LISTED = 500  # a table names the newest; the file holds all
# One needs a benchmark, the other a strategy without capital, as in test_strategies.py.
ELSEWHERE = {"rolling-beta", "earned"}


def looked_at(name: str) -> tuple[View, str]:
    """The view, and which of its charts: those that another one shows as well need no second test."""
    if name in COMPARED:
        view = next(view for view in PAGES if view.name == "comparison")
        return replace(view, then=press(*PICKED, *COMPARED[name])), "#chart-comparison"
    return next(view for view in PAGES if view.name == name), ".chart-panel"


@pytest.mark.parametrize("name", KINDS)
def test_each_is_said_listed_saved_and_enlarged(tour: Tour, name: str, tmp_path: Path) -> None:
    view, charts = looked_at(name)
    with tour.open(view) as page:
        for kind in KINDS[name]:
            expect(page.locator(f"{charts}[data-kind={kind}][data-state=drawn]").first).to_be_visible()
        for panel in page.locator(f"{charts}[data-state=drawn]").all():
            room = panel.locator("[data-room]")
            expect(room).to_have_attribute("aria-label", re.compile(r"\. .*\d"))
            rows = saved(page, panel, "csv", tmp_path).read_text("utf-8-sig").splitlines()
            act(panel, "table")
            expect(panel.locator("[data-table] tbody tr").first).to_be_visible()
            assert panel.locator("[data-table] tbody tr").count() == min(len(rows) - 1, LISTED) > 0
            act(panel, "table")
            assert json.loads(saved(page, panel, "json", tmp_path).read_text())
            picture = saved(page, panel, "png", tmp_path).read_bytes()
            assert struct.unpack(">II", picture[16:24]) == (1920, 1080)
            assert saved(page, panel, "svg", tmp_path).read_text().lstrip().startswith("<svg")
            act(panel, "fullscreen")
            expect(page.locator(":fullscreen")).to_have_attribute("id", panel.get_attribute("id") or "")
            page.evaluate("document.exitFullscreen()")
            expect(page.locator(":fullscreen")).to_have_count(0)


def test_no_kind_is_left_out() -> None:
    assert set().union(*KINDS.values()) | ELSEWHERE == CHART_KINDS
