"""How fast the pages are in a browser: `python -m benchmarks.browser [--runs 5] [--json FILE]`.

One server as `make run` starts it, filled by tests/e2e/stage.py and with a year of five-minute values
(benchmarks/year.py); one headless Chromium. Each figure is the median of `--runs`, in milliseconds, beside the budget
that it has. A page is cold in a fresh profile that is signed in, warm when it is loaded again. All moments are taken
inside the page, by `performance`.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.stage import BTC, Stage
from tests.e2e.views import profile, settled
from tests.server import Server
from tools import programs

FCP, LCP, BLOCKED, LIVE, THEME, POINTS, FRAME = 800, 1100, 100, 100, 100, 300, 16.7
PAGES = {
    "overview": "/a/perps/", "portfolio": "/a/perps/portfolio", "strategies": "/a/perps/strategies",
    "trades": "/a/perps/trades", "risk": "/a/perps/risk", "market": f"/a/perps/market?symbol={BTC}",
    "alerts": "/a/perps/alerts", "activity": "/a/perps/activity", "all-bots": "/", "settings": "/a/perps/settings",
}  # fmt: skip

# Before the page's own scripts: the paints, the long tasks, and when the last chart had drawn.
WATCH = """
window.seen = { lcp: 0, drawn: 0, long: [] };
new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.seen.lcp = entry.startTime)))
  .observe({ type: 'largest-contentful-paint', buffered: true });
new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.seen.long.push(entry.duration)))
  .observe({ type: 'longtask', buffered: true });
