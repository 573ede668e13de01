"""A real browser on a real server. Whatever the browser complains about fails the test."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from tools.programs import find_chromium

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--force-color-profile=srgb",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # The sync API keeps an event loop in this thread, which Django's guard takes for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    path = find_chromium()
    if path is None:
        message = "no Chromium: run make e2e, which installs one"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile at desk size; `page.set_viewport_size` makes it a phone."""
    fresh = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="UTC")
    fresh.set_default_timeout(10_000)
    yield fresh
    fresh.close()


@pytest.fixture
def complaints(context: BrowserContext) -> list[str]:
    """What the browser complained about so far; a test that provokes a complaint on purpose removes it."""
    found: list[str] = []
    context.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: found.append(f"uncaught {error.error}"))
    context.on("response", lambda response: found.append(complaint(response)) if response.status >= 500 else None)
    # Policy violations are also console errors; the event names the directive and what it blocked.
    context.expose_function("reportViolation", lambda text: found.append(f"policy {text}"))
    context.add_init_script(
        "document.addEventListener('securitypolicyviolation', e =>"
        " window.reportViolation(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`))"
    )
    return found


def complaint(response: Response) -> str:
    return f"{response.status} {response.url}"


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Iterator[Page]:
    yield context.new_page()
    assert not complaints, "the browser complained:\n" + "\n".join(complaints)
