"""What a method of a view takes and answers, said at the method itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from api.fields import Input
from api.inputs import MAX_BATCH
from api.params import AtomicParams, NoParams, Params
from api.schema.answers import batch, single
from api.schema.inputs import body_shape
from api.schema.shapes import Shape, many
from dashboard.filters import Filters

Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True)
class Operation:
    """`data` is what an answer's envelope holds, by status; `path` says what parts of the address look like."""

    data: Mapping[int, Shape | None]
    params: type[Params] = NoParams
    filters: type[Filters] | None = None
    body: Shape | None = None
    file: bool = False
    fresh: bool = False
    secret: bool = False
    media: Mapping[str, Shape] = field(default_factory=dict)
    examples: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, Shape] = field(default_factory=dict)


def documented(
    data: Shape | None, *, status: int = 200, body: type[Input] | Shape | None = None, **options: Any
) -> Callable[[Handler], Handler]:
    """Describe what a method of a view takes and answers; its docstring says what it does.

    A `file` is the body as it is. `fresh` answers have no ETag, `secret` ones are given only once, and `media` says
    what comes instead of JSON.
    """
    return describe(Operation({status: data}, body=body_shape(body) if isinstance(body, type) else body, **options))


def reported(
    reader: type[Input], item: Shape, ident: str, *, examples: Mapping[str, Any] | None = None
) -> Callable[[Handler], Handler]:
    """Describe a method that records one object or a list of them, which `ident` names."""
    one = body_shape(reader)
    taken: Shape = {"oneOf": [one, list_of(one)]}
    told = {201: single(item), 200: {"oneOf": [single(item), batch(ident)]}}
    return describe(Operation(told, AtomicParams, body=taken, examples=examples or {}))


def reported_one(reader: type[Input], item: Shape, **options: Any) -> Callable[[Handler], Handler]:
    """Describe a method that records one object."""
    told = single(item)
    return describe(Operation({201: told, 200: told}, body=body_shape(reader), **options))


def list_of(one: Shape) -> Shape:
    return many(one, minItems=1, maxItems=MAX_BATCH)


def describe(operation: Operation | Callable[[Any], Operation]) -> Callable[[Handler], Handler]:
    """Where several routes share a method, `operation` is a function of the view."""

    def mark(handler: Handler) -> Handler:
        handler.operation = operation  # type: ignore[attr-defined]
        return handler

    return mark


def operation_of(view: Any, action: str) -> Operation:
    found = getattr(view, action).operation
    described: Operation = found(view) if callable(found) else found
    return described
