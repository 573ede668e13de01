"""Who asks: a program with a key, or a person with a session."""

import contextlib
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.utils import timezone, translation
from rest_framework import authentication, exceptions
from structlog.contextvars import bind_contextvars

from dashboard.models import ApiKey
from dashboard.services.keys import key_find, key_touch


@dataclass(frozen=True)
class Program:
    """The user of a request that came with an API key."""

    key: ApiKey
    is_authenticated: bool = True
    is_active: bool = True
    pk: None = None

    def __str__(self) -> str:
        return f"key {self.key.prefix}"


class KeyAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer <key>`. One in the address never gets here: `api.middleware`."""

    def authenticate(self, request: Any) -> tuple[Program, ApiKey] | None:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer":
            raise exceptions.AuthenticationFailed("Use `Authorization: Bearer <key>`.")
        key = key_find(token.strip())
        now = timezone.now()
        if key is None or not key.usable_at(now):
            raise exceptions.AuthenticationFailed("This key is unknown, expired or revoked.")
        bind_contextvars(key=key.prefix)
        address = request.META.get("REMOTE_ADDR", "")
        if not key.usable_from(address):
            raise exceptions.PermissionDenied("This key may not be used from this address.")
        with contextlib.suppress(DatabaseError):  # a read must work although nothing can be written
            key_touch(key, now=now, address=address or None)
        return Program(key), key

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of a signed-in person; CSRF is checked on every write. What is wrong is told in their language."""

    def authenticate(self, request: Any) -> Any:
        found = super().authenticate(request)
        if found is not None:
            # Pages keep what the person has chosen in a cookie, so no query is needed for it.
            translation.activate(translation.get_language_from_request(request._request))
        return found

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"
