"""Settings: a key is made, copied, used and revoked; people are invited, join and go; the account is renamed."""

import re

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.bots import Bot, wait_live
from tests.server import Server


@pytest.fixture
def bot(server: Server) -> Bot:
    return Bot(server)


def use(bot: Bot, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{bot.server.url}/api/trades", headers=headers, trust_env=False).status_code


def make_key(page: Page, name: str) -> str:
    """Make a key that may read, copy it, and return what was copied."""
    page.get_by_role("button", name="New key").click()
    form = page.get_by_role("dialog", name="New key")
    form.get_by_label("What it is for").fill(name)
    form.get_by_label("ingest").uncheck()
    form.get_by_label(re.compile("^read")).check()
    form.get_by_role("button", name="Make the key").click()
    shown = page.get_by_role("dialog", name="Your new key")
    expect(shown.locator("code")).to_contain_text("bv2_live_")
    shown.get_by_role("button", name="Copy").click()
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert copied == shown.locator("code").inner_text()
    shown.get_by_role("button", name="Done").click()
    expect(shown.locator("code", has_text="bv2_")).to_have_count(0)
    return copied


def test_a_key_is_made_copied_used_and_revoked(bot: Bot, page: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    bot.sign_in(page, "settings")
    wait_live(page)
    name = "<img src=x onerror=alert(1)>"
    token = make_key(page, name)
    assert token not in page.content()
    row = page.locator("[data-rows=keys] [data-row]").filter(has_text=name)
    expect(row).to_contain_text("read")
    assert use(bot, token) == 200
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("button", name="Cancel").locator("visible=true").click()
    assert use(bot, token) == 200
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog", name="Revoke this key?").get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)
    assert use(bot, token) == 401
    page.reload()
    expect(row).to_have_count(0)


def test_the_password_is_asked_for_when_it_was_not_given_lately(
    bot: Bot, page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    bot.sign_in(page, "settings")
    forget_password(bot.server)
    page.reload()
    expect(page.get_by_text("Keys are behind your password")).to_be_visible()
    page.get_by_role("button", name="Show the keys").click()
    asked = page.get_by_role("dialog", name="Confirm that it is you")
    asked.get_by_label("Password").fill("not this one")
    asked.get_by_role("button", name="Confirm").click()
    expect(asked.get_by_role("alert")).to_contain_text("not your password")
    asked.get_by_label("Password").fill(bot.password)
    asked.get_by_role("button", name="Confirm").click()
    expect(asked).to_be_hidden()
    expect(page.locator("[data-rows=keys] [data-row]")).to_have_count(1)
    complaints[:] = [text for text in complaints if "403" not in text and "400" not in text]


def forget_password(server: Server) -> None:
    """Let every session's password be long ago."""
    code = (
        "from django.contrib.sessions.models import Session as S\n"
        "from django.contrib.sessions.backends.db import SessionStore\n"
        "for s in S.objects.all():\n"
        "    store = SessionStore(s.session_key); store['confirmed_at'] = 0; store.save()\n"
    )
    server.manage("shell", "-c", code)


def test_somebody_is_invited_joins_and_is_removed(bot: Bot, page: Page, browser: Browser) -> None:
    bot.sign_in(page, "settings")
    wait_live(page)
    page.get_by_role("button", name="Invite").click()
    form = page.get_by_role("dialog", name="Invite somebody")
    form.get_by_label(re.compile("^Operator")).check()
    form.get_by_role("button", name="Make a link").click()
    shown = page.get_by_role("dialog", name="Invitation")
    link = shown.locator("code").inner_text()
    shown.get_by_role("button", name="Done").click()
    expect(page.locator("[data-rows=invitations] [data-row]")).to_contain_text("Operator")
    guest_context = browser.new_context()
    guest = guest_context.new_page()
    guest.goto(link)
    guest.get_by_label("Choose a name").fill(f"guest-{bot.slug}")
    guest.get_by_label("Password, at least 12 characters").fill("a long enough secret")
    guest.get_by_label("Password again").fill("a long enough secret")
    guest.get_by_role("button", name="Join").click()
    guest.wait_for_url(f"{bot.server.url}/a/{bot.slug}/")
    guest.goto(f"{bot.server.url}/a/{bot.slug}/settings")
    wait_live(guest)
    expect(guest.get_by_role("button", name="New key")).to_have_count(0)
    page.reload()
    wait_live(page)
    row = page.locator("[data-rows=members] [data-row]").filter(has_text=f"guest-{bot.slug}")
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        row.get_by_label("Role").select_option("viewer")
    page.reload()
    wait_live(page)
    expect(row.get_by_label("Role")).to_have_value("viewer")
    row.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog", name="Remove this member?").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    expect(guest.locator("body")).to_have_attribute("data-live", "stopped", timeout=10_000)
    guest_context.close()


def test_the_last_owner_is_told_why_he_stays(bot: Bot, page: Page, complaints: list[str]) -> None:
    bot.sign_in(page, "settings")
    wait_live(page)
    row = page.locator("[data-rows=members] [data-row]")
    row.get_by_label("Role").select_option("viewer")
    told = page.get_by_role("dialog", name="This was not done")
    expect(told).to_contain_text("last owner")
    told.get_by_role("button", name="Close").click()
    expect(row.get_by_label("Role")).to_have_value("owner")
    complaints[:] = [text for text in complaints if "400" not in text]


def test_the_account_is_renamed_on_every_screen_at_once(bot: Bot, page: Page, context: BrowserContext) -> None:
    bot.sign_in(page, "settings")
    wait_live(page)
    other = context.new_page()
    other.goto(f"{bot.server.url}/a/{bot.slug}/trades")
    wait_live(other)
    form = page.locator("[data-account-form]")
    form.get_by_label("Name").fill("Perps")
    form.get_by_label("Initial capital").fill("2500.5")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("status")).to_contain_text("Saved")
    for each in (page, other):
        expect(each.locator(".top .name")).to_have_text("Perps")
    page.reload()
    expect(form.get_by_label("Initial capital")).to_have_value("2500.5")


def test_looks_and_region_are_in_force_at_once_and_kept(bot: Bot, page: Page, browser: Browser) -> None:
    bot.trade("t-1", entry_time="2026-01-05T23:30:00Z", exit_time="2026-01-05T23:40:00Z", fees="0")
    bot.sign_in(page, "settings")
    wait_live(page)
    form = page.locator("[data-preferences]")
    form.get_by_text("Terminal", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "terminal")
    expect(page.locator("[data-kept]")).to_be_visible()
    with page.expect_navigation():
        form.get_by_label("Time zone").select_option("Asia/Tokyo")
    expect(page.get_by_text("All times Asia/Tokyo")).to_be_visible()
    with page.expect_navigation():
        form.get_by_label(re.compile("Privacy mode")).check()
    other = browser.new_context(timezone_id="America/New_York")
    there = other.new_page()
    bot.sign_in(there, "trades")
    wait_live(there)
    expect(there.locator("html")).to_have_attribute("data-theme", "terminal")
    row = there.locator("[data-rows=trades] [data-row]")
    expect(row.locator(".dy")).to_have_text("6 Jan")
    expect(row.locator(".tm")).to_have_text("08:30")
    expect(row.locator(".net")).to_have_text("•••")
    bot.trade("t-2", entry_time="2026-01-06T03:00:00Z", exit_time="2026-01-06T03:05:00Z")
    live = there.locator("[data-rows=trades] [data-row]").first
    expect(live.locator(".tm")).to_have_text("12:00")
    expect(live.locator(".net")).to_have_text("•••")
    there.goto(f"{bot.server.url}/a/{bot.slug}/settings")
    there.get_by_role("button", name="Use the zone of this device").click()
    expect(there.get_by_text("All times America/New York")).to_be_visible()
    other.close()


def test_the_theme_menu_is_the_same_choice(bot: Bot, page: Page, browser: Browser) -> None:
    bot.sign_in(page)
    wait_live(page)
    page.locator("summary[aria-label=Theme]").click()
    with page.expect_response("**/api/me/preferences"):
        page.get_by_role("button", name="Light").click()
    other = browser.new_context()
    there = other.new_page()
    bot.sign_in(there)
    expect(there.locator("html")).to_have_attribute("data-theme", "light")
    other.close()


def test_the_password_is_changed(bot: Bot, page: Page, complaints: list[str]) -> None:
    bot.sign_in(page, "settings")
    wait_live(page)
    form = page.locator("[data-password-form]")
    form.get_by_label("Present password").fill("not this one")
    form.get_by_label("New password").fill("a long enough secret")
    form.get_by_role("button", name="Change the password").click()
    expect(form.get_by_role("alert")).to_contain_text("not your password")
    form.get_by_label("Present password").fill(bot.password)
    form.get_by_label("New password").fill("a long enough secret")
    form.get_by_role("button", name="Change the password").click()
    expect(form.locator("[data-saved]")).to_be_visible()
    bot.password = "a long enough secret"
    page.context.clear_cookies()
    bot.sign_in(page, "settings")
    complaints[:] = [text for text in complaints if "400" not in text and "401" not in text]


def test_an_owner_makes_a_link_for_a_new_password(
    bot: Bot, page: Page, browser: Browser, complaints: list[str]
) -> None:
    name = f"guest-{bot.slug}"
    bot.server.manage(
        "create_user", name, "--account", bot.slug, "--role", "viewer", BOTV2_PASSWORD="forgotten long ago"
    )
    bot.sign_in(page, "settings")
    wait_live(page)
    page.locator("[data-rows=members] [data-row]").filter(has_text=name).get_by_role(
        "button", name="New password"
    ).click()
    page.get_by_role("dialog", name="Make a link for a new password?").get_by_role("button", name="Make a link").click()
    link = page.get_by_role("dialog", name="Link for a new password").locator("code").inner_text()
    context = browser.new_context()
    guest = context.new_page()
    guest.goto(link)
    guest.get_by_label("Password, at least 12 characters").fill("a long enough secret")
    guest.get_by_label("Password again").fill("a long enough secret")
    guest.get_by_role("button", name="Set the password").click()
    guest.get_by_label("Name").fill(name)
    guest.get_by_label("Password").fill("a long enough secret")
    guest.get_by_role("button", name="Sign in", exact=True).click()
    guest.wait_for_url(f"{bot.server.url}/a/{bot.slug}/")
    guest.goto(link)
    expect(guest.get_by_role("heading", name="This link is used up")).to_be_visible()
    context.close()
    complaints[:] = [text for text in complaints if "410" not in text]


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_it_fits_the_screen(bot: Bot, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    bot.sign_in(page, "settings")
    wait_live(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="New key").click()
    box = page.get_by_role("dialog", name="New key").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="New key")).to_be_hidden()


def test_an_account_is_made_and_removed(bot: Bot, page: Page, complaints: list[str]) -> None:
    bot.sign_in(page, "settings")
    wait_live(page)
    page.get_by_role("link", name="New account").locator("visible=true").click()
    name = f"Grid & Söhne {bot.slug}"
    page.get_by_label("Name", exact=True).fill(name)
    slug = page.get_by_label("Short name")
    expect(slug).to_have_value(f"grid-sohne-{bot.slug}")
    slug.fill(bot.slug)
    page.get_by_label(re.compile("^Paper")).check()
    page.get_by_label("Initial capital").fill("2500.5")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("alert")).to_contain_text("exists")
    slug.fill(f"{bot.slug}-b")
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_url(f"{bot.server.url}/a/{bot.slug}-b/connect")
    page.goto(f"{bot.server.url}/a/{bot.slug}-b/settings")
    wait_live(page)
    page.locator("#removal").get_by_role("button", name="Remove").click()
    asked = page.get_by_role("dialog", name=f"Remove {name} for good?")
    asked.get_by_role("textbox").fill("something else")
    asked.get_by_role("button", name="Remove for good").click()
    expect(asked.get_by_role("alert")).to_contain_text("not the name")
    asked.get_by_role("textbox").fill(name)
    asked.get_by_role("button", name="Remove for good").click()
    page.wait_for_url(f"{bot.server.url}/a/{bot.slug}/")
    complaints[:] = [text for text in complaints if "400" not in text]


