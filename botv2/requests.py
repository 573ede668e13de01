"""Every request: its id, its line in the log, and what is counted of it."""

import logging
import secrets
import time

from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bind_contextvars, clear_contextvars

from botv2.metrics import REQUEST_SECONDS, REQUESTS
from botv2.middleware import PROBES, Handler

logger = logging.getLogger(__name__)

METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


class RequestMiddleware:
    """Give each request an id that errors and logs name; log and count it when its answer begins.

    Addresses are logged without their query, which may hold what people searched for.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.monotonic()
        clear_contextvars()  # a thread answers one request after the other
        request.request_id = secrets.token_hex(8)  # type: ignore[attr-defined]
        bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        if request.path not in PROBES:
            told(request, response, time.monotonic() - begun)
        return response


def told(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    method = request.method if request.method in METHODS else "other"
    view = view_of(request)
    REQUESTS.labels(method, view, str(response.status_code)).inc()
    REQUEST_SECONDS.labels(kind_of(request)).observe(seconds)
    level = logging.ERROR if response.status_code >= 500 else logging.INFO
    if logger.isEnabledFor(level):
        extra = {"method": method, "path": request.path, "view": view, "status": response.status_code}
        extra |= {"ms": round(seconds * 1000, 1), "address": request.META.get("REMOTE_ADDR", "")}
        logger.log(level, "request", extra=extra)


def view_of(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is None:
        return "none"
    function = match.func
    named = getattr(function, "cls", None) or getattr(function, "view_class", None) or function
    return str(getattr(named, "__name__", type(named).__name__))


def kind_of(request: HttpRequest) -> str:
    if not request.path.startswith("/api/"):
        return "page"
    return "read" if request.method in {"GET", "HEAD", "OPTIONS"} else "write"
