"""A page opened first by a browser that knows nothing of the site, then again, over a line such as people have.

Both times are taken inside the page, and nothing is simulated: Lighthouse's own model knows no service worker, and
would count what that answers as if it came from the network.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.views import settled
from tools.lighthouse.goals import Visits

SCRIPT = """
window.lcp = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.lcp = entry.startTime)))
  .observe({ type: 'largest-contentful-paint', buffered: true });
"""
MOMENTS = """async () => {
  const complete = performance.now();
  const first = await new Promise((done) => {
    const seen = (list) => list.getEntriesByName('first-contentful-paint').forEach((entry) => done(entry.startTime));
    new PerformanceObserver(seen).observe({ type: 'paint', buffered: true });
    setTimeout(() => done(null), 10_000);
  });
  const loaded = performance.getEntriesByType('navigation')[0].loadEventEnd;
  return { 'first paint': first, 'largest paint': window.lcp, loaded, complete };
}"""
WORKER_READY = """() => Promise.race([
  navigator.serviceWorker.ready.then(() => true),
  new Promise((done) => setTimeout(() => done(false), 60_000)),
])"""


@dataclass(frozen=True)
class Device:
    """As Lighthouse's presets: the window, seconds there and back, bytes a second, how much slower its processor is."""

    size: tuple[int, int]
    round_trip: float
    rate: float
    slower: int


DEVICES = {
    "desktop": Device((1350, 940), 0.040, 10_240 * 1024 / 8, 1),
    "mobile": Device((412, 823), 0.150, 1_638.4 * 1024 / 8, 4),
}


def visit(browser: Browser, page: str, address: str, name: str, state: Any, runs: int) -> Visits:
    device, found = DEVICES[name], Visits(page, name)
    width, height = device.size
    for _ in range(runs):
        context = browser.new_context(viewport={"width": width, "height": height}, storage_state=state)
        context.set_default_timeout(120_000)
        context.add_init_script(SCRIPT)
        for moments, opened in zip((found.first, found.again), opened_twice(context, address, device), strict=True):
            for moment, value in opened.items():
                moments.setdefault(moment, []).append(round(value, 1))
        context.close()
    return found


def opened_twice(context: BrowserContext, address: str, device: Device) -> Iterator[dict[str, float]]:
    for _ in range(2):
        page = context.new_page()
        slow_down(page, device.slower)
        page.goto(address)
        settled(page)
        yield page.evaluate(MOMENTS)
        slow_down(page, 1)
        assert page.evaluate(WORKER_READY), "no service worker"
        page.close()


def slow_down(page: Page, times: int) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": times})
