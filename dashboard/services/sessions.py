"""The sessions of a person: begun at sign-in, seen with every use, ended one by one or all but this one.

Without its session a cookie is worth nothing, and sockets that were opened with it close within seconds.
"""

import contextlib
import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.utils.crypto import constant_time_compare

from dashboard.models import AuditEntry, PersonSession
from dashboard.pushes.subscriptions import subscriptions_end
from dashboard.services.audit import Actor, audit_write
from dashboard.session_store import ends_at

SEEN_EVERY = timedelta(minutes=1)
MOST_SEEN = 10_000
MANY = 200
ADDRESS = AuditEntry._meta.get_field("address")


def session_begin(request: Any, user: Any, now: datetime, begun_at: datetime | None = None) -> None:
    """Note where and with what the session of this request is used."""
    if request.session.session_key is None:
        request.session.create()
    PersonSession.objects.update_or_create(
        session_id=request.session.session_key,
        defaults={"user": user, "begun_at": begun_at or now, "seen_at": now, **place(request)},
    )


def place(request: Any) -> dict[str, Any]:
    return {
        "address": ADDRESS.get_prep_value(request.META.get("REMOTE_ADDR") or None),
        "user_agent": "".join(char for char in request.META.get("HTTP_USER_AGENT", "") if char.isprintable())[:500],
    }


class Seen:
    """When this process last wrote down that a session was seen; the oldest is forgotten first."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.times: OrderedDict[str, datetime] = OrderedDict()

    def is_due(self, key: str, now: datetime) -> bool:
        with self.lock:
            before = self.times.get(key)
            if before is not None and before <= now < before + SEEN_EVERY:
                return False
            self.times[key] = now
            self.times.move_to_end(key)
            if len(self.times) > MOST_SEEN:
                self.times.popitem(last=False)
            return True


seen = Seen()


def session_touch(request: Any, now: datetime) -> None:
    """Remember the use of a session, at most once a minute, which puts off its end."""
    key = request.session.session_key
    if key is not None and seen.is_due(key, now):
        with contextlib.suppress(DatabaseError):  # a read must work although nothing can be written
            PersonSession.objects.filter(session_id=key).update(seen_at=now, **place(request))
            Session.objects.filter(pk=key).update(expire_date=ends_at(request.session, now))


def sessions_of(user: Any, now: datetime) -> list[PersonSession]:
    """The sessions that still hold; a new password ends the others."""
    rows = PersonSession.objects.filter(user=user, session__expire_date__gt=now).select_related("session")
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return [row for row in rows[:MANY] if holds(row.session, hashes)]


def holds(session: Session, hashes: list[str]) -> bool:
    found = session.get_decoded().get(HASH_SESSION_KEY, "")
    return any(constant_time_compare(found, each) for each in hashes)


@transaction.atomic
def session_end(*, row: PersonSession, actor: Actor, now: datetime) -> None:
    audit_write(
        account=None,
        actor=actor,
        action="session.revoke",
        target=f"user:{row.user.get_username()}",
        before={"address": row.address, "user_agent": row.user_agent, "begun_at": row.begun_at},
        at=now,
    )
    subscriptions_end(row.session.get_decoded(), row.user)
    Session.objects.filter(pk=row.session_id).delete()


@transaction.atomic
def sessions_end(*, user: Any, but: str | None, actor: Actor, now: datetime) -> int:
    """End all sessions of a person, but the one with this key; return how many there were."""
    rows = PersonSession.objects.filter(user=user).exclude(session_id=but).select_related("user", "session")
    for row in rows:
        session_end(row=row, actor=actor, now=now)
    return len(rows)


def sessions_purge(now: datetime) -> int:
    """Forget sessions that have expired, those of people who never signed in among them."""
    return Session.objects.filter(expire_date__lt=now).delete()[1].get("sessions.Session", 0)
