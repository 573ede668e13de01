"""Which browser a person has signed in with before: a signed cookie that names the people, and opens nothing.

A sign-in from another browser is told to the person. A known one can still sign in while others try the password.
"""

from typing import Any

from django.conf import settings
from django.core import signing

COOKIE = "__Host-known" if settings.SITE_SECURE else "known"
SALT = "known device"
YEAR = 365 * 24 * 3600
MOST = 20  # people who share a browser


def people_of(request: Any) -> list[int]:
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=YEAR)
    except signing.BadSignature:
        return []
    return found if isinstance(found, list) else []


def is_known(request: Any, user: Any) -> bool:
    return user.pk in people_of(request)


def know(request: Any, user: Any) -> None:
    """Have the answer to this request make the browser one that the person has signed in with."""
    request.known_people = [user.pk, *(pk for pk in people_of(request) if pk != user.pk)][:MOST]


def keep_known(request: Any, response: Any) -> None:
    if (people := getattr(request, "known_people", None)) is not None:
        value = signing.dumps(people, salt=SALT)
        response.set_cookie(COOKIE, value, max_age=YEAR, secure=settings.SITE_SECURE, httponly=True, samesite="Lax")
