"""What every chart offers: a table, files, a range that is dragged, coming nearer; and a closer look at a trade."""

import json
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.bots import Bot, wait_live
from tests.e2e.chart_menu import act, saved
from tests.server import Server

DAYS = range(1, 29)


@pytest.fixture(scope="module")
def bot(server: Server) -> Bot:
    """Four weeks of hourly values that rise, fall and rise; three closed trades, candles around the last."""
    bot = Bot(server)
    values = [
        {"timestamp": f"2026-01-{day:02d}T{hour:02d}:00:00Z", "total_value": value(24 * day + hour)}
        for day in DAYS
        for hour in range(24)
    ]
    for start in range(0, len(values), 500):
        bot.post("portfolio", values[start : start + 500])
    for number in range(3):
        bot.trade(f"t-{number}", exit_time=f"2026-01-05T1{number + 2}:00:00Z", net_pnl=str(10 * number - 5))
    candles = [[f"2026-01-05T{hour:02d}:00:00Z", 30000 + hour, 31200, 29900, 30100 + hour, 5] for hour in range(24)]
    bot.post("market/BTC/USDT/ohlcv", {"timeframe": "1h", "candles": candles})
    return bot


def value(hour: int) -> int:
    return 1000 + hour if hour < 300 else 1300 - (hour - 300) // 2 if hour < 400 else 1250 + (hour - 400)


@pytest.fixture
def equity(bot: Bot, page: Page) -> Locator:
    bot.sign_in(page, "?period=all")
    wait_live(page)
    panel = page.locator("#chart-equity")
    expect(panel.locator("canvas")).to_be_visible()
    return panel


def test_its_figures_are_a_table(equity: Locator) -> None:
    act(equity, "table")
    last = equity.locator("tbody tr").last
    expect(last).to_contain_text("28 Jan 23:00")
    expect(last).to_contain_text(f"{value(24 * 28 + 23):,}.00")
    act(equity, "table")
    expect(equity.locator("table")).to_be_hidden()


def test_it_is_saved_as_figures_and_as_data(bot: Bot, equity: Locator, page: Page, tmp_path: Path) -> None:
    table = saved(page, equity, "csv", tmp_path)
    lines = table.read_text("utf-8-sig").splitlines()
    assert lines[0] == "Time,Value,Drawdown"
    assert lines[-1] == f'2026-01-28T23:00:00Z,"{value(24 * 28 + 23):,}.00",0.00'
    data = json.loads(saved(page, equity, "json", tmp_path).read_text())
    answer = bot.client.get("portfolio/equity?points=2000").json()["data"]
    assert [float(each) for each in data["equity"]] == [float(each) for each in answer["equity"]]


def test_it_is_saved_as_an_opaque_picture_and_as_a_drawing(equity: Locator, page: Page, tmp_path: Path) -> None:
    picture = saved(page, equity, "png", tmp_path).read_bytes()
    assert struct.unpack(">II", picture[16:24]) == (1920, 1080)
    drawing = saved(page, equity, "svg", tmp_path).read_text()
    assert 'width="1920" height="1080"' in drawing
    assert "Equity" in drawing


def test_it_says_in_a_sentence_what_it_shows(equity: Locator) -> None:
    label = equity.locator("[data-room]").get_attribute("aria-label")
    assert label is not None
    assert re.fullmatch(r"Equity\. 1 Jan 1,024\.00 – 28 Jan 1,\d{3}\.00", label)


def test_a_dragged_range_becomes_the_time_of_the_page(equity: Locator, page: Page) -> None:
    box: Any = equity.locator(".u-over").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 50, steps=4)
    page.mouse.up()
    control = equity.locator(".brush")
    expect(control).to_contain_text("Jan")
    control.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("start=2026-01-0"))
    pill = page.locator(".time-bar .pill.set")
    expect(pill).to_contain_text("Jan")
    expect(equity.locator("[data-room]")).to_have_attribute("aria-label", re.compile(r"Equity\. [67] Jan"))
    page.reload()
    expect(equity.locator("[data-room]")).to_have_attribute("aria-label", re.compile(r"Equity\. [67] Jan"))
    pill.get_by_label("Clear the time").click()
    page.wait_for_url(lambda url: "start=" not in url)


def test_coming_nearer_asks_the_server_for_what_is_seen(equity: Locator, page: Page) -> None:
    room = equity.locator("[data-room]")
    room.focus()
    with page.expect_request(re.compile(r"/api/portfolio/equity.*start=")) as asked:
        page.keyboard.press("+")
    assert "end=" in asked.value.url
    expect(room).to_have_attribute("aria-label", re.compile(r"Equity\. [2-9] Jan"))
    page.keyboard.press("0")
    expect(room).to_have_attribute("aria-label", re.compile(r"Equity\. 1 Jan"))


def test_a_failed_answer_is_told_and_asked_again(bot: Bot, page: Page, complaints: list[str]) -> None:
    page.route("**/api/portfolio/equity*", lambda route: route.abort())
    bot.sign_in(page, "?period=all")
    panel = page.locator("#chart-equity")
    expect(panel.get_by_text("Could not load")).to_be_visible()
    page.unroute("**/api/portfolio/equity*")
    panel.get_by_role("button", name="Try again").click()
    expect(panel.locator("canvas")).to_be_visible()
    complaints[:] = [text for text in complaints if "ERR_FAILED" not in text]


def test_a_trade_is_looked_at_closer(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "trades?status=closed")
    wait_live(page)
    page.locator('[data-shows="trade"] > [data-row]').first.click()
    dialog = page.locator("dialog[open]")
    expect(dialog.get_by_role("heading", name="BTC")).to_be_visible()
    expect(dialog.locator(".show-result")).to_contain_text("+15.00")
    expect(dialog.locator("canvas").first).to_be_visible()
    expect(dialog).to_contain_text("1 / 3")
    page.keyboard.press("ArrowRight")
    expect(dialog.locator(".show-result")).to_contain_text("+5.00")
    address = page.url
    assert "show=trade-" in address
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.wait_for_url(lambda url: "show=" not in url)
    page.goto(address)
    expect(page.locator("dialog[open] .show-result")).to_contain_text("+5.00")


def test_notes_and_tags_stay(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "trades?status=closed")
    wait_live(page)
    page.locator('[data-shows="trade"] > [data-row]').last.click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Tags, with commas between").fill("reviewed, odd")
    dialog.get_by_label("Note").fill("too early")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("Saved")).to_be_visible()
    rows = bot.client.get("trades?tag=reviewed").json()["data"]["trades"]
    assert [(row["user_tags"], row["notes"]) for row in rows] == [(["reviewed", "odd"], "too early")]
