"""/api/trades"""

from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Invalid
from api.inputs import NotesInput, TradeInput
from api.params import ListParam, NoParams, Param, Params, choice, moment, money, text, whole
from api.permissions import Need
from api.views import AccountViewSet, Write, ingest, read_one
from dashboard import wire
from dashboard.models import Trade
from dashboard.selectors.trades import GROUPS, ORDERINGS, BadCursor, TradeFilter, trades_page, trades_stats
from dashboard.services.trades import trade_annotate, trades_record


class TradeParams(Params):
    symbol = Param(text(100))
    strategy = ListParam(text(100))
    status = Param(choice(*Trade.Status.values))
    direction = Param(choice(*Trade.Direction.values))
    asset_class = Param(choice(*Trade.AssetClass.values))
    exit_reason = Param(text(255))
    tag = Param(text(100))
    trade_id = Param(text(100))
    start = Param(moment)
    end = Param(moment)
    min_pnl = Param(money)
    max_pnl = Param(money)
    outcome = Param(choice("win", "loss", "breakeven"))
    signal_type = Param(choice(*Trade.SignalType.values))
    search = Param(text(100))


class TradeListParams(TradeParams):
    ordering = Param(choice(*ORDERINGS, *(f"-{name}" for name in ORDERINGS)), default="-entry_time")
    limit = Param(whole(1, 1000), default=100)
    offset = Param(whole(0, 10**9), default=0)
    cursor = Param(text(4000))

    def check(self, clean: dict[str, Any]) -> None:
        super().check(clean)
        if clean["cursor"] is not None and clean["offset"]:
            raise Invalid({"offset": ["A cursor has its own place; leave offset out."]})


class StatsParams(TradeParams):
    group_by = Param(choice(*GROUPS))


class RecentParams(Params):
    hours = Param(whole(1, 24 * 366), default=24)


class TradeViewSet(AccountViewSet):
    """Trades: list and filter, record, annotate."""

    needs = {"GET": [Need.READ], "POST": [Need.INGEST], "PATCH": [Need.OPERATE]}

    def list(self, request: Request) -> Response:
        params = self.params(TradeListParams)

        def answer() -> dict[str, Any]:
            place = {name: params[name] for name in ("ordering", "limit", "offset", "cursor")}
            try:
                page = trades_page(self.account, self.wanted(params), **place)
            except BadCursor:
                raise Invalid({"cursor": ["Is not a cursor of this list."]}) from None
            return {
                "trades": page.rows,
                "total": page.total,
                "limit": params["limit"],
                "offset": params["offset"],
                "has_more": page.has_more,
                "next_cursor": page.next_cursor,
            }

        return self.cached(answer)

    def wanted(self, params: dict[str, Any]) -> TradeFilter:
        return TradeFilter(**{name: params[name] for name in TradeParams.base_fields})

    def create(self, request: Request) -> Response:
        write = Write(self)
        bot = write.bot()
        return ingest(
            write,
            TradeInput(),
            lambda items: trades_record(account=self.account, items=items, now=write.now, bot=bot),
            ident="trade_id",
        )

    def retrieve(self, request: Request, pk: int) -> Response:
        self.params(NoParams)
        return self.cached(lambda: wire.TRADE.instance(self.find(pk)))

    def partial_update(self, request: Request, pk: int) -> Response:
        self.params(NoParams)
        write, values = Write(self), read_one(NotesInput(), request.data)

        def effect() -> tuple[int, dict[str, Any]]:
            return 200, wire.TRADE.instance(trade_annotate(trade=self.find(pk), values=values, now=write.now))

        return write.run(effect)

    def find(self, pk: int) -> Trade:
        rows = Trade.objects.filter(account=self.account).select_related("strategy", "bot", "account")
        return get_object_or_404(rows, pk=pk)

    @action(detail=False)
    def recent(self, request: Request) -> Response:
        hours = self.params(RecentParams)["hours"]

        def answer() -> dict[str, Any]:
            since = timezone.now() - timedelta(hours=hours)
            page = trades_page(self.account, TradeFilter(start=since), limit=1000)
            return {"trades": page.rows, "count": len(page.rows), "since": since}

        return self.cached(answer)

    @action(detail=False)
    def stats(self, request: Request) -> Response:
        params = self.params(StatsParams)
        return self.cached(lambda: trades_stats(self.account, self.wanted(params), params["group_by"]))
