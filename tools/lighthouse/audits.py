"""Lighthouse itself: installed into a folder of its own, and run on one page at a time in a browser of its own."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botv2.env import ROOT
from tools import programs

FOLDER = ROOT / "var" / "lighthouse"
WANTED = Path(__file__).with_name("package.json")
CATEGORIES = ["performance", "accessibility", "best-practices", "seo"]
ATTEMPTS = 2


class Broken(Exception):
    """Lighthouse did not judge a page; the message is its own."""


def install() -> dict[str, Path]:
    """Each Lighthouse by its version, installed if need be."""
    wanted: dict[str, str] = json.loads(WANTED.read_text())["dependencies"]
    versions = {name: text.rpartition("@")[2] for name, text in wanted.items()}
    packages = {name: FOLDER / "node_modules" / name / "package.json" for name in wanted}
    if any(not path.is_file() or json.loads(path.read_text())["version"] != versions[name]
           for name, path in packages.items()):  # fmt: skip
        print("Installing Lighthouse; this happens once.", flush=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(WANTED, FOLDER / "package.json")
        options = "--ignore-scripts --no-package-lock --no-audit --no-fund --loglevel=error".split()
        subprocess.run([*programs.npm(programs.node()), "install", *options], cwd=FOLDER, check=True)
    return {versions[name]: path.parent / "cli" / "index.js" for name, path in packages.items()}


def audit(command: Path, address: str, device: str, profile: Path | None, browser: list[str]) -> dict[str, Any]:
    """What a fresh browser finds, started with the flags `browser` and the cookies of `profile`.

    Lighthouse empties caches and keeps cookies: with one, sockets and the service worker are signed in too, where a
    header would be the page's alone.
    """
    for _ in range(ATTEMPTS):
        with tempfile.TemporaryDirectory(prefix="botv2-lighthouse-", ignore_cleanup_errors=True) as name:
            own, found = Path(name) / "profile", Path(name) / "found.json"
            if profile:
                shutil.copytree(profile, own, symlinks=True)
            flags = " ".join(["--headless=new", "--no-first-run", f"--user-data-dir={own}", *browser])
            categories = [*CATEGORIES, *(["pwa"] if "lighthouse11" in command.parts else [])]
            done = subprocess.run(
                [
                    *programs.node(), command, address, "--quiet", "--output=json", f"--output-path={found}",
                    f"--only-categories={','.join(categories)}", f"--chrome-flags={flags}",
                    *(["--preset=desktop"] if device == "desktop" else []),
                ],
                env={**os.environ, "CHROME_PATH": programs.chromium()},
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode == 0:
                result: dict[str, Any] = json.loads(found.read_text())
                came = result["finalDisplayedUrl"]
                if urlsplit(came).path != urlsplit(address).path:
                    raise Broken(f"{address} led to {came}")
                return result
        print(f"once more, since Lighthouse said: {done.stderr.strip()[-300:]}", flush=True)
    raise Broken(f"{address}: {done.stderr}")
