"""The size of bodies, the client's address behind trusted proxies, https, and headers of every answer."""

import ipaddress
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase

from dashboard.errors import csrf_failure, not_found

Handler = Callable[[HttpRequest], HttpResponse]


class BodyLimit:
    """ASGI: read a body before Django does, which would keep any amount of it on disk, and tell Django its length.

    Of a body that is larger than allowed only the length goes on, which the views then refuse. `files` says how long
    the bodies of other paths may be, which are files: those of a known length go on piece by piece, and Django keeps
    them on disk.
    """

    def __init__(self, application: Any, limit: int, files: Mapping[str, int] | None = None) -> None:
        self.application, self.limit, self.files = application, limit, files or {}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if (most := self.files.get(scope.get("path", ""))) and (length := length_of(scope)):
            await self.application(scope, receive if length <= most else once(b"", receive), send)
            return
        body, more = bytearray(), True
        while more and len(body) <= self.limit:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        size = str(len(body)).encode()
        headers = [header for header in scope["headers"] if header[0] not in {b"content-length", b"transfer-encoding"}]
        kept = bytes(body) if len(body) <= self.limit else b""
        scope = {**scope, "headers": [*headers, (b"content-length", size)]}
        await self.application(scope, once(kept, receive), send)


def once(body: bytes, receive: Any) -> Any:
    """A body that was read; what is still to come of it is passed over."""
    read = iter([{"type": "http.request", "body": body}])

    async def receive_again() -> Any:
        if (first := next(read, None)) is not None:
            return first
        while (after := await receive())["type"] != "http.disconnect":
            pass  # the rest of a body that is refused
        return after

    return receive_again


def length_of(scope: dict[str, Any]) -> int:
    """What the client says of its body; 0 where it says nothing."""
    said = dict(scope["headers"]).get(b"content-length", b"")
    return int(said) if said.isdigit() else 0


class StreamMiddleware:
    """Under ASGI, send what a view streams piece by piece: Django would read the whole before it sends the first.

    It stands before HttpCompressionMiddleware, so that compressing is part of a step, which runs in a thread.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(request, ASGIRequest) or isinstance(response, FileResponse):
            return response
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = piecewise(iter(response))
        return response


async def piecewise(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    def step() -> bytes | None:
        return next(parts, None)

    while (part := await sync_to_async(step)()) is not None:
        yield part


class ClientAddressMiddleware:
    """Believe X-Forwarded-For and -Proto from trusted proxies only; whoever else sends them is ignored."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.trusted = [ipaddress.ip_network(text) for text in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = request.META.get("REMOTE_ADDR", "")
        chain = [part.strip() for part in request.META.pop("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        proto = request.META.pop("HTTP_X_FORWARDED_PROTO", "")
        request.forwarded_by_stranger = bool(chain or proto) and not self.trusts(address)  # type: ignore[attr-defined]
        if self.trusts(address):
            if proto.lower() == "https":
                request.META["wsgi.url_scheme"] = "https"
                request._get_scheme = lambda: "https"  # type: ignore[attr-defined]
            while chain and self.trusts(address) and is_address(chain[-1]):
                address = chain.pop()
        request.META["REMOTE_ADDR"] = address.partition("%")[0]  # the interface of a link-local one is no part of it
        return self.get_response(request)

    def trusts(self, text: str) -> bool:
        return is_address(text) and any(ipaddress.ip_address(text) in network for network in self.trusted)


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class AdminNetworkMiddleware:
    """The admin is there for some networks alone. What an unknown proxy hands on may come from anywhere."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.networks = [ipaddress.ip_network(text) for text in settings.ADMIN_NETWORKS]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(f"/{settings.ADMIN_PATH}") and not self.answers(request):
            return not_found(request)
        return self.get_response(request)

    def answers(self, request: HttpRequest) -> bool:
        address = client_address(request)
        near = is_address(address) and any(ipaddress.ip_address(address) in each for each in self.networks)
        return near and not getattr(request, "forwarded_by_stranger", False)


def client_address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


PROBES = {"/healthz", "/readyz", "/metrics"}


class ProbeMiddleware:
    """Probes and scrapers ask a process by its own address, so the Host they send is no name of the site."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in PROBES:
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0]
        return self.get_response(request)


class PlainHttpMiddleware:
    """Where the site is https, redirect plain pages and refuse plain API calls, whose key has leaked already."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.SITE_SECURE or request.is_secure() or request.path in PROBES:
            return self.get_response(request)
        if request.path.startswith("/api/"):
            error = {"code": "https_required", "message": "Use https.", "fields": {}, "request_id": request.request_id}  # type: ignore[attr-defined]
            return JsonResponse({"success": False, "error": error}, status=403)
        return HttpResponsePermanentRedirect(settings.SITE_URL + request.get_full_path())


class SessionCookieMiddleware:
    """Forget a session cookie that no server made: a quoted one may hold NUL, which is an error to PostgreSQL."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.COOKIES.get(settings.SESSION_COOKIE_NAME, "x").isalnum():
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        return self.get_response(request)


class FetchSiteMiddleware:
    """Refuse what another site makes a browser write here with its cookies; programs with a key are meant to."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        foreign = request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}
        if foreign and request.method not in {"GET", "HEAD", "OPTIONS"} and "Authorization" not in request.headers:
            return csrf_failure(request)
        return self.get_response(request)


class SecurityHeadersMiddleware:
    """Headers Django has no setting for."""

    HEADERS = {
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), "
        "usb=()",
    }

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.HEADERS.items():
            response.setdefault(name, value)
        if request.headers.get("Cookie") or request.headers.get("Authorization"):
            response.setdefault("Cache-Control", "no-store")
        return response