document.addEventListener('drawn', () => (window.seen.drawn = performance.now()), true);
new MutationObserver((list) => {
  if (list.some(({ target }) => target.dataset?.state === 'drawn')) window.seen.drawn = performance.now();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-state'] });
window.painted = () => new Promise((done) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done(performance.now());
  channel.port2.postMessage(0);
}));
"""
LOADED = """() => ({
  fcp: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  ...window.seen, long: window.seen.long.reduce((sum, each) => sum + Math.max(0, each - 50), 0),
})"""
SWITCH = """async (theme) => {
  const { choose } = await import('app/core/theme.js');
  const begin = performance.now();
  choose(theme);
  return (await window.painted()) - begin;
}"""
# From the click to the frame after the parts of the answer took their places.
FILTER = """(selector) => new Promise((done) => {
  const begin = performance.now();
  new MutationObserver(async (_, observer) => {
    if ('visiting' in document.body.dataset) return;
    observer.disconnect();
    done((await window.painted()) - begin);
  }).observe(document.body, { attributes: true, attributeFilter: ['data-visiting'] });
  document.querySelector(selector).click();
})"""
# From the data to the pixels, of a chart that is given 100,000 points.
POINTS_DRAWN = """async (count) => {
  const { kindOf } = await import('app/charts/registry.js');
  const { kind, Adapter } = await kindOf('equity');
  const { look } = await import('app/charts/look.js');
  const { read } = await import('app/core/api.js');
  const { setting } = await import('app/features/live.js');
  const base = await read(document.querySelector('#chart-equity').dataset.source, { fresh: true });
  const answer = { timestamps: [], equity: [], drawdown: [] };
  let value = 100000;
  for (let at = 0; at < count; at += 1) {
    answer.timestamps.push(new Date(Date.UTC(2025, 0, 1) + at * 300000).toISOString());
    answer.equity.push((value += Math.random() * 20 - 9.9));
    answer.drawdown.push(0);
  }
  const room = document.querySelector('#chart-equity [data-room]').cloneNode(false);
  document.querySelector('#chart-equity .chart-body').append(room);
  const data = { ...base, ...answer };
  const begin = performance.now();
  const adapter = new Adapter(room, setting);
  adapter.set(kind.model(data, { setting: setting(), look: look(), unit: '', range: null, shows: [], notes: [] }));
  const scripted = performance.now() - begin;
  const shown = (await window.painted()) - begin;
  adapter.destroy();
  room.remove();
  return { shown, scripted };
}"""
ZOOM = """(key) => new Promise((done) => {
  const panel = document.querySelector('#chart-equity'), room = panel.querySelector('[data-room]');
  const begin = performance.now();
  panel.addEventListener('loaded', async () => done((await window.painted()) - begin), { once: true });
  room.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
})"""
ROW = """(list) => {
  window.row = new Promise((done) => {
    const place = document.querySelector(list);
    new MutationObserver(async (changes, observer) => {
      observer.disconnect();
      await window.painted();
      done(performance.timeOrigin + performance.now());
    }).observe(place, { childList: true });
  });
}"""
APPEND = """async (minutes) => {
  const { panelOf } = await import('app/features/panels.js');
  const latest = new Date(Date.UTC(2027, 0, 1) + minutes * 300000).toISOString();
  const begin = performance.now();
  panelOf(document.querySelector('#chart-equity'))
    .hear([{ type: 'portfolio_update', d: { timestamp: latest, total_value: '101000.5' } }]);
  return performance.now() - begin;
}"""


@dataclass
class Figure:
    name: str
    budget: float | None
    values: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return round(statistics.median(self.values), 1)

    @property
    def within(self) -> bool | None:
        return None if self.budget is None else self.median <= self.budget


class Bench:
    """Figures by name, in the order in which they were first taken."""

    def __init__(self, runs: int) -> None:
        self.runs = runs
        self.figures: dict[str, Figure] = {}

    def note(self, name: str, value: float, budget: float | None = None) -> None:
        self.figures.setdefault(name, Figure(name, budget)).values.append(round(value, 2))

    def repeat(self, name: str, budget: float | None, measure: Callable[[int], float]) -> None:
        for run in range(self.runs):
            self.note(name, measure(run), budget)

    def table(self) -> Iterator[str]:
        for each in self.figures.values():
            told = {None: "", True: "within", False: "OUTSIDE"}[each.within]
            yield f"{each.name:<34}{each.median:>10.1f} ms  {each.budget or '':>6}  {told}"


def signed_in(browser: Browser, stage: Stage) -> dict[str, Any]:
    context = profile(browser)
    page = context.new_page()
    stage.user.sign_in(page)
    state: dict[str, Any] = context.storage_state()  # type: ignore[assignment]
    context.close()
    return state


def fresh(browser: Browser, state: dict[str, Any]) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, storage_state=state)  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    context.add_init_script(WATCH)
    return context


def loads(bench: Bench, browser: Browser, stage: Stage, state: dict[str, Any]) -> None:
    for name, path in PAGES.items():
        for _ in range(bench.runs):
            context = fresh(browser, state)
            page = context.new_page()
            for kind in ("cold", "warm"):
                page.goto(stage.server.url + path)
                settled(page)
                page.wait_for_timeout(100)
                found = page.evaluate(LOADED)
                bench.note(f"{name}, {kind}: first paint", found["fcp"], FCP)
                bench.note(f"{name}, {kind}: largest paint", found["lcp"], LCP)
                bench.note(f"{name}, {kind}: blocked", found["long"], BLOCKED)
                if found["drawn"]:
                    bench.note(f"{name}, {kind}: charts drawn", found["drawn"])
            context.close()


def acts(bench: Bench, page: Page, stage: Stage) -> None:
    def at(path: str) -> None:
        page.goto(stage.server.url + path)
        settled(page)

    for name in ("overview", "risk", "trades"):
        at(PAGES[name])
        bench.repeat(f"{name}: theme switched", THEME, lambda run: page.evaluate(SWITCH, ("light", "dark")[run % 2]))
    at(PAGES["trades"])
    links = [".time-bar .segmented a:nth-child(3)", ".time-bar .segmented a:last-child"]
    bench.repeat("trades: filter applied", None, lambda run: page.evaluate(FILTER, links[run % 2]))
    at(PAGES["overview"])
    bench.repeat("overview: filter applied", None, lambda run: page.evaluate(FILTER, links[run % 2]))
    bench.repeat("event to pixel, a trade", LIVE, lambda run: event_to_pixel(page, stage, run))
    bench.repeat("equity of 100,000 points shown", POINTS, lambda _: page.evaluate(POINTS_DRAWN, 100_000)["shown"])


def event_to_pixel(page: Page, stage: Stage, run: int) -> float:
    """From the commit, which the answer follows, to the frame that shows the row."""
    page.wait_for_timeout(600)
    page.evaluate(ROW, "[data-rows=latest]")
    now = datetime.now(UTC).isoformat()
    trade = {"symbol": "BTC/USDT", "strategy": "Sample", "direction": "long", "size": "1", "status": "closed"}
    prices = {"entry_price": "100", "exit_price": str(101 + run), "entry_time": now, "exit_time": now}
    stage.perps.post("trades", {"trade_id": f"bench-{run}", **trade, **prices})
    answered = datetime.now(UTC).timestamp() * 1000
    return float(page.evaluate("window.row")) - answered


def year(bench: Bench, browser: Browser, server: Server, state: dict[str, Any]) -> None:
    """A year of five-minute values: shown, zoomed and panned by asking the server, and appended to."""
    server.manage("shell", "-v0", "-c", "from benchmarks import year; year.fill()")
    join = (
        "from dashboard.models import Account, Membership; from django.contrib.auth.models import User;"
        "Membership.objects.get_or_create(account=Account.objects.get(slug='year'),"
        " user=User.objects.get(username='user-perps'), defaults={'role': 'owner'})"
    )
    server.manage("shell", "-v0", "-c", join)
    context = fresh(browser, state)
    page = context.new_page()
    for _ in range(bench.runs):
        page.goto(f"{server.url}/a/year/?period=all")
        settled(page)
        found = page.evaluate(LOADED)
        bench.note("a year: charts drawn", found["drawn"])
    keys = ["+", "ArrowLeft", "+", "ArrowRight", "-"]
    bench.repeat("a year: a value appended", FRAME, lambda run: page.evaluate(APPEND, run))
    bench.repeat("a year: nearer, earlier, later", POINTS, lambda run: page.evaluate(ZOOM, keys[run % len(keys)]))
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--without-year", action="store_true", help="leave out what needs a year of values")
    options = parser.parse_args()
    bench = Bench(options.runs)
    with tempfile.TemporaryDirectory(prefix="botv2-browser-") as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "var")
        server.init()
        browser = playwright.chromium.launch(executable_path=programs.chromium(), args=["--no-sandbox"])
        try:
            server.start()
            stage = Stage(server)
            state = signed_in(browser, stage)
            loads(bench, browser, stage, state)
            context = fresh(browser, state)
            acts(bench, context.new_page(), stage)
            context.close()
            if not options.without_year:
                year(bench, browser, server, state)
        finally:
            browser.close()
            server.kill()
    print("\n".join(bench.table()))
    if options.json:
        rows = [asdict(each) | {"median": each.median} for each in bench.figures.values()]
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
