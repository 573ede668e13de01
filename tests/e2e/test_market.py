"""Candles in a browser: they go on as they are reported, show what the bot did, and more when one looks back."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.e2e.bots import Bot, wait_live
from tests.server import Server

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def stamp(hour: float) -> str:
    return (BEGIN + HOUR * hour).isoformat().replace("+00:00", "Z")


def post_candles(bot: Bot, first: int, end: int, symbol: str = "BTC/USDT") -> None:
    rows = [
        [stamp(n), 30000 + n, 30040 + n, 29960 + n, 30010 + n if n % 3 else 29990 + n, 10 + n % 7]
        for n in range(first, end)
    ]
    for at in range(0, len(rows), 1000):
        bot.post(f"market/{symbol}/ohlcv", {"timeframe": "1h", "candles": rows[at : at + 1000]})


def test_candles_go_on_and_show_what_the_bot_did(server: Server, page: Page) -> None:
    bot = Bot(server)
    post_candles(bot, 0, 200)
    bot.trade("one", entry_time=stamp(150), exit_time=stamp(190), entry_price="30150", exit_price="30190")
    bot.sign_in(page, "market?symbol=BTC/USDT")
    wait_live(page)
    room = page.locator("#chart-candles [data-room]")
    expect(room.locator("canvas").first).to_be_visible()
    expect(room).to_have_attribute("aria-label", re.compile("30,209"))
    expect(page.locator("[data-bind='day.price']")).to_contain_text("30,209")
    bot.post("market/BTC/USDT/ohlcv", {"timeframe": "1h", "candles": [[stamp(200), 30210, 31000, 30200, 30999, 5]]})
    expect(room).to_have_attribute("aria-label", re.compile("30,999"))
    expect(page.locator("[data-bind='day.price']")).to_contain_text("30,999")
    box = room.bounding_box()
    assert box
    # 160 candles are in view, beginning with the 41st; the axis takes 72 pixels.
    wide = (box["width"] - 72) / 160
    page.mouse.move(box["x"] + (150 - 41 + 0.5) * wide, box["y"] + 200)
    tip = room.locator(".tip")
    expect(tip).to_contain_text("Buy Trend")
    expect(tip).to_contain_text("30,150")
    page.mouse.move(box["x"] + (190 - 41 + 0.5) * wide, box["y"] + 200)
    expect(tip).to_contain_text("Sell Trend")
    expect(tip).to_contain_text("+4.00")


def test_looking_back_asks_the_server_for_more(server: Server, page: Page) -> None:
    bot = Bot(server)
    post_candles(bot, 0, 1800)
    bot.sign_in(page, "market?symbol=BTC/USDT&timeframe=1h")
    wait_live(page)
    room = page.locator("#chart-candles [data-room]")
    expect(room).to_have_attribute("aria-label", re.compile("20 Mar 2026"))
    room.focus()
    label = ""
    for _ in range(60):
        room.press("ArrowLeft")
        page.wait_for_timeout(50)
        label = room.get_attribute("aria-label") or ""
        if "5 Jan 2026, 00:00:00" in label:
            break
    assert "5 Jan 2026, 00:00:00" in label
    room.press("0")
    expect(room).to_have_attribute("aria-label", re.compile("20 Mar 2026"))


def test_another_symbol_is_found_by_typing(server: Server, page: Page) -> None:
    bot = Bot(server)
    for symbol in ("BTC/USDT", "ETH/USDT", "SOL/USDT"):
        post_candles(bot, 0, 30, symbol)
    bot.sign_in(page, "market?symbol=BTC/USDT&indicator=sma")
    wait_live(page)
    page.locator(".picker summary").click()
    page.get_by_role("searchbox", name="Search symbols").press_sequentially("so")
    expect(page.locator(".picker li:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"symbol=SOL%2FUSDT.*indicator=sma"))
    expect(page.locator("#chart-candles h2")).to_have_text("SOL/USDT")
    expect(page.locator("#chart-candles [data-room]")).to_have_attribute("aria-label", re.compile("^SOL/USDT"))
    page.get_by_role("link", name="4h").click()
    expect(page.locator("#chart-candles [data-room]")).to_have_attribute("aria-label", re.compile("SOL/USDT 4h"))
