"""A page that was open while things happened shows what a page shows that is loaded afterwards.

Every kind of event in a random order, with the network cut in the middle; the seed is in the test's name. BOTV2_DRIFT
gives how many other sequences to try as well, and of how many steps: `BOTV2_DRIFT=20x200`.
"""

import difflib
import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.bots import Bot, wait_live
from tests.e2e.views import settled
from tests.relay import Relay
from tests.server import Server

SEEDS, STEPS = 1, 60
if asked := os.environ.get("BOTV2_DRIFT"):
    SEEDS, STEPS = (int(part) for part in asked.split("x"))
PATIENCE = 25.0
PAGES = (
    "", "?period=all", "portfolio", "portfolio?strategy=Trend", "strategies", "trades",
    "trades?status=closed&ordering=net_pnl", "risk", "alerts", "alerts?show=history", "activity",
    "market?symbol=BTC/USDT",
)  # fmt: skip
SYMBOLS, STRATEGIES = ("BTC/USDT", "ETH/USDT", "ADA/USDT"), ("Trend", "Range", "Grid")

# What somebody sees, line by line. Left out: what only time changes, what a chart says in its canvas, what is passing.
SEEN = """() => {
  const lines = [];
  const skip = '[hidden], script, template, dialog, .toasts, canvas, .uplot, [data-connection], .stale, .row-keys';
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.textContent.trim()) lines.push(node.textContent.trim().replace(/\\s+/g, ' '));
      return;
    }
    if (!(node instanceof Element) || node.matches(skip)) return;
    if (node.matches('[data-format=age]')) return void lines.push('AGE');
    if (node.closest('.notices') && node.matches('tr:has([data-when="resolved_at"]:not([hidden]))')
      && !location.search.includes('history')) return;
    if (node.matches('[data-room]')) return void lines.push(`CHART ${node.getAttribute('aria-label')}`);
    for (const name of ['data-sign', 'data-state', 'aria-checked', 'aria-pressed'])
      if (node.hasAttribute(name)) lines.push(`${name}=${node.getAttribute(name)}`);
    if (node.matches('details:not([open])')) return void walk(node.querySelector('summary'));
    if (node.matches('.tape')) return;
    if (node.closest('svg')) for (const name of ['d', 'x', 'y', 'width', 'height', 'cx'])
      if (node.hasAttribute(name) && !node.closest('.icon, .mark')) lines.push(`${name}=${node.getAttribute(name)}`);
    for (const child of node.childNodes) walk(child);
  };
  walk(document.querySelector('.frame'));
  return lines;
}"""


