"""Static files as they are collected: small, named by their hash, compressed, and never with a reference to nothing."""

import gzip
import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import brotli
import compressor.storage
import httpx
import pytest
from django.core.management import CommandError, call_command
from django.utils.functional import empty

from botv2 import __version__
from dashboard.assets import report
from dashboard.assets.build import build, is_built
from dashboard.assets.storage import MinifyingStorage
from tests.server import Server

Sources = Callable[..., Path]
LINK = "<link rel='stylesheet' href='{% static 'css/a.css' %}'>"
ICONS = {"vendor/lucide/icons.svg": "<svg/>", "img/favicon.svg": "<svg/>"}
PAGE = "{% load compress static %}{% compress css file styles %}" + LINK + "{% endcompress %}"


@pytest.fixture
def sources(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sources:
    """`sources({"js/a.js": "..."}, {"page.html": "..."})` makes a project; returns where its files are collected."""
    for kept in (compressor.storage.default_storage, compressor.storage.default_offline_manifest_storage):
        monkeypatch.setattr(kept, "_wrapped", empty)
    static, templates, collected = (tmp_path / name for name in ("static", "templates", "collected"))
    settings.STATICFILES_DIRS, settings.STATICFILES_FINDERS = [static], [
        "django.contrib.staticfiles.finders.FileSystemFinder",
        "compressor.finders.CompressorFinder",
    ]  # fmt: skip
    settings.STATIC_ROOT = settings.COMPRESS_ROOT = collected
    settings.COMPRESS_ENABLED = settings.COMPRESS_OFFLINE = True
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "dashboard.assets.storage.MinifyingStorage"},
        "compressor": {"BACKEND": "dashboard.assets.storage.BundleStorage", "OPTIONS": {"location": collected}},
        "compressor-offine": {
            "BACKEND": "compressor.storage.OfflineManifestFileStorage",
            "OPTIONS": {"location": collected / "CACHE"},
        },
    }
    engine = {**settings.TEMPLATES[0], "DIRS": [templates, Path(compressor.__file__).parent / "templates"]}
    settings.TEMPLATES = [engine | {"APP_DIRS": False}]

    def write(files: dict[str, str], pages: dict[str, str] | None = None) -> Path:
        pages = pages or {"document.html": PAGE}
        files = {
            "css/a.css": "@layer a { .menu :is(a, b) { color: red; } }",
            "vendor/uplot/uplot.js": "",
            **ICONS,
        } | files
        for folder, texts in ((static, files | {"vendor/echarts/echarts.js": ""}), (templates, pages)):
            for name, text in texts.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        return collected

    return write


def collected(folder: Path, pattern: str) -> dict[str, str]:
    """Name without hash -> text."""
    found = [path for path in folder.glob(pattern) if path.suffix in {".js", ".css"}]
    return {re.sub(r"\.[0-9a-f]{12}\.", ".", path.name): path.read_text() for path in found}


MODULES = {
    "js/a.js": """
        // import './gone.js';
        import { b } from "app/b.js";
        import "app/side.js";
        export { d } from "app/d.js";
        export const a = () => b;
    """,
    "js/b.js": """
        import { a } from "app/a.js"
        export const b = () => a;
        export const later = () => import("app/far/late.js");
    """,
    "js/side.js": "/** import of nothing */ globalThis.side = 1;",
    "js/d.js": """
        export function d(first) {
          // what it does
          return first;
        }
    """,
    "js/far/late.js": """
        import uPlot from "uplot";
        export const late = uPlot;
    """,
}


def test_modules_are_small_and_named_by_their_hash_once(sources: Sources) -> None:
    folder = sources(MODULES)
    build()
    found = collected(folder, "js/**/*")
    assert set(found) == {"a.js", "b.js", "side.js", "d.js", "late.js"}, "each once, and none without its hash"
    assert found["d.js"] == "export function d(e){return e}"
    # Circular, side-effect, re-exported, dynamic and without semicolon: names stay, the import map leads to the files.
    assert found["a.js"].startswith('import{b}from"app/b.js";import"app/side.js";export{d}from"app/d.js";')
    assert 'from"app/a.js"' in found["b.js"] and 'import("app/far/late.js")' in found["b.js"]


def test_what_a_module_needs_is_known(sources: Sources) -> None:
    sources(MODULES)
    build()
    storage = MinifyingStorage()
    assert storage.needed_by("app/a.js") == ("app/a.js", "app/b.js", "app/side.js", "app/d.js")
    assert storage.needed_by("app/far/late.js") == ("app/far/late.js", "uplot")


def test_everything_is_kept_as_gzip_and_brotli_the_bundle_too(sources: Sources) -> None:
    text = "".join(f"export const value{n} = {n * 7919};\n" for n in range(100))
    folder = sources({"js/long.js": text, "css/a.css": ".a { color: red; }\n" * 50 + ".b { margin: 0.50px; }" * 20})
    build()
    served = [
        path for path in folder.rglob("*") if path.parent.name in {"js", "css"} and path.suffix in {".js", ".css"}
    ]
    assert {path.parent.parent.name for path in served} == {"collected", "CACHE"}
    for path in served:
        plain = path.read_bytes()
        assert brotli.decompress(path.with_name(path.name + ".br").read_bytes()) == plain
        assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == plain


