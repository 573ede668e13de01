"""/api/accounts, /api/snapshot, /api/strategies, /api/alerts, /api/heartbeat, /api/events"""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import Program
from api.fields import Input
from api.inputs import AlertInput, HeartbeatInput, StrategyInput, StrategySettingsInput
from api.params import NoParams, Param, Params, choice, text, whole
from api.permissions import Need, resolve
from api.views import AccountViewSet, Write, check_bot, ingest, read_one, single
from dashboard import wire
from dashboard.fields import raw_json
from dashboard.models import Alert, Strategy
from dashboard.selectors.accounts import account_lines, memberships_of
from dashboard.selectors.overview import snapshot
from dashboard.services.alerts import alert_move, alerts_record
from dashboard.services.bots import heartbeat_record
from dashboard.services.strategies import strategies_record, strategy_change
from realtime.log import position, read

MANY = 200


class AccountsViewSet(AccountViewSet):
    """The accounts I can see."""

    needs_account: ClassVar[bool] = False

    def list(self, request: Request) -> Response:
        self.params(NoParams)
        if isinstance(request.user, Program):
            account, role, allowed = resolve(request)
            if Need.READ not in allowed:
                self.permission_denied(request, "This needs read access.")
            found = [(account, role)]
        else:
            found = [(each.account, each.role) for each in memberships_of(request.user)[:MANY]]
        response = self.ok({"accounts": account_lines(found, timezone.now()), "count": len(found)})
        response["Cache-Control"] = "private, no-cache"
        return response


class SnapshotParams(Params):
    trades = Param(whole(0, 1000), default=50)


class SnapshotViewSet(AccountViewSet):
    """What a page or a program needs to start."""

    def list(self, request: Request) -> Response:
        trades = self.params(SnapshotParams)["trades"]
        role = request.role  # type: ignore[attr-defined]
        return self.cached(lambda: snapshot(self.account, role=role, now=timezone.now(), trades=trades))


class StrategyViewSet(AccountViewSet):
    """Strategies: registered by bots, switched and limited by people."""

    needs = {"GET": [Need.READ], "POST": [Need.INGEST], "PATCH": [Need.OPERATE]}

    def list(self, request: Request) -> Response:
        self.params(NoParams)

        def answer() -> dict[str, Any]:
            rows = wire.STRATEGY.rows(Strategy.objects.filter(account=self.account).order_by("name")[:1000])
            return {"strategies": rows, "count": len(rows)}

        return self.cached(answer)

    def retrieve(self, request: Request, pk: int) -> Response:
        self.params(NoParams)
        return self.cached(lambda: wire.STRATEGY.instance(self.find(pk)))

    def create(self, request: Request) -> Response:
        write = Write(self)
        return ingest(
            write,
            StrategyInput(),
            lambda items: strategies_record(account=self.account, items=items, now=write.now),
            ident="name",
        )

    def partial_update(self, request: Request, pk: int) -> Response:
        self.params(NoParams)
        write, values = Write(self), read_one(StrategySettingsInput(), request.data)
        return write.run(lambda: (200, strategy_change(strategy=self.find(pk), values=values, now=write.now).item))

    def find(self, pk: int) -> Strategy:
        return get_object_or_404(Strategy.objects.filter(account=self.account).select_related("account"), pk=pk)


class AlertParams(Params):
    type = Param(choice(*Alert.Type.values))
    severity = Param(choice(*Alert.Severity.values))
    strategy = Param(text(100))
    limit = Param(whole(1, 1000), default=100)
    offset = Param(whole(0, 10**9), default=0)


class AlertViewSet(AccountViewSet):
    """Active alerts; raised by bots, acknowledged and resolved by people."""

    needs = {"GET": [Need.READ], "POST": [Need.INGEST]}

    def list(self, request: Request) -> Response:
        params = self.params(AlertParams)

        def answer() -> dict[str, Any]:
            rows = Alert.objects.filter(account=self.account).active().order_by("-created_at", "-id")
            for name, path in (("type", "type"), ("severity", "severity"), ("strategy", "strategy__name")):
                if params[name] is not None:
                    rows = rows.filter(**{path: params[name]})
            limit, offset = params["limit"], params["offset"]
            total = rows.count()
            return {
                "alerts": wire.ALERT.rows(rows[offset : offset + limit]),
                "total": total,
                "limit": limit,
                "offset": offset,
                "has_more": total > offset + limit,
            }

        return self.cached(answer)

    def create(self, request: Request) -> Response:
        write = Write(self)
        return ingest(
            write,
            AlertInput(),
            lambda items: alerts_record(account=self.account, items=items, now=write.now),
            ident="id",
        )


class AlertActionViewSet(AccountViewSet):
    """Acknowledge and resolve."""

    needs = {"POST": [Need.OPERATE]}

    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: int) -> Response:
        return self.move(pk, Alert.Status.ACKNOWLEDGED)

    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: int) -> Response:
        return self.move(pk, Alert.Status.RESOLVED)

    def move(self, pk: int, status: str) -> Response:
        self.params(NoParams)
        read_one(Input(), self.request.data)
        write, alerts = Write(self), Alert.objects.filter(account=self.account).select_related("account")

        def effect() -> tuple[int, Any]:
            alert = get_object_or_404(alerts, pk=pk)
            moved = alert_move(alert=alert, status=status, user=self.request.user, now=write.now)
            return 200, wire.ALERT.instance(moved)

        return write.run(effect)


class HeartbeatViewSet(AccountViewSet):
    """A bot says that it is alive."""

    needs = {"POST": [Need.INGEST]}

    def create(self, request: Request) -> Response:
        self.params(NoParams)
        write = Write(self)
        clean = read_one(HeartbeatInput(), request.data)
        check_bot(write, clean)
        return write.run(lambda: single(heartbeat_record(account=self.account, item=clean, now=write.now)))


class EventParams(Params):
    since = Param(whole(0, 10**15), default=0)
    limit = Param(whole(1, 1000), default=100)


class EventViewSet(AccountViewSet):
    """The event log: the same rows as the socket."""

    def list(self, request: Request) -> Response:
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
