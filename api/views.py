"""What all viewsets of the API share: the account, the envelope, conditional reads, and the way a write is done."""

import hashlib
import threading
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import Program
from api.errors import InFlight, Invalid, KeyReused
from api.fields import UNPRINTABLE, Input
from api.inputs import MAX_BATCH
from api.params import AtomicParams, Params
from api.permissions import OF_PEOPLE, Need
from api.telemetry import count_ingested
from dashboard.fields import dumps
from dashboard.filters import Filters
from dashboard.models import Account, Bot
from dashboard.selectors.paging import Page
from dashboard.services import idempotency
from dashboard.services.audit import Actor
from dashboard.services.outcome import INVALID, STATUSES, Outcome
from realtime.log import position, stream_lock

Wanted = TypeVar("Wanted", bound=Filters)


class AccountViewSet(viewsets.ViewSet):
    """Reads and writes of one account. `needs` says, by method, which of the named accesses suffices.

    `confirms` names the methods for which a person must have given the password a short while ago.
    """

    http_method_names = ["get", "head", "post", "patch", "delete"]  # what `Allow` names
    needs: ClassVar[dict[str, list[Need]]] = {"GET": [Need.READ]}
    needs_account: ClassVar[bool] = True
    confirms: ClassVar[frozenset[str]] = frozenset()
    request: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        for name, values in request.query_params.lists():
            if any(UNPRINTABLE.search(text) for text in (name, *values)):
                raise Invalid({UNPRINTABLE.sub("\ufffd", name): ["Must not hold NUL or lone surrogates."]})
        super().initial(request, *args, **kwargs)

    @property
    def account(self) -> Account:
        return self.request.account

    @property
    def actor(self) -> Actor:
        """Who acts, for the audit log."""
        user = self.request.user
        if isinstance(user, Program):
            return Actor.of_request(self.request, f"key:{user.key.prefix}")
        return Actor.of_person(self.request, user)

    def params(self, form: type[Params]) -> dict[str, Any]:
        return form().read(self.request.query_params)

    def filtered(self, form: type[Params], filters: type[Wanted]) -> tuple[dict[str, Any], Wanted]:
        """The clean parameters, and the filters of the same address: `.qs` are the account's rows that match."""
        wanted = filters.of(self.account, self.request.query_params)
        return form().read(self.request.query_params, wanted), wanted

    def ok(self, data: Any, status: int = 200) -> Response:
        return Response({"success": True, "data": data}, status=status)

    def paged(self, name: str, page: Page, params: dict[str, Any]) -> dict[str, Any]:
        """A page of a list as it goes out, its rows under `name`."""
        return {
            name: page.rows,
            "total": page.total,
            "limit": params["limit"],
            "offset": params["offset"],
            "has_more": page.has_more,
            "next_cursor": page.next_cursor,
        }

    def cached(self, answer: Callable[[], Any], *, market: bool = False) -> Response:
        """Answer, or 304 without touching the rows when nothing changed since the ETag the client sends."""
        etag = self.etag(market)
        known = [tag.strip().removeprefix("W/") for tag in self.request.META.get("HTTP_IF_NONE_MATCH", "").split(",")]
        response = Response(status=304) if etag.removeprefix("W/") in known else self.ok(answer())
        response["ETag"] = etag
        response["Cache-Control"] = "private, no-cache"
        return response

    def etag(self, market: bool) -> str:
        at = position(self.account.stream_key)
        minute = int(timezone.now().timestamp()) // 60
        parts: list[Any] = [settings.RELEASE, self.account.pk, at.epoch, at.head, minute, self.request.role]
        parts += [self.request.get_full_path(), self.request.accepted_renderer.format]
        parts += [self.account.market_version] if market else [self.beat()]
        return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'

    def beat(self) -> Any:
        """When a bot of the account was last seen: heartbeats are not in the log."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT max(last_seen) FROM {Bot._meta.db_table} WHERE account_id = %s", [self.account.pk])
            return cursor.fetchone()


class PersonViewSet(AccountViewSet):
    """What belongs to the person who asks, in whatever account: no key gets there."""

    needs = OF_PEOPLE
    needs_account: ClassVar[bool] = False


class InFlightKeys:
    """Idempotency keys being answered in this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.keys: set[tuple[str, str, str]] = set()

    def enter(self, key: tuple[str, str, str]) -> bool:
        with self.lock:
            if key in self.keys:
                return False
            self.keys.add(key)
            return True

    def leave(self, key: tuple[str, str, str]) -> None:
        with self.lock:
            self.keys.discard(key)


