"""Sends what is due. No transaction is open meanwhile; what somebody else has taken is left to them, and what a crash
leaves behind is taken again after a while: a browser shows the same alert in the same place, so twice is once."""

import json
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from dashboard.models import PushMessage, PushSubscription
from dashboard.pushes.http import GONE, LATER, SENT, post
from dashboard.pushes.words import of_alert, of_many

AT_ONCE = 100
SINGLY = 3  # more alerts for one browser at the same time are one push
PARALLEL = 4
LEASE = timedelta(minutes=2)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)
WORTH = timedelta(hours=1)  # an older alert is no news any more
KEPT = timedelta(days=30)


class Push(NamedTuple):
    """What goes to one browser in one piece."""

    browser: PushSubscription
    messages: list[PushMessage]
    body: bytes


def pushes_send() -> int:
    """Send all that is due; return how many pushes there were."""
    count = 0
    if not settings.VAPID_PRIVATE_KEY:
        return count
    with ThreadPoolExecutor(PARALLEL) as pool:
        while taken := take(timezone.now()):
            pushes = list(bundled(taken))
            answers = pool.map(lambda push: post(push.browser, push.body), pushes)
            for push, (outcome, wait) in zip(pushes, answers, strict=True):
                settle(push, outcome, wait, timezone.now())
            count += len(pushes)
    return count


def take(now: datetime) -> list[PushMessage]:
    """Messages that are due, and nobody else's until the lease is over."""
    due = PushMessage.objects.filter(due_at__lte=now).order_by("due_at", "pk")
    related = ("subscription__user", "alert__account", "alert__strategy")
    taken = []
    for message in list(due.select_related(*related)[:AT_ONCE]):
        mine = PushMessage.objects.filter(pk=message.pk, due_at=message.due_at)
        if mine.update(due_at=now + LEASE):
            taken.append(message)
    return taken


def bundled(messages: Sequence[PushMessage]) -> list[Push]:
    found: defaultdict[tuple[int, int], list[PushMessage]] = defaultdict(list)
    for message in messages:
        found[message.subscription_id, message.alert.account_id].append(message)
    pushes = []
    for together in found.values():
        browser = together[0].subscription
        if len(together) > SINGLY:
            pushes.append(Push(browser, together, packed(of_many(browser, [each.alert for each in together]))))
        else:
            pushes += [Push(browser, [each], packed(of_alert(browser, each.alert))) for each in together]
    return pushes


def packed(told: dict[str, str]) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


@transaction.atomic
def settle(push: Push, outcome: str, wait: timedelta | None, now: datetime) -> None:
    """Write down what became of it. An endpoint that is gone takes its browser along."""
    if outcome == GONE:
        PushSubscription.objects.filter(pk=push.browser.pk).delete()
        return
    if outcome == SENT:
        PushSubscription.objects.filter(pk=push.browser.pk).update(sent_at=now)
    for message in push.messages:
        due = None
        if outcome == LATER and now - message.created_at < WORTH:
            due = now + max(wait or FIRST_WAIT, min(FIRST_WAIT * 2**message.tries, LONGEST_WAIT))
        PushMessage.objects.filter(pk=message.pk).update(due_at=due, tries=message.tries + 1)


def messages_purge(now: datetime) -> int:
    """Forget what was sent long ago: by then an alert may be told anew."""
    return PushMessage.objects.filter(due_at__isnull=True, created_at__lt=now - KEPT).delete()[0]
