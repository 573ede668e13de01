"""Request id, the client's address behind trusted proxies, https, and headers that every answer carries."""

import ipaddress
import re
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse

Handler = Callable[[HttpRequest], HttpResponse]
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)


class RequestIdMiddleware:
    """Give each request an id that errors and logs name."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = secrets.token_hex(8)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class ClientAddressMiddleware:
    """Believe X-Forwarded-For and -Proto from trusted proxies only; whoever else sends them is ignored."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.trusted = [ipaddress.ip_network(text) for text in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = request.META.get("REMOTE_ADDR", "")
        chain = [part.strip() for part in request.META.pop("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        proto = request.META.pop("HTTP_X_FORWARDED_PROTO", "")
        if self.trusts(address):
            if proto.lower() == "https":
                request.META["wsgi.url_scheme"] = "https"
                request._get_scheme = lambda: "https"  # type: ignore[attr-defined]
            while chain and self.trusts(address):
                address = chain.pop()
        request.META["REMOTE_ADDR"] = address
        return self.get_response(request)

    def trusts(self, text: str) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in self.trusted)


def client_address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


class PlainHttpMiddleware:
    """Where the site is https, redirect plain pages and refuse plain API calls, whose key has leaked already."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.SITE_SECURE or request.is_secure() or request.path in {"/healthz", "/readyz"}:
            return self.get_response(request)
        if request.path.startswith("/api/"):
            error = {"code": "https_required", "message": "Use https.", "fields": {}, "request_id": request.request_id}  # type: ignore[attr-defined]
            return JsonResponse({"success": False, "error": error}, status=403)
        return HttpResponsePermanentRedirect(settings.SITE_URL + request.get_full_path())


class SecurityHeadersMiddleware:
    """Headers Django has no setting for."""

    HEADERS = {
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
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
