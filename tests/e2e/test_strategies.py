"""Strategies as a person uses them: order, comparison, switches and limits, one strategy, phone."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.bots import Bot, wait_live
from tests.server import Server

NAMES = ("Trend", "Range", "Breakout")


@pytest.fixture
def bot(server: Server) -> Bot:
    """Three strategies with twenty days of trades; two of them have a capital."""
    bot = Bot(server, initial_capital="10000")
    bot.post("strategies", [{"name": name, "allocated_capital": "1000"} for name in NAMES[:2]])
    bot.post(
        "trades",
        [
            {
                "trade_id": f"t-{number}",
                "symbol": ("BTC/USDT", "ETH/USDT")[number % 2],
                "strategy": NAMES[number % 3],
                "direction": "long",
                "size": "1",
                "status": "closed",
                "entry_price": "100",
                "entry_time": f"2026-01-{number // 3 + 1:02d}T{number % 3 + 8:02d}:00:00Z",
                "exit_price": str(100 + (number * 7) % 11 - 4),
                "exit_time": f"2026-01-{number // 3 + 1:02d}T{number % 3 + 12:02d}:00:00Z",
                "highest_price": "108",
                "lowest_price": "95",
            }
            for number in range(60)
        ],
    )
    return bot


def drawn(page: Page, name: str) -> None:
    panel = page.locator(f"#chart-{name}")
    expect(panel).to_have_attribute("data-state", "drawn")
    expect(panel.locator(".room canvas").first).to_be_visible()


def test_strategies_are_sorted_and_drawn(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "strategies")
    for name in ("risk-return", "bars", "boxes"):
        drawn(page, name)
    table = page.locator(".table-strategies")
    table.get_by_role("link", name="Name").click()
    expect(page).to_have_url(re.compile("ordering=name"))
    expect(table.locator("tbody .sym")).to_have_text(sorted(NAMES))


def test_fresh_figures_wait_for_the_button_that_is_pressed(bot: Bot, page: Page) -> None:
    """What takes the place of a box between press and release would take the click along."""
    bot.sign_in(page, "strategies")
    wait_live(page)
    asked: list[Route] = []
    page.route("**/strategies?reset", lambda route: asked.append(route))
    with page.expect_request("**/strategies?reset"):
        bot.trade("later", strategy="Trend", net_pnl="50")
    page.get_by_label("Compare Trend").hover()
    page.mouse.down()
    with page.expect_response("**/strategies?reset"):
        asked[0].continue_()
    page.wait_for_timeout(200)
    page.mouse.up()
    expect(page).to_have_url(re.compile("compare="))
    page.unroute_all(behavior="ignoreErrors")


def test_two_are_compared_in_the_address(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "strategies")
    page.get_by_label("Compare Trend").check()
    expect(page.get_by_text("Choose another one")).to_be_visible()
    page.get_by_label("Compare Range").check()
    expect(page).to_have_url(re.compile("compare="))
    drawn(page, "comparison")
    expect(page.locator(".compared tbody tr")).to_have_count(2)
    page.locator("#chart-comparison").get_by_role("link", name="Value").click()
    expect(page.locator("#chart-comparison")).to_have_attribute("data-kind", "comparison-equity")
    drawn(page, "comparison")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("name,total_pnl") and len(lines) == 3
    page.reload()
    drawn(page, "comparison")
    page.get_by_role("link", name="Clear").click()
    expect(page.locator("#chart-comparison")).to_have_count(0)


def test_a_strategy_is_switched_and_its_limits_are_set(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "strategies")
    wait_live(page)
    switch = page.get_by_role("switch", name="Trend may trade")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    page.get_by_role("link", name="Limits and parameters of Trend").click()
    form = page.get_by_role("dialog", name="Trend")
    form.get_by_label("Largest loss a day").fill("0.100000000000000001")
    form.get_by_label("Parameters").fill('{"step": ')
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("not valid JSON")
    form.get_by_label("Parameters").fill('{"step": 0.12345678901234567890}')
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()
    expect(page).not_to_have_url(re.compile("edit="))
    stored = {row["name"]: row for row in bot.client.get("strategies").json()["data"]["strategies"]}["Trend"]
    assert stored["enabled"] is False and stored["allocated_capital"] == 1000
    assert '"step":0.1234567890123456789' in bot.client.get(f"strategies/{stored['id']}").text.replace(" ", "")
    assert '"max_daily_loss":0.100000000000000001' in bot.client.get(f"strategies/{stored['id']}").text.replace(" ", "")
    page.get_by_role("link", name="Limits and parameters of Trend").click()
    expect(form.get_by_label("Largest loss a day")).to_have_value("0.100000000000000001")
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()


def test_what_is_typed_stays_while_trades_come_in(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "strategies")
    wait_live(page)
    page.get_by_role("link", name="Limits and parameters of Range").click()
    form = page.get_by_role("dialog", name="Range")
    form.get_by_label("Description").fill("half typed")
    bot.trade("late", strategy="Range", entry_time="2026-01-25T09:00:00Z", exit_time="2026-01-25T10:00:00Z")
    row = page.locator(".table-strategies tr", has_text="Range")
    expect(row.locator(".tr")).to_have_text("21")
    expect(form.get_by_label("Description")).to_have_value("half typed")


def test_one_strategy_is_drawn_whole(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "strategies")
    page.get_by_role("link", name="Trend", exact=True).click()
    for name in ("value", "underwater", "returns", "monthly", "calendar", "hours", "excursions"):
        drawn(page, name)
    page.locator(".groups-by label", has_text="Weekday").click()
    expect(page.locator(".by-weekday")).to_be_visible()
    expect(page.locator(".by-symbol")).to_be_hidden()
    page.get_by_role("link", name="All", exact=True).last.click()
    expect(page).to_have_url(re.compile("trades.*strategy=Trend"))


def test_a_capital_turns_money_into_returns(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "strategies")
    page.get_by_role("link", name="Breakout", exact=True).click()
    wait_live(page)
    expect(page.locator("#chart-value")).to_have_attribute("data-kind", "earned")
    drawn(page, "value")
    page.get_by_role("link", name="Set the capital").click()
    page.get_by_role("dialog").get_by_label("Capital").fill("500")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#chart-value")).to_have_attribute("data-kind", "value")
    drawn(page, "underwater")


@pytest.mark.parametrize("width", [390, 768, 1440])
@pytest.mark.parametrize("name", ["", "Trend"])
def test_no_page_is_wider_than_the_screen(bot: Bot, page: Page, width: int, name: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    bot.sign_in(page, "strategies")
    if name:
        page.get_by_role("link", name=name, exact=True).click()
    else:
        page.goto(
            f"{page.url}?compare="
            + ",".join(str(row["id"]) for row in bot.client.get("strategies").json()["data"]["strategies"])
        )
    wait_live(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