in_flight = InFlightKeys()


class Write:
    """One write request: its body is read and judged, its effects and its answer are committed together."""

    def __init__(self, view: AccountViewSet) -> None:
        self.view, self.request, self.now = view, view.request, timezone.now()

    def run(self, effect: Callable[[], tuple[int, Any]]) -> Response:
        """Commit `effect()`, which returns status and data, and the stored answer of the Idempotency-Key with it."""
        once = self.idempotent()
        if once is None:
            with transaction.atomic():
                stream_lock(self.view.account.stream_key)
                status, data = effect()
                answer = encode(status, data)
            return Response(answer, status=status)
        if not in_flight.enter(key := (once.actor, once.route, once.key)):
            raise InFlight
        try:
            return self.run_once(once, effect)
        except idempotency.OtherBody:
            raise KeyReused from None
        finally:
            in_flight.leave(key)

    def run_once(self, once: idempotency.Request, effect: Callable[[], tuple[int, Any]]) -> Response:
        with transaction.atomic():
            stream_lock(self.view.account.stream_key)
            if found := idempotency.answer_find(once):
                headers = {"Idempotency-Replayed": "true"}
                return Response(found.answer.encode(), status=found.status, headers=headers)
            status, data = effect()
            answer = encode(status, data)
            idempotency.answer_keep(once, status=status, answer=answer.decode(), now=self.now)
        return Response(answer, status=status)

    def run_secret(self, effect: Callable[[], tuple[int, Any]]) -> Response:
        """As `run`, where the answer shows a secret this once: it is kept nowhere, so it cannot be given again."""
        if "HTTP_IDEMPOTENCY_KEY" in self.request.META:
            raise Invalid({"Idempotency-Key": ["An answer with a secret is not kept, so it cannot be repeated."]})
        response = self.run(effect)
        response["Cache-Control"] = "no-store"
        return response

    def is_first(self) -> bool:
        """Whether this request was not answered before, for work that is done ahead of `run`."""
        once = self.idempotent()
        try:
            return once is None or idempotency.answer_find(once) is None
        except idempotency.OtherBody:
            raise KeyReused from None

    def idempotent(self) -> idempotency.Request | None:
        key = self.request.META.get("HTTP_IDEMPOTENCY_KEY")
        if key is None:
            return None
        if not (1 <= len(key) <= 64 and key.isascii() and key.isprintable()):
            raise Invalid({"Idempotency-Key": ["Must be 1 to 64 printable ASCII characters."]})
        _ = self.request.data
        user = self.request.user
        actor = f"key:{user.key.pk}" if isinstance(user, Program) else f"user:{user.pk}:{self.view.account.pk}"
        route = f"{self.request.method} {self.request.path}"
        body = self.request.META.get("QUERY_STRING", "").encode() + b"\n" + getattr(self.request, "raw_body", b"")
        return idempotency.Request(actor, route[:300], key, hashlib.sha256(body).hexdigest())

    def bot(self) -> Bot | None:
        """The bot that the key reports for."""
        user = self.request.user
        return user.key.bot if isinstance(user, Program) else None


def read_one(reader: Input, data: Any) -> dict[str, Any]:
    """The clean values of one object; raises Invalid."""
    clean, errors = reader.read(data)
    if errors:
        raise Invalid(errors)
    return clean


def encode(status: int, data: Any) -> bytes:
    return b"" if status == 204 else dumps({"success": True, "data": data})


