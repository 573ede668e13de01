"""Lighthouse on the sign-in page, and on Overview, Trades and Risk of a year: `make lighthouse`.

A whole installation of its own (tools/stack.py) is filled first and ended at the end. Two Lighthouses judge each page,
for the desktop and for a phone; then each page is opened for a first time and again over such a line. Every figure is
the median of RUNS. The report goes to var/lighthouse; the exit code is 1 if a goal is missed.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import sync_playwright

from tools import programs
from tools.lighthouse import report
from tools.lighthouse.audits import FOLDER, audit, install
from tools.lighthouse.goals import PERFORMANCE, Look, Visits
from tools.lighthouse.line import line
from tools.lighthouse.site import OUTSIDE, PAGES, Site, site
from tools.lighthouse.visits import DEVICES, visit


def judged(site: Site, pages: list[str], runs: int) -> Iterator[Look]:
    commands, root = install(), site.running.url
    with site.profile("signed-in", service_workers="block") as context:
        site.sign_in(context, root)
    for page in pages:
        profile = None if page == OUTSIDE else site.folder / "signed-in"
        for device in PERFORMANCE:
            for version, command in commands.items():
                print(f"{page}, {device}, Lighthouse {version}", flush=True)
                look = Look(page, device, version)
                for _ in range(runs):
                    look.add(audit(command, root + PAGES[page], device, profile, site.flags))
                yield look


def visited(site: Site, pages: list[str], runs: int) -> Iterator[Visits]:
    browser = site.playwright.chromium.launch(executable_path=programs.chromium(), args=site.flags)
    for name, device in DEVICES.items():
        with line(site.running.ports["tls"], device.round_trip, device.rate) as way:
            root = f"https://127.0.0.1:{way.port}"
            site.reached_at(root)
            context = browser.new_context(service_workers="block")
            site.sign_in(context, root)
            signed_in = context.storage_state()
            context.close()
            for page in pages:
                print(f"{page}, {name}, first and again", flush=True)
                state = None if page == OUTSIDE else signed_in
                yield visit(browser, page, root + PAGES[page], name, state, runs)
    browser.close()


def keep(runs: int, looks: list[Look], visits: list[Visits]) -> str:
    """Write what is known by now; the report as text."""
    head = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "runs": runs}
    text = report.markdown(f"{head['time']}, median of {runs}", looks, visits)
    (FOLDER / "report.md").write_text(text)
    (FOLDER / "report.json").write_text(json.dumps(report.record(head, looks, visits), indent=1))
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="+", default=list(PAGES), choices=PAGES, metavar="PAGE")
    options = parser.parse_args()
    looks: list[Look] = []
    visits: list[Visits] = []
    with (
        tempfile.TemporaryDirectory(prefix="botv2-lighthouse-") as folder,
        sync_playwright() as playwright,
        site(Path(folder), playwright) as ours,
    ):
        for look in judged(ours, options.only, options.runs):
            looks.append(look)
            keep(options.runs, looks, visits)
        for found in visited(ours, options.only, options.runs):
            visits.append(found)
            keep(options.runs, looks, visits)
    print(keep(options.runs, looks, visits) + str(FOLDER / "report.md"))
    return 1 if report.missed(looks, visits) else 0


if __name__ == "__main__":
    sys.exit(main())
