"""Risk and Portfolio in a browser: the charts draw, what the address asks for changes them, positions are live."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.bots import Bot, wait_live
from tests.server import Server

RISK = ("underwater", "rolling-sharpe", "rolling-volatility", "distribution", "montecarlo", "correlation")
PORTFOLIO = ("treemap", "sunburst", "waterfall", "equity")


@pytest.fixture(scope="module")
def bot(server: Server) -> Bot:
    """Seventy days of values and of trades in two symbols, two positions, a deposit."""
    bot = Bot(server, initial_capital="10000")
    days = [f"2026-{1 + day // 28:02}-{1 + day % 28:02}" for day in range(70)]
    bot.post(
        "portfolio",
        [
            {"timestamp": f"{day}T20:00:00Z", "total_value": 10000 + 40 * n + 300 * (n % 7)}
            for n, day in enumerate(days)
        ],
    )
    for symbol, sign in (("BTC/USDT", 1), ("ETH/USDT", -1)):
        trades = [
            {
                "trade_id": f"{symbol[:3]}-{n}", "symbol": symbol, "strategy": "Trend", "direction": "long",
                "size": "1", "status": "closed", "entry_price": "100", "entry_time": f"{day}T08:00:00Z",
                "exit_price": "101", "exit_time": f"{day}T09:00:00Z",
                "net_pnl": str(sign * (n % 5 - 2) + 1), "fees": "0.5",
            }
            for n, day in enumerate(days)
        ]  # fmt: skip
        assert bot.post("trades", trades)["summary"]["created"] == len(days)
    bot.post("cashflows", [{"flow_id": "f", "timestamp": "2026-01-05T10:00:00Z", "amount": "500", "kind": "deposit"}])
    hold(bot, "10")
    return bot


def hold(bot: Bot, pnl: str, second: int = 0) -> None:
    position = {"symbol": "BTC/USDT", "direction": "long", "size": "1", "entry_price": "1000", "mark_price": "1010"}
    other = position | {"symbol": "ETH/USDT", "direction": "short", "value": "-500", "unrealized_pnl": "-3"}
    positions = [position | {"value": "1010", "unrealized_pnl": pnl, "asset_class": "crypto"}, other]
    whole = {"total_value": "13000", "unrealized_pnl": str(float(pnl) - 3)}
    bot.post("portfolio", {"timestamp": f"2026-03-20T20:00:{second:02}Z", **whole, "positions": positions})


def chart(page: Page, name: str) -> Locator:
    return page.locator(f"#chart-{name}")


@pytest.mark.parametrize(("path", "names"), [("risk", RISK), ("portfolio", PORTFOLIO)])
def test_every_chart_draws_says_what_it_shows_and_has_its_table(
    bot: Bot, page: Page, path: str, names: tuple[str, ...]
) -> None:
    bot.sign_in(page, path)
    for name in names:
        panel = chart(page, name)
        expect(panel).to_have_attribute("data-state", "drawn")
        expect(panel.locator("canvas").first).to_be_visible()
        expect(panel.locator("[data-room]")).to_have_attribute("aria-label", re.compile(r"\. .*\d"))
        panel.locator(".chart-menu summary").click()
        panel.get_by_role("button", name="Figures as a table").click()
        expect(panel.locator("table tbody tr").first).to_be_visible()


def test_a_phone_draws_what_it_comes_to(bot: Bot, page: Page) -> None:
    """And loads the large library of drawings when there is something to draw with it."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 390, "height": 844})
    bot.sign_in(page, "risk?reset")
    wait_live(page)
    expect(chart(page, "underwater")).to_have_attribute("data-state", "drawn")
    far = chart(page, "distribution")
    expect(far).to_have_attribute("data-far", "")
    expect(far).to_have_attribute("data-state", "loading")
    expect(far.locator(".when-loading")).to_have_css("visibility", "visible")
    assert not [url for url in asked if "echarts" in url or "analytics/distribution" in url]
    far.scroll_into_view_if_needed()
    expect(far).to_have_attribute("data-state", "drawn")
    expect(far.locator("canvas").first).to_be_visible()
    assert [url for url in asked if "echarts" in url]


