"""What follows a signed-in person through the pages: language, theme, and when the session was last seen."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation
from structlog.contextvars import bind_contextvars

from dashboard.known_devices import keep_known
from dashboard.services.preferences import AUTO, languages, preferences_stored
from dashboard.services.sessions import session_touch

YEAR = 365 * 24 * 3600
WITHOUT_DATABASE = ("/healthz", "/readyz")


class LanguageMiddleware(LocaleMiddleware):
    """Pages speak as the browser asks. The API speaks English to programs; `SessionAuthentication` sees to people."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path.startswith("/api/"):
            translation.activate(settings.LANGUAGE_CODE)
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if request.path.startswith("/api/") else super().process_response(request, response)


class PersonMiddleware:
    """Pages are in the person's language from the first one on; the cookies carry it to pages before the sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in WITHOUT_DATABASE:
            return self.get_response(request)
        is_page = not request.path.startswith("/api/")
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            bind_contextvars(person=request.user.pk)
            session_touch(request, timezone.now())
            if is_page:
                speak(request)
        response = self.get_response(request)
        if is_page and request.session.accessed and request.user.is_authenticated:
            keep_cookies(request, response, take(request))
        keep_known(request, response)
        return response


def take(request: Any) -> dict[str, Any]:
    """What the person has chosen, read once for each request."""
    if not hasattr(request, "preferences"):
        request.preferences = preferences_stored(request.user)
    chosen: dict[str, Any] = request.preferences
    return chosen


def speak(request: HttpRequest) -> None:
    """The language that the signed-in person has chosen; else the one that the browser asks for."""
    language = take(request).get("language", AUTO)
    known = language != AUTO and language in languages()
    translation.activate(language if known else translation.get_language_from_request(request))


def keep_cookies(request: HttpRequest, response: HttpResponse, chosen: dict[str, Any]) -> None:
    """Let the browser hold what the first paint needs. What was never chosen is left as the browser has it."""
    for name, cookie in (("theme", "theme"), ("language", settings.LANGUAGE_COOKIE_NAME)):
        value = chosen.get(name)
        if value is None or value == request.COOKIES.get(cookie, AUTO):
            continue
        if name == "language" and value == AUTO:
            response.delete_cookie(cookie, samesite="Lax")
        else:
            response.set_cookie(cookie, value, max_age=YEAR, secure=settings.SITE_SECURE, samesite="Lax")
