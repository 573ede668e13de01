"""From events to the rows they touch: which strategies since which day, and the account since which day."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from django.utils import timezone

from dashboard import wire
from dashboard.fields import EXACT, dumps
from dashboard.models import Account, CountedTrade, Portfolio, RiskMetrics, Strategy, StrategyPerformance, Trade
from dashboard.moments import day_of
from dashboard.rollups.performance import performance_update
from dashboard.rollups.risk import risk_update
from dashboard.rollups.rows import EPOCH
from realtime.follow import follow
from realtime.log import Row, publish

NAME = "rollups"
CHUNK = 500
REBUILT = {"initial_capital", "periods_per_year"}  # every figure of an account begins with these


def rollups_follow(account: Account) -> int:
    """Bring the account's rollups up to the head of its log; return how many events were followed."""
    return follow(NAME, account.stream_key, handler(account))


def handler(account: Account) -> Callable[[Sequence[Row] | None], None]:
    def handle(rows: Sequence[Row] | None) -> None:
        account.refresh_from_db()
        changes = Changes(account)
        if rows is None:
            changes.all()
        else:
            changes.of(rows)
        apply(account, changes)

    return handle


class Changes:
    """What has to be recomputed: days by strategy, and one day for the account."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.strategies: dict[int, datetime] = {}
        self.since: datetime | None = None

    def all(self) -> None:
        """Begin anew from the rows themselves."""
        CountedTrade.objects.filter(account=self.account).delete()
        StrategyPerformance.objects.filter(strategy__account=self.account).delete()
        RiskMetrics.objects.filter(account=self.account).delete()
        keys = Trade.objects.filter(account=self.account, status="closed").order_by("pk").values_list("pk", flat=True)
        self.trades(list(keys))
        if Portfolio.objects.filter(account=self.account).exists():
            self.touch(EPOCH)

    def of(self, rows: Sequence[Row]) -> None:
        if any(row.type == "account_update" and REBUILT & set(json.loads(row.data)["change"]) for row in rows):
            self.all()
            return
        trades: dict[int, None] = {}
        for row in rows:
            if row.type in ("trade_executed", "portfolio_update", "cashflow", "strategy_update"):
                data = json.loads(row.data)
                if row.type == "trade_executed":
                    trades[data["id"]] = None
                elif row.type == "strategy_update":
                    self.capital(data["id"])
                elif row.type == "cashflow":
                    self.touch(EPOCH)  # a corrected flow may have moved from an earlier day
                else:
                    self.touch(datetime.fromisoformat(data["timestamp"]))
        self.trades(list(trades))

    def trades(self, keys: list[int]) -> None:
        """Take the trades out of the days they were counted in, and count them where they are now."""
        for start in range(0, len(keys), CHUNK):
            chunk = keys[start : start + CHUNK]
            counted = list(CountedTrade.objects.filter(trade__in=chunk))
            closed = Trade.objects.filter(account=self.account, pk__in=chunk, status="closed")
            now = [
                CountedTrade(
                    account=self.account, strategy_id=strategy, trade=key, day=day_of(left), entered=day_of(entered)
                )
                for key, strategy, entered, left in closed.values_list("pk", "strategy_id", "entry_time", "exit_time")
            ]
            for row in (*counted, *now):
                self.strategy(row.strategy_id, row.day)
                self.touch(row.entered)
            CountedTrade.objects.filter(trade__in=set(chunk) - {row.trade for row in now}).delete()
            CountedTrade.objects.bulk_create(
                now, update_conflicts=True, unique_fields=["trade"], update_fields=["strategy", "day", "entered"]
            )

    def strategy(self, key: int, day: datetime) -> None:
        self.strategies[key] = min(day, self.strategies.get(key, day))
        self.touch(day)

    def capital(self, key: int) -> None:
        """A strategy whose allocated capital changed is recomputed from its first day."""
        first = StrategyPerformance.objects.filter(strategy_id=key, period="daily").order_by("timestamp").first()
        strategy = Strategy.objects.filter(pk=key).first()
        if first is None or strategy is None:
            return
        begun = None
        if first.equity is not None and first.net_pnl is not None:
            begun = EXACT.subtract(first.equity, first.net_pnl)
        if begun != strategy.allocated_capital:
            self.strategy(key, first.timestamp)
            self.touch(EPOCH)  # without snapshots the account begins with what its strategies were given

    def touch(self, moment: datetime) -> None:
        day = day_of(moment)
        self.since = day if self.since is None else min(day, self.since)


def apply(account: Account, changes: Changes) -> None:
    """Recompute, and publish which strategies have new figures and the account's latest risk row if it changed."""
    events = []
    for strategy in Strategy.objects.filter(pk__in=changes.strategies).select_related("account").order_by("pk"):
        if performance_update(strategy, changes.strategies[strategy.pk]):
            events.append(("strategy_update", dumps(wire.STRATEGY.instance(strategy))))
    latest = risk_update(account, changes.since) if changes.since is not None else None
    if latest is not None:
        events.append(("risk_update", dumps(wire.RISK.instance(latest))))
    publish(account.stream_key, events, at=timezone.now())
