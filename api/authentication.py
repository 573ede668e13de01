"""Who asks: a program with a key, or a person with a session."""

import contextlib
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.utils import timezone
from rest_framework import authentication, exceptions

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
    """`Authorization: Bearer <key>`; a key in the address is refused."""

    def authenticate(self, request: Any) -> tuple[Program, ApiKey] | None:
        if any(text.startswith("bv2_") for _, texts in request.query_params.lists() for text in texts):
            raise exceptions.ParseError(
                "A key never travels in the address. Revoke this one and send the next as a header."
            )
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer":
            raise exceptions.AuthenticationFailed("Use `Authorization: Bearer <key>`.")
        key = key_find(token.strip())
        now = timezone.now()
        if key is None or not key.usable_at(now):
            raise exceptions.AuthenticationFailed("This key is unknown, expired or revoked.")
        with contextlib.suppress(DatabaseError):  # a read must work although nothing can be written
            key_touch(key, now=now, address=request.META.get("REMOTE_ADDR") or None)
        return Program(key), key

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of a signed-in person; CSRF is checked on every write."""

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"
