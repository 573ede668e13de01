"""What people write on charts: on every open screen at once, changed, taken away, brought back, kept in files."""

import json
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.bots import Bot, wait_live
from tests.e2e.test_market import post_candles
from tests.server import Server

SECOND = 1000


def begin(server: Server, page: Page, path: str = "?period=all") -> Bot:
    bot = Bot(server)
    bot.post(
        "portfolio", [{"timestamp": f"2026-01-{day:02}T00:00:00Z", "total_value": 1000 + day} for day in range(1, 29)]
    )
    post_candles(bot, 0, 200)
    bot.sign_in(page, path)
    wait_live(page)
    return bot


def act(panel: Locator, name: str) -> None:
    panel.locator(".chart-menu summary").click()
    panel.get_by_role("button", name=name).click()


def add(page: Page, panel: Locator, text: str, kind: str = "News", at: str = "2026-01-12T12:00:00") -> None:
    act(panel, "Add an annotation")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text(kind, exact=True).click()
    dialog.get_by_label("Moment").fill(at)
    dialog.get_by_label("Text").fill(text)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()


def test_it_is_on_another_screen_within_a_second(server: Server, page: Page, browser: Browser) -> None:
    bot = begin(server, page)
    other = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    bot.sign_in(other, "?period=all")
    wait_live(other)
    for each in (page, other):
        expect(each.locator("#chart-equity canvas").first).to_be_visible()
    panel = page.locator("#chart-equity")
    add(page, panel, "The Fed spoke")
    expect(other.locator("#chart-equity .note")).to_have_count(1, timeout=SECOND)
    expect(other.locator("#chart-equity .note button")).to_be_visible()
    expect(panel.get_by_role("button", name="News, 12 Jan 2026, 12:00:00 UTC: The Fed spoke")).to_be_visible()

    mark = other.locator("#chart-equity .note button")
    mark.hover()
    expect(other.locator("#chart-equity .note .tip")).to_be_visible()
    expect(other.locator("#chart-equity .note .tip")).to_contain_text("The Fed spoke")
    mark.click()
    other.get_by_role("button", name="Change").click()
    other.get_by_role("dialog", name="Change the annotation").get_by_label("Text").fill("The Fed spoke twice")
    other.get_by_role("button", name="Save").click()
    expect(panel.locator(".note .tip")).to_contain_text("twice", timeout=SECOND)
    other.context.close()


def test_deleting_can_be_undone(server: Server, page: Page) -> None:
    bot = begin(server, page)
    panel = page.locator("#chart-equity")
    add(page, panel, "By mistake", "Signal")
    panel.locator(".note button").click()
    page.get_by_role("button", name="Delete").click()
    expect(panel.locator(".note")).to_have_count(0)
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Annotation deleted")
    toast.get_by_role("button", name="Undo").click()
    expect(panel.locator(".note")).to_have_count(1)
    expect(toast).to_have_count(0)
    [row] = bot.client.get(f"annotations/equity?account={bot.slug}").json()["data"]["annotations"]
    assert (row["text"], row["type"], row["date"]) == ("By mistake", "signal", "2026-01-12T12:00:00Z")


def test_they_are_kept_in_files(server: Server, page: Page, tmp_path: Path) -> None:
    begin(server, page, "market?symbol=BTC/USDT&timeframe=1h")
    panel = page.locator("#chart-candles")
    expect(panel.locator("canvas").first).to_be_visible()
    add(page, panel, "On the candles", "Trade")
    expect(panel.locator(".note button")).to_be_visible()
    with page.expect_download() as saved:
        act(panel, "Annotations (JSON)")
    exported = tmp_path / "annotations.json"
    saved.value.save_as(exported)
    rows = json.loads(exported.read_text())["annotations"]
    assert [(row["chart_id"], row["text"]) for row in rows] == [("market:BTC.USDT", "On the candles")]
    more = [*rows, {**rows[0], "id": None, "text": "Another", "date": "2026-01-11T00:00:00Z"}]
    exported.write_text(json.dumps({"annotations": [{k: v for k, v in row.items() if v is not None} for row in more]}))
    page.locator("[data-note-file]").set_input_files(exported)
    expect(page.locator(".toast")).to_contain_text("1 new, 1 known already")
    expect(panel.locator(".note")).to_have_count(2)

    exported.write_text("no list")
    page.locator("[data-note-file]").set_input_files(exported)
    expect(page.locator(".toast[data-warning]")).to_contain_text("No annotations in this file")
    page.locator(".toast[data-warning]").get_by_role("button", name="Close").click()
    expect(page.locator(".toast[data-warning]")).to_have_count(0)


def test_a_viewer_reads_them_and_changes_nothing(server: Server, page: Page) -> None:
    bot = Bot(server)
    bot.post(
        "portfolio", [{"timestamp": f"2026-01-{day:02}T00:00:00Z", "total_value": 1000 + day} for day in range(1, 29)]
    )
    viewer = f"viewer-{bot.slug}"
    server.manage("create_user", viewer, "--account", bot.slug, "--role", "viewer", BOTV2_PASSWORD=bot.password)
    key = server.manage("create_api_key", "--account", bot.slug, "--scopes", "write").strip()
    remark = {"chart_id": "equity", "date": "2026-01-12T12:00:00Z", "text": "Read me", "type": "custom"}
    bot.client.post("annotations", json=remark, headers={"Authorization": f"Bearer {key}"}).raise_for_status()
    bot.user = viewer
    bot.sign_in(page, "?period=all")
    wait_live(page)
    mark = page.locator("#chart-equity .note button")
    mark.click()
    expect(page.get_by_role("dialog").locator(".remark")).to_have_text("Read me")
    expect(page.get_by_role("button", name="Change")).to_have_count(0)
    expect(page.get_by_role("dialog").get_by_role("button", name="Delete")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("#chart-equity .chart-menu summary").click()
    expect(page.get_by_role("button", name="Annotations (JSON)")).to_be_visible()
    expect(page.get_by_role("button", name="Add an annotation")).to_have_count(0)
