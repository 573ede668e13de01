"""The command palette, the keys, and money that is hidden."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.bots import Bot, wait_live
from tests.server import Server


@pytest.fixture(scope="module")
def bot(server: Server) -> Bot:
    bot = Bot(server)
    bot.trade("one", net_pnl="12.5")
    bot.post("portfolio", {"timestamp": "2026-01-05T12:00:00Z", "total_value": "1012.5"})
    return bot


def test_what_is_typed_finds_a_page(bot: Bot, page: Page) -> None:
    bot.sign_in(page)
    wait_live(page)
    page.keyboard.press("Control+k")
    palette = page.locator("dialog.palette[open]")
    expect(palette.get_by_role("option").first).to_be_visible()
    page.keyboard.type("trad")
    expect(palette.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/trades$"))


def test_it_offers_times_and_says_when_nothing_fits(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "trades")
    wait_live(page)
    page.keyboard.press("/")
    page.keyboard.type("time year")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("period=year"))
    page.get_by_role("button", name="Search").click()
    page.keyboard.type("no such thing")
    expect(page.get_by_text("Nothing fits")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_two_keys_go_to_a_page_and_one_lists_them(bot: Bot, page: Page) -> None:
    bot.sign_in(page)
    wait_live(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url(re.compile("/risk$"))


def test_money_is_hidden_everywhere_until_it_is_shown_again(bot: Bot, page: Page) -> None:
    bot.sign_in(page)
    wait_live(page)
    value = page.locator(".kpi.value .figure")
    expect(value).to_contain_text("1,012.50")
    page.keyboard.press("h")
    expect(value).not_to_contain_text("1,012.50")
    wait_live(page)
    expect(value).not_to_contain_text("1,012.50")
    expect(page.locator("#chart-equity [data-room]")).not_to_have_attribute("aria-label", re.compile("1,012"))
    page.get_by_label("Show money").click()
    expect(value).to_contain_text("1,012.50")


def test_filters_are_kept_under_a_name_and_tabs_go_along(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "trades?outcome=win")
    wait_live(page)
    page.get_by_text("Presets").click()
    page.get_by_label("Name of these filters").fill("Winners")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("link", name="Winners")).to_be_visible()
    other = page.context.new_page()
    other.goto(f"{bot.server.url}/a/{bot.slug}/trades")
    wait_live(other)
    other.get_by_text("Presets").click()
    other.get_by_role("link", name="Winners").click()
    other.wait_for_url(re.compile("outcome=win"))
    other.get_by_role("link", name="Reset all").click()
    other.wait_for_url(lambda url: "outcome" not in url)
    page.wait_for_url(lambda url: "outcome" not in url)
    page.reload()
    page.get_by_text("Presets").click()
    page.get_by_label("Forget Winners").click()
    expect(page.get_by_role("link", name="Winners")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    if not page.get_by_label("Name of these filters").is_visible():
        page.get_by_text("Presets").click()
    expect(page.get_by_role("link", name="Winners")).to_be_visible()
