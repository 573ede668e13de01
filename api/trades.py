"""/api/trades"""

from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import Input
from api.inputs import NotesInput, TradeInput
from api.params import Cursored, NoParams, Param, Params
from api.permissions import Need
from api.schema import answers, entities, examples
from api.schema.operation import documented, reported
from api.views import AccountViewSet, Write, ingest, read_one
from dashboard import wire
from dashboard.filters import TradeFilters
from dashboard.models import Trade
from dashboard.reading import choice, whole
from dashboard.selectors.excursions import trade_detail
from dashboard.selectors.statistics import GROUPS, trades_stats
from dashboard.selectors.trades import ORDERINGS, trades_page
from dashboard.services.deletions import trade_delete
from dashboard.services.trades import trade_annotate, trades_record


class TradeListParams(Cursored):
    ordering = Param(choice(*ORDERINGS, *(f"-{name}" for name in ORDERINGS)), "What to sort by.", default="-entry_time")


class StatsParams(Params):
    group_by = Param(choice(*GROUPS), "Give the same figures for each group as well.")


class RecentParams(Params):
    hours = Param(whole(1, 24 * 366), "How far to look back.", default=24)
    limit = Param(whole(1, 1000), "How many rows to give at most.", default=1000)


class TradeViewSet(AccountViewSet):
    """Trades: list and filter, record, annotate, delete."""

    needs = {"GET": [Need.READ], "POST": [Need.INGEST], "PATCH": [Need.OPERATE], "DELETE": [Need.OWN]}

    @documented(answers.page("trades", entities.TRADE), params=TradeListParams, filters=TradeFilters)
    def list(self, request: Request) -> Response:
        """The trades that match, page by page."""

        def answer() -> dict[str, Any]:
            params, wanted = self.filtered(TradeListParams, TradeFilters)
            return self.paged("trades", trades_page(wanted.qs, wanted.key, **params), params)

        return self.cached(answer)

    @reported(TradeInput, entities.TRADE, "trade_id", examples=examples.TRADES)
    def create(self, request: Request) -> Response:
        """Report one trade or several; open, update and close are the same `trade_id`.

        A higher `rev` applies, a lower one is `stale`; without it the same content is a `duplicate`, and a closed trade
        never opens again.
        """
        write = Write(self)
        bot = write.bot()
        return ingest(
            write,
            TradeInput(),
            lambda items: trades_record(account=self.account, items=items, now=write.now, bot=bot),
            ident="trade_id",
        )

    @documented(answers.DETAIL)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One trade with its fills, and how far it went."""
        self.params(NoParams)
        # Candles, which may tell how far it went, are not in the event log.
        return self.cached(lambda: trade_detail(self.find(pk), timezone.now()), market=True)

    @documented(entities.TRADE, body=NotesInput, examples=examples.NOTES)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Write notes and tags, which no report changes."""
        self.params(NoParams)
        write, values = Write(self), read_one(NotesInput(), request.data)

        def effect() -> tuple[int, dict[str, Any]]:
            return 200, wire.TRADE.instance(trade_annotate(trade=self.find(pk), values=values, now=write.now))

        return write.run(effect)

    @documented(None, status=204)
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a trade. A later report of it is `stale` unless its `rev` is higher."""
        self.params(NoParams)
        read_one(Input(), request.data)
        write = Write(self)

        def effect() -> tuple[int, None]:
            trade_delete(trade=self.find(pk), actor=self.actor, now=write.now)
            return 204, None

        return write.run(effect)

    def find(self, pk: int) -> Trade:
        rows = Trade.objects.filter(account=self.account).select_related("strategy", "bot", "account")
        return get_object_or_404(rows, pk=pk)

    @documented(answers.RECENT, params=RecentParams)
    @action(detail=False)
    def recent(self, request: Request) -> Response:
        """The trades of the last hours; where there are more, `/api/trades?start=<since>` takes the cursor."""
        params = self.params(RecentParams)

        def answer() -> dict[str, Any]:
            since = timezone.now() - timedelta(hours=params["hours"])
            found = TradeFilters.of(self.account, {"start": since.isoformat()})
            page = trades_page(found.qs, found.key, limit=params["limit"])
            more = {"has_more": page.has_more, "next_cursor": page.next_cursor}
            return {"trades": page.rows, "count": len(page.rows), "since": since, **more}

        return self.cached(answer)

    @documented(answers.STATS, params=StatsParams, filters=TradeFilters)
    @action(detail=False)
    def stats(self, request: Request) -> Response:
        """What closed trades came to, whole and by group."""

        def answer() -> dict[str, Any]:
            params, wanted = self.filtered(StatsParams, TradeFilters)
            return trades_stats(self.account, wanted.qs, wanted.key, params["group_by"])

        return self.cached(answer)
