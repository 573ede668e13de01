"""The server that `make run` starts, from outside: its link, its port, its demo bot, its end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from botv2.env import ROOT
from tests.server import Server

NewServer = Callable[..., Server]


def visit(server: Server) -> httpx.Client:
    return httpx.Client(base_url=server.url, follow_redirects=True, trust_env=False, timeout=20)


def descendants(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in found.splitlines())}
    return [child for child, parent in parents.items() if parent == pid]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2] if Path("/proc").is_dir() else True


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_the_link_signs_in_once_and_an_empty_account_says_how_to_connect(new_server: NewServer) -> None:
    server = new_server()
    first = visit(server).get(server.sign_in_link())
    assert first.status_code == 200
    assert first.url.path == "/a/main/"
    assert "/api/heartbeat" in first.text
    second = visit(server).get(server.sign_in_link())
    assert second.status_code == 410
    assert "sign" in second.text.lower()


def test_a_port_in_use_is_a_clear_error(server: Server) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=ROOT,
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert f"Port {server.port} is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_secrets_are_made_once_and_are_private(new_server: NewServer) -> None:
    server = new_server(SECRET_KEY="", KEY_PEPPER="", VAPID_PRIVATE_KEY="")
    secrets = server.data / "secrets.env"
    before = secrets.read_text()
    assert secrets.stat().st_mode & 0o777 == 0o600
    assert {line.split("=")[0] for line in before.splitlines()} == {"SECRET_KEY", "KEY_PEPPER", "VAPID_PRIVATE_KEY"}
    server.stop()
    server.init()
    server.start()
    assert secrets.read_text() == before


def test_the_demo_bot_reports_over_the_api_and_dies_with_a_killed_server(new_server: NewServer) -> None:
    server = new_server(DEMO="1")
    assert server.process is not None
    children = descendants(server.process.pid)
    assert len(children) == 1
    browser = visit(server)
    page = browser.get(server.sign_in_link())
    wait_until(lambda: browser.get("/api/trades?account=demo&limit=1").json()["data"]["total"] > 50)
    wait_until(lambda: bool(browser.get("/api/snapshot?account=demo").json()["data"]["bots"]))
    page = browser.get("/a/demo/")
    assert page.status_code == 200
    assert "Demo" in page.text
    assert browser.get("/api/trades?account=main").json()["data"]["total"] == 0
    os.kill(server.process.pid, signal.SIGKILL)
    wait_until(lambda: not any(alive(child) for child in children), 10)
    server.process.wait()
    started = time.monotonic()
    server.start()
    assert time.monotonic() - started < 30
    assert browser.get("/api/trades?account=demo").status_code == 200


@pytest.mark.parametrize("path", ["/a/main/", "/a/main/trades", "/a/main/connect"])
def test_pages_ask_to_sign_in(server: Server, path: str) -> None:
    answer = httpx.get(server.url + path, trust_env=False)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/login")
