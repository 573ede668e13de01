"""Looking closer: every kind opened from where it is shown, by mouse and keyboard, from its address, on a phone."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.bots import Bot, wait_live
from tests.server import Server

DAYS = range(1, 21)
NOTE = {"chart_id": "equity", "date": "2026-01-12T12:00:00Z", "text": "The Fed spoke", "type": "news"}


@pytest.fixture(scope="module")
def bot(server: Server) -> Bot:
    """Twenty days of values, two strategies that traded on each, candles, a position, a limit and a remark."""
    bot = Bot(server, initial_capital="10000")
    capital = {"allocated_capital": "1000", "max_drawdown": "0.05"}
    bot.post("strategies", [{"name": name, **capital} for name in ("Trend", "Range")])
    position = {"symbol": "BTC/USDT", "direction": "long", "size": "0.1", "entry_price": "30000", "mark_price": "30500",
                "value": "3050", "unrealized_pnl": "50", "strategy": "Trend"}  # fmt: skip
    values = [{"timestamp": f"2026-01-{day:02}T18:00:00Z", "total_value": 10_000 + (day * 37) % 90} for day in DAYS]
    bot.post("portfolio", [*values[:-1], {**values[-1], "positions": [position]}])
    for number, (day, name) in enumerate((day, name) for day in DAYS for name in ("Trend", "Range")):
        bot.trade(
            f"t-{number}", strategy=name, entry_time=f"2026-01-{day:02}T09:00:00Z", net_pnl=str((number * 7) % 11 - 4),
            exit_time=f"2026-01-{day:02}T1{2 + number % 2}:00:00Z", highest_price="31100", lowest_price="29900",
        )  # fmt: skip
    candles = [[f"2026-01-20T{hour:02}:00:00Z", 30000 + hour, 31200, 29900, 30100 + hour, 5] for hour in range(24)]
    bot.post("market/BTC/USDT/ohlcv", {"timeframe": "1h", "candles": candles})
    key = server.manage("create_api_key", "--account", bot.slug, "--scopes", "write").strip()
    bot.client.post("annotations", json=NOTE, headers={"Authorization": f"Bearer {key}"}).raise_for_status()
    return bot


@pytest.fixture
def shown(page: Page) -> Locator:
    return page.locator("dialog.show-dialog[open] [data-show]")


def begin(bot: Bot, page: Page, path: str) -> None:
    bot.sign_in(page, path)
    wait_live(page)


def ids(bot: Bot) -> dict[str, int]:
    return {row["name"]: row["id"] for row in bot.client.get("strategies").json()["data"]["strategies"]}


def saved(page: Page, shown: Locator, folder: Path) -> Any:
    with page.expect_download() as download:
        shown.get_by_role("link", name="JSON").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    assert path.suffix == ".json"
    return json.loads(path.read_text())["data"]


def is_drawn(shown: Locator, name: str) -> None:
    panel = shown.locator(f"#chart-{name}")
    expect(panel).to_have_attribute("data-state", "drawn")
    expect(panel.locator("canvas").first).to_be_visible()


def test_a_strategy_by_keyboard_its_trade_and_the_way_back(
    bot: Bot, page: Page, shown: Locator, tmp_path: Path
) -> None:
    begin(bot, page, "strategies")
    row = page.locator("[data-shows=strategy] > tr", has_text="Trend")
    row.focus()
    page.keyboard.press("Enter")
    expect(shown.get_by_role("heading", name="Trend")).to_be_visible()
    is_drawn(shown, "show-value")
    is_drawn(shown, "show-underwater")
    expect(shown.locator(".limit")).to_contain_text("Outside")
    assert saved(page, shown, tmp_path)["name"] == "Trend"
    shown.locator("[data-shows=trade] > tr").first.click()
    expect(shown).to_have_attribute("data-show", "trade")
    expect(shown).to_contain_text("1 / 8")
    page.keyboard.press("ArrowRight")
    expect(shown).to_contain_text("2 / 8")
    page.go_back()
    expect(shown).to_have_attribute("data-show", "strategy")
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    expect(page).not_to_have_url(re.compile("show="))
    expect(row).to_be_focused()
    page.go_forward()  # what was left behind can be gone to again
    expect(shown).to_have_attribute("data-show", "strategy")
    page.go_back()
    expect(shown).to_have_count(0)


def test_a_strategy_in_another_time_and_its_dot(bot: Bot, page: Page, shown: Locator) -> None:
    begin(bot, page, f"strategies?show=strategy-{ids(bot)['Range']}")
    expect(shown.get_by_role("heading", name="Range")).to_be_visible()
    trades = shown.locator(".facts dl div", has_text="Trades").first
    expect(trades).to_have_text("Trades20")
    shown.get_by_role("link", name="Today").click()
    expect(trades).to_have_text("Trades0")
    assert "period=" not in page.url
    page.mouse.click(5, 400)  # beside it
    expect(shown).to_have_count(0)
    room = page.locator("#chart-bars [data-room]")
    expect(page.locator("#chart-bars")).to_have_attribute("data-state", "drawn")
    room.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#chart-bars [data-said]")).to_contain_text("Net P&L")
    page.keyboard.press("Enter")
    expect(shown).to_have_attribute("data-show", "strategy")


def test_a_metric_from_its_row_and_from_the_address(bot: Bot, page: Page, shown: Locator, tmp_path: Path) -> None:
    begin(bot, page, "risk?period=all")
    page.locator("#metric-max_drawdown").click()
    expect(shown.get_by_role("heading", name="Max drawdown")).to_be_visible()
    is_drawn(shown, "show-metric")
    value = bot.client.get("risk/metrics").json()["data"]["max_drawdown"]
    assert saved(page, shown, tmp_path)["max_drawdown"] == value
    expect(shown.locator(".show-result")).to_contain_text(f"−{abs(value) * 100:.2f}")
    page.keyboard.press("ArrowRight")
    expect(shown.get_by_role("heading", name="Drawdown now")).to_be_visible()
    page.reload()
    expect(shown.get_by_role("heading", name="Drawdown now")).to_be_visible()
    shown.get_by_role("link", name="Trend").click()
    expect(shown).to_have_attribute("data-show", "strategy")


def test_a_point_of_a_chart_by_mouse_and_keyboard(bot: Bot, page: Page, shown: Locator, tmp_path: Path) -> None:
    begin(bot, page, "?period=all")
    panel = page.locator("#chart-equity")
    expect(panel).to_have_attribute("data-state", "drawn")
    room = panel.locator("[data-room]")
    room.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    expect(panel.locator("[data-said]")).to_contain_text("19 Jan 2026, 18:00:00")
    page.keyboard.press("Enter")
    expect(shown).to_have_attribute("data-show", "moment")
    expect(shown.locator(".show-result")).to_contain_text(f"{10_000 + (19 * 37) % 90:,}.00")
    is_drawn(shown, "show-around")
    expect(shown.locator("[data-shows=trade] > tr")).to_have_count(4)
    standing = saved(page, shown, tmp_path)["standing"]
    assert standing["value"] == 10_000 + (19 * 37) % 90 and standing["trades"] == 2
    page.keyboard.press("ArrowLeft")
    expect(shown.get_by_role("heading")).to_contain_text(["Sunday, 18 January 2026"])
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    expect(room).to_be_focused()
    box: Any = panel.locator(".u-over").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + 60)
    expect(shown).to_have_attribute("data-show", "moment")


def test_a_day_of_one_strategy(bot: Bot, page: Page, shown: Locator) -> None:
    begin(bot, page, f"strategies/{ids(bot)['Trend']}")
    panel = page.locator("#chart-returns")
    expect(panel).to_have_attribute("data-state", "drawn")
    panel.locator("[data-room]").focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    expect(shown).to_contain_text("20 January 2026")
    expect(shown.locator(".tag").first).to_have_text("Trend")
    expect(shown.locator("[data-shows=trade] > tr")).to_have_count(2)


def test_an_asset_from_a_position_and_its_price_elsewhere(bot: Bot, page: Page, shown: Locator, tmp_path: Path) -> None:
    begin(bot, page, "portfolio")
    page.locator("[data-rows=positions] > tr").first.click()
    expect(shown.get_by_role("heading", name="BTC")).to_be_visible()
    expect(shown.locator(".show-result")).to_contain_text("+50.00")
    assert saved(page, shown, tmp_path)["positions"][0]["strategy"] == "Trend"
    is_drawn(shown, "show-price")
    shown.locator(".switch").get_by_role("link", name="4h").click()
    expect(shown.locator("#chart-show-price")).to_have_attribute("data-source", re.compile("timeframe=4h"))
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    expect(page.locator("#chart-treemap")).to_have_attribute("data-state", "drawn")
    page.locator("#chart-treemap [data-room]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(shown).to_have_attribute("data-show", "asset")


def test_a_signal_on_the_candles(bot: Bot, page: Page, shown: Locator) -> None:
    begin(bot, page, "market?symbol=BTC/USDT&timeframe=1h")
    expect(page.locator("#chart-candles")).to_have_attribute("data-state", "drawn")
    page.locator("#chart-candles [data-room]").focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("#chart-candles [data-said]")).not_to_be_empty()
    page.keyboard.press("Enter")
    expect(shown).to_have_attribute("data-show", "signal")
    expect(shown.locator(".show-result")).to_contain_text("31,000.00")
    is_drawn(shown, "show-price")
    shown.get_by_role("button", name="Previous").click()
    expect(page).to_have_url(re.compile(r"show=signal-\d+%2F(entry|exit)"))
    shown.get_by_role("link", name="The whole trade").click()
    expect(shown).to_have_attribute("data-show", "trade")


def test_an_annotation_is_changed_deleted_and_brought_back(bot: Bot, page: Page, shown: Locator) -> None:
    begin(bot, page, "?period=all")
    mark = page.locator("#chart-equity .note button")
    mark.focus()
    page.keyboard.press("Enter")
    expect(shown.locator(".remark")).to_have_text("The Fed spoke")
    is_drawn(shown, "show-around")
    shown.get_by_role("button", name="Change").click()
    form = page.get_by_role("dialog", name="Change the annotation")
    form.get_by_label("Text").fill("The Fed spoke twice")
    form.get_by_role("button", name="Save").click()
    expect(shown.locator(".remark")).to_have_text("The Fed spoke twice")
    shown.get_by_role("button", name="Delete").click()
    expect(shown).to_have_count(0)
    expect(mark).to_have_count(0)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(mark).to_have_count(1)


def test_a_comparison_from_two_ticks(bot: Bot, page: Page, shown: Locator, tmp_path: Path) -> None:
    begin(bot, page, "strategies?compare=" + ",".join(map(str, ids(bot).values())))
    page.locator("[data-show-key^=comparison]").click()
    expect(shown.get_by_role("heading", name="Comparison")).to_be_visible()
    is_drawn(shown, "show-comparison")
    expect(shown.locator(".transposed tbody tr")).to_have_count(12)
    found = saved(page, shown, tmp_path)["strategies"]
    assert {each["strategy"]["name"] for each in found} == {"Trend", "Range"}
    shown.get_by_role("link", name="Value").click()
    expect(shown.locator("#chart-show-comparison")).to_have_attribute("data-kind", "comparison-equity")
    shown.locator("thead").get_by_role("link", name="Range").click()
    expect(shown).to_have_attribute("data-show", "strategy")


def test_what_is_shown_follows_what_happens(bot: Bot, page: Page, shown: Locator) -> None:
    bot.open_trade("open", strategy="Trend", symbol="ETH/USDT")
    pk = bot.client.get("trades?trade_id=open").json()["data"]["trades"][0]["id"]
    begin(bot, page, f"trades?show=trade-{pk}")
    tag = shown.locator("[data-part=show-state]")
    expect(tag).to_have_text("Open")
    note = shown.get_by_label("Note")
    note.fill("half written")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/show/" in request.url else None)
    bot.trade("other", symbol="LTC/USDT", strategy="Range")  # is not its business
    bot.trade("open", strategy="Trend", symbol="ETH/USDT", net_pnl="7.5")
    expect(tag).to_have_text("Closed")
    expect(shown.locator(".show-result")).to_contain_text("+7.50")
    expect(note).to_have_value("half written")
    assert 1 <= len(asked) <= 2
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    asked.clear()
    events = page.locator(".recording [data-bind=seq]")
    before = events.inner_text()
    bot.trade("open", strategy="Trend", symbol="ETH/USDT", net_pnl="8.5")
    expect(events).not_to_have_text(before)
    assert asked == []


def test_what_is_not_there_is_told_in_the_dialog(bot: Bot, page: Page, complaints: list[str]) -> None:
    begin(bot, page, "trades?show=trade-99999999")
    dialog = page.locator("dialog.show-dialog[open]")
    expect(dialog.get_by_role("heading", name="There is nothing here")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    expect(page).not_to_have_url(re.compile("show="))
    complaints[:] = [text for text in complaints if "404" not in text]


KINDS = ("strategy-{Trend}", "metric-var_95", "moment-2026-01-12", "asset-BTC/USDT", "signal-{trade}/entry",
         "annotation-{note}", "comparison-{Trend},{Range}", "trade-{trade}")  # fmt: skip


def test_every_kind_fits_a_phone_and_is_pulled_down(bot: Bot, page: Page, shown: Locator) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    begin(bot, page, "risk")
    known = {
        **ids(bot),
        "trade": bot.client.get("trades?limit=1&status=closed").json()["data"]["trades"][0]["id"],
        "note": bot.client.get("annotations/equity").json()["data"]["annotations"][0]["id"],
    }
    for kind in KINDS:
        page.goto(f"{bot.server.url}/a/{bot.slug}/risk?show={kind.format(**known)}")
        expect(shown).to_have_attribute("data-show", kind.split("-")[0])
        sheet = page.locator("dialog.show-dialog")
        wide = sheet.evaluate(
            "e => [e.getBoundingClientRect().width, e.scrollWidth, e.querySelector('.show').scrollWidth]"
        )
        assert wide == [390, 390, 390], kind
        assert sheet.evaluate("e => Math.round(e.getBoundingClientRect().bottom)") == 844
    sheet.evaluate(
        """sheet => {
          const head = sheet.querySelector(".show-head");
          const at = y => [new Touch({ identifier: 1, target: head, clientX: 100, clientY: y })];
          const fire = (name, y) => {
            const changedTouches = at(y);
            const touches = name === "touchend" ? [] : changedTouches;
            head.dispatchEvent(new TouchEvent(name, { bubbles: true, touches, changedTouches }));
          };
          fire("touchstart", 100); fire("touchmove", 180); fire("touchend", 240);
        }"""
    )
    expect(shown).to_have_count(0)
