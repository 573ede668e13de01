"""Parameters of reads over a stretch of time: which part of an account, and what it is compared with."""

import re
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from analytics.risk import RISK_LEVELS
from api.errors import Invalid
from api.params import ListParam, Param, Params, Range
from dashboard.models import Account, Trade
from dashboard.reading import Reader, Unreadable, choice, read_exact, text, whole
from dashboard.selectors.benchmark import Against
from dashboard.selectors.market import ExchangeNeeded, UnknownSymbol
from dashboard.selectors.parts import part_of
from dashboard.selectors.series import Part, Window

T = TypeVar("T")
IDS = re.compile(r"[0-9]{1,15}(,[0-9]{1,15}){0,19}", re.ASCII)
zones = cache(available_timezones)


def rate() -> Reader:
    """A yearly rate as a fraction."""

    def read(text: str) -> float:
        found = read_exact(text)
        if not -1 < found <= 10:
            raise Unreadable("Must be a fraction above -1 and at most 10, as in 0.03.")
        return float(found)

    return Reader(read, {"type": "number", "exclusiveMinimum": -1, "maximum": 10})


def ids() -> Reader:
    """Up to 20 numbers of rows, each once."""

    def read(text: str) -> list[int]:
        found = [int(number) for number in text.split(",")] if IDS.fullmatch(text) else []
        if not found or len(set(found)) != len(found):
            raise Unreadable("Must be 1 to 20 different numbers with commas between them, as in 1,2,3.")
        return found

    return Reader(read, {"type": "string", "pattern": f"^{IDS.pattern}$"})


def zone() -> Reader:
    def read(text: str) -> ZoneInfo:
        if text not in zones():
            raise Unreadable("Must be a time zone, as in Europe/Berlin.")
        return ZoneInfo(text)

    return Reader(read, {"type": "string", "maxLength": 50})


class PartParams(Params):
    strategy = ListParam(text(100), "Only the trades of this strategy, on the capital it was given; may be repeated.")
    symbol = Param(text(100), "Only the trades of this symbol.")
    asset_class = Param(choice(*Trade.AssetClass.values), "Only the trades of this kind of asset.")
    risk_level = ListParam(
        choice(*RISK_LEVELS), "Only the trades of strategies that are so risky, by their whole past; may be repeated."
    )


class WindowParams(PartParams, Range):
    """A part of an account, and a stretch of time."""


class AgainstParams(Params):
    benchmark = Param(text(100), "Compare with the daily closes of this symbol, whose candles are stored.")
    exchange = Param(
        text(100, low=0), "Its exchange, where candles of several are stored; empty for those without one."
    )

    def check(self, clean: dict[str, Any]) -> None:
        super().check(clean)
        if clean["exchange"] is not None and clean["benchmark"] is None:
            raise Invalid({"exchange": ["Give it with benchmark."]})


class RatedParams(AgainstParams):
    risk_free = Param(rate(), "Yearly risk-free rate as a fraction.", default=0.0)


class LimitedParams(Params):
    limit = Param(whole(1, 5000), "How many of the newest to give at most.", default=1000)


def asked_part(account: Account, params: dict[str, Any]) -> Part:
    chosen = params["strategy"] or (), params["symbol"], params["asset_class"], params["risk_level"] or ()
    return part_of(account, *chosen)


def window_of(account: Account, params: dict[str, Any]) -> Window:
    return Window(asked_part(account, params), params["start"], params["end"])


def against_of(params: dict[str, Any]) -> Against:
    return Against(**{each.name: params[each.name] for each in fields(Against) if each.name in params})


def compared(answer: Callable[[], T]) -> T:
    """The answer; a benchmark that is not stored is refused by name."""
    try:
        return answer()
    except UnknownSymbol:
        raise Invalid({"benchmark": ["No candles of a day or less are stored of this symbol."]}) from None
    except ExchangeNeeded as error:
        raise Invalid({"exchange": [f"Candles of several exchanges are stored; name one of {error}."]}) from None
