"""A bot for browser tests: an account of its own on the running server, and reports over the public API."""

import re
import uuid
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.server import Server

ENTRY = "2026-01-05T09:00:00Z"


class Bot:
    """Reports to a fresh account; `slug` names it."""

    def __init__(self, server: Server, **options: str) -> None:
        self.server, self.slug = server, f"e2e-{uuid.uuid4().hex[:8]}"
        arguments = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", value)]
        server.manage("create_account", self.slug, "--name", "Browser", *arguments)
        key = server.manage("create_api_key", "--account", self.slug, "--scopes", "read,ingest").strip()
        headers = {"Authorization": f"Bearer {key}"}
        self.client = httpx.Client(base_url=f"{server.url}/api/", headers=headers, trust_env=False, timeout=20)
        self.user = f"user-{self.slug}"
        self.password = uuid.uuid4().hex
        server.manage("create_user", self.user, "--account", self.slug, "--role", "owner", BOTV2_PASSWORD=self.password)

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

    def sign_in(self, page: Page, path: str = "") -> None:
        """Sign in as this account's owner by name and password, and go to one of its pages."""
        target = f"{self.server.url}/a/{self.slug}/{path}"
        page.goto(target)
        page.get_by_label(re.compile("name", re.I)).fill(self.user)
        page.get_by_label(re.compile("password", re.I)).fill(self.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(target)


def wait_live(page: Page) -> None:
    expect(page.locator("body")).to_have_attribute("data-live", "live", timeout=20_000)
