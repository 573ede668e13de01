"""A real browser on a real server. Whatever the browser complains about, in any page of any profile, fails the test."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Response,
    expect,
    sync_playwright,
)

from tests.conftest import running_server
from tests.e2e.stage import Stage
from tests.e2e.views import Tour, profile
from tests.relay import Relay
from tests.server import Server
from tools.programs import find_chromium, find_shell

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--force-color-profile=srgb",
]

# As patient as Playwright's actions: how quick a page is, benchmarks say.
expect.set_options(timeout=30_000)


class Watch:
    """What the pages of all profiles complained about since the last test, and how often at all."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.counts: Counter[str] = Counter()

    def context(self, context: BrowserContext) -> None:
        context.on("page", lambda page: self.counts.update(["pages"]))
        context.on("console", self.console)
        context.on("weberror", lambda error: self.complain("errors", f"uncaught {error.error}"))
        context.on("response", self.response)

    def console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            broken = "Content Security Policy" in message.text
            self.complain("violations" if broken else "errors", f"{message.text} ({message.location['url']})")

    def response(self, response: Response) -> None:
        if response.status >= 500:
            self.complain("errors", f"{response.status} {response.url}")

    def complain(self, kind: str, text: str) -> None:
        self.counts[kind] += 1
        self.found.append(text)


WATCH = Watch()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if (told := getattr(session.config, "workeroutput", None)) is not None:
        told["watch"] = dict(WATCH.counts)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """What the browsers of a worker did counts with the others'."""
    WATCH.counts.update(getattr(node, "workeroutput", {}).get("watch", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts = WATCH.counts
    if counts["pages"]:
        terminalreporter.write_line(
            f"browser: {counts['pages']} pages, {counts['violations']} policy violations, {counts['errors']} console"
            f" errors, {counts['expected']} of them provoked on purpose"
        )


@pytest.fixture(scope="session")
def browsers() -> dict[str, str | None]:
    return {"light": find_shell(), "whole": find_chromium()}


@pytest.fixture(scope="session")
def playwright(browsers: dict[str, str | None]) -> Iterator[Playwright]:
    # The sync API keeps an event loop in this thread, which Django's guard takes for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright, browsers: dict[str, str | None]) -> Iterator[Browser]:
    with launched(playwright, browsers["light"]) as running:
        yield running


@pytest.fixture(scope="session")
def whole_browser(playwright: Playwright, browsers: dict[str, str | None]) -> Iterator[Browser]:
    """For notifications, which a browser without a window lacks, and for the service worker as people have it."""
    with launched(playwright, browsers["whole"]) as running:
        yield running


@contextmanager
def launched(playwright: Playwright, path: str | None) -> Iterator[Browser]:
    if path is None:
        message = "no Chromium: run make e2e, which installs one"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    running = playwright.chromium.launch(executable_path=path, args=FLAGS)
    running.on("context", WATCH.context)
    yield running
    running.close()


@pytest.fixture(autouse=True)
def complaints() -> Iterator[list[str]]:
    """What browsers complained about so far; a test that provokes a complaint on purpose removes it."""
    WATCH.found.clear()
    before = WATCH.counts["violations"] + WATCH.counts["errors"]
    yield WATCH.found
    WATCH.counts["expected"] += WATCH.counts["violations"] + WATCH.counts["errors"] - before - len(WATCH.found)
    assert not WATCH.found, "the browser complained:\n" + "\n".join(WATCH.found)


@pytest.fixture
def context(browser: Browser, complaints: list[str]) -> Iterator[BrowserContext]:
    """A fresh profile at desk size; `page.set_viewport_size` makes it a phone. test_offline.py allows the worker."""
    fresh = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="UTC", service_workers="block"
    )
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(scope="session")
def stage(server: Server) -> Stage:
    """The accounts of tests/e2e/stage.py, filled with made data: the same everywhere."""
    return Stage(server)


@pytest.fixture(scope="module")
def tour(stage: Stage, browser: Browser) -> Iterator[Tour]:
    """Opens the views of tests/e2e/views.py on the stage."""
    tour = Tour(stage, lambda: profile(browser))
    yield tour
    for context in tour.contexts.values():
        context.close()


@pytest.fixture(scope="session")
def relay() -> Iterator[Relay]:
    network = Relay()
    yield network
    network.close()


@pytest.fixture(scope="session")
def far_server(relay: Relay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that pages reach through `relay` at its `SITE_URL`; bots reach it directly."""
    with running_server(tmp_path_factory.mktemp("far") / "var", SITE_URL=f"http://127.0.0.1:{relay.port}") as server:
        relay.target = server.port
        yield server
