"""Accounts: made, and changed by their owners."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from dashboard import wire
from dashboard.fields import dumps
from dashboard.models import Account, Membership
from dashboard.services.audit import COMMAND, Actor, audit_write
from dashboard.services.members import member_set
from realtime.log import publish, stream_create, stream_lock

MOST_OWNED = 100
SETTINGS = ("name", "exchange", "base_currency", "periods_per_year", "initial_capital")


@transaction.atomic
def account_create(*, slug: str, owner: Any = None, actor: Actor = COMMAND, **fields: Any) -> Account:
    """Make an account with its event stream. Raises ValidationError on a bad or taken slug, kind or number, and for
    an owner of too many."""
    if owner is not None and Membership.objects.filter(user=owner, role=Membership.Role.OWNER).count() >= MOST_OWNED:
        raise ValidationError(
            {"slug": _("You own {most} accounts, which is the most a person may.").format(most=MOST_OWNED)}
        )
    account = Account(slug=slug, **{"name": slug, **fields})
    account.full_clean()
    account.save()
    stream_create(account.stream_key)
    now = account.created_at
    note(account, "account.create", actor, now, after=wire.ACCOUNT.instance(account))
    if owner is not None:
        member_set(account=account, user=owner, role=Membership.Role.OWNER, now=now, actor=actor)
    return account


@transaction.atomic
def account_change(*, account: Account, values: dict[str, Any], now: datetime, actor: Actor = COMMAND) -> Account:
    """Change settings of an account and announce them with the names that changed. `values` are of SETTINGS."""
    stream_lock(account.stream_key)
    account.refresh_from_db()
    changed = [name for name in SETTINGS if name in values and getattr(account, name) != values[name]]
    if not changed:
        return account
    before = wire.ACCOUNT.instance(account)
    for name in changed:
        setattr(account, name, values[name])
    account.save(update_fields=changed)
    after = wire.ACCOUNT.instance(account)
    names = [name for name in after if after[name] != before[name]]
    note(account, "account.change", actor, now, before=wire.pick(before, names), after=wire.pick(after, names))
    publish(account.stream_key, [("account_update", dumps({**after, "change": names}))], at=now)
    return account


def note(account: Account, action: str, actor: Actor, now: datetime, **values: Any) -> None:
    audit_write(account=account, actor=actor, action=action, target=f"account:{account.slug}", at=now, **values)
