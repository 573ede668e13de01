"""What only a real server can get wrong: bodies without a length, bytes that are no text, static files."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.samples import trade
from tests.conftest import PASSWORD
from tests.server import Server


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    code = (
        "from django.utils import timezone; from dashboard.services.access import account_create;"
        "from dashboard.services.keys import key_create; a = account_create(slug='wire');"
        "print(key_create(account=a, scopes=['read', 'ingest'], now=timezone.now())[1])"
    )
    return server.manage("shell", "-v0", "-c", code).strip()


@pytest.fixture
def client(server: Server, token: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=20) as found:
        yield found


def test_a_body_in_chunks_is_a_body(client: httpx.Client) -> None:
    text = json.dumps(trade()).encode()
    answer = client.post("/api/trades", content=(text[at : at + 7] for at in range(0, len(text), 7)))
    assert answer.status_code == 201 and answer.json()["data"]["status"] == "created"


@pytest.mark.parametrize("chunked", [True, False])
def test_a_large_body_is_refused(client: httpx.Client, chunked: bool) -> None:
    parts = [b" " * 65_536] * 100
    answer = client.post("/api/trades", content=iter(parts) if chunked else b"".join(parts))
    assert answer.status_code == 413 and answer.json()["error"]["code"] == "too_large"
    assert client.get("/api/trades").status_code == 200


def test_files_are_larger_and_in_chunks_as_well(server: Server) -> None:
    """In chunks only up to what any body may be: nobody knows how long it will be."""
    server.manage("create_user", "filer", "--account", "wire", "--role", "owner", BOTV2_PASSWORD=PASSWORD)
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60, headers={"Referer": server.url}) as hand:
        hand.get("/login")
        form = {"username": "filer", "password": PASSWORD, "csrfmiddlewaretoken": hand.cookies["csrf"]}
        assert hand.post("/login", data=form).status_code == 302
        hand.headers.update({"X-CSRFToken": hand.cookies["csrf"], "Content-Type": "application/octet-stream"})
        header = b"trade_id,symbol,direction,size,status,extra\n"
        rows = b"".join(b'f-%d,X,long,1,pending,"{""a"": ""%s""}"\n' % (number, b"x" * 4000) for number in range(600))

        def preview(content: Any) -> Any:
            return hand.post("/api/imports/preview?account=wire&kind=trades", content=content)

        assert len(rows) > 2**21 and preview(header + rows).json()["data"]["created"] == 600
        assert preview(iter([header, rows[:-1].split(b"\n")[0]])).json()["data"]["created"] == 1
        for content in (iter([header, rows]), b" " * (2**26 + 1)):
            refused = preview(content)
            assert (refused.status_code, refused.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "line",
    [
        b"GET /api/trades?symbol=\xff\xfe HTTP/1.1",
        b"GET /api/trades?\xc3\xa9=1 HTTP/1.1",
        b"GET /api/market/%ff HTTP/1.1",
        b"GET /api/%00 HTTP/1.1",
        b"GET /api/trades?symbol=%ff HTTP/1.1",
        b"GET /api/trades?symbol=%ED%A0%80 HTTP/1.1",
        b"GET /api/../api/nothing HTTP/1.1",
        b"GET /api/trades?" + b"x" * 60_000 + b" HTTP/1.1",
        b"BREW /api/trades HTTP/1.1",
        b"GET /api/\xff HTTP/1.1",
        b"GET http://evil/api/nothing HTTP/1.1",
    ],
    ids=lambda line: repr(line)[:50],
)
def test_odd_request_lines_are_refused(server: Server, token: str, line: bytes) -> None:
    head = f"Host: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as wire:
        wire.sendall(line + b"\r\n" + head.encode())
        received = b""
        while part := wire.recv(65_536):
            received += part
    answer, _, body = received.partition(b"\r\n\r\n")
    assert answer[9:10] in (b"2", b"4"), answer[:200]
    # What is no HTTP is refused before it reaches us; whatever does is answered in the envelope.
    assert b'"success"' in body or body == b"Invalid HTTP request received."


def test_static_files_carry_the_headers_that_concern_files(server: Server) -> None:
    page = httpx.get(f"{server.url}/login", trust_env=False)
    address = page.text.split('rel="stylesheet"')[1].split('href="')[1].split('"')[0]
    answer = httpx.get(f"{server.url}{address}", trust_env=False)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/css")
    wanted = {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": page.headers["Referrer-Policy"],
    }
    assert {name: answer.headers.get(name) for name in wanted} == wanted
    assert answer.headers["X-Request-Id"] and "immutable" in answer.headers["Cache-Control"]
    # What only pages need would be longer than many a file.
    assert "Permissions-Policy" in page.headers and "Permissions-Policy" not in answer.headers
