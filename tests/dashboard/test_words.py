"""The words that pages print for their scripts, and those that the scripts ask for."""

import json
import re
from functools import cache

import pytest
from django.utils import translation

from analytics.breakdown import OUTCOMES
from botv2.env import ROOT
from dashboard.assets.minify import script
from dashboard.assets.modules import DYNAMIC_IMPORT, STATIC_IMPORT, closure, modules
from dashboard.words import COUNTED, spoken

SAMPLES = json.loads((ROOT / "tests/samples/words.json").read_text())
SCRIPTS = {path: path.read_text() for path in (ROOT / "static" / "js").rglob("*.js")}


@pytest.mark.parametrize("language", SAMPLES)
def test_the_samples_of_the_scripts_tests_are_what_pages_print(language: str) -> None:
    with translation.override(language):
        found = spoken("settings") | spoken("connect")
    for group, words in SAMPLES[language].items():
        assert {code: found[group][code] for code in words} == words


@pytest.mark.parametrize("page", sorted(path.stem for path in (ROOT / "static/js/pages").glob("*.js")))
def test_scripts_ask_for_words_that_their_page_prints(page: str) -> None:
    """Also those that a page may import later."""
    printed = spoken(page)
    for name in closure(f"app/pages/{page}.js", minified, STATIC_IMPORT, DYNAMIC_IMPORT):
        text = SCRIPTS.get(ROOT / "static" / modules()[name], "")
        for group, code in re.findall(r'\b(?:word|say)\("(\w+)", "(\w+)"', text):
            assert code in printed[group], f"{name} asks for {group} {code}"
        for group in re.findall(r'\bword\("(\w+)"', text):
            assert group in printed, f"{name} asks for {group}"
        for code in re.findall(r'["`]count:(\w+)["`]', text):
            assert code in printed["counted"], f"{name} counts {code}"


def test_what_trades_came_to_is_said_on_the_flow_of_money() -> None:
    for language in ("en", "de"):
        with translation.override(language):
            assert set(OUTCOMES) <= set(spoken()["chart"])


@cache
def minified(path: str) -> str:
    return script((ROOT / "static" / path).read_text()) if path.startswith("js/") else ""


@pytest.mark.parametrize("code", COUNTED)
def test_a_number_is_said_with_what_it_counts(code: str) -> None:
    for language in ("en", "es", "de", "fr"):
        with translation.override(language):
            assert all("{count}" in text for text in COUNTED[code].forms().values())
