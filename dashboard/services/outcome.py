"""What became of one item that a program sent, and the errors of the domain."""

from dataclasses import dataclass, field
from typing import Any

CREATED, UPDATED, DUPLICATE, STALE = "created", "updated", "duplicate", "stale"
CONFLICT, INVALID = "conflict", "invalid"
STATUSES = (CREATED, UPDATED, DUPLICATE, STALE, CONFLICT, INVALID)


@dataclass
class Outcome:
    """`seq` is the number of the event that announces the change; None if nothing was announced."""

    status: str
    id: int | None = None
    seq: int | None = None
    item: dict[str, Any] | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)


class DomainError(Exception):
    """A rule of the domain refuses; `fields` says which input and why."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        super().__init__(fields)
        self.fields = fields