Record = Callable[[list[dict[str, Any]]], list[Outcome]]


def ingest(write: Write, reader: Input, record: Record, *, ident: str, body: Any = None) -> Response:
    """A single object (201, 200 or 4xx) or a list of 1 to 500 (200 with what became of each).

    `body` is what the request holds, if it is not the whole of it.
    """
    reader.now = write.now
    atomic = write.view.params(AtomicParams)["atomic"]
    body = write.request.data if body is None else body
    if not isinstance(body, list):
        clean = read_one(reader, body)
        check_bot(write, clean)
        return write.run(lambda: counted(write, single(record([clean])[0])))
    if not 1 <= len(body) <= MAX_BATCH:
        raise Invalid({"body": [f"A list holds 1 to {MAX_BATCH} items."]})
    valid, refused = judge(write, reader, body)
    refuse_if_atomic(atomic, refused)
    return write.run(lambda: counted(write, batch(record, body, valid, dict(refused), ident, atomic)))


def counted(write: Write, answer: tuple[int, dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    """Have the items counted when what the answer says is committed."""
    _, data = answer
    summary = data["summary"] if "summary" in data else {data["status"]: 1}
    count_ingested(type(write.view).__name__, summary)
    return answer


def check_bot(write: Write, clean: dict[str, Any]) -> None:
    bot = write.bot()
    if bot is not None and clean.get("bot", bot.name) != bot.name:
        raise Invalid({"bot": [f"This key reports for {bot.name}."]})


def single(outcome: Outcome) -> tuple[int, Any]:
    if outcome.errors:
        raise Invalid(outcome.errors)
    status = 201 if outcome.status == "created" else 200
    return status, {"status": outcome.status, "seq": outcome.seq, "item": outcome.item}


Valid = list[tuple[int, dict[str, Any]]]


def judge(write: Write, reader: Input, body: list[Any]) -> tuple[Valid, dict[int, Outcome]]:
    """The items that may be recorded and those that are refused, by index. Needs no lock."""
    refused: dict[int, Outcome] = {}
    valid: Valid = []
    for index, data in enumerate(body):
        clean, errors = reader.read(data)
        if not errors:
            try:
                check_bot(write, clean)
            except Invalid as error:
                errors = error.fields
        if errors:
            refused[index] = Outcome(INVALID, errors=errors)
        else:
            valid.append((index, clean))
    return valid, refused


def batch(
    record: Record, body: list[Any], valid: Valid, outcomes: dict[int, Outcome], ident: str, atomic: bool
) -> tuple[int, dict[str, Any]]:
    recorded = record([clean for _, clean in valid]) if valid else []
    outcomes.update({index: outcome for (index, _), outcome in zip(valid, recorded, strict=True)})
    refuse_if_atomic(atomic, outcomes)
    items = [describe(index, outcomes[index], body[index], ident) for index in range(len(body))]
    summary = {status: sum(outcome.status == status for outcome in outcomes.values()) for status in STATUSES}
    return 200, {"summary": summary, "items": items}


def refuse_if_atomic(atomic: bool, outcomes: dict[int, Outcome]) -> None:
    """Raising inside the transaction takes back what the valid items did."""
    bad = {index: outcome.errors for index, outcome in outcomes.items() if outcome.errors}
    if atomic and bad:
        fields = {f"{index}.{name}": why for index in sorted(bad) for name, why in bad[index].items()}
        raise Invalid(fields, "Some items are not valid; nothing was stored.")


def describe(index: int, outcome: Outcome, data: Any, ident: str) -> dict[str, Any]:
    named = data.get(ident) if ident != "id" and isinstance(data, dict) else outcome.id
    if not isinstance(named, str | int) or (isinstance(named, str) and UNPRINTABLE.search(named)):
        named = None
    return {
        "index": index,
        ident: named,
        "status": outcome.status,
        "seq": outcome.seq,
        "errors": outcome.errors,
    }
