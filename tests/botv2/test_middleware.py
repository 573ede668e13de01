"""What every answer carries, whom the server believes, and plain http."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import AsyncRequestFactory, Client, RequestFactory
from django.utils import timezone

from botv2.middleware import BodyLimit, ClientAddressMiddleware, PlainHttpMiddleware, StreamMiddleware
from dashboard.buckets import Buckets
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
    "report-uri /csp-report",
    "report-to csp",
}
TRUSTED_TYPES = {"require-trusted-types-for 'script'", "trusted-types botv2"}
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
    own = not response.wsgi_request.path.startswith(("/api/", "/admin/"))
    wanted = CSP | TRUSTED_TYPES if own else CSP
    assert {part.strip().partition(" 'nonce-")[0] for part in policy.split(";")} == wanted
    assert response["Reporting-Endpoints"] == 'csp="/csp-report"'
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


@pytest.fixture
def fresh_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botv2.content_policy.buckets", Buckets())


REPORT = {
    "csp-report": {
        "document-uri": "https://bots.example/a/main/?token=secret",
        "effective-directive": "script-src-elem\x1b[31m\nINFO forged",
        "blocked-uri": "https://evil.example/x.js",
    }
}


@pytest.mark.parametrize(
    "body",
    [
        REPORT,
        [
            {
                "type": "csp-violation",
                "body": {"documentURL": "https://bots.example/", "blockedURL": "https://evil.example/"},
            }
        ],
    ],
)
def test_a_report_of_the_policy_is_logged_in_one_line(body: Any, fresh_buckets: None, caplog: Any) -> None:
    answer = Client(enforce_csrf_checks=True).post("/csp-report", json.dumps(body), "application/csp-report")
    assert answer.status_code == 204
    line = caplog.records[-1].getMessage()
    assert "evil.example" in line and "\n" not in line and "\x1b" not in line and "secret" not in line


@pytest.mark.parametrize("body", ["", "{", "[1, null, {}]", '"x"', '{"csp-report": []}', "1" * 20_000])
def test_a_report_that_is_none_is_no_fault(body: str, fresh_buckets: None) -> None:
    assert Client().post("/csp-report", body, "application/csp-report").status_code in (204, 400, 413)


def test_reports_are_few(fresh_buckets: None) -> None:
    statuses = [Client().post("/csp-report", "{}", "application/json").status_code for _ in range(25)]
    assert statuses.count(204) == 20 and statuses[-1] == 429
    assert Client(REMOTE_ADDR="203.0.113.7").post("/csp-report", "{}", "application/json").status_code == 204
    assert Client().get("/csp-report").status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("networks", "meta", "there"),
    [
        (["127.0.0.0/8"], {}, True),
        (["127.0.0.0/8"], {"REMOTE_ADDR": "203.0.113.7"}, False),
        (["127.0.0.0/8", "203.0.113.0/24"], {"REMOTE_ADDR": "203.0.113.7"}, True),
        ([], {}, False),
        # A proxy that nobody named hands on what comes from anywhere.
        (["127.0.0.0/8"], {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, False),
        (["127.0.0.0/8"], {"HTTP_X_FORWARDED_PROTO": "https"}, False),
    ],
)
def test_the_admin_is_there_for_some_networks_alone(
    settings: Any, networks: list[str], meta: dict[str, str], there: bool
) -> None:
    settings.ADMIN_NETWORKS = networks
    for path in ("/admin/", "/admin/login/", "/admin/dashboard/trade/"):
        assert (Client(**meta).get(path).status_code != 404) == there  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/login", "/a/main/", "/a/main/trades", "/healthz", "/api/trades", "/nothing"])
def test_trace_is_off_and_pages_are_only_read(path: str, owner: Any) -> None:
    client = Client()
    assert client.trace(path).status_code in (401, 403, 404, 405)
    client.force_login(owner)
    for method in ("trace", "put", "patch", "delete"):
        assert getattr(client, method)(path).status_code in (403, 404, 405)


def test_signing_out_clears_what_the_browser_keeps(owner: Any) -> None:
    client = Client()
    client.force_login(owner)
    answer = client.post("/logout")
    assert answer["Clear-Site-Data"] == '"cache", "storage"' and "no-store" in answer["Cache-Control"]
    assert "Clear-Site-Data" not in client.get("/login")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/a/main/", "/a/main/settings", "/accounts/new", "/api/me", "/admin/"])
def test_answers_for_signed_in_people_are_not_stored(path: str, owner: Any) -> None:
    client = Client()
    client.force_login(owner)
    assert "no-store" in client.get(path)["Cache-Control"]


def test_where_to_report_a_weakness(settings: Any) -> None:
    assert Client().get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@example.org"
    answer = Client().get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert answer["Content-Type"] == "text/plain; charset=utf-8" and fields["Contact"] == "mailto:security@example.org"
    assert timezone.now() < datetime.fromisoformat(fields["Expires"]) < timezone.now() + timedelta(days=365)
