"""What a bot reports is on the screen at once, in order, and the page says whether it is up to date."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.e2e.bots import Bot, wait_live
from tests.server import Server


def test_an_empty_account_turns_live_with_the_first_heartbeat(server: Server, page: Page) -> None:
    bot = Bot(server)
    bot.sign_in(page)
    expect(page.get_by_role("heading", name="Connect a bot")).to_be_visible()
    wait_live(page)
    bot.post("heartbeat", {"bot": "alpha", "state": "running"})
    expect(page.locator(".cell.alive")).to_contain_text("1 of 1")


def test_a_posted_trade_appears_without_reload_and_the_figures_follow(server: Server, page: Page) -> None:
    bot = Bot(server, initial_capital="1000")
    bot.trade("first")
    bot.sign_in(page)
    wait_live(page)
    page.evaluate("window.untouched = true")
    figures = page.locator(".kpi.pnl .figure")
    expect(figures).to_have_text("+100.00")
    bot.trade("second", exit_price="29500", symbol="ETH/USDT")
    expect(page.locator("[data-rows=latest] [data-row]")).to_have_count(2)
    expect(page.locator("[data-rows=latest] [data-row]").first).to_contain_text("ETH")
    expect(figures).to_have_text("+50.00")
    expect(page.locator(".kpi.win .figure")).to_contain_text("50.0")
    assert page.evaluate("window.untouched") is True


def test_an_open_trade_moves_and_closes(server: Server, page: Page) -> None:
    bot = Bot(server, initial_capital="1000")
    bot.open_trade("running", net_pnl="1.5")
    bot.sign_in(page)
    wait_live(page)
    rows = page.locator("[data-rows=open_trades] [data-row]")
    expect(rows).to_have_count(1)
    bot.open_trade("running", net_pnl="-2.25")
    expect(rows.locator(".net")).to_have_text("−2.25")
    bot.trade("running", net_pnl="3.75")
    expect(rows).to_have_count(0)
    expect(page.locator("[data-rows=latest] [data-row]")).to_contain_text("+3.75")


def test_the_equity_curve_grows(server: Server, page: Page) -> None:
    bot = Bot(server)
    bot.post(
        "portfolio", [{"timestamp": f"2026-01-0{day}T00:00:00Z", "total_value": 1000 + day} for day in range(1, 9)]
    )
    bot.sign_in(page, "?period=all")
    wait_live(page)
    expect(page.locator("#chart-equity canvas")).to_be_visible()
    bot.post("portfolio", {"timestamp": "2026-01-09T00:00:00Z", "total_value": "1234.56"})
    expect(page.locator(".kpi.value .figure")).to_contain_text("1,234.56")
    expect(page.locator("#chart-equity [data-room]")).to_have_attribute("aria-label", re.compile("1,234.56"))


def test_the_page_catches_up_after_the_server_was_gone(
    new_server: Callable[..., Server], page: Page, complaints: list[str]
) -> None:
    server = new_server()
    bot = Bot(server)
    bot.trade("before")
    bot.sign_in(page)
    wait_live(page)
    server.kill()
    expect(page.locator("[data-connection]").first).to_contain_text("last data")
    server.start()
    bot.trade("after", symbol="SOL/USDT")
    wait_live(page)
    expect(page.locator("[data-rows=latest] [data-row]")).to_have_count(2)
    # While the server is away the browser cannot but complain that it is.
    complaints[:] = [text for text in complaints if "ERR_CONNECTION" not in text and "WebSocket" not in text]


def test_what_is_pressed_before_the_page_can_do_it_is_done_once_it_can(server: Server, page: Page) -> None:
    bot = Bot(server)
    bot.trade("won")
    late: list[Route] = []
    page.route("**/features/later.*", lambda route: late.append(route))
    bot.sign_in(page, "trades")
    page.locator("[data-rows=trades] [data-row] .sym").first.click()
    expect(page.locator("body")).to_have_attribute("data-live", "live")
    expect(page.locator("dialog[open], body[data-ready]")).to_have_count(0)
    late[0].continue_()
    expect(page.locator("dialog[open] [data-show]")).to_contain_text("+100.00")
    expect(page.locator("head > link[rel=stylesheet]")).to_have_count(2)


def test_names_from_bots_are_text_and_nothing_else(server: Server, page: Page) -> None:
    bot = Bot(server)
    evil = "<img src=x onerror=alert(1)>"
    bot.trade("evil", strategy=evil, exit_reason="</script><script>alert(1)</script>")
    bot.sign_in(page)
    wait_live(page)
    bot.trade("evil-live", strategy=f"{evil}2", symbol="ETH/USDT")
    expect(page.locator("[data-rows=latest] [data-row]")).to_have_count(2)
    expect(page.locator("[data-rows=latest]")).to_contain_text(evil)
    assert page.locator("img").count() == 0
