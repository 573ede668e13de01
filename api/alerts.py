"""/api/alerts"""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import Input
from api.inputs import AlertInput
from api.params import Cursored, NoParams
from api.permissions import Need
from api.schema import answers, entities, examples
from api.schema.operation import documented, reported
from api.views import AccountViewSet, Write, ingest, read_one
from dashboard import wire
from dashboard.filters import AlertFilters
from dashboard.models import Alert
from dashboard.selectors.paging import page
from dashboard.services.alerts import alert_move, alerts_record


class AlertViewSet(AccountViewSet):
    """Alerts: raised by bots, acknowledged and resolved by people."""

    needs = {"GET": [Need.READ], "POST": [Need.INGEST]}

    @documented(answers.page("alerts", entities.ALERT), params=Cursored, filters=AlertFilters)
    def list(self, request: Request) -> Response:
        """Those that are not resolved."""
        return self.newest(only_active=True)

    @documented(answers.page("alerts", entities.ALERT), params=Cursored, filters=AlertFilters)
    @action(detail=False)
    def history(self, request: Request) -> Response:
        """All, with who acknowledged and resolved them and when."""
        return self.newest(only_active=False)

    def newest(self, only_active: bool) -> Response:
        def answer() -> dict[str, Any]:
            params, wanted = self.filtered(Cursored, AlertFilters)
            rows = wanted.qs.active() if only_active else wanted.qs
            name = "active alerts" if only_active else "alerts"
            found = page(rows, wire.ALERT, f"{name} {wanted.key}", ordering="-created_at", **params)
            return self.paged("alerts", found, params)

        return self.cached(answer)

    @reported(AlertInput, entities.ALERT, "id", examples=examples.ALERTS)
    def create(self, request: Request) -> Response:
        """Raise one alert or several. An open one with the same `dedupe_key` is brought up to date instead."""
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

    @documented(entities.ALERT)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: int) -> Response:
        """Say that a person has seen it."""
        return self.move(pk, Alert.Status.ACKNOWLEDGED)

    @documented(entities.ALERT)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: int) -> Response:
        """Say that it is dealt with."""
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
