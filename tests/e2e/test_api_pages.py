"""The documentation of the API and the browsable API, under the same policy as every page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.bots import Bot
from tests.server import Server


@pytest.fixture
def bot(server: Server) -> Bot:
    return Bot(server)


def test_an_operation_is_tried_from_the_documentation(bot: Bot, page: Page) -> None:
    page.goto(f"{bot.server.url}/api/docs")
    expect(page).to_have_url(re.compile(r"/login\?next=/api/docs"))
    bot.sign_in(page)
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": bot.server.url}])
    page.goto(f"{bot.server.url}/api/docs")
    create = page.locator("#operations-trades-trades_create")
    create.locator(".opblock-summary-control").click()
    create.get_by_role("button", name="Try it out").click()
    create.get_by_placeholder("account").fill(bot.slug)
    create.get_by_role("button", name="Execute").click()
    expect(create.locator(".live-responses-table")).to_contain_text('"status": "created"')
    expect(page.locator("html")).to_have_class(re.compile("dark-mode"))
    assert bot.client.get("trades?trade_id=first-1").json()["data"]["total"] == 1


def test_a_person_reads_and_writes_in_the_browsable_api(bot: Bot, page: Page) -> None:
    bot.sign_in(page)
    page.goto(f"{bot.server.url}/api/trades?account={bot.slug}")
    expect(page.locator(".response-info")).to_contain_text("HTTP 200 OK")
    page.get_by_role("button", name="POST").click()
    expect(page.locator(".response-info")).to_contain_text("HTTP 201 Created")
    page.get_by_role("link", name="alerts").click()
    expect(page.locator(".request-info")).to_contain_text("GET /api/alerts")