class Life:
    """Things that happen to one account, one after the other, by chance."""

    def __init__(self, bot: Bot, person: Page, seed: int) -> None:
        self.bot, self.person, self.chance = bot, person, random.Random(seed)
        self.now = datetime.now(UTC).replace(microsecond=0) - timedelta(days=20)
        self.value = 10_000.0
        self.trades: dict[str, dict[str, Any]] = {}
        self.count = 0
        self.steps = [
            self.open, self.open, self.update, self.close, self.close, self.cancel, self.delete, self.value_reported,
            self.cash, self.limits, self.alert, self.alert_changed, self.annotate, self.annotation_changed, self.beat,
            self.rename, self.candle,
        ]  # fmt: skip

    def happen(self) -> None:
        self.count += 1
        self.now += timedelta(minutes=self.chance.randrange(1, 200))
        self.chance.choice(self.steps)()

    def all_kinds(self) -> None:
        """Each step once, so that no kind is left to luck."""
        for step in self.chance.sample(self.steps, len(self.steps)):
            self.count += 1
            self.now += timedelta(minutes=5)
            step()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """As the person does, by the page's session, but not through the network that is cut."""
        token = self.person.locator("[name=csrfmiddlewaretoken]").first.input_value()
        base = f"{self.bot.server.url}/api/{path}{'&' if '?' in path else '?'}account={self.bot.slug}"
        headers = {"X-CSRFToken": token, "Referer": self.bot.server.url}
        answer = self.person.request.fetch(base, method=method, data=body, headers=headers)
        assert answer.ok, f"{method} {path}: {answer.status} {answer.text()}"
        return answer.json()["data"] if answer.status != 204 else None

    def stamp(self) -> str:
        return self.now.isoformat().replace("+00:00", "Z")

    def some_trade(self, *statuses: str) -> dict[str, Any] | None:
        found = [trade for trade in self.trades.values() if trade["status"] in statuses]
        return self.chance.choice(found) if found else None

    def report(self, trade: dict[str, Any]) -> None:
        item = self.bot.post("trades", trade)["item"]
        self.trades[trade["trade_id"]] = trade | {"status": item["status"]}

    def open(self) -> None:
        price = self.chance.randrange(100, 900)
        self.report(
            {
                "trade_id": f"t{self.count}", "symbol": self.chance.choice(SYMBOLS), "status": "open",
                "strategy": self.chance.choice(STRATEGIES), "direction": self.chance.choice(["long", "short"]),
                "size": "0.5", "entry_price": str(price), "entry_time": self.stamp(), "stop_loss": str(price - 20),
                "net_pnl": f"{self.chance.gauss(0, 20):.2f}", "asset_class": "crypto", "fees": "0.1",
            }
        )  # fmt: skip

    def update(self) -> None:
        if trade := self.some_trade("open"):
            self.report(trade | {"net_pnl": f"{self.chance.gauss(0, 20):.2f}"})

    def close(self) -> None:
        if trade := self.some_trade("open"):
            left = {"exit_price": str(int(trade["entry_price"]) + self.chance.randrange(-30, 30)), "status": "closed"}
            self.report(trade | left | {"exit_time": self.stamp(), "net_pnl": f"{self.chance.gauss(1, 15):.2f}"})

    def cancel(self) -> None:
        if trade := self.some_trade("open"):
            self.report(trade | {"status": "cancelled"})

    def delete(self) -> None:
        if trade := self.some_trade("open", "closed", "cancelled"):
            found = self.bot.client.get("trades", params={"search": trade["trade_id"], "limit": 100}).json()
            rows = found.get("data", {}).get("trades", [])
            for row in (row for row in rows if row["trade_id"] == trade["trade_id"]):
                self.ask("DELETE", f"trades/{row['id']}")
                del self.trades[trade["trade_id"]]

    def value_reported(self) -> None:
        self.value += self.chance.gauss(5, 80)
        held = [
            {
                "symbol": trade["symbol"], "direction": trade["direction"], "size": "0.5", "asset_class": "crypto",
                "entry_price": trade["entry_price"], "mark_price": trade["entry_price"], "strategy": trade["strategy"],
                "value": str(int(trade["entry_price"]) / 2), "unrealized_pnl": trade["net_pnl"],
            }
            for trade in self.trades.values() if trade["status"] == "open"
        ]  # fmt: skip
        body = {
            "timestamp": self.stamp(),
            "total_value": f"{self.value:.2f}",
            "cash_balance": "5000",
            "positions": held,
        }
        self.bot.post("portfolio", body)

    def cash(self) -> None:
        amount = self.chance.choice([250, -100])
        self.value += amount
        kind = "deposit" if amount > 0 else "withdrawal"
        self.bot.post(
            "cashflows",
            {"flow_id": f"f{self.count}", "timestamp": self.stamp(), "amount": str(amount), "kind": kind},
        )

    def limits(self) -> None:
        limits = {
            "max_drawdown": str(self.chance.randrange(1, 30)),
            "max_daily_loss": str(self.chance.randrange(1, 99)),
        }
        self.bot.post("strategies", {"name": self.chance.choice(STRATEGIES), "allocated_capital": "5000"} | limits)

    def alert(self) -> None:
        severity = self.chance.choice(["info", "warning", "error", "critical"])
        self.bot.post("alerts", {"type": "risk", "severity": severity, "title": f"Alert {self.count}"})

    def alert_changed(self) -> None:
        alerts = self.ask("GET", "alerts")["alerts"]
        if alerts:
            self.ask(
                "POST", f"alerts/{self.chance.choice(alerts)['id']}/{self.chance.choice(['acknowledge', 'resolve'])}"
            )

    def annotate(self) -> None:
        text, kind = f"Note {self.count}", self.chance.choice(["trade", "signal", "news", "custom"])
        self.ask("POST", "annotations", {"chart_id": "equity", "date": self.stamp(), "text": text, "type": kind})

    def annotation_changed(self) -> None:
        notes = self.ask("GET", "annotations/equity")["annotations"]
        if notes:
            note = self.chance.choice(notes)["id"]
            if self.chance.random() < 0.5:
                self.ask("DELETE", f"annotations/{note}")
            else:
                self.ask("PATCH", f"annotations/{note}", {"text": f"Changed {self.count}"})

    def beat(self) -> None:
        state = self.chance.choice(["running", "paused", "error", "stopped"])
        name, held = self.chance.choice(["alpha", "beta"]), self.chance.randrange(5)
        self.bot.post("heartbeat", {"bot": name, "state": state, "open_positions": held})

    def rename(self) -> None:
        self.ask("PATCH", f"accounts/{self.bot.slug}", {"name": f"Account {self.count}"})

    def candle(self) -> None:
        price = self.chance.randrange(400, 500)
        row = [self.stamp(), price, price + 5, price - 5, price + self.chance.randrange(-4, 4), 10]
        self.bot.post("market/BTC/USDT/ohlcv", {"timeframe": "5m", "candles": [row]})


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    fresh = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="UTC")
    yield fresh
    fresh.close()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_page_drifts(
    far_server: Server, relay: Relay, context: BrowserContext, complaints: list[str], seed: int
) -> None:
    bot, origin = Bot(far_server, initial_capital="10000"), f"http://127.0.0.1:{relay.port}"
    person = context.new_page()
    bot.sign_in(person, origin=origin)
    life = Life(bot, person, seed)
    for _ in range(20):
        life.happen()
    addresses = [f"{origin}/a/{bot.slug}/{path}" for path in PAGES] + [f"{origin}/"]
    tabs = {address: opened(context, address) for address in addresses}
    for tab in tabs.values():
        settled(tab)
    life.all_kinds()
    for _ in range(STEPS // 2):
        life.happen()
    relay.cut(reachable=False)
    for _ in range(STEPS // 4):
        life.happen()
    relay.cut()
    for _ in range(STEPS // 4):
        life.happen()
    for tab in tabs.values():
        wait_live(tab)
    quiet(bot)
    differences = settle(context, tabs)
    complaints[:] = [text for text in complaints if "net::ERR_" not in text and "WebSocket" not in text]
    assert not differences, "\n\n".join(f"{at}\n{text}" for at, text in differences.items())


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    return page


def quiet(bot: Bot) -> None:
    """Wait until nothing more is announced: some figures follow the log."""
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < 1.5:
        seq = bot.client.get("snapshot").json()["data"]["seq"]
        if seq != seen:
            seen, since = seq, time.monotonic()
        time.sleep(0.2)


def settle(context: BrowserContext, tabs: dict[str, Page]) -> dict[str, str]:
    """How open tabs still differ from fresh ones after as long as pages may take to ask for figures again."""
    deadline = time.monotonic() + PATIENCE
    while True:
        differences = {address: difference(context, tab, address) for address, tab in tabs.items()}
        tabs = {address: tab for address, tab in tabs.items() if differences[address]}
        if not tabs or time.monotonic() > deadline:
            return {address: text for address, text in differences.items() if text}


def difference(context: BrowserContext, tab: Page, address: str) -> str:
    """What a fresh page shows and the open one does not, and the other way round; nothing where they agree."""
    fresh = opened(context, address)
    settled(fresh)
    right, shown = fresh.evaluate(SEEN), tab.evaluate(SEEN)
    fresh.close()
    return "\n".join(difflib.unified_diff(right, shown, "a fresh page", "the open page", lineterm="", n=2))
