"""/api/market"""

import re
from typing import Any

from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Invalid
from api.inputs import SYMBOL, CandlesInput, SymbolInput
from api.params import NoParams, Param, Range
from api.permissions import Need
from api.schema import answers, examples
from api.schema.operation import documented
from api.views import AccountViewSet, Write, read_one
from dashboard.reading import choice, text, whole
from dashboard.selectors.market import (
    ExchangeNeeded,
    Series,
    UnknownSymbol,
    candle_latest,
    candles,
    series_find,
    symbols,
)
from dashboard.selectors.resample import MOST, TooMany
from dashboard.services.market import candles_record
from dashboard.timeframes import TIMEFRAMES

EXCHANGE = Param(text(100, low=0), "The exchange, where candles of several are stored; empty for those without one.")


class LatestParams(NoParams):
    exchange = EXCHANGE
    timeframe = Param(choice(*TIMEFRAMES), "How long a candle lasts; by default that of the newest one.")


class CandleParams(Range):
    exchange = EXCHANGE
    timeframe = Param(choice(*TIMEFRAMES), "How long a candle lasts.", required=True)
    limit = Param(whole(1, 1000), "How many candles to give at most.", default=100)


class MarketViewSet(AccountViewSet):
    """Candles by symbol; a symbol may hold slashes."""

    needs = {"GET": [Need.READ], "POST": [Need.INGEST]}

    @documented(answers.counted("symbols", answers.SYMBOL))
    def list(self, request: Request) -> Response:
        """The symbols whose candles are stored."""
        self.params(NoParams)

        def answer() -> dict[str, Any]:
            rows = symbols(self.account)
            return {"symbols": rows, "count": len(rows)}

        return self.cached(answer, market=True)

    @documented(answers.LATEST, params=LatestParams)
    def retrieve(self, request: Request, symbol: str) -> Response:
        """The latest candle of a symbol."""
        params = self.params(LatestParams)

        def answer() -> dict[str, Any]:
            latest = candle_latest(self.series(symbol, params["exchange"]), params["timeframe"])
            if latest is None:
                raise NotFound("No candle of this timeframe or of one that it can be built from is stored.")
            return latest

        return self.cached(answer, market=True)

    @documented(answers.CANDLES, params=CandleParams)
    @action(detail=True)
    def ohlcv(self, request: Request, symbol: str) -> Response:
        """Candles, oldest first; a timeframe that is not stored is built from a finer one."""
        params = self.params(CandleParams)

        def answer() -> dict[str, Any]:
            series = self.series(symbol, params.pop("exchange"))
            try:
                found = candles(series, **params)
            except TooMany:
                raise Invalid({"limit": [f"More than {MOST} stored candles would be read; ask for fewer."]}) from None
            return {
                "symbol": series.symbol,
                "exchange": series.exchange,
                "timeframe": params["timeframe"],
                "resampled_from": found.resampled_from,
                "partial": found.partial,
                "candles": found.rows,
                "count": len(found.rows),
            }

        return self.cached(answer, market=True)

    @documented(answers.RECORDED, body=CandlesInput, examples=examples.CANDLES)
    @action(detail=True, methods=["post"])
    def record(self, request: Request, symbol: str) -> Response:
        """Report candles; the one that is still open may be reported again."""
        self.params(NoParams)
        write, reader = Write(self), CandlesInput()
        reader.now = write.now
        name = read_one(SymbolInput(), {"symbol": symbol})["symbol"]
        clean = read_one(reader, request.data)

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
