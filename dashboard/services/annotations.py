"""Annotations: what people write on charts, told to every open screen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from dashboard import wire
from dashboard.fields import dumps
from dashboard.models import Account, Annotation
from dashboard.services.audit import Actor, audit_write
from dashboard.services.outcome import CREATED, DUPLICATE, Outcome
from dashboard.services.reports import Events, announce
from realtime.log import publish, stream_lock

FIELDS = "chart_id date text type color icon".split()


@transaction.atomic
def annotations_record(
    *, account: Account, items: Sequence[dict[str, Any]], author: Any, now: datetime
) -> list[Outcome]:
    """Write annotations. The same text at the same time of the same chart is the same annotation: it stays as it is."""
    stream_lock(account.stream_key)
    charts, dates = {item["chart_id"] for item in items}, {item["date"] for item in items}
    found = Annotation.objects.filter(account=account, chart_id__in=charts, date__in=dates).select_related("author")
    known = {(row.chart_id, row.date, row.text): row for row in found.order_by("-id")}
    rows: list[tuple[str, Annotation]] = []
    for item in items:
        key = (item["chart_id"], item["date"], item["text"])
        status = DUPLICATE if key in known else CREATED
        if status == CREATED:
            values = {name: item[name] for name in FIELDS if name in item}
            known[key] = Annotation(account=account, author=author, created_at=now, updated_at=now, **values)
        rows.append((status, known[key]))
    Annotation.objects.bulk_create([row for status, row in rows if status == CREATED])
    outcomes: list[Outcome] = []
    events: Events = []
    for status, row in rows:
        outcomes.append(Outcome(status, id=row.pk, item=wire.ANNOTATION.instance(row)))
        if status == CREATED:
            outcomes[-1].seq = len(events)
            events.append(("annotation", dumps({**wire.ANNOTATION.instance(row), "change": CREATED})))
    announce(account, events, outcomes, now)
    return outcomes


@transaction.atomic
def annotation_change(*, annotation: Annotation, values: dict[str, Any], now: datetime) -> Annotation:
    """Change what an annotation says; `annotation` has its account selected."""
    stream_lock(annotation.account.stream_key)
    annotation = Annotation.objects.select_related("account", "author").get(pk=annotation.pk)
    changes = {name: value for name, value in values.items() if getattr(annotation, name) != value}
    if changes:
        for name, value in changes.items():
            setattr(annotation, name, value)
        annotation.updated_at = now
        annotation.save(update_fields=[*changes, "updated_at"])
        tell(annotation, "updated", now)
    return annotation


@transaction.atomic
def annotation_delete(*, annotation: Annotation, actor: Actor, now: datetime) -> None:
    account = annotation.account
    stream_lock(account.stream_key)
    target, row = f"annotation:{annotation.pk}", wire.ANNOTATION.instance(annotation)
    audit_write(account=account, actor=actor, action="annotation.delete", target=target, before=row, at=now)
    tell(annotation, "deleted", now)
    annotation.delete()


def tell(annotation: Annotation, change: str, now: datetime) -> None:
    row = {**wire.ANNOTATION.instance(annotation), "change": change}
    publish(annotation.account.stream_key, [("annotation", dumps(row))], at=now)
