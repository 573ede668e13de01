"""docs/dashboard.md leaves out no page and no kind of chart, and the tests that it names exist."""

import re

from botv2.env import ROOT
from dashboard.assets.report import PAGES
from tests.chart_kinds import CHART_KINDS
from tests.contracts.named import named


def rows(title: str) -> list[str]:
    text = (ROOT / "docs" / "dashboard.md").read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return [line for line in text.splitlines() if line.startswith("| ")][1:]


def test_each_row_names_tests_that_exist() -> None:
    for title in ("Pages", "Charts", "Interactions"):
        assert all(named(row) for row in rows(title))


def test_every_page_is_listed() -> None:
    assert {page.name for page in PAGES} <= {row.split("|")[1].strip() for row in rows("Pages")}


def test_every_kind_of_chart_is_listed() -> None:
    assert {kind for row in rows("Charts") for kind in re.findall(r"`([a-z_-]+)`", row.split("|")[1])} == CHART_KINDS
