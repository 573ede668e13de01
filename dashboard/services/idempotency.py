"""`Idempotency-Key`: the first answer, kept in the transaction of its effects and given again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.models import IdempotentAnswer

KEPT = timedelta(hours=48)


@dataclass(frozen=True)
class Request:
    """Who asks what under which key; `body_hash` tells another body under the same key."""

    actor: str
    route: str
    key: str
    body_hash: str


class OtherBody(Exception):
    """The key was used before with another body."""


def answer_find(request: Request) -> IdempotentAnswer | None:
    """The stored answer, None on first use. Raises OtherBody."""
    found = IdempotentAnswer.objects.filter(actor=request.actor, route=request.route, key=request.key).first()
    if found is not None and found.body_hash != request.body_hash:
        raise OtherBody
    return found


def answer_keep(request: Request, *, status: int, answer: str, now: datetime) -> None:
    IdempotentAnswer.objects.create(
        actor=request.actor,
        route=request.route,
        key=request.key,
        body_hash=request.body_hash,
        status=status,
        answer=answer,
        created_at=now,
    )


def answers_purge(now: datetime) -> int:
    return IdempotentAnswer.objects.filter(created_at__lt=now - KEPT).delete()[0]
