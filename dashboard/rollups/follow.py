"""From events to the rows they touch: which strategies since which day, and the account since which day."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from dashboard.fields import EXACT
from dashboard.models import Account, CountedTrade, Strategy, StrategyPerformance, Trade
from dashboard.moments import day_of
from dashboard.rollups.performance import performance_parts
from dashboard.rollups.risk import risk_parts
from dashboard.rollups.rows import EPOCH, Part, packed
from realtime.follow import Plan, follow
from realtime.log import Row, publish

NAME = "rollups"
MOST_DAYS = 50_000  # of strategies worked out at once: each is a row of a kilobyte
Place = tuple[int, datetime, datetime]  # where a trade is counted: strategy, day of its exit, day of its entry
REBUILT = {"initial_capital", "periods_per_year"}  # every figure of an account begins with these


def rollups_follow(account: Account) -> int:
    """Bring the account's rollups up to the head of its log; return how many events were followed."""
    try:
        return follow(NAME, account.stream_key, partial(plan, account))
    except Account.DoesNotExist:
        return 0  # it was removed meanwhile


def plan(account: Account, rows: Sequence[Row] | None) -> Plan:
    """What the events, or the rows themselves, come to; of very much only the first part."""
    account.refresh_from_db()
    changes = Changes(account)
    if rows is None:
        changes.everything()
        changes.recount()
        return Plan(0, writes(account, changes))
    changes.of(rows)
    while len(rows) > 1 and changes.days() > MOST_DAYS:
        rows, changes = rows[: len(rows) // 2], Changes(account)
        changes.of(rows)
    return Plan(len(rows), writes(account, changes))


def writes(account: Account, changes: "Changes") -> list[Callable[[], None]]:
    """One for each transaction."""
    return [partial(write, account, together) for together in packed(parts(account, changes))]


def parts(account: Account, changes: "Changes") -> Iterator[Part]:
    for strategy in Strategy.objects.filter(pk__in=changes.strategies).select_related("account").order_by("pk"):
        yield from performance_parts(strategy, changes.strategies[strategy.pk])
    if changes.since is not None:
        yield from risk_parts(account, changes.since)
    yield from Part(CountedTrade, ("trade",), changes.moved, changes.gone).pieces()


def write(account: Account, together: Sequence[Part]) -> None:
    """Write, and publish which strategies have new figures and the account's latest risk row if it changed."""
    for part in together:
        part.write()
    told = [event for part in together if (event := part.told())]
    publish(account.stream_key, told, at=timezone.now())


class Changes:
    """What has to be recomputed: days by strategy, and one day for the account; and where trades count from now on."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.strategies: dict[int, datetime] = {}
        self.since: datetime | None = None
        self.moved: list[CountedTrade] = []
        self.gone: list[int] = []

    def days(self) -> int:
        """How many rows that may be."""
        today = day_of(timezone.now())
        return sum(max((today - day).days, 1) for day in self.strategies.values())

    def everything(self) -> None:
        for key in Strategy.objects.filter(account=self.account).values_list("pk", flat=True):
            self.strategy(key, EPOCH)
        self.touch(EPOCH)

    def recount(self) -> None:
        """Count all trades where they are."""
        self.count(CountedTrade.objects.all(), Trade.objects.all())

    def of(self, rows: Sequence[Row]) -> None:
        trades: dict[int, None] = {}
        told: list[dict[str, Any]] = []
        for row in rows:
            if row.type == "account_update" and REBUILT & set(json.loads(row.data)["change"]):
                self.everything()
            elif row.type == "trade_executed":
                told.append(json.loads(row.data))
                trades[told[-1]["id"]] = None
            elif row.type == "strategy_update":
                self.capital(json.loads(row.data, parse_float=Decimal, parse_int=Decimal))
            elif row.type == "cashflow":
                self.touch(EPOCH)  # a corrected flow may have moved from an earlier day
            elif row.type == "portfolio_update":
                self.touch(datetime.fromisoformat(json.loads(row.data)["timestamp"]))
        if trades:
            self.count(CountedTrade.objects.filter(trade__in=trades), Trade.objects.filter(pk__in=trades))
            self.tell(told)

    def count(self, counted: QuerySet[CountedTrade], trades: QuerySet[Trade]) -> None:
        """Take the trades out of the days they were counted in, and count them where they are now."""
        known = counted.filter(account=self.account).values_list("trade", "pk", "strategy_id", "day", "entered")
        before = {trade: (pk, (strategy, day, entered)) for trade, pk, strategy, day, entered in known}
        closed = trades.filter(account=self.account, status="closed").order_by("pk")
        columns: Any = ("pk", "strategy_id", "exit_time", "entry_time")
        for trade, strategy, left, begun in closed.values_list(*columns):
            place = strategy, day_of(left), day_of(begun)
            self.place(place)
            _, counted_in = before.pop(trade, (None, None))
            if counted_in != place:
                _, day, entered = place
                row = CountedTrade(account=self.account, trade=trade, strategy_id=strategy, day=day, entered=entered)
                self.moved.append(row)
                if counted_in:
                    self.place(counted_in)
        for pk, counted_in in before.values():
            self.place(counted_in)
            self.gone.append(pk)

    def tell(self, told: Sequence[dict[str, Any]]) -> None:
        """Touch where the trades were when these events told of them."""
        names = {data["strategy"] for data in told}
        found = Strategy.objects.filter(account=self.account, name__in=names).values_list("name", "pk")
        keys = dict(found)
        for data in told:
            if data["status"] == "closed" and data["strategy"] in keys:
                day, entered = (day_of(datetime.fromisoformat(data[name])) for name in ("exit_time", "entry_time"))
                self.place((keys[data["strategy"]], day, entered))

    def place(self, where: Place) -> None:
        strategy, day, entered = where
        self.strategy(strategy, day)
        self.touch(entered)

    def strategy(self, key: int, day: datetime) -> None:
        self.strategies[key] = min(day, self.strategies.get(key, day))
        self.touch(day)

    def capital(self, told: dict[str, Any]) -> None:
        """A strategy whose allocated capital changed is recomputed from its first day."""
        strategy = Strategy.objects.filter(pk=told["id"]).first()
        if strategy is None:
            return
        first = StrategyPerformance.objects.filter(strategy=strategy, period="daily").order_by("timestamp").first()
        if first is None:
            self.touch(EPOCH)  # without snapshots the account begins with what its strategies were given
            return
        begun = None
        if first.equity is not None and first.net_pnl is not None:
            begun = EXACT.subtract(first.equity, first.net_pnl)
        if not begun == strategy.allocated_capital == told["allocated_capital"]:
            self.strategy(strategy.pk, first.timestamp)
            self.touch(EPOCH)

    def touch(self, moment: datetime) -> None:
        day = day_of(moment)
        self.since = day if self.since is None else min(day, self.since)
