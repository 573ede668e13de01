"""Who may watch what: the access rules that `botv2.asgi` gives to `realtime`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from botv2.middleware import ClientAddressMiddleware
from dashboard import wire
from dashboard.fields import dumps
from dashboard.models import Account, ApiKey, Bot, Membership
from dashboard.services.keys import key_expose, key_find, key_in_address, key_touch
from realtime.gate import Principal, Refused
from realtime.protocol import Close

WATCHING = {"read", "write"}  # scopes of a key, either of which lets it watch


class AccessGate:
    """The real `realtime.gate.Gate`: sessions and API keys, memberships, bots and candles."""

    def enter(self, scope: Mapping[str, Any]) -> Principal:
        request = ASGIRequest({**scope, "method": "GET", "scheme": http_scheme(scope)}, BytesIO())
        ClientAddressMiddleware(lambda request: HttpResponse())(request)
        if settings.SITE_SECURE and not request.is_secure():
            raise Refused(Close.FORBIDDEN)
        if (token := key_in_address(request.get_full_path())) is not None:
            key_expose(token, now=timezone.now(), request=request)
            raise Refused(Close.FORBIDDEN)
        if (authorization := request.headers.get("Authorization")) is not None:
            return enter_by_key(authorization, request.META["REMOTE_ADDR"])
        session_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not session_key.isalnum():
            raise Refused(Close.UNAUTHENTICATED)  # none, or not one of ours: NUL is an error to PostgreSQL
        if request.headers.get("Origin") not in settings.SITE_ORIGINS:
            raise Refused(Close.FORBIDDEN)  # another site speaking with this person's cookie
        user = signed_in([session_key]).get(session_key)
        if user is None:
            raise Refused(Close.UNAUTHENTICATED)
        return Principal(f"session:{session_key}", f"user:{user.pk}")

    def access(self, principals: Sequence[Principal]) -> Mapping[str, Mapping[str, str] | int]:
        found: dict[str, dict[str, str] | int] = {}
        sessions = of_kind("session", principals)
        if sessions:
            users = signed_in(sessions)
            accounts = accounts_of({user.pk for user in users.values()})
            for key in sessions:
                found[f"session:{key}"] = accounts.get(users[key].pk, {}) if key in users else Close.EXPIRED
        keys = of_kind("key", principals)
        if keys:
            rows = {str(key.pk): key for key in ApiKey.objects.select_related("account").filter(pk__in=keys)}
            for pk in keys:
                found[f"key:{pk}"] = accounts_of_key(rows.get(pk))
        return found

    def ticks(self, keys: Collection[str]) -> Mapping[tuple[str, str], bytes]:
        """`heartbeat`: {bots: [...]}, whole rows; `candle`: {version}, which grows with every change."""
        found: dict[tuple[str, str], bytes] = {}
        versions = Account.objects.filter(stream_key__in=keys, market_version__gt=0)
        for key, version in versions.values_list("stream_key", "market_version"):
            found[key, "candle"] = dumps({"version": version})
        bots: dict[str, list[dict[str, Any]]] = {}
        rows = Bot.objects.filter(account__stream_key__in=keys).order_by("account_id", "name")
        for key, *values in rows.values_list("account__stream_key", *wire.BOT.select):
            bots.setdefault(key, []).append(wire.BOT.row(values))
        return found | {(key, "heartbeat"): dumps({"bots": each}) for key, each in bots.items()}


def http_scheme(scope: Mapping[str, Any]) -> str:
    return "https" if scope.get("scheme") == "wss" else "http"


def of_kind(kind: str, principals: Iterable[Principal]) -> list[str]:
    found = (principal.id.partition(":") for principal in principals)
    return [rest for name, _, rest in found if name == kind]


def enter_by_key(authorization: str, address: str) -> Principal:
    scheme, _, token = authorization.partition(" ")
    key = key_find(token.strip()) if scheme.lower() == "bearer" else None
    now = timezone.now()
    if key is None or not key.usable_at(now):
        raise Refused(Close.UNAUTHENTICATED)
    if not WATCHING & set(key.scopes) or not key.usable_from(address):
        raise Refused(Close.FORBIDDEN)
    key_touch(key, now=now, address=address or None)
    return Principal(f"key:{key.pk}", f"key:{key.pk}")


def accounts_of_key(key: ApiKey | None) -> dict[str, str] | int:
    if key is None or not key.usable_at(timezone.now()) or not WATCHING & set(key.scopes):
        return Close.FORBIDDEN
    return {key.account.slug: key.account.stream_key}


def accounts_of(users: Collection[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    rows = Membership.objects.filter(user__in=users)
    for user, slug, key in rows.values_list("user_id", "account__slug", "account__stream_key"):
        found.setdefault(user, {})[slug] = key
    return found


def signed_in(session_keys: Collection[str]) -> dict[str, User]:
    """The users of these sessions; without those that expired, were signed out or ended by a new password."""
    rows = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
    sessions = {row.session_key: row.get_decoded() for row in rows}
    wanted = {str(data[SESSION_KEY]) for data in sessions.values() if SESSION_KEY in data}
    users = {str(user.pk): user for user in get_user_model().objects.filter(pk__in=wanted, is_active=True)}
    found: dict[str, User] = {}
    for key, data in sessions.items():
        user = users.get(str(data.get(SESSION_KEY)))
        if user is not None and holds(user, data):
            found[key] = user
    return found


def holds(user: User, data: Mapping[str, Any]) -> bool:
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    known = data.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    return known and any(constant_time_compare(data.get(HASH_SESSION_KEY, ""), each) for each in hashes)
