"""What was built, in bytes, and whether the first view of each page keeps to its budget."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

from dashboard.assets.build import BUNDLE
from dashboard.assets.modules import modules
from dashboard.assets.storage import MinifyingStorage

DOCUMENT = 14_600  # of a page itself, full of rows: one window of a new connection
LIGHT, RICH = 80_000, 370_000
ON_EVERY_PAGE = ("vendor/lucide/icons.svg", "img/favicon.svg")
OURS = ("js", "css", "img", "vendor", "CACHE")
# Bundle of styles -> the template that lists what it is made of.
STYLES = {"styles": "document.html", "more": "more_styles.html"}
SOURCE = re.compile(r"'(css/[\w/]+\.css)'")


@dataclass(frozen=True)
class Page:
    """A page with its script and what it draws without being asked to. Sizes are in bytes, gzipped, without the font.

    `document` is what the page itself was measured to take. What comes right after the first view is
    `late`: scripts, and styles that are not of `styles`.
    """

    name: str
    script: str
    budget: int
    charts: tuple[str, ...] = ()
    document: int = DOCUMENT
    styles: tuple[str, ...] = ("styles", "more")
    late: tuple[str, ...] = ("app/features/later.js",)

    @property
    def scripts(self) -> tuple[str, ...]:
        return (f"app/pages/{self.script}.js", *self.charts)


def charts(*names: str) -> tuple[str, ...]:
    return tuple(f"app/charts/{name}.js" for name in names)


EARLY = ("styles",)
PAGES = (
    Page("Overview", "overview", LIGHT, charts("equity", "returns", "timeline"), 17_800, EARLY),
    Page("All bots", "all_bots", LIGHT, late=()),
    Page("Trades", "trades", LIGHT, (), 17_800, EARLY),
    Page("Alerts", "alerts", LIGHT),
    Page("Settings", "settings", LIGHT, document=21_800),
    Page("Activity", "activity", LIGHT),
    Page("Connect", "connect", LIGHT),
    Page("Risk", "risk", RICH, charts("underwater", "rolling", "distribution", "montecarlo", "correlation",
                                      "timeline", "figure")),
    Page("Portfolio", "portfolio", RICH, charts("treemap", "sunburst", "waterfall", "equity", "timeline", "figure")),
    Page("Strategies", "strategies", RICH, charts("risk_return", "strategy_bars", "boxes", "sankey", "figure")),
    Page("Strategy", "strategy", RICH, charts("value", "underwater", "earned", "returns", "monthly", "calendar",
                                              "hours", "excursions", "timeline", "figure")),
    Page("Market", "market", RICH, charts("candles", "candle_figure")),
)  # fmt: skip


@dataclass(frozen=True)
class File:
    """Sizes in bytes: of the source, of what is served to who takes no coding, as gzip, and as brotli."""

    path: str
    original: int
    minified: int
    gzip: int
    brotli: int

    @property
    def ours(self) -> bool:
        return self.path.split("/", 1)[0] in OURS


@dataclass(frozen=True)
class View:
    page: Page
    files: tuple[File, ...] = field(repr=False)
    late: tuple[File, ...] = field(repr=False)

    @property
    def gzip(self) -> int:
        return self.page.document + sum(file.gzip for file in self.files)

    @property
    def brotli(self) -> int:
        return self.page.document + sum(file.brotli for file in self.files)

    @property
    def then(self) -> int:
        """Bytes, gzipped, of what the page asks for once its first view is on its way."""
        return sum(file.gzip for file in self.late)

    @property
    def within(self) -> bool:
        return self.gzip <= self.page.budget


def files() -> list[File]:
    """Every file of the build; a bundle of styles counts the sources that it was made of."""
    found = [sized(name, hashed, source_size(name)) for name, hashed in sorted(MinifyingStorage().hashed_files.items())]
    return found + [bundle(path) for path in bundles()]


def views(built: Iterable[File]) -> list[View]:
    """What each page asks for at first, and what then: scripts with all they import, styles, icons."""
    by_path, found = {file.path: file for file in built}, []
    for page in PAGES:
        first = [*sheets(page.styles), *ON_EVERY_PAGE, *imported(page.scripts)]
        then = [*sheets(STYLES if page.late else ()), *imported(page.late)]
        then = [path for path in then if path not in first]
        found.append(View(page, *(tuple(by_path[path] for path in asked) for asked in (first, then))))
    return found


def sheets(names: Iterable[str]) -> list[str]:
    return [f"CACHE/{name}.css" for name in names]


def imported(scripts: Iterable[str]) -> list[str]:
    """The paths of scripts and of all they import, each once."""
    known, storage = modules(), MinifyingStorage()
    return list(dict.fromkeys(known[name] for script in scripts for name in storage.needed_by(script)))


def bundles() -> list[str]:
    return sorted(set(BUNDLE.findall((settings.STATIC_ROOT / "CACHE" / "manifest.json").read_text())))


def bundle(path: str) -> File:
    name = Path(path).name.split(".", 1)[0]
    listed = (Path(settings.TEMPLATES[0]["DIRS"][0]) / STYLES[name]).read_text()
    return sized(f"CACHE/{name}.css", path, sum(map(source_size, SOURCE.findall(listed))))


def source_size(name: str) -> int:
    path = finders.find(name)
    return Path(path).stat().st_size if isinstance(path, str) else 0


def sized(name: str, built: str, original: int) -> File:
    path = settings.STATIC_ROOT / built
    plain = path.stat().st_size
    compressed = [Path(f"{path}.{coding}") for coding in ("gz", "br")]
    gzip, brotli = (other.stat().st_size if other.is_file() else plain for other in compressed)
    return File(name, original, plain, gzip, brotli)
