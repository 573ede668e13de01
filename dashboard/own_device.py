"""Whose device a browser is on. Where its user has called it their own, the service worker keeps pages and data.

The worker goes by two things that are said here. Every answer names whom it is for (`X-Kept-For`), so the worker keeps
nothing for the wrong person and drops what it kept for another. A cookie names who is signed in, so it shows nothing
to the wrong person before an answer came.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from dashboard.middleware import WITHOUT_DATABASE

FIELD = "own_device"
HEADER = "X-Kept-For"
NOBODY, UNKEPT = "nobody", "unkept"  # nobody is signed in; somebody, on a device that is not theirs
OWN = "own_device"  # in the session
YEAR = 365 * 24 * 3600
MOST = 10  # people who call the same device their own
PREFIX = "__Host-" if settings.SITE_SECURE else ""
KEPT_FOR, REMEMBERED = f"{PREFIX}kept-for", f"{PREFIX}own-device"


def handle(user: Any) -> str:
    """What the person is called on their devices; it tells nothing to who finds it."""
    return salted_hmac("botv2.device", str(user.pk), algorithm="sha256").hexdigest()[:16]


def asked(request: Any) -> bool:
    """Whether whoever signs in calls this device their own."""
    return bool(request.POST.get(FIELD) or request.GET.get(FIELD))


def is_own(request: Any) -> bool:
    return bool(request.session.get(OWN))


def begin(request: Any, user: Any) -> None:
    """At a sign-in: the device is the person's own if they say so now, or have said so here before."""
    if asked(request) or handle(user) in remembered(request):
        call_own(request, user, True)


def call_own(request: Any, user: Any, own: bool) -> None:
    """Call this device one's own, or not any more, until it is said otherwise."""
    request.session[OWN] = own
    others = [each for each in remembered(request) if each != handle(user)]
    request.owners = [*others, handle(user)][-MOST:] if own else others


def remembered(request: Any) -> list[str]:
    """The people who have called this device their own."""
    try:
        found: list[str] = signing.loads(request.COOKIES.get(REMEMBERED, ""), salt=REMEMBERED)
    except signing.BadSignature:
        return []
    return found


def not_kept(response: HttpResponse) -> HttpResponse:
    """Say that this answer is kept on no device."""
    response.kept = False  # type: ignore[attr-defined]
    return response


class OwnDeviceMiddleware:
    """Name in every answer whom it is for, and keep the cookies that say whose device this is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path in WITHOUT_DATABASE or "Authorization" in request.headers:
            return response
        whose = self.whose(request)
        if getattr(response, "kept", True):
            response[HEADER] = whose
        self.keep_cookies(request, response, whose)
        return response

    def whose(self, request: Any) -> str:
        known = settings.SESSION_COOKIE_NAME in request.COOKIES or request.session.modified
        # The API leaves no user where its own sign-in found none.
        if not known or request.user is None or not request.user.is_authenticated:
            return NOBODY
        return handle(request.user) if is_own(request) else UNKEPT

    def keep_cookies(self, request: Any, response: HttpResponse, whose: str) -> None:
        options: Any = {"secure": settings.SITE_SECURE, "samesite": "Lax"}
        known = request.COOKIES.get(KEPT_FOR)
        if whose in (NOBODY, UNKEPT):
            if known is not None:
                response.delete_cookie(KEPT_FOR, samesite="Lax")
        elif known != whose:
            response.set_cookie(KEPT_FOR, whose, max_age=settings.SESSION_COOKIE_AGE, **options)
        if (owners := getattr(request, "owners", None)) is not None:
            text = signing.dumps(owners, salt=REMEMBERED)
            response.set_cookie(REMEMBERED, text, max_age=YEAR, httponly=True, **options)