def test_a_key_is_replaced_while_the_old_one_works_on(bot: Bot, page: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    bot.sign_in(page, "settings")
    wait_live(page)
    old = make_key(page, "Grafana")
    row = page.locator("[data-rows=keys] [data-row]").filter(has_text="Grafana")
    row.get_by_role("button", name="Replace").click()
    form = page.get_by_role("dialog", name="New key")
    expect(form.get_by_label("What it is for")).to_have_value("Grafana")
    expect(form.get_by_label(re.compile("^read"))).to_be_checked()
    expect(form.get_by_label(re.compile("^ingest"))).not_to_be_checked()
    form.get_by_role("button", name="Make the key").click()
    shown = page.get_by_role("dialog", name="Your new key")
    new = shown.locator("code").inner_text()
    shown.get_by_role("button", name="Done").click()
    expect(row).to_have_count(2)
    assert [use(bot, old), use(bot, new)] == [200, 200]
    page.goto(f"{bot.server.url}/a/{bot.slug}/trades")
    told = page.get_by_role("region", name="Security notices")
    expect(told).to_contain_text("API key made")
    told.get_by_role("button", name="That is known to me").click()
    expect(told).to_have_count(0)
    page.goto(f"{bot.server.url}/a/{bot.slug}/settings")
    expect(page.locator("#notices")).to_contain_text("API key made")
    expect(page.locator("[data-bulletin]")).to_have_count(0)
