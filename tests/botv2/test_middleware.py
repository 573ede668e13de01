"""What every answer carries, whom the server believes, and plain http."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import AsyncRequestFactory, Client, RequestFactory

from botv2.middleware import BodyLimit, ClientAddressMiddleware, PlainHttpMiddleware, StreamMiddleware
from tests.conftest import PASSWORD

CSP = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
def echo(settings: Any) -> Callable[..., tuple[str, bool]]:
    """What the views see of a request: the client's address, and whether it came by https."""

    def ask(*proxies: str, **meta: str) -> tuple[str, bool]:
        settings.TRUSTED_PROXIES = list(proxies)
        seen: list[tuple[str, bool]] = []

        def view(request: HttpRequest) -> HttpResponse:
            seen.append((request.META["REMOTE_ADDR"], request.is_secure()))
            return HttpResponse()

        sent: Any = {"REMOTE_ADDR": "9.9.9.9", **meta}
        ClientAddressMiddleware(view)(RequestFactory().get("/", **sent))
        return seen[0]

    return ask


@pytest.mark.parametrize(
    ("proxies", "meta", "address", "secure"),
    [
        ([], {"HTTP_X_FORWARDED_FOR": "1.2.3.4", "HTTP_X_FORWARDED_PROTO": "https"}, "9.9.9.9", False),
        (["9.9.9.0/24"], {"HTTP_X_FORWARDED_FOR": "1.2.3.4", "HTTP_X_FORWARDED_PROTO": "https"}, "1.2.3.4", True),
        (["10.0.0.1"], {"HTTP_X_FORWARDED_FOR": "1.2.3.4", "HTTP_X_FORWARDED_PROTO": "https"}, "9.9.9.9", False),
        # The client may write what it likes to the left; only what our proxies appended counts.
        (["9.9.9.9"], {"HTTP_X_FORWARDED_FOR": "6.6.6.6, 1.2.3.4"}, "1.2.3.4", False),
        (["9.9.9.9", "10.0.0.1"], {"HTTP_X_FORWARDED_FOR": "6.6.6.6, 1.2.3.4, 10.0.0.1"}, "1.2.3.4", False),
        (["9.9.9.9"], {"HTTP_X_FORWARDED_FOR": "10.0.0.1, 127.0.0.1"}, "127.0.0.1", False),
        (["9.9.9.9"], {"HTTP_X_FORWARDED_FOR": "' OR 1=1"}, "9.9.9.9", False),
        (["9.9.9.9"], {"HTTP_X_FORWARDED_FOR": "1.2.3.4, garbage"}, "9.9.9.9", False),
        (["9.9.9.9"], {"HTTP_X_FORWARDED_FOR": "", "HTTP_X_FORWARDED_PROTO": "http"}, "9.9.9.9", False),
        (["9.9.9.9"], {"HTTP_X_FORWARDED_PROTO": "HTTPS"}, "9.9.9.9", True),
        (["::1"], {"REMOTE_ADDR": "::1", "HTTP_X_FORWARDED_FOR": "2001:db8::7"}, "2001:db8::7", False),
        (["9.9.9.9"], {"REMOTE_ADDR": "", "HTTP_X_FORWARDED_FOR": "1.2.3.4"}, "", False),
        (["9.9.9.9"], {"HTTP_FORWARDED": "for=1.2.3.4;proto=https", "HTTP_X_REAL_IP": "1.2.3.4"}, "9.9.9.9", False),
    ],
)
def test_only_trusted_proxies_are_believed(
    echo: Callable[..., tuple[str, bool]], proxies: list[str], meta: dict[str, str], address: str, secure: bool
) -> None:
    assert echo(*proxies, **meta) == (address, secure)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/login", 200),
        ("/", 302),
        ("/nothing", 404),
        ("/api/trades", 401),
        ("/api/nothing", 404),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/static/nothing.css", 404),
        ("/admin/", 302),
        ("/admin/login/", 200),
        ("/sign-in/x", 410),
    ],
)
def test_headers_of_every_answer(path: str, status: int) -> None:
    response = Client().get(path)
    assert response.status_code == status
    check_headers(response)


def check_headers(response: Any) -> None:
    policy = response["Content-Security-Policy"]
    assert {part.strip().partition(" 'nonce-")[0] for part in policy.split(";")} == CSP
    assert {name: response[name] for name in HEADERS} == HEADERS
    assert "camera=()" in response["Permissions-Policy"] and len(response["X-Request-Id"]) == 16
    assert "Server" not in response and "X-Powered-By" not in response


