"""Signing in and out: noted in the audit log, and how long ago a person proved to be the one who signed in."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.utils import timezone

from dashboard import own_device, sign_in_limits
from dashboard.known_devices import is_known, know
from dashboard.models import AuditEntry, SecurityNotice
from dashboard.pushes.subscriptions import subscriptions_end
from dashboard.services.audit import Actor, audit_write
from dashboard.services.notices import notice_tell
from dashboard.services.sessions import session_begin
from dashboard.session_store import BEGUN_AT

Kind = SecurityNotice.Kind
CONFIRMED_FOR = timedelta(minutes=10)
CONFIRMED_AT = "confirmed_at"


def connect() -> None:
    user_logged_in.connect(signed_in)
    user_logged_out.connect(signed_out)
    user_login_failed.connect(refused)
    sign_in_limits.connect()


def confirm(request: Any, now: datetime) -> None:
    """Remember that the person has just given a password or used a link."""
    request.session[CONFIRMED_AT] = int(now.timestamp())


def confirmed_until(request: Any) -> datetime | None:
    """Until when the session counts as confirmed; None if it never was."""
    at = request.session.get(CONFIRMED_AT)
    return None if at is None else datetime.fromtimestamp(at, tz=UTC) + CONFIRMED_FOR


def is_confirmed(request: Any, now: datetime) -> bool:
    until = confirmed_until(request)
    return until is not None and now < until


def signed_in(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    now, actor = timezone.now(), Actor.of_person(request, user)
    confirm(request, now)
    request.session[BEGUN_AT] = int(now.timestamp())
    request.session.set_expiry(None)  # on the way in it may have been kept for minutes alone
    session_begin(request, user, now)
    own_device.begin(request, user)
    if not is_known(request, user):
        know(request, user)
        if was_here(user):
            notice_tell(user=user, kind=Kind.NEW_DEVICE, actor=actor, now=now)
            note("session.new_device", actor, user.get_username(), now)
    note("session.begin", actor, user.get_username(), now)


def was_here(user: Any) -> bool:
    """Whether the person has signed in before: the first device is no news."""
    target = f"user:{user.get_username()}"
    return AuditEntry.objects.filter(account=None, action="session.begin", target=target).exists()


def signed_out(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    if user is not None:
        subscriptions_end(request.session, user)
        note("session.end", Actor.of_person(request, user), user.get_username(), timezone.now())


def refused(credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    """A wrong name or password. A name that nobody has is not kept: it may be a password typed too early."""
    if request is None:
        return
    user = get_user_model().objects.filter(username=credentials.get("username") or "").first()
    note("session.refuse", Actor.of_request(request, "nobody"), user.get_username() if user else "", timezone.now())


def wrong_password(request: Any, now: datetime) -> None:
    """A signed-in person did not give the right password."""
    note("session.refuse", Actor.of_person(request, request.user), request.user.get_username(), now)


def note(action: str, actor: Actor, name: str, now: datetime) -> None:
    audit_write(account=None, actor=actor, action=action, target=f"user:{name}", at=now)
