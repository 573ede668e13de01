"""/api/portfolio and /api/cashflows"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.core import signing
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Invalid
from api.inputs import CashFlowInput, SnapshotInput
from api.params import NoParams, Param, Range
from api.permissions import Need
from api.schema import answers, entities, examples
from api.schema.operation import documented, reported
from api.schema.shapes import maybe
from api.views import AccountViewSet, Write, ingest
from api.windows import AgainstParams, WindowParams, against_of, compared, window_of
from dashboard.reading import text, whole
from dashboard.selectors.curve import equity_curve
from dashboard.selectors.overview import portfolio_latest
from dashboard.selectors.portfolio import history
from dashboard.services.portfolio import cash_flows_record, snapshots_record


class HistoryParams(Range):
    limit = Param(whole(1, 1000), "How many rows to give at most.", default=100)
    cursor = Param(text(1000), "`next_cursor` of the page before, with the same start and end.")


class EquityParams(WindowParams, AgainstParams):
    days = Param(whole(1, 36_600), "How far to look back; else start and end.")
    points = Param(whole(10, 5000), "How many points to give at most; every visible extreme stays.", default=1000)

    def check(self, clean: dict[str, Any]) -> None:
        super().check(clean)
        if clean["days"] is not None and (clean["start"] is not None or clean["end"] is not None):
            raise Invalid({"days": ["Give days, or start and end."]})


class PortfolioViewSet(AccountViewSet):
    """What the account is worth: now, before, and as a curve."""

    needs = {"GET": [Need.READ], "POST": [Need.INGEST]}

    @documented(maybe(entities.SNAPSHOT))
    def list(self, request: Request) -> Response:
        """The latest snapshot, or null when there is none."""
        self.params(NoParams)
        return self.cached(lambda: portfolio_latest(self.account))

    @reported(SnapshotInput, entities.SNAPSHOT, "id", examples=examples.SNAPSHOTS)
    def create(self, request: Request) -> Response:
        """Report one snapshot or several; the same timestamp is the same snapshot."""
        write = Write(self)
        bot = write.bot()
        return ingest(
            write,
            SnapshotInput(),
            lambda items: snapshots_record(account=self.account, items=items, now=write.now, bot=bot),
            ident="id",
        )

    @documented(answers.HISTORY, params=HistoryParams)
    @action(detail=False)
    def history(self, request: Request) -> Response:
        """Snapshots, newest first."""
        params = self.params(HistoryParams)

        def answer() -> dict[str, Any]:
            try:
                return history(self.account, **params)
            except (signing.BadSignature, ValueError):
                raise Invalid({"cursor": ["Is not a cursor of this list."]}) from None

        return self.cached(answer)

    @documented(answers.EQUITY, params=EquityParams)
    @action(detail=False)
    def equity(self, request: Request) -> Response:
        """The value over time, thinned so that every visible extreme stays.

        `return_pct` is time-weighted: deposits are no profit.
        """
        params = self.params(EquityParams)
        start = params["start"]
        if params["days"] is not None:
            start = timezone.now() - timedelta(days=params["days"])

        def answer() -> dict[str, Any]:
            window = replace(window_of(self.account, params), start=start)
            return compared(lambda: equity_curve(self.account, window, params["points"], against_of(params)))

        return self.cached(answer, market=params["benchmark"] is not None)


class CashFlowViewSet(AccountViewSet):
    """Deposits, withdrawals and other money that is not profit."""

    needs = {"POST": [Need.INGEST, Need.OPERATE]}

    @reported(CashFlowInput, entities.CASH_FLOW, "flow_id", examples=examples.FLOWS)
    def create(self, request: Request) -> Response:
        """Report one deposit, withdrawal or other flow, or several."""
        write = Write(self)
        return ingest(
            write,
            CashFlowInput(),
            lambda items: cash_flows_record(account=self.account, items=items, now=write.now),
            ident="flow_id",
        )
