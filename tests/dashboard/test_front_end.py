"""What templates, styles and scripts never do, and what holds them together."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template import engines

from botv2.env import ROOT
from dashboard.assets.minify import script
from dashboard.assets.modules import DYNAMIC_IMPORT, STATIC_IMPORT, closure, modules
from dashboard.templatetags.assets import ICON_SPRITE, map_text

SCRIPTS = sorted(path for folder in ("js", "worker") for path in (ROOT / "static" / folder).rglob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static/css").rglob("*.css"))
SINKS = (
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|createContextualFragment"
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# One script names a sink, to take it away from the chart library.
@pytest.mark.parametrize("path", [path for path in SCRIPTS if path.name != "room.js"], ids=name)
def test_scripts_never_turn_text_into_markup_or_code(path: Path) -> None:
    assert not re.findall(SINKS, path.read_text())


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_import_what_exists_and_the_chart_library_only_in_charts(path: Path) -> None:
    known = modules()
    found = re.findall(r"""^import\b[^;]*?["']([^"']+)["'];""", path.read_text(), re.MULTILINE)
    assert set(found) <= set(known)
    assert "uplot" not in found or path.parent.name == "charts"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_templates_hold_no_inline_style_script_or_handler(path: Path) -> None:
    text = path.read_text()
    assert not re.findall(r"\sstyle=|<style|\son[a-z]+=|javascript:", text)
    own = re.sub(r"""<script defer src="\{% static '[a-z0-9_./-]+' %\}"></script>""", "", text)
    assert "<script" not in own, "modules come from page_script, other scripts from a file of ours"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_templates_parse(path: Path) -> None:
    engines["django"].get_template(path.relative_to(ROOT / "templates").as_posix())


def icons_used() -> Iterator[str]:
    for path in TEMPLATES:
        yield from re.findall(r'{% icon "([a-z0-9-]+)"', path.read_text())
    yield from re.findall(r'Item\("\w+", _\("[^"]+"\), "([a-z0-9-]+)"', (ROOT / "dashboard/navigation.py").read_text())
    yield from re.findall(r'tool\("([a-z0-9-]+)"', (ROOT / "static/js/features/show_parts.js").read_text())


def test_the_sprite_holds_the_icons_in_use_and_no_other() -> None:
    sprite = (ROOT / "static" / ICON_SPRITE).read_text()
    assert set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite)) == set(icons_used())


def test_every_style_is_part_of_the_document() -> None:
    listed = [(ROOT / "templates" / name).read_text() for name in ("document.html", "more_styles.html")]
    linked = re.findall(r"{% static '(css/[^']+)' %}", "".join(listed))
    assert sorted(linked) == [path.relative_to(ROOT / "static").as_posix() for path in STYLES]


def test_styles_name_only_tokens_that_exist() -> None:
    defined = set(re.findall(r"^\s*(--[\w-]+):", (ROOT / "static/css/tokens.css").read_text(), re.MULTILINE))
    used = {found for path in STYLES for found in re.findall(r"var\((--[\w-]+)", path.read_text())}
    assert used <= defined


def test_colours_are_written_in_the_tokens_alone() -> None:
    for path in STYLES:
        if path.name != "tokens.css":
            assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", path.read_text()), name(path)


def test_the_import_map_leads_to_files() -> None:
    found = json.loads(map_text(modules()))["imports"]
    assert set(found) == set(modules())
    for path in modules().values():
        assert finders.find(path), path


def test_a_page_preloads_all_it_imports() -> None:
    def read(path: str) -> str:
        text = (ROOT / "static" / path).read_text()
        return text if path.startswith("vendor/") else script(text)

    found = closure("app/pages/overview.js", read, STATIC_IMPORT)
    assert found[0] == "app/pages/overview.js"
    assert {"uplot", "app/core/stream.js", "app/core/format.js"} <= set(found)
    assert len(found) == len(set(found)) and "app/features/later.js" not in found
    ever = closure("app/pages/overview.js", read, STATIC_IMPORT, DYNAMIC_IMPORT)
    assert {*found, "app/features/later.js", "app/features/show.js", "echarts"} <= set(ever)
    assert not {name for name in ever if name.startswith("app/pages/")} - {"app/pages/overview.js"}
