"""Everything by keyboard: the way through a page, menus, dialogs, charts; and what people ask of their system."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.bots import Bot, wait_live
from tests.e2e.stage import Stage
from tests.e2e.views import settled

# Where the focus is, whether somebody sees that, and what it is on.
FOCUS = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  const inner = at.matches('input') ? getComputedStyle(at.parentElement) : style;
  return {
    name: `${at.tagName.toLowerCase()} ${(at.getAttribute('aria-label') ?? at.textContent).trim().slice(0, 40)}`,
    ring: [style, inner].some((each) => each.outlineStyle !== 'none' && parseFloat(each.outlineWidth) >= 2),
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
    main: Boolean(at.closest('main')), body: at === document.body,
  };
}"""


@pytest.fixture
def person(stage: Stage) -> Bot:
    return stage.user


@pytest.mark.parametrize("path", ["", "trades", "alerts", "settings"])
def test_tab_goes_through_a_page_and_the_focus_is_always_seen(person: Bot, page: Page, path: str) -> None:
    person.sign_in(page, path)
    wait_live(page)
    settled(page)
    page.keyboard.press("Tab")
    assert "Skip to content" in page.evaluate(FOCUS)["name"]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    walked = []
    for _ in range(25):
        page.keyboard.press("Tab")
        walked.append(page.evaluate(FOCUS))
        if walked[-1]["body"]:
            break
    stops = [stop for stop in walked if not stop["body"]]
    assert len(stops) > 10
    assert [stop for stop in stops if not (stop["ring"] and stop["seen"])] == []
    assert stops[0]["main"]


def test_menus_are_walked_through_by_arrows_and_left_by_escape(person: Bot, page: Page) -> None:
    person.sign_in(page)
    wait_live(page)
    menu = page.get_by_label("Theme", exact=True)
    menu.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Auto")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="Terminal")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "terminal")
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(page.get_by_role("button", name="Auto")).to_be_hidden()


def test_a_row_opens_its_dialog_and_gets_the_focus_back(person: Bot, page: Page) -> None:
    person.sign_in(page, "trades")
    wait_live(page)
    row = page.locator("[data-rows=trades] [data-row]").nth(2)
    row.focus()
    page.keyboard.press("Enter")
    dialog = page.locator(".show-dialog")
    expect(dialog.get_by_role("heading").first).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || Boolean(document.activeElement.closest('dialog'))"
        )
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(row).to_be_focused()


def test_a_chart_is_read_and_moved_by_keys(person: Bot, page: Page) -> None:
    person.sign_in(page, "?period=all")
    wait_live(page)
    settled(page)
    room = page.locator("#chart-equity [data-room]")
    room.focus()
    with page.expect_response(re.compile("portfolio/equity.*start=")) as nearer:
        page.keyboard.press("+")
    assert nearer.value.ok
    with page.expect_response(re.compile("portfolio/equity")) as whole:
        page.keyboard.press("0")
    assert "start=" not in whole.value.url
    page.keyboard.press("ArrowLeft")
    expect(room).to_be_focused()


def test_who_wants_no_motion_gets_none(person: Bot, browser: Browser) -> None:
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    person.sign_in(page)
    wait_live(page)
    page.evaluate("document.addEventListener('animationstart', () => (window.moved = true))")
    page.evaluate("document.addEventListener('transitionrun', () => (window.moved = true))")
    page.locator(".nav a").nth(2).hover()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    person.post("portfolio", {"timestamp": "2026-11-28T00:00:01Z", "total_value": "2000.5"})
    page.wait_for_timeout(300)
    assert page.evaluate("document.getAnimations().length") == 0
    assert page.evaluate("window.moved ?? false") is False
    context.close()