@pytest.mark.django_db
def test_headers_of_refusals(settings: Any) -> None:
    check_headers(Client().get("/login", HTTP_HOST="evil.example"))
    check_headers(Client(enforce_csrf_checks=True).post("/login"))
    check_headers(Client().post("/login", HTTP_SEC_FETCH_SITE="cross-site"))
    check_headers(Client().put("/login"))
    settings.SITE_SECURE, settings.SITE_URL = True, "https://bots.example"
    for path in ("/login", "/api/trades"):
        check_headers(Client().get(path))


@pytest.mark.django_db
def test_framing_caching_and_cookies(owner: Any) -> None:
    page = Client().get("/login")
    assert page["X-Frame-Options"] == "DENY" and page.cookies["csrf"]["samesite"] == "Lax"
    client = Client()
    client.post("/login", {"username": "owner", "password": PASSWORD})
    assert "no-store" in client.get("/a/main/")["Cache-Control"]
    session = client.cookies["session"]
    assert session["httponly"] and session["samesite"] == "Lax"
    assert client.get("/api/trades")["Cache-Control"] == "private, no-cache"


@pytest.mark.django_db
def test_plain_http_where_the_site_is_https(settings: Any) -> None:
    settings.SITE_SECURE, settings.SITE_URL = True, "https://bots.example"
    moved = Client().get("/login?next=/a/main/")
    assert (moved.status_code, moved["Location"]) == (301, "https://bots.example/login?next=/a/main/")
    for method in ("get", "post", "put"):
        refused = getattr(Client(), method)("/api/trades")
        error = refused.json()["error"]
        assert (refused.status_code, error["code"], error["request_id"]) == (
            403,
            "https_required",
            refused["X-Request-Id"],
        )
    assert Client().get("/healthz").status_code == 200
    assert Client().get("/login", secure=True).status_code == 200
    assert (
        PlainHttpMiddleware(lambda request: HttpResponse(status=204))(
            RequestFactory().get("/", secure=True)
        ).status_code
        == 204
    )


@pytest.mark.parametrize(
    ("chunks", "length", "body"),
    [
        ([b""], b"0", b""),
        ([b"ab", b"cd"], b"4", b"abcd"),
        ([b"abcd", b"e", b""], b"5", b"abcde"),
        ([b"abc", b"def", b"never"], b"6", b""),
    ],
)
async def test_a_body_is_read_up_to_the_limit(chunks: list[bytes], length: bytes, body: bytes) -> None:
    messages = [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks) - 1}
        for number, chunk in enumerate(chunks)
    ]
    seen: dict[str, Any] = {}

    async def receive() -> Any:
        return messages.pop(0)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.update(headers=dict(scope["headers"]), message=await receive(), left=len(messages))

    headers = [(b"transfer-encoding", b"chunked"), (b"content-length", b"999"), (b"host", b"x")]
    await BodyLimit(application, 5)({"type": "http", "headers": headers}, receive, None)
    assert seen["headers"] == {b"host": b"x", b"content-length": length}
    assert seen["message"] == {"type": "http.request", "body": body}
    assert seen["left"] == (1 if body == b"" and length == b"6" else 0)


@pytest.mark.parametrize(
    ("length", "chunks", "seen"),
    [
        (b"6", [b"abc", b"def"], [b"abc", b"def"]),
        (b"99", [b"abc"], [b""]),  # refused by its length
        (b"", [b"ab"], [b"ab"]),  # in chunks: as any other
        (b"", [b"abc", b"def"], [b""]),
    ],
)
async def test_the_files_of_some_paths_may_be_longer(length: bytes, chunks: list[bytes], seen: list[bytes]) -> None:
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages[-1]["more_body"] = False
    found: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        # A view refuses a length that is too much, or more than what came.
        assert dict(scope["headers"])[b"content-length"] == (length or str(len(b"".join(chunks[:1]))).encode())
        while len(found) < len(seen):
            found.append((await receive())["body"])

    headers = [(b"content-length", length)] if length else [(b"transfer-encoding", b"chunked")]
    limited = BodyLimit(application, 2, {"/files": 8})
    await limited({"type": "http", "path": "/files", "headers": headers}, receive, None)
    assert found == seen


async def test_streams_are_read_piece_by_piece_under_asgi() -> None:
    made: list[int] = []

    def parts() -> Iterator[bytes]:
        for number in range(3):
            made.append(number)
            yield b"x"

    def answer(request: HttpRequest) -> Any:
        return StreamMiddleware(lambda request: StreamingHttpResponse(parts()))(request)

    response = answer(AsyncRequestFactory().get("/"))
    pieces = aiter(response.streaming_content)
    assert made == [] and await anext(pieces) == b"x" and made == [0]
    assert [piece async for piece in pieces] == [b"x", b"x"]
    assert b"".join(answer(RequestFactory().get("/")).streaming_content) == b"xxx"
