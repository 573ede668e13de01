"""Browsers that a person has alerts pushed to: turned on, changed, turned off, and ended with their session."""

import base64
import hashlib
import ipaddress
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import transaction
from django.utils import translation

from dashboard.devices import device
from dashboard.models import PushSubscription
from dashboard.services.audit import INSTALLATION
from dashboard.services.outcome import DomainError
from realtime.log import stream_lock

POINT, SECRET = 65, 16  # bytes
OF_SESSION = "pushes"


def public_key() -> str | None:
    """What browsers subscribe with; None where this server has no key to sign pushes with."""
    if not settings.VAPID_PRIVATE_KEY:
        return None
    number = int.from_bytes(unpacked(settings.VAPID_PRIVATE_KEY), "big")
    point = ec.derive_private_key(number, ec.SECP256R1()).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unpacked(text: str) -> bytes:
    """base64url with or without padding; raises ValueError."""
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)


def check_endpoint(endpoint: str) -> None:
    """Raise DomainError unless it is an address that may be a push service's. Where it leads is judged when dialled."""
    try:
        parts = urlsplit(endpoint)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    loopback = settings.PUSH_TO_LOOPBACK and parts.hostname == "127.0.0.1"
    if not (parts.scheme == "https" or (loopback and parts.scheme == "http")) or not parts.hostname or parts.username:
        raise DomainError({"endpoint": ["Must be an https address, as the browser gives it."]})
    try:
        public = ipaddress.ip_address(parts.hostname).is_global
    except ValueError:
        public = parts.hostname != "localhost" and "." in parts.hostname
    if not (public or loopback):
        raise DomainError({"endpoint": ["Must not be an address of a private network."]})


def check_keys(p256dh: str, auth: str) -> None:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point := unpacked(p256dh))
        good = len(point) == POINT
    except ValueError:
        good = False
    if not good:
        raise DomainError({"p256dh": ["Must be a point on P-256, as the browser gives it."]})
    try:
        good = len(unpacked(auth)) == SECRET
    except ValueError:
        good = False
    if not good:
        raise DomainError({"auth": ["Must be 16 bytes in base64url, as the browser gives them."]})


@transaction.atomic
def subscription_save(*, request: Any, values: dict[str, Any], now: datetime) -> tuple[PushSubscription, bool]:
    """Push to this browser from now on; whether it is a new one. A browser belongs to who asked last."""
    check_endpoint(values["endpoint"])
    check_keys(values["p256dh"], values["auth"])
    stream_lock(INSTALLATION)
    user = request.user
    PushSubscription.objects.filter(endpoint=values["endpoint"]).exclude(user=user).delete()
    known = PushSubscription.objects.filter(endpoint=values["endpoint"]).exists()
    if not known and PushSubscription.objects.filter(user=user).count() >= PushSubscription.MOST:
        raise DomainError({"endpoint": [f"At most {PushSubscription.MOST} browsers of one person are pushed to."]})
    agent = "".join(char for char in request.META.get("HTTP_USER_AGENT", "") if char.isprintable())[:500]
    found = {**values, "user": user, "user_agent": agent, "language": translation.get_language() or "en"}
    row, created = PushSubscription.objects.update_or_create(
        endpoint=values["endpoint"], defaults=found, create_defaults={**found, "created_at": now}
    )
    request.session[OF_SESSION] = [*request.session.get(OF_SESSION, [])[-PushSubscription.MOST :], row.pk]
    return row, created


def subscriptions_end(session: Any, user: Any) -> None:
    """A browser is told nothing more once its session, in which it was turned on, is ended by somebody. One that
    expires because nobody looked goes on being told: that is when alerts are needed."""
    if found := session.get(OF_SESSION):
        PushSubscription.objects.filter(pk__in=found, user=user).delete()


def fingerprint(endpoint: str) -> str:
    """By which a browser knows itself in the list, without the endpoint going out."""
    return hashlib.sha256(endpoint.encode()).hexdigest()[:32]


def push_row(row: PushSubscription) -> dict[str, Any]:
    return {
        "id": row.pk,
        "device": device(row.user_agent),
        "severity": row.severity,
        "created_at": row.created_at,
        "sent_at": row.sent_at,
        "fingerprint": fingerprint(row.endpoint),
    }
