"""Members of an account, and the invitations by which people become members. An account always keeps an owner."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.models import Account, Invitation, Membership
from dashboard.services.audit import COMMAND, Actor, audit_write
from dashboard.services.links import link_hash
from dashboard.services.outcome import DomainError
from realtime.log import stream_lock

OWNER = Membership.Role.OWNER
INVITATION_LIFE = timedelta(days=7)


class NotOpen(Exception):
    """The invitation was used, revoked or has expired."""


class AlreadyMember(Exception):
    """The person belongs to the account; the invitation stays for another."""


@transaction.atomic
def member_set(*, account: Account, user: Any, role: str, now: datetime, actor: Actor = COMMAND) -> Membership:
    """Make a person a member, or give a member another role. Raises DomainError for the last owner."""
    stream_lock(account.stream_key)
    membership = Membership.objects.filter(account=account, user=user).first()
    if membership is not None and membership.role == role:
        return membership
    before = None
    if membership is None:
        membership = Membership(account=account, user=user)
    else:
        before = {"role": membership.role}
        give_up_owning(membership, now, actor)
    membership.role = role
    membership.save()
    note_member(membership, "change" if before else "add", actor, now, before=before, after={"role": role})
    return membership


@transaction.atomic
def member_remove(*, membership: Membership, now: datetime, actor: Actor = COMMAND) -> None:
    """End a membership. Raises DomainError for the last owner."""
    stream_lock(membership.account.stream_key)
    membership.refresh_from_db()
    give_up_owning(membership, now, actor)
    note_member(membership, "remove", actor, now, before={"role": membership.role})
    membership.delete()


def give_up_owning(membership: Membership, now: datetime, actor: Actor) -> None:
    """Under the account's lock: an owner who is none any more leaves another, and no way back in by a link."""
    if membership.role != OWNER:
        return
    account = membership.account
    owners = Membership.objects.filter(account=account, role=OWNER, user__is_active=True)
    if not owners.exclude(pk=membership.pk).exists():
        raise DomainError({"role": [_("The last owner of an account stays its owner.")]})
    unused = Invitation.objects.filter(account=account, created_by=membership.user, used_at__isnull=True)
    for invitation in unused.select_related("account"):
        invitation_revoke(invitation=invitation, now=now, actor=actor)


@transaction.atomic
def invitation_create(*, account: Account, role: str, now: datetime, actor: Actor) -> tuple[Invitation, str]:
    """Make an invitation and return it with its token, which is shown this once."""
    stream_lock(account.stream_key)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        account=account,
        role=role,
        token_hash=link_hash(token),
        created_by=actor.user,
        created_at=now,
        expires_at=now + INVITATION_LIFE,
    )
    note_invitation(invitation, "create", actor, now, after={"role": role, "expires_at": invitation.expires_at})
    return invitation, token


@transaction.atomic
def invitation_revoke(*, invitation: Invitation, now: datetime, actor: Actor) -> None:
    stream_lock(invitation.account.stream_key)
    note_invitation(invitation, "revoke", actor, now, before={"role": invitation.role})
    invitation.delete()


def invitation_find(token: str, now: datetime) -> Invitation | None:
    """The invitation of this token while it is open."""
    found = Invitation.objects.filter(token_hash=link_hash(token), used_at__isnull=True, expires_at__gt=now)
    return found.select_related("account").first()


@transaction.atomic
def invitation_accept(*, invitation: Invitation, user: Any, now: datetime, actor: Actor) -> Membership:
    """Make `user` a member, which uses the invitation up. Raises NotOpen, AlreadyMember."""
    account = invitation.account
    stream_lock(account.stream_key)
    if Membership.objects.filter(account=account, user=user).exists():
        raise AlreadyMember
    still_open = Invitation.objects.filter(pk=invitation.pk, used_at__isnull=True, expires_at__gt=now)
    if not still_open.update(used_at=now, used_by=user):
        raise NotOpen
    note_invitation(invitation, "use", actor, now)
    return member_set(account=account, user=user, role=invitation.role, now=now, actor=actor)


def invitation_join(*, invitation: Invitation, name: str, password: str, now: datetime, actor: Actor) -> Any:
    """Make a user who is a member from the start. Raises NotOpen, and IntegrityError when the name is taken."""
    user = get_user_model()(username=name)
    user.set_password(password)  # slow on purpose, so before anything is locked
    with transaction.atomic():
        stream_lock(invitation.account.stream_key)
        user.save(force_insert=True)
        invitation_accept(invitation=invitation, user=user, now=now, actor=replace(actor, user=user))
    return user


def note_member(membership: Membership, verb: str, actor: Actor, now: datetime, **values: Any) -> None:
    target = f"user:{membership.user.get_username()}"
    audit_write(account=membership.account, actor=actor, action=f"member.{verb}", target=target, at=now, **values)


def note_invitation(invitation: Invitation, verb: str, actor: Actor, now: datetime, **values: Any) -> None:
    target = f"invitation:{invitation.pk}"
    audit_write(account=invitation.account, actor=actor, action=f"invitation.{verb}", target=target, at=now, **values)
