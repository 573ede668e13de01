"""nginx as deploy/ sets it up, before servers that say what reached them."""

import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tools import programs
from tools.stack import SERVERS, Stack

Reached = dict[str, Any]


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        length = len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        said = {"path": self.path, "length": length, "headers": dict(self.headers), "port": self.server.server_port}  # type: ignore[attr-defined]
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")  # so that a server that is shut down is away
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Site:
    def __init__(self, stack: Stack, servers: dict[str, ThreadingHTTPServer]) -> None:
        self.stack, self.servers = stack, servers
        self.client = httpx.Client(base_url=stack.url, verify=stack.trust, trust_env=False, timeout=10)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    try:
        programs.nginx()
    except programs.Missing as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
    stack = Stack(tmp_path_factory.mktemp("nginx"), {})
    servers = {name: ThreadingHTTPServer(("127.0.0.1", stack.ports[name]), Echo) for name in SERVERS}
    for server in servers.values():
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    stack.configure_nginx()
    stack.start("nginx")
    try:
        yield Site(stack, servers)
    finally:
        stack.stop_all()
        for server in servers.values():
            server.shutdown()
            server.server_close()


@pytest.mark.parametrize(
    "path",
    [
        "/api/market/BTC%2FUSDT", "/api/market/BTC%2fUSDT%3APERP", "/api//trades", "/a/%2e%2e/x", "/static/a%20b.css",
        "/api/trades?q=a%2Fb%00&x=//",
    ],
)  # fmt: skip
def test_an_address_arrives_as_it_was_sent(site: Site, path: str) -> None:
    assert site.client.get(httpx.URL(site.stack.url).copy_with(raw_path=path.encode())).json()["path"] == path


@pytest.mark.parametrize("path", ["/a/main/", "/api/trades", "/api/export/trades", "/api/imports"])
def test_what_a_client_says_of_forwarding_is_overwritten(site: Site, path: str) -> None:
    forged = {
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil",
        "Forwarded": "for=6",
    }
    headers = site.client.get(path, headers=forged).json()["headers"]
    assert headers["Host"] == f"127.0.0.1:{site.stack.ports['tls']}"
    told = {name: value for name, value in headers.items() if "orwarded" in name}
    assert told == {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}


def test_plain_http_is_told_as_such(site: Site) -> None:
    answer = httpx.get(f"http://127.0.0.1:{site.stack.ports['plain']}/", trust_env=False)
    assert answer.json()["headers"]["X-Forwarded-Proto"] == "http"


def test_pages_and_sockets_go_to_their_own_processes(site: Site) -> None:
    http = {site.stack.ports["http-1"], site.stack.ports["http-2"]}
    sockets = {site.stack.ports["sockets-1"], site.stack.ports["sockets-2"]}
    assert {site.client.get("/").json()["port"] for _ in range(6)} == http
    reached = [
        site.client.get("/ws/v1", headers={"Upgrade": "websocket", "Connection": "Upgrade"}).json() for _ in range(6)
    ]
    assert {each["port"] for each in reached} == sockets
    assert {(each["headers"]["Upgrade"], each["headers"]["Connection"]) for each in reached} == {
        ("websocket", "upgrade")
    }
    other = site.client.get("/ws/v1", headers={"Upgrade": "h2c", "Connection": "Upgrade"}).json()["headers"]
    assert "Upgrade" not in other


@pytest.mark.parametrize(
    ("path", "size", "passes"),
    [
        ("/api/trades", 1024 * 1024 + 1, True),  # BotV2 refuses it, in its own words
        ("/api/trades", 3 * 1024 * 1024, False),
        ("/api/imports?kind=trades", 64 * 1024 * 1024, True),
        ("/api/imports/preview", 66 * 1024 * 1024, False),
    ],
)
def test_bodies(site: Site, path: str, size: int, passes: bool) -> None:
    answer = site.client.post(path, content=b"x" * size)
    if passes:
        assert answer.json()["length"] == size
    else:
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_one_process_that_is_away_is_not_noticed_and_two_are_told(site: Site) -> None:
    first, second = site.servers["http-1"], site.servers["http-2"]
    first.shutdown()
    first.server_close()
    for _ in range(6):
        assert site.client.post("/api/trades", content=b"x").json()["port"] == second.server_port
    second.shutdown()
    second.server_close()
    answer = site.client.post("/api/trades", content=b"x")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json()["error"]["code"] == "unavailable" and answer.json()["error"]["request_id"]
    page = site.client.get("/a/main/")
    assert page.status_code == 503 and "again" in page.text


def test_only_new_tls_and_no_version(site: Site) -> None:
    old = subprocess.run(
        ["openssl", "s_client", "-tls1_1", "-connect", f"127.0.0.1:{site.stack.ports['tls']}"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=20,
    )  # fmt: skip
    assert "Cipher is (NONE)" in old.stdout or "alert" in old.stderr or old.returncode
    with socket.create_connection(("127.0.0.1", site.stack.ports["plain"]), timeout=5) as plain:
        plain.sendall(b"garbage\r\n\r\n")
        assert b"nginx/" not in plain.recv(2000)
    assert Path(site.stack.folder / "certificate.key").stat().st_mode & 0o077 == 0
