"""Where the log and those who follow it stand, for whoever watches over an installation."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField, Case, Count, F, Max, Sum, Value, When
from django.db.models.functions import Coalesce

from realtime.models import Cursor, Pulse, Stream

WORKER = "worker"


@dataclass(frozen=True)
class Standing:
    """`head` and `kept` are events of all streams; `lags` the most events that a follower is behind in one stream.

    `worker_age` is the time in seconds since the worker was last at work, None if it never was.
    """

    streams: int
    head: int
    kept: int
    lags: dict[str, int]
    worker_age: float | None


def standing(now: datetime) -> Standing:
    number = BigIntegerField()
    streams = Stream.objects.aggregate(
        kept=Coalesce(Sum(F("head") - F("floor") + 1), Value(0), output_field=number),
        streams=Count("pk"),
        total=Coalesce(Sum("head"), Value(0), output_field=number),
    )
    behind = Case(
        When(epoch=F("stream__epoch"), then=F("stream__head") - F("seq")),
        default=F("stream__head"),
        output_field=number,
    )
    lags = Cursor.objects.order_by("name").values("name").annotate(most=Max(behind)).values_list("name", "most")
    seen = Pulse.objects.filter(name=WORKER).values_list("at", flat=True).first()
    age = None if seen is None else (now - seen).total_seconds()
    return Standing(streams["streams"], streams["total"], streams["kept"], dict(lags), age)


def pulse(name: str, now: datetime) -> None:
    """Note that `name` is at work."""
    Pulse.objects.update_or_create(name=name, defaults={"at": now})


def behind(follower: str) -> list[str]:
    """Keys of the streams that have something for this follower."""
    with_news = Stream.objects.exclude(
        pk__in=Cursor.objects.filter(name=follower, epoch=F("stream__epoch"), seq=F("stream__head")).values("stream")
    )
    return list(with_news.values_list("key", flat=True))
