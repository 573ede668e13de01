"""Bytes and requests of a first and of a repeat view of each page: `python -m benchmarks.views LINK [--account main]`.

LINK is a sign-in link of a running server. Bytes are those on the wire, headers included, in the coding that Chromium
asks for; the font is counted apart. A repeat view is the same page opened once more by the same browser.
"""

import argparse
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tools import programs

PAGES = ("", "trades", "alerts", "settings", "activity", "risk", "portfolio", "strategies", "market")
LINE = "{:<14}{:>10}{:>12}{:>12}{:>10}{:>12}{:>12}"


class Traffic:
    """What one page has received since `clear`."""

    def __init__(self, page: Page) -> None:
        self.sizes: dict[str, int] = {}
        self.kinds: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self.sent)
        session.on("Network.loadingFinished", self.finished)

    def sent(self, event: dict[str, dict[str, str]]) -> None:
        self.kinds[str(event["requestId"])] = urlsplit(event["request"]["url"]).path

    def finished(self, event: dict[str, str]) -> None:
        if size := int(float(event["encodedDataLength"])):
            self.sizes[event["requestId"]] = size

    def clear(self) -> None:
        self.sizes.clear()
        self.kinds.clear()

    def total(self, ending: str = "") -> int:
        return sum(size for key, size in self.sizes.items() if self.kinds.get(key, "").endswith(ending))


def view(page: Page, traffic: Traffic, address: str) -> tuple[int, int, int]:
    """Requests, bytes and the font's bytes of opening an address."""
    traffic.clear()
    page.goto(address, wait_until="load")
    page.wait_for_timeout(3000)
    font = traffic.total(".woff2")
    return len(traffic.sizes), traffic.total() - font, font


def signed_in(browser: Browser, cookies: list[dict[str, object]] | None = None) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1350, "height": 940})
    context.set_default_timeout(60_000)
    if cookies:
        context.add_cookies(cookies)  # type: ignore[arg-type]
    return context


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("link")
    parser.add_argument("--account", default="main")
    options = parser.parse_args()
    root = options.link.partition("/sign-in/")[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=programs.chromium(), args=["--no-sandbox"])
        first = signed_in(browser)
        first.new_page().goto(options.link)
        cookies = [dict(cookie) for cookie in first.cookies()]
        first.close()
        print(LINE.format("page", "requests", "bytes", "font", "requests", "bytes again", "of the first"))
        for name in PAGES:
            context = signed_in(browser, cookies)
            page = context.new_page()
            traffic, address = Traffic(page), f"{root}/a/{options.account}/{name}"
            requests, size, font = view(page, traffic, address)
            again, less, _ = view(page, traffic, address)
            print(LINE.format(name or "overview", requests, size, font, again, less, f"{less / (size + font):.0%}"))
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
