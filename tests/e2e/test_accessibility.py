"""WCAG 2.2 AA as axe-core finds it, on every page and dialog, in every theme and on a phone."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from botv2.env import ROOT
from tests.e2e.views import PAGES, THEMES, VIEWS, Tour, View, set_theme, settled

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = {"dark": None, "light": ["color-contrast"], "terminal": ["color-contrast"]}

TOO_WIDE = """() => [document.scrollingElement, document.querySelector('main')]
  .some(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)"""


def check(page: Page, rules: list[str] | None = None, within: str = "") -> list[str]:
    """What axe finds: which rule, where, and why. `rules` names the only ones to run, `within` the only part."""
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
    options = json.dumps({"runOnly": only, "resultTypes": ["violations"]})
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        f"axe.run({within or 'document'}, {options}).then(result => result.violations)"
    )
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_axe_finds_nothing(tour: Tour, view: View, complaints: list[str]) -> None:
    too_wide: list[int] = []
    with tour.open(view) as page:
        found = {}
        for theme in THEMES:
            set_theme(page, theme)
            found[theme] = check(page, LOOK[theme])
        page.set_viewport_size({"width": 390, "height": 844})
        settled(page)
        # What lies under an open menu is reached again when it closes, so only the menu has to be large enough.
        found["phone"] = check(page, within="'.menu-host[open]'" if view.name.endswith("-menu") else "")
        for width, height in ((768, 1024), (320, 640)) if view in PAGES else ():
            page.set_viewport_size({"width": width, "height": height})
            settled(page)
            if page.evaluate(TOO_WIDE):
                too_wide.append(width)
    complaints[:] = [text for text in complaints if view.status == 200 or str(view.status) not in text]
    assert not any(found.values()), json.dumps(found, indent=1)
    assert not too_wide, "scrolls sideways on screens this wide"
