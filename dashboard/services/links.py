"""One-time links that sign a person in. Only the hash of a link's token is stored."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from dashboard.models import SignInLink

LINK_LIFE = timedelta(minutes=15)


def sign_in_link_create(*, user: Any, now: datetime) -> str:
    """Return the token of a new link for `user`, valid 15 minutes and once. Unused older links end."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        SignInLink.objects.filter(user=user, used_at__isnull=True).delete()
        SignInLink.objects.create(user=user, token_hash=link_hash(token), expires_at=now + LINK_LIFE)
    return token


def sign_in_link_use(token: str, now: datetime) -> Any | None:
    """The user of this link, which is used up by it; None if it is unknown, expired or was used."""
    claimed = SignInLink.objects.filter(
        token_hash=link_hash(token), used_at__isnull=True, expires_at__gt=now, user__is_active=True
    ).update(used_at=now)
    if not claimed:
        return None
    return get_user_model().objects.get(sign_in_links__token_hash=link_hash(token))


def link_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
