"""/api/market"""

import re
from typing import Any

from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Invalid
from api.inputs import SYMBOL, TIMEFRAMES, CandlesInput, SymbolInput
from api.params import NoParams, Param, Range, choice, text, whole
from api.permissions import Need
from api.views import AccountViewSet, Write, read_one
from dashboard.selectors.market import (
    ExchangeNeeded,
    Series,
    UnknownSymbol,
    candle_latest,
    candles,
    series_find,
    symbols,
)
from dashboard.services.market import candles_record


class LatestParams(NoParams):
    exchange = Param(text(100))
    timeframe = Param(choice(*TIMEFRAMES))


class CandleParams(Range):
    exchange = Param(text(100))
    timeframe = Param(choice(*TIMEFRAMES), required=True)
    limit = Param(whole(1, 1000), default=100)


class MarketViewSet(AccountViewSet):
    """Candles by symbol; a symbol may hold slashes."""

    needs = {"GET": [Need.READ], "POST": [Need.INGEST]}

    def list(self, request: Request) -> Response:
        self.params(NoParams)

        def answer() -> dict[str, Any]:
            rows = symbols(self.account)
            return {"symbols": rows, "count": len(rows)}

        return self.cached(answer, market=True)

    def retrieve(self, request: Request, symbol: str) -> Response:
        params = self.params(LatestParams)

        def answer() -> dict[str, Any]:
            latest = candle_latest(self.series(symbol, params["exchange"]), params["timeframe"])
            if latest is None:
                raise NotFound("No candle of this timeframe is stored.")
            return latest

        return self.cached(answer, market=True)

    @action(detail=True, methods=["get", "post"])
    def ohlcv(self, request: Request, symbol: str) -> Response:
        if request.method == "POST":
            return self.record(symbol)
        params = self.params(CandleParams)

        def answer() -> dict[str, Any]:
            series = self.series(symbol, params.pop("exchange"))
            rows = candles(series, **params)
            found = {"symbol": series.symbol, "exchange": series.exchange, "timeframe": params["timeframe"]}
            return {**found, "candles": rows, "count": len(rows)}

        return self.cached(answer, market=True)

    def record(self, symbol: str) -> Response:
        self.params(NoParams)
        write, reader = Write(self), CandlesInput()
        reader.now = write.now
        name = read_one(SymbolInput(), {"symbol": symbol})["symbol"]
        clean = read_one(reader, self.request.data)

        def effect() -> tuple[int, dict[str, Any]]:
            summary = candles_record(
                account=self.account,
                symbol=name,
                exchange=clean.get("exchange", self.account.exchange),
                timeframe=clean["timeframe"],
                candles=clean["candles"],
            )
            return 200, {"summary": summary, "count": len(clean["candles"])}

        return write.run(effect)

    def series(self, symbol: str, exchange: str | None) -> Series:
        try:
            if not re.fullmatch(SYMBOL, symbol, re.ASCII):
                raise UnknownSymbol
            return series_find(self.account, symbol, exchange)
        except UnknownSymbol:
            raise NotFound("No candle of this symbol is stored.") from None
        except ExchangeNeeded as error:
            raise Invalid({"exchange": [f"Candles of several exchanges are stored; name one of {error}."]}) from None
