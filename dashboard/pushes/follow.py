"""From events to messages: which alerts are to be pushed to whom. Follows the log by its own cursor; what is to be sent
is written down in the transaction that advances it, and sent outside of any."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from dashboard.models import Account, Alert, PushMessage, PushSubscription
from realtime.follow import Plan, follow
from realtime.log import Row
from realtime.standing import behind

NAME = "pushes"
FRESH = timedelta(hours=1)  # what is older was seen, or is no news any more
MOST = 1_000  # alerts looked at where the log cannot be followed
RANK = {severity: place for place, severity in enumerate(Alert.Severity.values)}
RAISED = ("created", "updated")


def accounts_behind() -> list[Account]:
    """Accounts with news of which somebody wants to be told."""
    wanted = Account.objects.kept().filter(memberships__user__push_subscriptions__isnull=False).distinct()
    return list(wanted.filter(stream_key__in=behind(NAME)))


def pushes_follow(account: Account) -> int:
    """Bring what is to be pushed up to the head of the account's log; return how many events were followed."""
    return follow(NAME, account.stream_key, partial(plan, account))


def plan(account: Account, rows: Sequence[Row] | None) -> Plan:
    """The first time, and after a restore, the alerts of the last hour stand for the events."""
    since = timezone.now() - FRESH
    if rows is None:
        recent = Alert.objects.filter(account=account, created_at__gte=since).active().order_by("-pk")
        return Plan(0, [partial(write, account, list(recent.values_list("pk", flat=True)[:MOST]))])
    alerts = dict.fromkeys(raised(rows, since))
    return Plan(len(rows), [partial(write, account, list(alerts))] if alerts else [])


def raised(rows: Sequence[Row], since: datetime) -> Iterable[int]:
    for row in rows:
        if row.type == "alert" and row.at >= since:
            data = json.loads(row.data)
            if data["change"] in RAISED:
                yield data["id"]


def write(account: Account, alerts: Sequence[int]) -> None:
    """A message for every browser that wants alerts this severe, once; again when one has become more severe."""
    now = timezone.now()
    members = PushSubscription.objects.filter(user__is_active=True, user__memberships__account=account)
    browsers = list(members.distinct())
    active = list(Alert.objects.filter(pk__in=alerts, status=Alert.Status.ACTIVE))
    known = {(each.subscription_id, each.alert_id): each for each in PushMessage.objects.filter(alert__in=active)}
    fresh, risen = [], []
    for alert in active:
        for browser in browsers:
            if RANK[alert.severity] < RANK[browser.severity]:
                continue
            found = known.get((browser.pk, alert.pk))
            if found is None:
                fresh.append(
                    PushMessage(subscription=browser, alert=alert, severity=alert.severity, created_at=now, due_at=now)
                )
            elif RANK[found.severity] < RANK[alert.severity]:
                found.severity, found.created_at, found.due_at, found.tries = alert.severity, now, now, 0
                risen.append(found)
    PushMessage.objects.bulk_create(fresh, ignore_conflicts=True)
    PushMessage.objects.bulk_update(risen, ["severity", "created_at", "due_at", "tries"])
