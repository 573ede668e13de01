"""Alerts on the lock screen: what was pushed is shown in the worker's words, and leads to what it is about."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.e2e.bots import Bot, until, wait_live
from tests.server import Server

SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
    .map(({ title, body, tag, data }) => ({ title, body, tag, url: data.url }))"""
# Only a real tap may bring a window to the front: that it does is the browser's part.
TAP = """async (tag) => {
    WindowClient.prototype.focus = async function () { return this; };
    const [notification] = await registration.getNotifications({ tag });
    dispatchEvent(new NotificationEvent('notificationclick', { notification }));
}"""


@pytest.fixture
def context(whole_browser: Browser) -> Iterator[BrowserContext]:
    fresh = whole_browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="UTC")
    yield fresh
    fresh.close()


@pytest.fixture
def bot(server: Server) -> Bot:
    return Bot(server)


def begin(bot: Bot, context: BrowserContext) -> Page:
    context.grant_permissions(["notifications"], origin=bot.server.url)
    page = context.new_page()
    bot.sign_in(page)
    wait_live(page)
    until(page, lambda: page.evaluate("navigator.serviceWorker.controller !== null"))
    return page


def push(page: Page, told: dict[str, Any]) -> None:
    """As the browser does once its push service has brought a message."""
    session: CDPSession = page.context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(each["registrationId"] for each in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    until(page, lambda: found)
    origin = page.evaluate("location.origin")
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": found[0], "data": json.dumps(told)},
    )
    session.detach()


def shown(page: Page, count: int) -> list[dict[str, str]]:
    until(page, lambda: len(page.evaluate(SHOWN)) == count)
    return list(page.evaluate(SHOWN))


def test_what_is_pushed_is_shown_and_a_newer_one_of_the_same_takes_its_place(bot: Bot, context: BrowserContext) -> None:
    page = begin(bot, context)
    alert = {
        "title": "Critical: Exchange refuses orders",
        "body": "Main",
        "tag": "alert-1",
        "url": f"/a/{bot.slug}/alerts",
    }
    push(page, alert)
    assert shown(page, 1) == [alert]
    push(page, {**alert, "title": "Resolved: Exchange refuses orders"})
    push(page, {**alert, "title": "Warning: Margin", "tag": "alert-2"})
    assert {each["title"] for each in shown(page, 2)} == {"Resolved: Exchange refuses orders", "Warning: Margin"}


@pytest.mark.parametrize(("url", "leads"), [("alerts", True), ("https://elsewhere.example/", False)])
def test_a_tap_leads_to_what_it_is_about_here_only(bot: Bot, context: BrowserContext, url: str, leads: bool) -> None:
    page = begin(bot, context)
    before = page.url
    to = f"/a/{bot.slug}/{url}" if leads else url
    push(page, {"title": "Margin", "body": "", "tag": "alert-1", "url": to})
    shown(page, 1)
    context.service_workers[0].evaluate(TAP, "alert-1")
    if leads:
        expect(page).to_have_url(bot.server.url + to)
        assert shown(page, 0) == []
        return
    shown(page, 0)
    assert page.url == before and len(context.pages) == 1
