"""How often a password may be tried: by one address, for one name, and by everybody together.

Nobody can be shut out for good: a pause of an hour is not prolonged by trying on, a browser that the person has signed
in with before is counted by itself, and passkeys and links are no passwords.
"""

import time
from datetime import timedelta
from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth import get_user_model
from django.utils import timezone

from dashboard.buckets import buckets
from dashboard.known_devices import is_known
from dashboard.models import AuditEntry, SecurityNotice
from dashboard.services.audit import Actor, audit_write
from dashboard.services.notices import notice_tell

EVERYBODY = (2.0, 240)  # tries a second and at once, of all addresses together
PAUSE = timedelta(hours=1)


def connect() -> None:
    user_locked_out.connect(paused)


def person_of(name: Any) -> Any:
    """Whom the name belongs to; None for what is none."""
    text = str(name or "")
    return None if "\0" in text else get_user_model().objects.filter(username=text).first()


def counted_by(request: Any, credentials: dict[str, Any] | None = None) -> list[Any]:
    """What failed tries are added up by (axes): the address and the name, or a known browser alone."""
    name = (credentials or {}).get("username") or request.POST.get("username")
    user = person_of(name)
    if user is not None and is_known(request, user):
        return [["username", "ip_address", "user_agent"]]
    return ["ip_address", "username"]


def wait_for_everybody(request: Any) -> float:
    """Seconds until anybody may try again, 0 for now. Known browsers of the named person need not wait."""
    user = person_of(request.POST.get("username"))
    if user is not None and is_known(request, user):
        return 0.0
    return buckets.take("sign-in", *EVERYBODY, time.monotonic())


def paused(request: Any, username: str | None, **kwargs: Any) -> None:
    """Tell the person, once for each pause, that somebody has tried many passwords."""
    user, now = person_of(username), timezone.now()
    if user is None:
        return
    target, action = f"user:{user.get_username()}", "session.pause"
    if AuditEntry.objects.filter(account=None, action=action, target=target, at__gt=now - PAUSE).exists():
        return
    actor = Actor.of_request(request, "nobody")
    notice_tell(user=user, kind=SecurityNotice.Kind.SIGN_IN_PAUSED, actor=actor, now=now)
    audit_write(account=None, actor=actor, action=action, target=target, at=now)
