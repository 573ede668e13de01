"""/api/snapshot, /api/strategies, /api/alerts, /api/heartbeat, /api/events"""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import HeartbeatInput, StrategyInput, StrategySettingsInput
from api.params import NoParams, Param, Params
from api.permissions import Need
from api.schema import answers, entities, examples
from api.schema.operation import documented, reported, reported_one
from api.views import AccountViewSet, Write, check_bot, ingest, read_one, single
from api.windows import WindowParams, window_of
from dashboard import wire
from dashboard.fields import raw_json
from dashboard.models import Strategy
from dashboard.reading import whole
from dashboard.selectors.overview import snapshot
from dashboard.services.bots import heartbeat_record
from dashboard.services.strategies import strategies_record, strategy_change
from realtime.log import position, read


class SnapshotParams(WindowParams):
    trades = Param(whole(0, 1000), "How many closed trades to give at most.", default=50)


class SnapshotViewSet(AccountViewSet):
    """What a page or a program needs to start."""

    @documented(answers.START, params=SnapshotParams)
    def list(self, request: Request) -> Response:
        """Everything to start with. `seq` is read first, so a replay of the log from it can only repeat.

        The newest 200 open trades, 50 alerts, 200 annotations and the first 200 bots and 1,000 strategies;
        `summary.open_trades` is their true number, and the lists of the API have the rest. With a stretch of time, a
        strategy, a symbol, a kind of asset or a level of risk the trades and the figures of `summary` are those of it,
        and so are `positions` of `portfolio`, with their `unrealized_pnl`; `value`, `daily_change`, `exposure` and
        `all_open_trades` are always those of the whole account now.
        """
        params = self.params(SnapshotParams)
        role = request.role  # type: ignore[attr-defined]

        def answer() -> dict[str, Any]:
            window = window_of(self.account, params)
            return snapshot(self.account, role=role, now=timezone.now(), trades=params["trades"], window=window)

        return self.cached(answer)


class StrategyViewSet(AccountViewSet):
    """Strategies: registered by bots, switched and limited by people."""

    needs = {"GET": [Need.READ], "POST": [Need.INGEST], "PATCH": [Need.OPERATE]}

    @documented(answers.counted("strategies", entities.STRATEGY))
    def list(self, request: Request) -> Response:
        """The strategies by name, 1,000 at most."""
        self.params(NoParams)

        def answer() -> dict[str, Any]:
            rows = wire.STRATEGY.rows(Strategy.objects.filter(account=self.account).order_by("name")[:1000])
            return {"strategies": rows, "count": len(rows)}

        return self.cached(answer)

    @documented(entities.STRATEGY)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One strategy with its parameters and limits."""
        self.params(NoParams)
        return self.cached(lambda: wire.STRATEGY.instance(self.find(pk)))

    @reported(StrategyInput, entities.STRATEGY, "name", examples=examples.STRATEGIES)
    def create(self, request: Request) -> Response:
        """Register one strategy or several by name."""
        write = Write(self)
        return ingest(
            write,
            StrategyInput(),
            lambda items: strategies_record(account=self.account, items=items, now=write.now, actor=self.actor),
            ident="name",
        )

    @documented(entities.STRATEGY, body=StrategySettingsInput, examples=examples.SETTINGS)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Switch a strategy, set its parameters and limits; null takes a limit away."""
        self.params(NoParams)
        write, values = Write(self), read_one(StrategySettingsInput(), request.data)

        def effect() -> tuple[int, Any]:
            outcome = strategy_change(strategy=self.find(pk), values=values, now=write.now, actor=self.actor)
            return 200, outcome.item

        return write.run(effect)

    def find(self, pk: int) -> Strategy:
        return get_object_or_404(Strategy.objects.filter(account=self.account).select_related("account"), pk=pk)


class HeartbeatViewSet(AccountViewSet):
    """A bot says that it is alive."""

    needs = {"POST": [Need.INGEST]}

    @reported_one(HeartbeatInput, entities.BOT, examples=examples.HEARTBEATS)
    def create(self, request: Request) -> Response:
        """Say that a bot is alive and what it does."""
        self.params(NoParams)
        write = Write(self)
        clean = read_one(HeartbeatInput(), request.data)
        check_bot(write, clean)
        return write.run(lambda: single(heartbeat_record(account=self.account, item=clean, now=write.now)))


class EventParams(Params):
    since = Param(whole(0, 10**15), "The number of the last event that is known.", default=0)
    limit = Param(whole(1, 1000), "How many events to give at most.", default=100)


class EventViewSet(AccountViewSet):
    """The event log: the same rows as the socket."""

    @documented(answers.LOG, params=EventParams)
    def list(self, request: Request) -> Response:
        """The log of changes after a number, oldest first."""
        params = self.params(EventParams)

        def answer() -> dict[str, Any]:
            at = position(self.account.stream_key)
            rows = read(self.account.stream_key, params["since"], params["limit"])
            return {
                "account": self.account.slug,
                "epoch": at.epoch,
                "head": at.head,
                "floor": at.floor,
                "events": [raw_json(row.encode()) for row in rows],
            }

        return self.cached(answer)
