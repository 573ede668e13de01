"""Passwords: changed by the person, set by command, or by a one-time link that an owner makes for a member.

A new password ends the person's other sessions. It never stands for a second factor, which is asked for as before.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.models import Account, Membership, PasswordLink, PersonSession, SecurityNotice
from dashboard.services.audit import COMMAND, INSTALLATION, Actor, audit_write
from dashboard.services.factors import name_of, note
from dashboard.services.links import link_hash
from dashboard.services.notices import notice_tell
from dashboard.services.outcome import DomainError
from dashboard.services.sessions import session_begin, sessions_end
from realtime.log import stream_lock

PASSWORD_CHANGED = SecurityNotice.Kind.PASSWORD_CHANGED
LINK_LIFE = timedelta(hours=24)


def refuse_weak(password: str, user: Any) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise DomainError({"new_password": error.messages}) from None


def password_change(*, request: Any, password: str, now: datetime, actor: Actor) -> None:
    """A new password for the person of this request, whose session goes on under a new id. Raises DomainError."""
    user = request.user
    refuse_weak(password, user)
    user.set_password(password)  # slow on purpose, so before anything is locked
    with transaction.atomic():
        stream_lock(INSTALLATION)
        user.save(update_fields=["password"])
        begun = PersonSession.objects.filter(session_id=request.session.session_key).first()
        update_session_auth_hash(request, user)
        session_begin(request, user, now, begun.begun_at if begun else now)
        note(user, "password.change", actor, now)
        notice_tell(user=user, kind=PASSWORD_CHANGED, actor=actor, now=now)
        sessions_end(user=user, but=request.session.session_key, actor=actor, now=now)


def password_set(*, user: Any, password: str, now: datetime, actor: Actor = COMMAND) -> None:
    """A new password by command. Raises DomainError for a weak one."""
    refuse_weak(password, user)
    user.set_password(password)
    with transaction.atomic():
        stream_lock(INSTALLATION)
        user.save(update_fields=["password"])
        note(user, "password.set", actor, now)
        notice_tell(user=user, kind=PASSWORD_CHANGED, actor=actor, now=now)
        sessions_end(user=user, but=None, actor=actor, now=now)


def may_reset(owner: Any, member: Any) -> bool:
    """Whether this is somebody else, without a wider role, who belongs to no account but those that the owner owns."""
    if owner is None or member == owner or member.is_staff or member.is_superuser or not owner.is_active:
        return False
    owned = Membership.objects.filter(user=owner, role=Membership.Role.OWNER).values("account")
    theirs = Membership.objects.filter(user=member)
    return theirs.exists() and not theirs.exclude(account__in=owned).exists()


@transaction.atomic
def password_link_create(*, account: Account, user: Any, now: datetime, actor: Actor) -> tuple[PasswordLink, str]:
    """Make a link by which `user` sets a new password, and return it with its token, which is shown this once.

    Older links of the person end. Raises DomainError for a person whom the owner may not speak for.
    """
    stream_lock(account.stream_key)
    if not may_reset(actor.user, user):
        raise DomainError(
            {
                "member": [
                    _("Only of somebody else who belongs to no account but yours. The command set_password helps.")
                ]
            }
        )
    token = secrets.token_urlsafe(32)
    PasswordLink.objects.filter(user=user, used_at__isnull=True).delete()
    link = PasswordLink.objects.create(
        account=account, user=user, created_by=actor.user, token_hash=link_hash(token), expires_at=now + LINK_LIFE
    )
    after = {"expires_at": link.expires_at}
    audit_write(account=account, actor=actor, action="password.link", target=name_of(user), after=after, at=now)
    return link, token


def password_link_find(token: str, now: datetime) -> PasswordLink | None:
    """The link of this token while it is good: its maker must still own all that the person belongs to."""
    found = PasswordLink.objects.filter(
        token_hash=link_hash(token), used_at__isnull=True, expires_at__gt=now, user__is_active=True
    )
    link = found.select_related("user", "account", "created_by").first()
    return link if link is not None and may_reset(link.created_by, link.user) else None


def password_link_use(*, link: PasswordLink, password: str, now: datetime, actor: Actor) -> bool:
    """Set the password, which uses the link up; False if another was quicker. Raises DomainError for a weak one."""
    user = link.user
    refuse_weak(password, user)
    user.set_password(password)
    with transaction.atomic():
        stream_lock(link.account.stream_key)
        stream_lock(INSTALLATION)
        if not PasswordLink.objects.filter(pk=link.pk, used_at__isnull=True).update(used_at=now):
            return False
        user.save(update_fields=["password"])
        audit_write(account=link.account, actor=actor, action="password.reset", target=name_of(user), at=now)
        note(user, "password.reset", actor, now)
        notice_tell(user=user, kind=PASSWORD_CHANGED, actor=actor, now=now)
        sessions_end(user=user, but=None, actor=actor, now=now)
    return True
