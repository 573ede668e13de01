"""Filters as a person uses them: in the address, over reloads, tabs and visits, typed, brushed by mouse and finger."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.bots import Bot, wait_live
from tests.server import Server

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
BOTH = re.compile(r"\?(?=.*outcome=win)(?=.*strategy=Trend)")


def at(day: int, hour: int) -> str:
    return (BEGIN + timedelta(days=day, hours=hour)).isoformat().replace("+00:00", "Z")


@pytest.fixture(scope="module")
def bot(server: Server) -> Bot:
    """Forty days of trades of two strategies and kinds of asset, values, and candles to compare with."""
    bot = Bot(server, initial_capital="1000")
    trades = [
        {
            "trade_id": f"t-{number}",
            "symbol": ("BTC/USDT", "GOLD")[number % 2],
            "asset_class": ("crypto", "commodities")[number % 2],
            "strategy": ("Trend", "Range")[number % 2],
            "direction": "long",
            "size": "1",
            "status": "closed",
            "entry_price": "100",
            "entry_time": at(number, 8),
            "exit_price": "101",
            "exit_time": at(number, 9),
            "net_pnl": str(number % 7 - 3),
            "tags": ["slow"] if number % 4 == 0 else [],
        }
        for number in range(40)
    ]
    bot.post("trades", trades)
    bot.post("portfolio", [{"timestamp": at(day, 10), "total_value": 1000 + day % 9} for day in range(40)])
    candles = [[at(day, 0), 50 + day, 60 + day, 40 + day, 51 + day, 1] for day in range(40)]
    bot.post("market/BTC/USDT/ohlcv", {"timeframe": "1d", "candles": candles})
    return bot


@pytest.fixture
def trades(bot: Bot, page: Page) -> Locator:
    """The rows of the Trades page without filters."""
    bot.sign_in(page, "trades?reset")
    wait_live(page)
    rows = page.locator("[data-rows=trades] > [data-row]")
    expect(rows).to_have_count(40)
    return rows


def choose(page: Page, pill: str, choice: str) -> None:
    page.locator(f"#pill-{pill} summary").click()
    page.locator(f"#pill-{pill}").get_by_role("link", name=choice, exact=True).click()


def settled(page: Page) -> None:
    """The last filters have reached the server."""
    page.wait_for_load_state("networkidle")


def test_filters_live_in_the_address_and_come_back(bot: Bot, page: Page, trades: Locator) -> None:
    choose(page, "strategy", "Trend")
    expect(trades).to_have_count(20)
    choose(page, "status", "Winners")
    expect(trades).to_have_count(8)
    expect(page).to_have_url(BOTH)
    expect(page.locator(".strip")).to_contain_text("100.0")
    page.reload()
    expect(trades).to_have_count(8)
    settled(page)
    page.goto(f"{bot.server.url}/a/{bot.slug}/trades")  # as from the navigation
    expect(page).to_have_url(BOTH)
    page.goto(f"{bot.server.url}/a/{bot.slug}/trades?asset_class=crypto")
    expect(trades).to_have_count(20)
    page.get_by_role("link", name="Clear Asset class").click()
    expect(trades).to_have_count(40)
    expect(page).to_have_url(f"{bot.server.url}/a/{bot.slug}/trades")
    settled(page)
    page.reload()
    expect(trades).to_have_count(40)


def test_what_is_typed_takes_effect_after_a_pause_and_is_not_lost(page: Page, trades: Locator) -> None:
    page.locator("#pill-min_pnl summary").click()
    box = page.get_by_label(re.compile("^At least"))
    box.press_sequentially("2,5", delay=20)
    expect(trades).to_have_count(5)
    expect(page).to_have_url(re.compile("min_pnl=2.5"))
    expect(box).to_be_focused()
    box.press_sequentially("x")
    page.wait_for_timeout(500)
    expect(page).to_have_url(re.compile("min_pnl=2.5"))
    expect(box).to_have_value("2,5x")
    page.get_by_role("link", name="Reset all").click()
    expect(trades).to_have_count(40)
    page.locator("#pill-search summary").click()
    page.get_by_role("searchbox", name="Text").press_sequentially("gol", delay=20)
    expect(trades).to_have_count(20)
    page.get_by_role("link", name="Reset all").click()
    expect(trades).to_have_count(40)


def test_tabs_and_presets_go_along(bot: Bot, page: Page, trades: Locator) -> None:
    other = page.context.new_page()
    other.goto(f"{bot.server.url}/a/{bot.slug}/trades?reset")
    wait_live(other)
    choose(page, "tag", "slow")
    expect(other.locator("[data-rows=trades] > [data-row]")).to_have_count(10)
    expect(other).to_have_url(re.compile("tag=slow"))
    other.close()
    page.locator(".presets summary").click()
    page.get_by_label("Name of these filters").fill("Slow ones")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator(".preset")).to_have_count(1)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Reset all").click()
    expect(trades).to_have_count(40)
    page.locator(".presets summary").click()
    page.get_by_role("link", name="Slow ones").click()
    expect(trades).to_have_count(10)
    page.get_by_role("link", name="Reset all").click()
    expect(trades).to_have_count(40)


def test_columns_are_chosen_and_kept(page: Page, trades: Locator) -> None:
    heads = page.locator("table.trades thead th")
    usual = heads.count()
    page.locator(".columns summary").click()
    page.locator(".columns").get_by_label("MAE %").check()
    expect(heads).to_have_count(usual + 1)
    page.locator(".columns").get_by_label("Side").uncheck()
    expect(heads.filter(has_text="Side")).to_have_count(0)
    page.reload()
    expect(heads.filter(has_text="MAE %")).to_be_visible()
    page.locator(".columns summary").click()
    page.get_by_role("button", name="The usual columns").click()
    expect(heads).to_have_count(usual)


def test_the_page_exports_what_is_filtered(page: Page, trades: Locator) -> None:
    choose(page, "strategy", "Range")
    expect(trades).to_have_count(20)
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    text = download.value.path().read_text("utf-8-sig")
    assert text.count(",Range,") == 20 and ",Trend," not in text
    assert "filter strategy,Range" in text and re.search(r"^total,", text, re.M)
    page.get_by_role("link", name="Reset all").click()
    expect(trades).to_have_count(40)


@pytest.fixture
def daily(bot: Bot, page: Page) -> Locator:
    bot.sign_in(page, "?period=all&benchmark=BTC%2FUSDT&exchange=")
    wait_live(page)
    panel = page.locator("#chart-daily")
    expect(panel.locator("canvas")).to_be_visible()
    return panel


def test_a_range_over_bars_becomes_the_time_of_the_figures(page: Page, daily: Locator) -> None:
    expect(page.locator("#chart-equity [data-room]")).to_have_attribute("aria-label", re.compile("Equity"))
    won = page.locator(".kpi.win .caption")
    expect(won).to_contain_text(re.compile(r"\d+ won"))
    before = won.inner_text()
    box = daily.locator(".u-over").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 24, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("start=2026-01-1.*end=2026-01-2"))
    expect(won).not_to_have_text(before, use_inner_text=True)
    expect(page.locator(".kpi.pnl .label")).to_contain_text("Jan")
    start, end = (re.search(rf"{name}=([^&]+)", page.url) for name in ("start", "end"))
    assert start and end
    stats = page.evaluate(
        f"fetch('/api/trades/stats?status=closed&start={start[1]}&end={end[1]}').then(r => r.json())"
    )["data"]
    expect(won).to_contain_text(f"{stats['winning_trades']} won")
    page.get_by_role("link", name="Clear the time").click()
    expect(won).to_have_text(before, use_inner_text=True)


def test_the_average_is_switched_off_and_on(page: Page, daily: Locator) -> None:
    panel = page.locator("#chart-equity")
    expect(panel).to_have_attribute("data-shows", "average")
    panel.get_by_role("link", name="Average").click()
    expect(panel).not_to_have_attribute("data-shows", "average")
    expect(page).to_have_url(re.compile("average=off"))
    panel.locator(".chart-menu summary").click()
    panel.get_by_text("Figures as a table").click()
    expect(panel.locator("[data-table] th").last).to_have_text("Benchmark")


def test_a_finger_marks_a_range_and_two_taps_show_the_whole(bot: Bot, browser: Browser) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en-GB"
    )
    page = context.new_page()
    bot.sign_in(page, "?period=all")
    wait_live(page)
    panel = page.locator("#chart-daily")
    expect(panel.locator("canvas")).to_be_visible()
    over = panel.locator(".u-over")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box is not None
    touch = context.new_cdp_session(page)

    def send(kind: str, *xs: float) -> None:
        points = [{"x": box["x"] + x * box["width"], "y": box["y"] + 40, "id": place} for place, x in enumerate(xs)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", 0.3)
    for share in (0.4, 0.5, 0.6):
        send("touchMove", share)
    send("touchEnd")
    expect(page.get_by_role("button", name="Apply")).to_be_visible()
    page.locator('[data-brush-act="clear"]').click()
    with page.expect_request(re.compile("analytics/returns.*start=")):
        send("touchStart", 0.4, 0.6)
        send("touchMove", 0.3, 0.7)
        send("touchMove", 0.1, 0.9)
        send("touchEnd")
    with page.expect_request(lambda request: "analytics/returns" in request.url and "start=" not in request.url):
        for _ in range(2):
            send("touchStart", 0.5)
            send("touchEnd")
    page.locator("[popovertarget]").click()
    page.locator("#pill-strategy summary").click()
    page.locator("#pill-strategy").get_by_role("link", name="Trend").click()
    expect(page.locator(".set-filters")).to_contain_text("Trend")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_the_sankey_is_drawn_and_said(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "strategies?reset")
    panel = page.locator("#chart-sankey")
    panel.scroll_into_view_if_needed()
    expect(panel.locator("canvas")).to_be_visible()
    expect(panel.locator("[data-room]")).to_have_attribute("aria-label", re.compile(r"40 trades, .*Winners"))
    panel.get_by_role("link", name="Trades").click()
    expect(page).to_have_url(re.compile("measure=trades"))
    choose(page, "asset_class", "Crypto")
    expect(panel.locator("[data-room]")).to_have_attribute("aria-label", re.compile("20 trades"))
