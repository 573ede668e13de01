"""Two-factor sign-in in a real browser: an app that scans, a passkey of a virtual device, recovery codes, sessions."""

import re
import time
from base64 import b32decode

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.api.persons import STEP, App
from tests.e2e.bots import Bot, wait_live
from tests.server import Server


@pytest.fixture
def bot(server: Server) -> Bot:
    return Bot(server)


@pytest.fixture
def at_home(bot: Bot) -> str:
    """The server by its name: an IP address has no passkeys."""
    return bot.server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def device(context: BrowserContext, page: Page) -> CDPSession:
    """A device with a fingerprint reader, on which somebody's finger always lies."""
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def give_password(bot: Bot, page: Page, origin: str, path: str = "settings") -> None:
    page.goto(f"{origin}/a/{bot.slug}/{path}")
    page.get_by_label("Name").fill(bot.user)
    page.get_by_label("Password").fill(bot.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_app(page: Page, name: str = "Phone") -> tuple[App, list[str]]:
    """Read the secret off the dialog as an app does, and prove it; the recovery codes."""
    page.locator("[data-add-app]").click()
    form = page.get_by_role("dialog", name="New authenticator app")
    expect(form.locator("svg path")).to_have_attribute("d", re.compile("^M4 4h7"))
    app = App(b32decode(form.locator("code").inner_text().replace(" ", "")))
    form.get_by_label("Name").fill(name)
    form.get_by_label("Code that the app shows").fill(app.code())
    form.get_by_role("button", name="Add the app").click()
    shown = page.get_by_role("dialog", name="Recovery codes")
    codes = shown.locator("code").inner_text().split()
    shown.get_by_role("button", name="I have kept them").click()
    expect(page.locator("[data-rows=factors] [data-row]").filter(has_text=name)).to_be_visible()
    return app, codes


def test_an_app_is_added_asked_for_and_removed(bot: Bot, page: Page, browser: Browser, complaints: list[str]) -> None:
    bot.sign_in(page, "settings")
    wait_live(page)
    app, codes = add_app(page)
    assert len(codes) == 10 and not any(code in page.content() for code in codes)
    expect(page.locator("[data-recovery]")).to_have_text("10")
    other = browser.new_context()
    there = other.new_page()
    give_password(bot, there, bot.server.url)
    expect(there.get_by_role("heading", name="One more step")).to_be_visible()
    there.get_by_label(re.compile("^Code")).fill("000000")
    there.get_by_role("button", name="Sign in").click()
    expect(there.get_by_role("alert")).to_contain_text("wrong")
    there.get_by_label(re.compile("^Code")).fill(app.code(time.time() + STEP))
    there.get_by_role("button", name="Sign in").click()
    there.wait_for_url(f"{bot.server.url}/a/{bot.slug}/settings")
    wait_live(there)
    row = there.locator("[data-rows=factors] [data-row]")
    row.get_by_role("button", name="Rename").click()
    there.get_by_label("Name").locator("visible=true").last.fill("<b>Old phone</b>")
    there.get_by_role("dialog", name="Rename").get_by_role("button", name="Rename").click()
    expect(row).to_contain_text("<b>Old phone</b>")
    row.get_by_role("button", name="Remove").click()
    there.get_by_role("dialog", name="Remove this second factor?").get_by_role("button", name="Remove").click()
    expect(there.get_by_text("Only the password stands before your account")).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-live", "stopped", timeout=5_000)
    other.close()
    page.close()  # it goes on asking until then
    complaints[:] = [text for text in complaints if "401" not in text]


def test_a_recovery_code_signs_in_once(bot: Bot, page: Page, browser: Browser) -> None:
    bot.sign_in(page, "settings")
    wait_live(page)
    _, codes = add_app(page)
    for outcome in ("in", "refused"):
        context = browser.new_context()
        there = context.new_page()
        give_password(bot, there, bot.server.url)
        there.get_by_label(re.compile("^Code")).fill(codes[0])
        there.get_by_role("button", name="Sign in").click()
        if outcome == "in":
            there.wait_for_url(f"{bot.server.url}/a/{bot.slug}/settings")
            expect(there.locator("[data-recovery]")).to_have_text("9")
        else:
            expect(there.get_by_role("alert")).to_be_visible()
        context.close()


def test_a_passkey_is_made_and_signs_in_alone_and_after_the_password(
    bot: Bot, page: Page, at_home: str, device: CDPSession
) -> None:
    give_password(bot, page, at_home)
    wait_live(page)
    page.locator("[data-add-passkey]").click()
    form = page.get_by_role("dialog", name="New passkey")
    form.get_by_label("Name").fill("Laptop")
    form.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("dialog", name="Recovery codes").get_by_role("button", name="I have kept them").click()
    expect(page.locator("[data-rows=factors] [data-row]")).to_contain_text("Laptop")

    def sign_out() -> None:
        page.locator("summary.person").click()
        page.get_by_role("button", name="Sign out", exact=True).locator("visible=true").first.click()
        page.wait_for_url(f"{at_home}/login")

    sign_out()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{at_home}/a/{bot.slug}/")
    sign_out()
    give_password(bot, page, at_home, "trades")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{at_home}/a/{bot.slug}/trades")
    page.goto(f"{at_home}/a/{bot.slug}/settings")
    wait_live(page)
    row = page.locator("[data-rows=factors] [data-row]")
    expect(row.locator("time").last).not_to_have_text("–")
    row.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog", name="Remove this second factor?").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_a_passkey_that_was_removed_is_refused(
    bot: Bot, page: Page, at_home: str, device: CDPSession, complaints: list[str]
) -> None:
    give_password(bot, page, at_home)
    wait_live(page)
    page.locator("[data-add-passkey]").click()
    form = page.get_by_role("dialog", name="New passkey")
    form.get_by_label("Name").fill("Laptop")
    form.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("dialog", name="Recovery codes").get_by_role("button", name="I have kept them").click()
    expect(page.locator("[data-rows=factors] [data-row]")).to_have_count(1)
    bot.server.manage("remove_second_factor", bot.user)
    page.goto(f"{at_home}/login")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("not known here")
    complaints[:] = [text for text in complaints if not re.search("401|403", text)]


def test_without_a_name_there_are_no_passkeys(bot: Bot, page: Page) -> None:
    bot.sign_in(page, "settings")
    expect(page.locator("[data-add-passkey]")).to_have_count(0)
    expect(page.get_by_text("Passkeys belong to a host name")).to_be_visible()


def test_another_device_is_signed_out(bot: Bot, page: Page, browser: Browser) -> None:
    bot.sign_in(page, "settings")
    wait_live(page)
    context = browser.new_context(user_agent="Mozilla/5.0 (Windows NT 10.0; rv:120.0) Gecko/20100101 Firefox/120.0")
    there = context.new_page()
    bot.sign_in(there)
    wait_live(there)
    page.reload()
    row = page.locator("[data-rows=sessions] [data-row]").filter(has_text="Firefox on Windows")
    here = page.locator("[data-rows=sessions] [data-row]").filter(has=page.locator(".tag:not([hidden])"))
    expect(here).to_contain_text("Linux")
    row.get_by_role("button", name="Sign out").click()
    expect(row).to_have_count(0)
    expect(there.locator("body")).to_have_attribute("data-live", "stopped", timeout=5_000)
    there.goto(f"{bot.server.url}/a/{bot.slug}/")
    expect(there.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()
