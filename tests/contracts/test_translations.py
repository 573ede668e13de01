"""Every page speaks every language: the catalogues hold what the code says, and the code says nothing past them."""

import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings

from botv2.catalogues import sources
from botv2.env import ROOT
from tools.messages import messages

LANGUAGES = sorted(sources())
HOW = "Run `python -m tools.messages` and fill in what it names; docs/translating.md tells more."
PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]|%%|\{(\w+)\}|</?(\w+)[^>]*>|&\w+;")


@pytest.fixture(scope="module", params=LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> polib.POFile:
    return polib.pofile(str(sources()[request.param]))


def test_the_languages_to_choose_from_are_those_with_a_catalogue() -> None:
    assert sorted(code for code, _ in settings.LANGUAGES) == sorted([*LANGUAGES, "en"])


def test_the_catalogue_holds_what_the_code_says(catalogue: polib.POFile) -> None:
    known = {(entry.msgctxt, entry.msgid, entry.msgid_plural or None) for entry in catalogue}
    wanted = {tuple(message) for message in messages()}
    assert known == wanted, f"{HOW} Not in the catalogue: {wanted - known}. Not in the code: {known - wanted}."


def test_every_entry_is_translated(catalogue: polib.POFile) -> None:
    assert not [entry.msgid for entry in catalogue if entry.obsolete or entry.fuzzy or not entry.translated()], HOW


def test_what_is_filled_in_is_the_same(catalogue: polib.POFile) -> None:
    """Places, tags and entities: a lost one is a figure that nobody sees, an invented one an error on the page."""
    for entry in catalogue:
        plural = {places(text) for text in (entry.msgid, entry.msgid_plural) if text}
        for text in (entry.msgstr_plural or {0: entry.msgstr}).values():
            assert places(text) in plural, (entry.msgid, text)


def places(text: str) -> tuple[str, ...]:
    return tuple(sorted(found.group() for found in PLACE.finditer(text) if found.group() != "%%"))


def test_entries_are_sorted_and_without_places(catalogue: polib.POFile) -> None:
    """So that what several people add is merged by itself."""
    order = [(entry.msgid, entry.msgctxt or "") for entry in catalogue]
    assert order == sorted(order)
    assert not [entry.msgid for entry in catalogue if entry.occurrences or entry.previous_msgid]


# What is the same in every language, or is no language.
NAMES = {
    "BotV2", "CSV", "JSON", "MAE", "MFE", "UTC", "Python", "curl", "freqtrade", "BTC", "USDT", "read", "ingest",
    "write",
}  # fmt: skip
BESIDE = re.compile(
    r"{% comment %}.*?{% endcomment %}|{#.*?#}|<script.*?</script>|<(code|pre|kbd)\b.*?</\1>"
    r"|{% (block)?translate [^%]*?asvar.*?{% endblocktranslate %}|{% blocktranslate.*?{% endblocktranslate %}",
    re.DOTALL,
)
DJANGO = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
SAID = re.compile(r"\b(?:aria-label|alt|title|placeholder|data-title)=(\"[^\"]*\"|'[^']*')")
WORD = re.compile(r"[A-Za-z][A-Za-z\d]+")


def bare(text: str) -> Iterator[str]:
    """Words that a template shows without asking for their translation."""
    text = DJANGO.sub(" ", BESIDE.sub(" ", text))
    shown = [found.group(1) for found in SAID.finditer(text)] + [
        re.sub(r"<[^>]*>|[\w-]+=\"[^\"]*\"|\bdata-[\w-]+|&\w+;", " ", text)
    ]
    return (word for part in shown for word in WORD.findall(part) if word not in NAMES)


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_templates_say_nothing_past_the_catalogues(path: Path) -> None:
    assert not list(bare(path.read_text()))


def test_the_search_for_bare_words_finds_them() -> None:
    assert list(bare('<p title="Some {{ x }}">{% translate "a" %} words</p><code>not these</code>')) == [
        "Some",
        "words",
    ]


# A phrase, or a word that begins as a label does. What is thrown for developers is not shown.
PHRASE = re.compile(r"""["`']([A-Z][a-z]+(?: [a-z]+)*|[a-z]+(?: [a-z,]+){2,})[.!?]?["`']""")
NOT_SHOWN = re.compile(r"new (?:Type)?Error\(.*|^\s*(?:/?\*|//).*|@typedef.*|event\.key.*", re.MULTILINE)
KEYS = {"Enter", "Escape", "Tab", "Home", "End", "Content-Type", "Accept", "Files", "Inter", "Inter fallback"}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "static" / "js").rglob("*.js")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_scripts_say_nothing_past_the_words_of_the_page(path: Path) -> None:
    found = PHRASE.findall(NOT_SHOWN.sub("", path.read_text()))
    assert not [text for text in found if text not in KEYS]