@pytest.mark.parametrize("path", ["risk", "portfolio"])
def test_a_new_account_is_told_what_to_do(server: Server, page: Page, path: str) -> None:
    bot = Bot(server)
    bot.sign_in(page, path)
    wait_live(page)
    for panel in page.locator("[data-kind]").all():
        expect(panel).to_have_attribute("data-state", "empty")
        expect(panel.locator(".when-empty")).to_contain_text(re.compile("Appears|begins|Needs"))


@pytest.mark.parametrize("width", [390, 768, 1440])
@pytest.mark.parametrize("path", ["risk", "portfolio"])
def test_nothing_is_wider_than_the_screen(bot: Bot, page: Page, width: int, path: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    bot.sign_in(page, path)
    wait_live(page)
    wide = "document.querySelector('main').scrollWidth <= document.querySelector('main').clientWidth"
    assert page.evaluate(wide)


def test_a_switch_changes_its_chart_alone(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "risk")
    panel = chart(page, "correlation")
    expect(panel.locator("[data-room]")).to_have_attribute("aria-label", re.compile("BTC – ETH"))
    page.evaluate("window.before = true")
    panel.get_by_role("link", name="Strategy").click()
    expect(page).to_have_url(re.compile("by=strategy"))
    expect(panel).to_have_attribute("data-state", "empty")  # one strategy alone moves with nothing
    chart(page, "rolling-sharpe").get_by_role("link", name="10", exact=True).click()
    expect(page).to_have_url(re.compile("by=strategy&span=10|span=10&by=strategy"))
    assert page.evaluate("window.before")


def test_a_period_changes_the_figures_with_the_charts(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "risk?reset")
    whole = page.locator("#metric-total_return td").first
    before = whole.inner_text()
    expect(page.locator("[data-part=covered]")).to_contain_text("78 days")
    page.goto(f"{bot.server.url}/a/{bot.slug}/risk?start=2026-02-01&end=2026-02-14")
    expect(page.locator("[data-part=covered]")).to_contain_text(re.compile("1 Feb – 14 Feb · 14 days"))
    assert whole.inner_text() != before
    expect(chart(page, "distribution").locator("[data-room]")).to_have_attribute("aria-label", re.compile("14 days"))


def test_a_position_is_live(bot: Bot, page: Page) -> None:
    hold(bot, "10", 1)
    bot.sign_in(page, "portfolio")
    wait_live(page)
    row = page.locator('[data-rows="positions"] [data-row]').first
    expect(row.locator(".net")).to_have_text("+10.00")
    hold(bot, "27.5", 2)
    expect(row.locator(".net")).to_have_text("+27.50")
    expect(chart(page, "treemap").locator("[data-room]")).to_have_attribute("aria-label", re.compile("Crypto 66.9"))


def test_what_is_held_is_filtered_and_stays_so_while_it_moves(bot: Bot, page: Page) -> None:
    hold(bot, "10", 3)
    bot.sign_in(page, "portfolio?reset")
    wait_live(page)
    rows, shares = page.locator('[data-rows="positions"] > [data-row]'), chart(page, "sunburst").locator("[data-room]")
    open_pnl = page.locator("[data-bind='portfolio.unrealized_pnl']")
    expect(rows).to_have_count(2)
    expect(shares).to_have_attribute("aria-label", re.compile("Not known"))
    page.locator("#pill-symbol summary").click()
    page.locator("#pill-symbol").get_by_role("link", name="BTC/USDT").click()
    expect(page).to_have_url(re.compile("symbol=BTC"))
    expect(rows).to_have_count(1)
    expect(open_pnl).to_have_text("+10.00")
    expect(shares).not_to_have_attribute("aria-label", re.compile("Not known"))
    hold(bot, "27.5", 4)
    expect(rows.locator(".net")).to_have_text(["+27.50"])
    expect(open_pnl).to_have_text("+27.50")
    page.get_by_role("link", name="Reset all").click()
    expect(rows).to_have_count(2)
    expect(open_pnl).to_have_text("+24.50")


def test_a_correlation_says_itself_under_the_pointer(bot: Bot, page: Page) -> None:
    """Charts are drawn on a canvas: the pixels change where the tip is."""
    bot.sign_in(page, "risk?reset")
    room = chart(page, "correlation").locator("[data-room]")
    room.scroll_into_view_if_needed()
    canvas = room.locator("canvas").first
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    before = canvas.screenshot()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.7)
    page.wait_for_timeout(300)
    assert canvas.screenshot() != before
