"""Pages as a person uses them: sign-in, trades with filters and order, themes, phone width, no JavaScript."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.bots import Bot, wait_live
from tests.server import Server


@pytest.fixture(scope="module")
def bot(server: Server) -> Bot:
    """An account with 60 closed trades of two strategies, one open trade, snapshots and an alert."""
    bot = Bot(server)
    bot.post(
        "trades",
        [
            {
                "trade_id": f"t-{number}",
                "symbol": ("BTC/USDT", "ETH/USDT", "ADA/USDT")[number % 3],
                "strategy": ("Trend", "Range")[number % 2],
                "direction": ("long", "short")[number % 2],
                "size": "0.5",
                "status": "closed",
                "entry_price": "100",
                "entry_time": f"2026-01-{number % 27 + 1:02d}T08:00:00Z",
                "exit_price": str(100 + number % 7 - 3),
                "exit_time": f"2026-01-{number % 27 + 1:02d}T{9 + number % 12:02d}:00:00Z",
                "highest_price": "104",
                "lowest_price": "96",
                "stop_loss": "95",
                "fees": "0.1",
            }
            for number in range(60)
        ],
    )
    bot.open_trade("open-1", net_pnl="2.5")
    days = range(1, 28)
    bot.post(
        "portfolio", [{"timestamp": f"2026-01-{day:02d}T00:00:00Z", "total_value": 1000 + day % 5} for day in days]
    )
    bot.post("alerts", {"type": "risk", "severity": "warning", "title": "Losing week"})
    bot.post("heartbeat", {"bot": "alpha", "state": "running"})
    return bot


def test_a_wrong_password_is_told_and_the_right_one_signs_in(bot: Bot, page: Page) -> None:
    page.goto(f"{bot.server.url}/login")
    page.get_by_label(re.compile("name", re.I)).fill(bot.user)
    page.get_by_label(re.compile("password", re.I)).fill("not this one at all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    bot.sign_in(page)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def test_signing_out_ends_the_session(bot: Bot, page: Page) -> None:
    bot.sign_in(page)
    page.get_by_label(re.compile("^You")).click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{bot.server.url}/a/{bot.slug}/")
    expect(page).to_have_url(re.compile("/login"))


def test_another_account_is_not_there(bot: Bot, page: Page, complaints: list[str]) -> None:
    bot.sign_in(page)
    answer = page.goto(f"{bot.server.url}/a/main/")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading")).to_be_visible()
    complaints[:] = [text for text in complaints if "404" not in text]


def test_trades_are_filtered_sorted_and_paged_in_the_address(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "trades?reset")
    rows = page.locator("[data-rows=trades] [data-row]")
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="Next").click()
    expect(rows).to_have_count(11)
    page.goto(f"{bot.server.url}/a/{bot.slug}/trades?strategy=Trend&status=closed")
    expect(rows).to_have_count(30)
    expect(page.locator(".trades .total")).to_contain_text("30 closed")
    page.locator("thead").get_by_role("link", name="Net").click()
    expect(page).to_have_url(re.compile("strategy=Trend.*ordering="))
    shown = [float(text.replace("−", "-").replace("+", "")) for text in rows.locator(".net").all_inner_texts()]
    assert shown == sorted(shown, reverse=True) or shown == sorted(shown)
    page.get_by_role("link", name="Reset all").click()
    expect(rows).to_have_count(50)


def test_a_new_trade_enters_the_first_page_of_the_list(server: Server, page: Page) -> None:
    bot = Bot(server)
    bot.trade("one")
    bot.sign_in(page, "trades")
    wait_live(page)
    bot.trade("two", symbol="ETH/USDT", entry_time="2026-01-06T09:00:00Z", exit_time="2026-01-06T10:00:00Z")
    rows = page.locator("[data-rows=trades] [data-row]")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("ETH")
    expect(page.locator(".trades .total")).to_contain_text("2 closed")


@pytest.mark.parametrize("theme", ["Dark", "Light", "Terminal"])
def test_a_theme_is_chosen_and_kept(bot: Bot, page: Page, theme: str) -> None:
    bot.sign_in(page)
    page.get_by_label("Theme").click()
    with page.expect_response("**/api/me/preferences"):
        page.get_by_role("button", name=theme).click()
    expect(page.locator("html")).to_have_attribute("data-theme", theme.lower())
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", theme.lower())


@pytest.mark.parametrize("width", [390, 768, 1440])
@pytest.mark.parametrize("path", ["", "trades", "connect"])
def test_no_page_is_wider_than_the_screen(bot: Bot, page: Page, width: int, path: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    bot.sign_in(page, f"{path}?reset")  # a bare address brings back the filters of another test
    wait_live(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_phone_has_its_bar_below(bot: Bot, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    bot.sign_in(page)
    bar = page.locator("nav.bottom")
    expect(bar).to_be_visible()
    bar.get_by_role("link", name="Trades").click()
    expect(page.get_by_role("heading", name="Trades")).to_be_visible()


def test_the_numbers_are_there_without_javascript(bot: Bot, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    bot.sign_in(page)
    expect(page.locator(".kpi.win .figure")).to_contain_text(re.compile(r"\d"))
    expect(page.locator("[data-rows=latest] [data-row]")).to_have_count(12)
    page.goto(f"{bot.server.url}/a/{bot.slug}/trades?reset")
    expect(page.locator("[data-rows=trades] [data-row]")).to_have_count(50)
    context.close()


def test_page_and_api_agree(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "trades?reset")
    stats = page.evaluate("fetch('/api/trades/stats').then(r => r.json())")["data"]
    shown = page.locator(".strip dd").first.inner_text().split()[0].replace("−", "-").replace("+", "")
    assert float(shown) == pytest.approx(stats["total_pnl"], abs=0.005)
