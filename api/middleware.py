"""Answers below /api/ are in the envelope, also those that never reached a view."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from api.errors import envelope
from dashboard.fields import dumps

MESSAGES = {
    400: "The request is not valid.",
    403: "Not allowed.",
    404: "There is nothing here.",
    503: "The database did not answer; nothing was stored. Try again.",
}
KEPT = ("Retry-After",)


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
