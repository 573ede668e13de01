"""API keys: made, found, used, revoked. The secret exists only in the answer that makes it."""

import hashlib
import hmac
import re
import secrets
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from dashboard import wire
from dashboard.models import Account, ApiKey, Bot, SecurityNotice
from dashboard.prepared import Prepared
from dashboard.services.audit import COMMAND, Actor, audit_write
from dashboard.services.notices import owners_tell
from realtime.log import stream_lock

Kind = SecurityNotice.Kind
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SECRET_LENGTH = 36  # 62^36 is 214 bits
TOKEN = re.compile(r"bv2_[a-z]{2,8}_([0-9A-Za-z]{8})_[0-9A-Za-z]{36}_[0-9A-Za-z]{6}", re.ASCII)
DEFAULT_LIFE = timedelta(days=90)
MAX_LIFE = timedelta(days=3650)
TOUCH_EVERY = timedelta(minutes=1)


@transaction.atomic
def key_create(
    *,
    account: Account,
    scopes: Sequence[str],
    now: datetime,
    bot: Bot | None = None,
    name: str = "",
    expires_at: datetime | None = None,
    networks: Sequence[str] = (),
    actor: Actor = COMMAND,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its token, which is shown this once. It expires after 90 days by default.

    `networks` are where it may be used from; none of them: anywhere. Every owner is told.
    """
    unknown = set(scopes) - set(ApiKey.SCOPES)
    if unknown or not scopes:
        raise ValueError(f"scopes are {', '.join(ApiKey.SCOPES)}; got {', '.join(sorted(unknown)) or 'none'}")
    stream_lock(account.stream_key)
    prefix = "".join(secrets.choice(ALPHABET) for _ in range(8))
    body = f"bv2_{account.kind}_{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(SECRET_LENGTH))}"
    token = f"{body}_{checksum(body)}"
    key = ApiKey.objects.create(
        account=account,
        bot=bot,
        name=name,
        prefix=prefix,
        hash=token_hash(token),
        scopes=sorted(set(scopes)),
        networks=list(networks),
        expires_at=expires_at or now + DEFAULT_LIFE,
        created_by=actor.user,
    )
    noted = wire.pick(wire.KEY.instance(key), ["name", "scopes", "networks", "bot", "expires_at"])
    note(key, "create", actor, now, after=noted)
    if actor.user is not None:  # commands are for who has the server, the demo bot's key at every start among them
        owners_tell(account=account, kind=Kind.KEY_CREATED, actor=actor, now=now, about=label(key))
    return key, token


KEY = Prepared(lambda prefix: ApiKey.objects.select_related("account", "bot").filter(prefix=prefix).order_by())


def checksum(body: str) -> str:
    """Six base62 characters of CRC-32, so that a scanner can tell a key from noise without asking us."""
    number, text = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        text += ALPHABET[digit]
    return text


def token_hash(token: str) -> str:
    return hmac.new(settings.KEY_PEPPER.encode(), token.encode(), hashlib.sha256).hexdigest()


def key_find(token: str) -> ApiKey | None:
    """The key of this token, usable or not; None if there is none."""
    match = TOKEN.fullmatch(token)
    body, _, check = token.rpartition("_")
    if not match or not hmac.compare_digest(check, checksum(body)):
        return None
    key = KEY.first(match[1])
    if key is None or not hmac.compare_digest(key.hash, token_hash(token)):
        return None
    return key


def key_in_address(address: str) -> str | None:
    """The token that stands in an address, percent-encoded or not."""
    found = TOKEN.search(unquote_plus(address))
    return found and found[0]


def key_touch(key: ApiKey, *, now: datetime, address: str | None) -> None:
    """Remember the use of a key, at most once a minute."""
    due = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - TOUCH_EVERY)
    if key.last_used_at is None or key.last_used_at < now - TOUCH_EVERY:
        ApiKey.objects.filter(due, pk=key.pk).update(last_used_at=now, last_used_ip=address)


@transaction.atomic
def key_expose(token: str, *, now: datetime, request: Any) -> None:
    """A key was sent where addresses are logged: tell the owners to revoke it, once until they have read that."""
    key = key_find(token)
    if key is None or key.revoked_at is not None:
        return
    actor = Actor.of_request(request, f"key:{key.prefix}")
    stream_lock(key.account.stream_key)
    told = SecurityNotice.objects.filter(
        account=key.account, kind=Kind.KEY_EXPOSED, about=label(key), dismissed_at__isnull=True
    )
    if not told.exists():
        note(key, "expose", actor, now)
        owners_tell(account=key.account, kind=Kind.KEY_EXPOSED, actor=actor, now=now, about=label(key))


def label(key: ApiKey) -> str:
    return f"{key.name} bv2_…{key.prefix}".strip()


@transaction.atomic
def key_revoke(key: ApiKey, *, now: datetime, actor: Actor = COMMAND) -> None:
    """End a key; sockets that were opened with it close within seconds."""
    stream_lock(key.account.stream_key)
    if ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now):
        note(key, "revoke", actor, now)


def note(key: ApiKey, verb: str, actor: Actor, now: datetime, after: Any = None) -> None:
    audit_write(account=key.account, actor=actor, action=f"key.{verb}", target=f"key:{key.prefix}", after=after, at=now)