def test_the_bundle_means_what_the_styles_meant(sources: Sources) -> None:
    folder = sources({})
    build()
    assert list(collected(folder, "CACHE/css/*").values()) == ["@layer a{.menu :is(a,b){color:red}}"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('import { x } from "app/gone.js";', "app/gone.js"),
        ('export { x } from "app/gone.js";', "app/gone.js"),
        ('import "app/gone.js";', "app/gone.js"),
        ('export const x = () => import("app/gone.js");', "app/gone.js"),
        ('import { b } from "./b.js";', "./b.js"),
        ('import { b } from "unheard-of";', "unheard-of"),
        ("new Worker(new URL('./b.js', import.meta.url));", "import.meta.url"),
        ("export const x = ;", "unexpected"),
        ("export const x = (y) => void (y && y.go());", "void"),
    ],
)
def test_a_script_that_refers_to_nothing_is_refused(sources: Sources, text: str, said: str) -> None:
    sources({"js/b.js": "export const b = 1;", "js/bad.js": text})
    with pytest.raises(ValueError, match=re.escape(said)):
        call_command("collectstatic", verbosity=0, interactive=False)


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        (
            {"page.html": PAGE, "bad.html": "{% load static %}{% static 'img/gone.svg' %}"},
            "templates/bad.html.*gone.svg",
        ),
        ({"page.html": PAGE, "bad.html": "{% if %}"}, "if"),
        ({"page.html": PAGE.replace("a.css", "gone.css")}, "gone.css"),
        ({"page.html": "{% load static %}<p>{% if x %}{% static 'img/gone.svg' %}{% endif %}" + PAGE}, "gone.svg"),
    ],
)
def test_a_template_that_refers_to_nothing_is_refused(sources: Sources, pages: dict[str, str], said: str) -> None:
    sources({}, pages)
    with pytest.raises(Exception, match=said):
        build()
    assert not is_built()


def test_a_style_that_refers_to_nothing_is_refused(sources: Sources) -> None:
    sources({"css/a.css": ".a { background: url(gone.svg); }"})
    with pytest.raises(ValueError, match=r"gone\.svg"):
        build()


def test_the_build_before_stays_and_older_ones_go(sources: Sources) -> None:
    folder = sources({"js/a.js": "export const a = 1;"})
    build()
    assert is_built()
    for text in ("export const a = 2;", "export const a = 3;"):
        sources({"js/a.js": text})
        assert not is_built()
        build()
        assert is_built()
    texts = {path.read_text() for path in (folder / "js").glob("*.js")}
    assert texts == {"export const a=2", "export const a=3"}


def test_a_build_that_fails_leaves_what_is_served(sources: Sources) -> None:
    folder = sources({"js/a.js": "export const a = 1;"})
    build()
    served = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    sources({"js/a.js": 'import "app/gone.js";'})
    with pytest.raises(ValueError, match="gone"):
        build()
    assert served.items() <= {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}.items()


def test_pages_of_a_server_name_files_that_browsers_keep_for_good(server: Server) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, follow_redirects=True) as client:
        page = client.get(server.sign_in_link()).text
        files = re.findall(r'(?:href|src)="(/static/[^"#]+)', page)
        files += re.findall(r'":"(/static/[^"]+)"', page)
        assert len(files) > 60 and any("/CACHE/" in path for path in files)
        for path in files:
            answer = client.get(path, headers={"Accept-Encoding": "gzip, br"})
            assert answer.status_code == 200, path
            assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable", path
            if path.endswith((".js", ".css", ".svg")) and len(answer.content) > 200:
                assert answer.headers["Content-Encoding"] == "br" and answer.headers["Vary"] == "Accept-Encoding", path
                known = client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"]})
                assert known.status_code == 304, path
        assert client.get(files[0], headers={"Accept-Encoding": "gzip"}).headers.get("Content-Encoding") != "br"


def test_what_was_compressed_is_not_compressed_again(sources: Sources) -> None:
    text = "".join(f"export const value{n} = {n * 7919};\n" for n in range(100))
    folder = sources({"js/same.js": text, "js/other.js": text.replace("value", "first")})
    build()
    before = {path: path.stat().st_mtime_ns for path in (folder / "js").glob("*.br")}
    sources({"js/same.js": text, "js/other.js": text.replace("value", "other")})
    build()
    after = {path: path.stat().st_mtime_ns for path in (folder / "js").glob("*.br")}
    assert len(before) == 2 and len(after) == 3 and before.items() <= after.items()


@pytest.mark.parametrize("budget", [20_000, 15_000])
def test_the_report_fails_where_a_page_is_over_its_budget(
    sources: Sources, monkeypatch: pytest.MonkeyPatch, budget: int
) -> None:
    digits = " ".join(str(n * n * 7919) for n in range(300))
    folder = sources({"js/pages/a.js": f"// long\nexport const digits = '{digits}';"})
    build()
    monkeypatch.setattr(report, "PAGES", (report.Page("First", "a", budget, styles=("styles",), late=()),))
    out = StringIO()
    if budget < 16_000:
        with pytest.raises(CommandError, match="Over budget: First"):
            call_command("asset_report", stdout=out)
        assert re.search("^First .*OVER by", out.getvalue(), re.MULTILINE)
    else:
        call_command("asset_report", stdout=out)
        assert re.search("^First .*ok", out.getvalue(), re.MULTILINE)
    written = json.loads((folder / "assets.json").read_text())
    assert (written["version"], written["mode"]) == (__version__, "production") and written["time"]
    sizes = next(file for file in written["files"] if file["path"] == "js/pages/a.js")
    assert sizes["original"] > sizes["minified"] > sizes["gzip"] > sizes["brotli"] > 500
    assert written["pages"][0]["gzip"] == 14_600 + sum(file["gzip"] for file in written["files"] if file["path"] in {
        "js/pages/a.js", "CACHE/styles.css", *ICONS})  # fmt: skip


def test_a_report_of_nothing_says_what_to_do(sources: Sources) -> None:
    sources({})
    with pytest.raises(CommandError, match="Nothing is built"):
        call_command("asset_report")
