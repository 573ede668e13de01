"""Pictures of every page and dialog in each theme and width: `python -m tools.screenshots [--only NAME ...]`.

A server of its own is filled with the shared data where it is, else with made data (tests/e2e/stage.py). The pictures
go to var/screenshots.
"""

import argparse
import os
import tempfile
from functools import partial
from pathlib import Path

from playwright.sync_api import sync_playwright

from botv2.env import ROOT
from tests.e2e.stage import Stage
from tests.e2e.views import HEIGHTS, THEMES, VIEWS, Tour, View, profile, set_theme, settled
from tests.server import Server
from tools import programs

FOLDER = ROOT / "var" / "screenshots"


def shared() -> Path | None:
    folder = Path(os.environ.get("BOTV2_SHARED") or ROOT.parent / "shared") / "data"
    return folder if folder.is_dir() else None


def take(tour: Tour, view: View, widths: list[int]) -> None:
    """One loaded page in each size and theme, as tall as its content: what sticks to the screen is in its place."""
    with tour.open(view) as page:
        for width in widths:
            page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            settled(page)
            tall = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": max(tall, HEIGHTS[width])})
            settled(page)
            for theme in THEMES:
                set_theme(page, theme)
                page.screenshot(path=FOLDER / f"{view.name}-{width}-{theme}.png", animations="disabled")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these views alone")
    parser.add_argument("--width", nargs="+", type=int, default=list(HEIGHTS), choices=HEIGHTS)
    options = parser.parse_args()
    views = [view for view in VIEWS if not options.only or view.name in options.only]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="botv2-screenshots-") as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "var")
        server.init()
        browser = playwright.chromium.launch(executable_path=programs.chromium(), args=["--no-sandbox"])
        try:
            server.start()
            stage = Stage(server, shared())
            tour = Tour(stage, partial(profile, browser))
            for view in views:
                print(view.name, flush=True)
                take(tour, view, options.width)
        finally:
            browser.close()
            server.kill()
    print(FOLDER)


if __name__ == "__main__":
    main()
