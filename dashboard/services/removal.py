"""Accounts that go: at once for everybody, and then row by row, for as long as that takes."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from dashboard import wire
from dashboard.models import (
    Account,
    Alert,
    Annotation,
    ApiKey,
    AuditEntry,
    Beat,
    CashFlow,
    CountedTrade,
    DeletedTrade,
    Invitation,
    MarketData,
    Membership,
    Portfolio,
    RiskMetrics,
    SecurityNotice,
    StrategyPerformance,
    Trade,
)
from dashboard.services.audit import Actor, audit_write
from dashboard.services.outcome import DomainError
from realtime.log import stream_lock
from realtime.models import Event, Stream

CHUNK = 2_000
PAUSE = 0.1  # seconds between chunks: the lock of SQLite is not fair, and bots report to other accounts meanwhile


@transaction.atomic
def account_remove(*, account: Account, name: str, now: datetime, actor: Actor) -> None:
    """Take an account from everybody: its members, keys and invitations end, its slug is free, its sockets close.

    `name` is its name, typed by who wants this. Raises DomainError for another. `accounts_erase` does the rest.
    """
    stream_lock(account.stream_key)
    account.refresh_from_db()
    if account.slug == account.removed_slug:
        return
    if name != account.name:
        raise DomainError({"name": [_("This is not the name of the account.")]})
    # The chain of its own entries goes with it.
    before = wire.ACCOUNT.instance(account)
    target = f"account:{account.slug}"
    audit_write(account=None, actor=actor, action="account.remove", target=target, before=before, at=now)
    for model in (Membership, ApiKey, Invitation, SecurityNotice):
        model.objects.filter(account=account).delete()
    account.slug = account.removed_slug
    account.save(update_fields=["slug"])


def accounts_erase(most: int | None = None) -> int:
    """Delete the rows of removed accounts in chunks, about `most` of them; return how many accounts are gone for good.

    Killed anywhere, or at its limit, it is finished by the next one.
    """
    accounts, erased = list(Account.objects.removed()), 0
    for gone, account in enumerate(accounts):
        for rows in many(account):
            while count := erase(rows):
                erased += count
                if most is not None and erased >= most:
                    return gone
                time.sleep(PAUSE)
        with transaction.atomic():
            Stream.objects.filter(key=account.stream_key).delete()
            account.delete()
    return len(accounts)


def many(account: Account) -> Iterator[QuerySet[Any]]:
    """What an account may have many of, each before what it points at. The rest goes with the account."""
    yield Event.objects.filter(stream__key=account.stream_key)
    yield StrategyPerformance.objects.filter(strategy__account=account)
    yield Beat.objects.filter(bot__account=account)
    for model in (
        CountedTrade, Alert, Annotation, Trade, DeletedTrade, Portfolio, CashFlow, RiskMetrics, MarketData, AuditEntry,
    ):  # fmt: skip
        yield model.objects.filter(account=account)


@transaction.atomic
def erase(rows: QuerySet[Any]) -> int:
    keys = list(rows.order_by().values_list("pk", flat=True)[:CHUNK])
    rows.model.objects.filter(pk__in=keys).delete()
    return len(keys)
