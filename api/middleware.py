"""Answers below /api/ are in the envelope, also those that never reached a view; keys never travel in addresses."""

import contextlib
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api.errors import envelope
from dashboard import errors
from dashboard.fields import dumps
from dashboard.services.keys import key_expose, key_in_address

MESSAGES = {
    400: "The request is not valid.",
    403: "Not allowed.",
    404: "There is nothing here.",
    503: "The database did not answer; nothing was stored. Try again.",
}
KEPT = ("Retry-After",)
KEY_IN_ADDRESS = "A key never travels in the address. Revoke this one and send the next as a header."


class EnvelopeMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith("/api/") or response.status_code < 400 or getattr(response, "data", None):
            return response
        status = response.status_code
        body = envelope(status, MESSAGES.get(status, "Something went wrong here."), getattr(request, "request_id", ""))
        headers = {name: response[name] for name in KEPT if name in response}
        return HttpResponse(dumps(body), status=status, headers=headers, content_type="application/json")


class KeyInAddressMiddleware:
    """Refuse a key in the address, where proxies and browsers keep it; its owners are told to revoke it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (token := key_in_address(request.get_full_path())) is None:
            return self.get_response(request)
        with contextlib.suppress(DatabaseError):  # it is refused although nobody can be told
            key_expose(token, now=timezone.now(), request=request)
        if not request.path.startswith("/api/"):
            return errors.key_in_address(request)
        body = envelope(400, KEY_IN_ADDRESS, getattr(request, "request_id", ""))
        return HttpResponse(dumps(body), status=400, content_type="application/json")
