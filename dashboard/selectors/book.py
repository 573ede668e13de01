"""Accounts' pasts in columns, held in memory at a place of their logs and brought up to date by the events since.

Loading the rows costs ten times what all figures over them cost together, so every figure of every page is made from
the same columns. A book must not be asked for in a transaction that has published: what is rolled back would stay.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

import orjson
from django.db.models import Q

from dashboard.models import Account
from dashboard.selectors.closed import Closed, closed_load
from dashboard.selectors.value import Flows, Values, flows_load, values_load
from realtime.log import Position, position, positions, read_many

T = TypeVar("T")
R = TypeVar("R")
HELD_ROWS = 5_000_000
FOLLOWED = 5_000


@dataclass(frozen=True)
class Book:
    """What an account earned and was worth until a position of its log."""

    at: Position
    closed: Closed
    values: Values
    flows: Flows
    made: dict[str, tuple[Any, Any]] = field(default_factory=dict, compare=False)

    def once(self, name: str, given: T, make: Callable[[T], R]) -> R:
        """What `make(given)` returns, made once for the same book and the same `given`."""
        known = self.made.get(name)
        if known is None or known[0] != given:
            known = self.made[name] = given, make(given)
        return known[1]

    @property
    def size(self) -> int:
        return len(self.closed.ids) + len(self.values.times) + 100


class Shelf:
    """The books of this process; those not asked for longest go first."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.books: OrderedDict[str, Book] = OrderedDict()

    def find(self, key: str) -> Book | None:
        with self.lock:
            if key in self.books:
                self.books.move_to_end(key)
            return self.books.get(key)

    def put(self, key: str, book: Book) -> None:
        with self.lock:
            self.books[key] = book
            self.books.move_to_end(key)
            rows = sum(each.size for each in self.books.values())
            while rows > HELD_ROWS and len(self.books) > 1:
                rows -= self.books.popitem(last=False)[1].size


shelf = Shelf()


def book_of(account: Account) -> Book:
    return books([account])[account.pk]


def books(accounts: Sequence[Account]) -> dict[int, Book]:
    """The books of the accounts, by account id, in a number of queries that does not grow with them."""
    keys = [account.stream_key for account in accounts]
    now = {keys[0]: position(keys[0])} if len(keys) == 1 else positions(keys)
    found: dict[int, Book] = {}
    behind: dict[int, tuple[Account, Book]] = {}
    unknown: list[Account] = []
    for account in accounts:
        at, held = now.get(account.stream_key), shelf.find(account.stream_key)
        if held is not None and at == held.at:
            found[account.pk] = held
        elif held is not None and at is not None and followable(held.at, at):
            behind[account.pk] = account, held
        else:
            unknown.append(account)
    found |= load(unknown, now) if unknown else {}
    found |= follow(behind, now) if behind else {}
    return found


def followable(held: Position, at: Position) -> bool:
    return held.epoch == at.epoch and at.floor - 1 <= held.head <= at.head <= held.head + FOLLOWED


def load(accounts: Sequence[Account], now: dict[str, Position]) -> dict[int, Book]:
    keys = Q(account__in=[account.pk for account in accounts])
    closed, values, flows = closed_load(keys), values_load(keys), flows_load(keys)
    found = {}
    for account in accounts:
        at = now.get(account.stream_key, Position(account.stream_key, "", 0, 1))
        found[account.pk] = book = Book(
            at,
            closed.get(account.pk, Closed.empty()),
            values.get(account.pk, Values.empty()),
            flows.get(account.pk, Flows.empty()),
        )
        if account.stream_key in now:
            shelf.put(account.stream_key, book)
    return found


@dataclass
class Changes:
    """What the events since a book's position say about it."""

    trades: list[int]
    since: datetime | None = None
    flows: bool = False

    def add(self, kind: str, data: str) -> None:
        if kind == "trade_executed":
            self.trades.append(orjson.loads(data)["id"])
        elif kind == "portfolio_update":
            moment = datetime.fromisoformat(orjson.loads(data)["timestamp"])
            self.since = moment if self.since is None else min(self.since, moment)
        elif kind == "cashflow":
            self.flows = True


def follow(behind: dict[int, tuple[Account, Book]], now: dict[str, Position]) -> dict[int, Book]:
    """The books with what the events since their positions touched read again."""
    keys = {account.stream_key: pk for pk, (account, _) in behind.items()}
    changes = {pk: Changes([]) for pk in behind}
    for key, kind, data in read_many({account.stream_key: book.at.head for account, book in behind.values()}):
        changes[keys[key]].add(kind, data)
    trades = {pk: change.trades for pk, change in changes.items() if change.trades}
    since = {pk: change.since for pk, change in changes.items() if change.since}
    flows = [pk for pk, change in changes.items() if change.flows]
    closed = closed_load(Q(pk__in={key for each in trades.values() for key in each})) if trades else {}
    values = values_load(any_of(Q(account=pk, timestamp__gte=at) for pk, at in since.items())) if since else {}
    moved = flows_load(Q(account__in=flows)) if flows else {}
    found = {}
    for pk, (account, book) in behind.items():
        changed: dict[str, Any] = {}
        if pk in trades:
            changed["closed"] = book.closed.changed(trades[pk], closed.get(pk, Closed.empty()))
        if pk in since:
            changed["values"] = book.values.changed(since[pk], values.get(pk, Values.empty()))
        if pk in flows:
            changed["flows"] = moved.get(pk, Flows.empty())
        found[pk] = replace(book, at=now[account.stream_key], **changed | ({"made": {}} if changed else {}))
        shelf.put(account.stream_key, found[pk])
    return found


def any_of(conditions: Iterable[Q]) -> Q:
    whole = Q()
    for condition in conditions:
        whole |= condition
    return whole
