"""docs/metrics.md says what the code does."""

import importlib
import re
from dataclasses import fields

import pytest

from analytics.report import RiskMetrics
from analytics.trades import TradeStatistics
from botv2.env import ROOT

PAGE = (ROOT / "docs" / "metrics.md").read_text()


def table(heading: str) -> list[list[str]]:
    """The cells of the rows below a heading."""
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names(heading: str) -> list[str]:
    return [row[0].strip("`") for row in table(heading)]


ROWS = [(heading, row) for heading in ("Risk and return", "Trades", "Charts") for row in table(heading)]


def test_every_metric_on_the_wire_has_its_row_and_no_other_does() -> None:
    assert names("Risk and return") == [field.name for field in fields(RiskMetrics)]
    assert names("Trades")[: len(fields(TradeStatistics))] == [field.name for field in fields(TradeStatistics)]


@pytest.mark.parametrize(("heading", "row"), ROWS, ids=lambda cell: cell[0] if isinstance(cell, list) else cell)
def test_a_row_names_its_function_and_the_source_it_cites(heading: str, row: list[str]) -> None:
    assert row[1], "no definition"
    function, source = row[-2].strip("`"), row[-1]
    if not function:
        assert row[0].strip("`") in {"periods", "start", "end"} and not source
        return
    module, name = function.split(".")
    docstring = getattr(importlib.import_module(f"analytics.{module}"), name).__doc__
    assert docstring
    cited = set(re.findall(r"\((\d{4})\)", docstring))
    assert set(re.findall(r"\d{4}", source)) == (cited if source else set()), "another source than the docstring's"
    for author in re.findall(r"[A-Z][a-z]{2,}(?:-[A-Z][a-z]+)?", source):
        assert author in docstring
    assert len(row) == (7 if heading != "Charts" else 5)


def test_every_public_document_of_a_source_is_on_the_page() -> None:
    """A function whose docstring cites a publication is in some row, or is a part of one that is."""
    shown = {row[-2].strip("`") for _, row in ROWS}
    parts = {"drawdown.drawdown_series", "significance.luck"}
    for module in ("returns", "drawdown", "ratios", "risk", "benchmark", "significance", "trades", "positions"):
        loaded = importlib.import_module(f"analytics.{module}")
        for name, found in vars(loaded).items():
            if getattr(found, "__module__", "") == loaded.__name__ and "References" in (found.__doc__ or ""):
                assert f"{module}.{name}" in shown | parts | {"returns.snapshot_returns"}, f"{module}.{name}"
