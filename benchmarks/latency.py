"""From a posted trade to the painted row: `python -m benchmarks.latency [--trades 200]`.

One server as `make run` starts it, one Chromium on its Overview, one bot. Of each trade three moments are taken on one
clock: the post is sent, its answer arrives (the commit lies between the two), and the frame that shows its row is
painted.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

from tests.server import Server
from tools import programs

WATCH = """() => {
  window.paintedAt = {};
  const list = document.querySelector('[data-rows="latest"]');
  new MutationObserver(() => {
    for (const row of list.querySelectorAll('[data-row]')) {
      const id = row.getAttribute('data-row');
      if (id in window.paintedAt) continue;
      window.paintedAt[id] = null;
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => { window.paintedAt[id] = performance.timeOrigin + performance.now(); };
        channel.port2.postMessage(0);
      });
    }
  }).observe(list, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-row'] });
}"""


def closed_trade(number: int) -> dict[str, str]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {
        "trade_id": f"latency-{number}",
        "symbol": "BTC/USDT",
        "strategy": "Latency",
        "direction": "long",
        "size": "0.1",
        "status": "closed",
        "entry_price": "30000",
        "entry_time": now,
        "exit_price": f"{30000 + number}",
        "exit_time": now,
    }


def measure(page: Page, bot: httpx.Client, trades: int) -> list[tuple[float, float]]:
    """Milliseconds from sent to painted and from answered to painted, for each trade."""
    moments: dict[str, tuple[float, float]] = {}
    for number in range(trades):
        sent = time.time()
        answer = bot.post("/api/trades", json=closed_trade(number)).raise_for_status()
        moments[str(answer.json()["data"]["item"]["id"])] = (sent, time.time())
        page.wait_for_timeout(random.uniform(50, 250))
    page.wait_for_timeout(1500)
    painted = page.evaluate("() => window.paintedAt")
    missing = [key for key in moments if not painted.get(key)]
    if missing:
        raise SystemExit(f"{len(missing)} trades were never painted: {missing[:5]}")
    return [(painted[key] - sent * 1000, painted[key] - answered * 1000) for key, (sent, answered) in moments.items()]


def quantile(values: list[float], share: float) -> float:
    return round(statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1], 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trades", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="botv2-latency-") as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "var")
        server.manage("init")
        server.start()
        browser = playwright.chromium.launch(executable_path=str(programs.chromium()), args=["--no-sandbox"])
        try:
            key = server.manage("create_api_key", "--account", "main", "--scopes", "read,ingest").strip()
            headers = {"Authorization": f"Bearer {key}"}
            bot = httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=10)
            bot.post("/api/trades", json={**closed_trade(0), "trade_id": "first"}).raise_for_status()
            page = browser.new_page(viewport={"width": 1440, "height": 1100})
            page.goto(server.sign_in_link())
            page.locator("body[data-live=live]").wait_for(timeout=20_000)
            page.evaluate(WATCH)
            found = measure(page, bot, options.trades)
        finally:
            browser.close()
            server.kill()
    for name, index in (("sent_to_painted_ms", 0), ("answered_to_painted_ms", 1)):
        values = [pair[index] for pair in found]
        figures = {"p50": quantile(values, 0.5), "p99": quantile(values, 0.99), "max": round(max(values), 1)}
        print(json.dumps({"figure": name, "trades": len(values), **figures}))


if __name__ == "__main__":
    main()
