"""The site that is looked at: a production build, an account with a year of data, and who is signed in to it."""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Playwright

from botv2.env import ROOT
from tests.server import Server
from tools import programs

# All of the year: pages by themselves begin with the last days, which may be empty.
PAGES = {
    "sign-in": "/login",
    "overview": "/a/year/?period=all",
    "trades": "/a/year/trades?period=all",
    "risk": "/a/year/risk?period=all",
}
OUTSIDE = "sign-in"  # seen by who is not signed in
PERSON = "owner-of-year"
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]


class Site:
    def __init__(self, folder: Path, playwright: Playwright) -> None:
        self.folder, self.playwright = folder, playwright
        self.server = Server(folder / "var")
        self.password = secrets.token_urlsafe(12)
        self.server.manage("build")
        self.server.init()
        year = [sys.executable, "-m", "benchmarks.year"]  # takes minutes
        subprocess.run(year, cwd=ROOT, env=self.server.environment, stdout=subprocess.DEVNULL, check=True)
        self.server.manage("create_user", PERSON, "--account", "year", "--role", "owner", BOTV2_PASSWORD=self.password)

    @contextmanager
    def running(self, address: str = "") -> Iterator[str]:
        """The address at which it answers; `address` where it is reached by another one."""
        self.server.environment["SITE_URL"] = address
        self.server.start()
        try:
            yield address or self.server.url
        finally:
            self.server.stop()

    @contextmanager
    def profile(self, name: str, **options: object) -> Iterator[BrowserContext]:
        """A browser whose profile is kept in a folder."""
        context = self.playwright.chromium.launch_persistent_context(
            self.folder / name,
            executable_path=programs.chromium(),
            args=FLAGS,
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(60_000)
        try:
            yield context
        finally:
            context.close()

    def sign_in(self, context: BrowserContext, root: str) -> None:
        page = context.new_page()
        page.goto(f"{root}/login")
        page.get_by_label("Name").fill(PERSON)
        page.get_by_label("Password").fill(self.password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/a/year/")
        page.close()
