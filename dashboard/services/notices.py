"""Notices: what a person is told of sign-ins, passwords, second factors and keys, wherever they next look.

There is no mail. A notice stands on every page until its person dismisses it, and in Settings for 90 days; the act
itself is in the audit log.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from dashboard.models import Account, AuditEntry, Membership, SecurityNotice
from dashboard.services.audit import Actor

KEPT = timedelta(days=90)
MOST_KEPT = 200  # for one person; the oldest go first
OWNER = Membership.Role.OWNER
ADDRESS = AuditEntry._meta.get_field("address")


def notice_tell(
    *, user: Any, kind: str, actor: Actor, now: datetime, about: str = "", account: Account | None = None
) -> SecurityNotice:
    """Tell one person, in the transaction of what happened."""
    made = SecurityNotice.objects.create(
        user=user,
        account=account,
        kind=kind,
        about=about[:200],
        actor=actor.name[:200],
        address=ADDRESS.get_prep_value(actor.address),
        user_agent=actor.user_agent,
        created_at=now,
    )
    forget(SecurityNotice.objects.filter(user=user).values_list("pk", flat=True)[MOST_KEPT:])
    return made


def owners_tell(*, account: Account, kind: str, actor: Actor, now: datetime, about: str = "") -> None:
    """Tell every owner of the account."""
    for each in Membership.objects.filter(account=account, role=OWNER).select_related("user"):
        notice_tell(user=each.user, kind=kind, actor=actor, now=now, about=about, account=account)


def notices_dismiss(*, user: Any, now: datetime, pk: int | None = None) -> int:
    """Take one notice of the person off the pages, or all; return how many there were."""
    found = SecurityNotice.objects.filter(user=user, dismissed_at__isnull=True)
    if pk is not None:
        found = found.filter(pk=pk)
    return found.update(dismissed_at=now)


def notices_purge(now: datetime) -> int:
    return forget(SecurityNotice.objects.filter(created_at__lt=now - KEPT).values_list("pk", flat=True))


def forget(keys: Iterable[int]) -> int:
    return SecurityNotice.objects.filter(pk__in=list(keys)).delete()[0]
