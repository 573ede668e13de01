"""The site that is looked at: a production build behind nginx, an account with a year of data, and who is signed in."""

import base64
import hashlib
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import BrowserContext, Playwright

from botv2.env import ROOT
from tools import programs
from tools.stack import SERVERS, Stack, stack

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
    """What docs/deploy.md describes: browsers come over TLS and HTTP/2."""

    def __init__(self, folder: Path, playwright: Playwright, running: Stack) -> None:
        self.folder, self.playwright, self.running = folder, playwright, running
        self.password = secrets.token_urlsafe(12)
        self.flags = [*FLAGS, f"--ignore-certificate-errors-spki-list={fingerprint(running.certificate)}"]
        year = [sys.executable, "-m", "benchmarks.year"]  # takes minutes
        subprocess.run(year, cwd=ROOT, env=running.environment, stdout=subprocess.DEVNULL, check=True)
        running.manage("create_user", PERSON, "--account", "year", "--role", "owner", BOTV2_PASSWORD=self.password)

    def reached_at(self, url: str) -> None:
        """Let it answer at another address from now on."""
        self.running.environment["SITE_URL"] = url
        for name in SERVERS:
            self.running.restart(name)

    @contextmanager
    def profile(self, name: str, **options: object) -> Iterator[BrowserContext]:
        """A browser whose profile is kept in a folder."""
        context = self.playwright.chromium.launch_persistent_context(
            self.folder / name,
            executable_path=programs.chromium(),
            args=self.flags,
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


@contextmanager
def site(folder: Path, playwright: Playwright) -> Iterator[Site]:
    with stack(folder / "stack") as running:
        yield Site(folder, playwright, running)


def fingerprint(certificate: Path) -> str:
    """By which a browser can be told to take a certificate that it cannot know."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    return base64.b64encode(
        hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    ).decode()
