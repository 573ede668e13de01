"""The audit log: who did what to whom. Each account has one chain of entries, the installation another."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import transaction

from dashboard.fields import plain
from dashboard.models import Account, AuditEntry
from realtime.log import stream_lock

ADDRESS = AuditEntry._meta.get_field("address")
INSTALLATION = "installation"  # the stream whose lock serialises what belongs to no account
HASHED = ("number", "at", "actor", "address", "request_id", "action", "target", "before", "after", "previous_hash")


@dataclass(frozen=True)
class Actor:
    """Who acts: `user:<name>`, `key:<prefix>` or `command`, and the request it was done by."""

    name: str
    user: Any = None
    address: str | None = None
    request_id: str = ""
    user_agent: str = ""

    @classmethod
    def of_request(cls, request: Any, name: str, user: Any = None) -> "Actor":
        meta = request.META
        agent = "".join(char for char in meta.get("HTTP_USER_AGENT", "") if char.isprintable())[:500]
        return cls(name, user, meta.get("REMOTE_ADDR") or None, getattr(request, "request_id", ""), agent)

    @classmethod
    def of_person(cls, request: Any, user: Any) -> "Actor":
        return cls.of_request(request, f"user:{user.get_username()}", user)


COMMAND = Actor("command")


@transaction.atomic
def audit_write(
    *,
    account: Account | None,
    actor: Actor,
    action: str,
    target: str,
    before: Any = None,
    after: Any = None,
    at: datetime,
) -> AuditEntry:
    """Add an entry in the transaction of the act, so that there is never one without the other."""
    stream_lock(account.stream_key if account else INSTALLATION)
    last = AuditEntry.objects.filter(account=account).order_by("-number").first()
    entry = AuditEntry(
        account=account,
        number=last.number + 1 if last else 1,
        at=at.astimezone(UTC),
        actor=actor.name,
        user=actor.user,
        address=ADDRESS.get_prep_value(actor.address),
        request_id=actor.request_id,
        action=action,
        target=target,
        before=settled(before),
        after=settled(after),
        previous_hash=last.hash if last else "",
    )
    entry.hash = entry_hash(entry)
    entry.save(force_insert=True)
    return entry


def settled(value: Any) -> Any:
    """The value as JSON that every database gives back as it was: numbers that are not whole are text."""
    return json.loads(orjson.dumps(value, default=money_text, option=orjson.OPT_UTC_Z), parse_float=str)


def money_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def entry_hash(entry: AuditEntry) -> str:
    content = {name: getattr(entry, name) for name in HASHED}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)).hexdigest()


def audit_faults(account: Account | None) -> Iterator[str]:
    """What is wrong with a chain: entries that are missing, were changed or do not follow the one before."""
    number, previous_hash = 0, ""
    for entry in AuditEntry.objects.filter(account=account).order_by("number").iterator():
        if entry.number != number + 1:
            yield f"entry {number + 1} is missing"
        elif entry.previous_hash != previous_hash:
            yield f"entry {entry.number} does not follow the one before it"
        if entry.hash != entry_hash(entry):
            yield f"entry {entry.number} was changed"
        number, previous_hash = entry.number, entry.hash
