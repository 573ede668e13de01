"""What a page says of its connection is true: live, catching up, or offline with the time of the last data."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.bots import Bot, wait_live
from tests.relay import Relay
from tests.server import Server

CLOCK = re.compile(r"(\d\d):(\d\d):(\d\d)")
STATES = """() => {
  window.states = [];
  const note = () => window.states.push(document.body.dataset.live);
  new MutationObserver(note).observe(document.body, { attributeFilter: ['data-live'] });
}"""


@pytest.fixture
def bot(far_server: Server, relay: Relay) -> Iterator[Bot]:
    yield Bot(far_server)
    relay.reachable = True
    relay.flowing.set()


@pytest.fixture
def origin(relay: Relay) -> str:
    return f"http://127.0.0.1:{relay.port}"


def told(place: Locator) -> datetime:
    """The time of day that an indicator names, as one of the last day."""
    found = CLOCK.search(place.inner_text())
    assert found, place.inner_text()
    hour, minute, second = (int(part) for part in found.groups())
    now = datetime.now(UTC)
    at = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
    return at if at <= now + timedelta(hours=1) else at - timedelta(days=1)


def expected_while_away(complaints: list[str]) -> None:
    complaints[:] = [text for text in complaints if "net::ERR_" not in text and "WebSocket" not in text]


def test_offline_is_said_with_the_time_of_the_last_data_until_it_is_over(
    bot: Bot, relay: Relay, origin: str, page: Page, complaints: list[str]
) -> None:
    bot.post("portfolio", {"timestamp": "2026-01-05T09:00:00Z", "total_value": "1000"})
    bot.sign_in(page, origin=origin)
    wait_live(page)
    page.evaluate(STATES)
    indicator, value = page.locator(".page-bar [data-connection]"), page.locator(".kpi.value")
    expect(indicator).to_have_text("Live", use_inner_text=True)
    expect(value.locator(".stale")).to_be_hidden()
    cut = datetime.now(UTC)
    relay.cut(reachable=False)
    expect(indicator).to_contain_text("Offline, last data", use_inner_text=True)
    assert timedelta(seconds=-2) < cut - told(indicator) < timedelta(seconds=20)
    expect(value.locator(".stale")).to_contain_text(CLOCK)
    bot.post("portfolio", {"timestamp": "2026-01-06T09:00:00Z", "total_value": "1234"})
    page.wait_for_timeout(2500)  # several attempts
    assert page.evaluate("window.states") == ["offline"]
    expect(value.locator(".figure")).to_contain_text("1,000.00")
    relay.cut()
    expect(indicator).to_have_text("Live", use_inner_text=True)
    assert page.evaluate("window.states") == ["offline", "catching-up", "live"]
    expect(value.locator(".figure")).to_contain_text("1,234.00")
    expect(value.locator(".stale")).to_be_hidden()
    expected_while_away(complaints)


def test_a_connection_that_nobody_ended_is_found_to_be_dead(
    bot: Bot, relay: Relay, origin: str, page: Page, complaints: list[str]
) -> None:
    bot.trade("before")
    page.clock.install()
    bot.sign_in(page, origin=origin)
    wait_live(page)
    indicator = page.locator(".page-bar [data-connection]")
    relay.flowing.clear()
    bot.trade("meanwhile", symbol="ETH/USDT")
    held = page.evaluate("Date.now()")
    page.clock.fast_forward(45_000)
    expect(indicator).to_contain_text("Offline, last data", use_inner_text=True)
    told_at = told(indicator).timestamp() * 1000
    assert held - 20_000 < told_at < held + 2000
    relay.flowing.set()
    page.clock.fast_forward(2000)
    expect(indicator).to_have_text("Live", use_inner_text=True)
    expect(page.locator("[data-rows=latest] [data-row]").first).to_contain_text("ETH")
    expected_while_away(complaints)


def test_the_browser_tells_when_its_network_goes(bot: Bot, relay: Relay, origin: str, page: Page) -> None:
    bot.trade("before")
    bot.sign_in(page, origin=origin)
    wait_live(page)
    page.evaluate(STATES)
    page.evaluate("dispatchEvent(new Event('offline'))")
    wait_live(page)
    assert page.evaluate("window.states")[0] == "offline"
    assert page.evaluate("window.states")[-1] == "live"
