"""Alerts, Activity, All bots and Connect as a person uses them, while bots report."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.bots import Bot, wait_live
from tests.server import Server

CSV = """trade_id,symbol,direction,size,status,entry_price,entry_time
a-1,BTC/USDT,long,0.5,open,30000,2026-01-05T09:00:00Z
a-2,ETH/USDT,short,2,open,2000,2026-01-05T09:30:00Z
a-3,ETH/USDT,sideways,2,open,2000,2026-01-05T09:30:00Z
"""


@pytest.fixture
def bot(server: Server) -> Bot:
    return Bot(server)


def test_alerts_are_worked_through_where_they_stand(bot: Bot, page: Page) -> None:
    bot.post("alerts", {"type": "risk", "severity": "warning", "title": "Losing week"})
    bot.sign_in(page, "alerts")
    wait_live(page)
    bot.post("alerts", {"type": "system", "severity": "critical", "title": "Exchange refuses orders"})
    rows = page.locator("[data-rows=history] [data-row]")
    expect(rows.first).to_contain_text("Exchange refuses orders")
    first = rows.filter(has_text="Exchange refuses")
    first.get_by_role("button", name="Acknowledge").click()
    expect(first).to_contain_text(f"Acknowledged by {bot.user}")
    expect(page.locator(".top .alerts")).to_contain_text("1")
    expect(first.get_by_role("button", name="Resolve")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("r")
    second = rows.filter(has_text="Losing week")
    expect(second).to_contain_text(f"Resolved by {bot.user}")
    expect(page.locator(".totals")).to_contain_text("1 open")
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="History").click()
    expect(page).to_have_url(re.compile("show=history"))
    page.locator(".filters summary").filter(has_text="Severity").click()
    page.get_by_role("link", name="Critical").click()
    expect(rows).to_have_count(1)


def test_the_overview_acknowledges_as_well(bot: Bot, page: Page) -> None:
    bot.trade("t-1")
    bot.post("alerts", {"type": "risk", "severity": "warning", "title": "Losing week"})
    bot.sign_in(page)
    wait_live(page)
    alert = page.locator("[data-rows=alerts] [data-row]")
    alert.get_by_role("button", name="Acknowledge").click()
    expect(alert).to_contain_text(f"by {bot.user}")
    alert.get_by_role("button", name="Resolve").click()
    expect(alert).to_have_count(0)


def test_what_happens_is_told_in_words(bot: Bot, page: Page) -> None:
    bot.trade("t-1")
    bot.sign_in(page, "activity")
    wait_live(page)
    rows = page.locator("table.events tr[data-seq]")
    expect(rows.filter(has_text="Trade closed")).to_have_count(1)
    bot.open_trade("t-2", symbol="ETH/USDT")
    expect(rows.filter(has_text="Trade opened")).to_contain_text("ETH/USDT")
    page.locator(".filters summary").filter(has_text="Type").click()
    page.get_by_role("link", name="Alerts").last.click()
    expect(page.get_by_text("No event fits these filters")).to_be_visible()


def test_all_bots_side_by_side(bot: Bot, page: Page) -> None:
    bot.post("portfolio", {"timestamp": "2026-01-05T09:00:00Z", "total_value": "1000"})
    bot.sign_in(page)
    other, token = f"{bot.slug}-b", page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    made = page.request.post(
        f"{bot.server.url}/api/accounts",
        data={"slug": other, "currency": "BTC"},
        headers={"X-CSRFToken": token, "Referer": bot.server.url},
    )
    assert made.status == 201, made.text()
    key = bot.server.manage("create_api_key", "--account", other, "--scopes", "ingest").strip()
    page.goto(f"{bot.server.url}/")
    wait_live(page)
    mine = page.locator(f"tr[data-account={bot.slug}]")
    expect(mine).to_contain_text("1,000.00")
    expect(page.locator(".sums .figure")).to_have_count(1)
    bot.post("portfolio", {"timestamp": "2026-01-06T09:00:00Z", "total_value": "1100"})
    expect(mine).to_contain_text("1,100.00")
    beat(bot.server, key, "alpha")
    expect(page.locator(f"tr[data-account={other}]")).to_contain_text("1 of 1 alive")
    page.locator(f"#account-{other}").click()
    expect(page).to_have_url(re.compile(f"/a/{other}/"))
    page.locator(".account > summary").click()
    page.get_by_role("link", name="All bots").click()
    expect(page.get_by_role("heading", name="All bots")).to_be_visible()
    page.get_by_label("Hide money").click()
    expect(page.get_by_label("Show money")).to_be_visible()
    expect(mine).not_to_contain_text("1,100.00")


def beat(server: Server, key: str, name: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    answer = httpx.post(
        f"{server.url}/api/heartbeat", json={"bot": name, "state": "running"}, headers=headers, trust_env=False
    )
    answer.raise_for_status()


def test_a_key_is_made_and_its_bot_waited_for(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "connect")
    wait_live(page)
    page.get_by_label("Name of the bot").fill("grid")
    page.get_by_role("button", name="Make a key").click()
    shown = page.locator("[data-made] [data-key]")
    expect(shown).to_have_text(re.compile("^bv2_"))
    key = shown.inner_text()
    expect(page.locator(".snippet-curl")).to_contain_text(f"export BOTV2_KEY={key}")
    expect(page.locator(".snippet-curl")).to_contain_text('{"bot": "grid"')
    expect(page.get_by_role("heading", name="Waiting for the first heartbeat")).to_be_visible()
    beat(bot.server, key, "grid")
    expect(page.get_by_role("heading", name="Connected")).to_be_visible()


def test_a_file_is_looked_at_imported_and_taken_back(bot: Bot, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "trades.csv"
    file.write_text(CSV)
    bot.sign_in(page, "connect")
    wait_live(page)
    page.locator("[data-import-file]").set_input_files(file)
    dialog = page.locator("[data-dialog=import]")
    expect(dialog.locator("[data-count=created]")).to_have_text("2")
    expect(dialog.locator("[data-count=rejected_count]")).to_have_text("1")
    expect(dialog).to_contain_text("direction")
    expect(dialog.locator("table tbody tr")).to_have_count(3)
    assert bot.client.get("trades").json()["data"]["total"] == 0
    dialog.get_by_role("button", name="Import 2 rows").click()
    expect(dialog.locator("[data-result]")).to_contain_text("Imported")
    expect(page.locator("[data-import-run]")).to_contain_text("trades.csv")
    assert bot.client.get("trades").json()["data"]["total"] == 2
    dialog.get_by_role("button", name="Take it back").click()
    page.locator("[data-dialog=undo]").get_by_role("button", name="Take it back").click()
    expect(dialog.locator("[data-result]")).to_contain_text("2 rows were deleted")
    assert bot.client.get("trades").json()["data"]["total"] == 0
    expect(page.locator("[data-import-run]")).to_contain_text("Taken back")


def test_a_file_that_is_something_else_says_so(bot: Bot, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "notes.json"
    file.write_text("{}")
    bot.sign_in(page, "connect")
    page.locator("[data-import-file]").set_input_files(file)
    dialog = page.locator("[data-dialog=import]")
    expect(dialog.get_by_role("alert")).to_contain_text("expected a freqtrade backtest result")
    expect(dialog.get_by_role("button", name="Nothing to import")).to_be_disabled()
