"""A bot for browser tests: an account of its own on the running server, and reports over the public API."""

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.server import Server

ENTRY = "2026-01-05T09:00:00Z"


class Bot:
    """Reports to a fresh account; `slug` names it."""

    def __init__(self, server: Server, slug: str = "", **options: str) -> None:
        self.server, self.slug = server, slug or f"e2e-{uuid.uuid4().hex[:8]}"
        options = {"name": "Browser", **options}
        arguments = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", value)]
        self.user, self.password = f"user-{self.slug}", uuid.uuid4().hex
        commands = [
            ["create_account", self.slug, *arguments],
            ["create_api_key", "--account", self.slug, "--scopes", "read,ingest"],
            ["create_user", self.user, "--account", self.slug, "--role", "owner"],
        ]
        key = server.manage_all(commands, BOTV2_PASSWORD=self.password)[1].strip()
        headers = {"Authorization": f"Bearer {key}"}
        self.client = httpx.Client(base_url=f"{server.url}/api/", headers=headers, trust_env=False, timeout=20)

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(path, json=body).raise_for_status().json()["data"]

    def trade(self, name: str, **fields: Any) -> Any:
        """A closed trade that won 100 before fees, unless `fields` say otherwise."""
        body = {
            "trade_id": name,
            "symbol": "BTC/USDT",
            "strategy": "Trend",
            "direction": "long",
            "size": "0.1",
            "status": "closed",
            "entry_price": "30000",
            "entry_time": ENTRY,
            "exit_price": "31000",
            "exit_time": "2026-01-05T12:00:00Z",
        }
        return self.post("trades", {name: value for name, value in (body | fields).items() if value is not None})

    def open_trade(self, name: str, **fields: Any) -> Any:
        return self.trade(name, **{"status": "open", "exit_price": None, "exit_time": None} | fields)

    def sign_in(self, page: Page, path: str = "", origin: str = "") -> None:
        """Sign in as this account's owner by name and password, and go to one of its pages."""
        target = f"{origin or self.server.url}/a/{self.slug}/{path}"
        page.goto(target)
        page.get_by_label(re.compile("name", re.I)).fill(self.user)
        page.get_by_label(re.compile("password", re.I)).fill(self.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(target)


def until(page: Page, done: Callable[[], object]) -> None:
    """Wait until something is so. (Playwright waits for scripts by an eval, which pages forbid.)"""
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        page.wait_for_timeout(50)


def wait_live(page: Page) -> None:
    expect(page.locator("body")).to_have_attribute("data-live", "live")
    if page.locator("body[data-account]").count():
        expect(page.locator("body")).to_have_attribute("data-ready", "")
