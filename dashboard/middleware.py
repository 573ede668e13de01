"""What follows a signed-in person through the pages: language, theme, and when the session was last seen."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from dashboard.services.preferences import AUTO, languages, preferences_stored
from dashboard.services.sessions import session_touch

YEAR = 365 * 24 * 3600
WITHOUT_DATABASE = ("/healthz", "/readyz")


class PersonMiddleware:
    """Pages are in the person's language from the first one on; the cookies carry it to pages before the sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in WITHOUT_DATABASE:
            return self.get_response(request)
        is_page = not request.path.startswith("/api/")
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            session_touch(request, timezone.now())
            if is_page:
                speak(take(request))
        response = self.get_response(request)
        if is_page and request.session.accessed and request.user.is_authenticated:
            keep_cookies(request, response, take(request))
        return response


def take(request: Any) -> dict[str, Any]:
    """What the person has chosen, read once for each request."""
    if not hasattr(request, "preferences"):
        request.preferences = preferences_stored(request.user)
    chosen: dict[str, Any] = request.preferences
    return chosen


def speak(chosen: dict[str, Any]) -> None:
    language = chosen.get("language", AUTO)
    if language != AUTO and language in languages():
        translation.activate(language)


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
