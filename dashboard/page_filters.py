"""What the address of a page filters by. Every page reads the same parameters and prints links to other addresses."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from dashboard.models import Account
from dashboard.moments import day_of
from dashboard.reading import Reader, Unreadable, money, text
from dashboard.selectors.parts import part_of
from dashboard.selectors.series import Window
from dashboard.words import WORDS, word

PERIODS = ("today", "week", "month", "quarter", "year", "all")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Filters that choose a code, and the words that it is chosen from.
CODED = {
    "status": "status",
    "outcome": "outcome",
    "direction": "direction",
    "asset_class": "asset",
    "signal_type": "signal_type",
    "risk_level": "risk_level",
}
TYPED: dict[str, Reader] = {
    "symbol": text(100),
    "exit_reason": text(255),
    "tag": text(100),
    "search": text(100),
    "min_pnl": money,
    "max_pnl": money,
}
SEVERAL = ("strategy", "risk_level")
OF_PART = ("strategy", "risk_level", "asset_class", "symbol")
OF_TRADES = (
    "status", "outcome", "strategy", "risk_level", "asset_class", "symbol", "direction", "min_pnl", "max_pnl",
    "exit_reason", "signal_type", "tag", "search",
)  # fmt: skip


def period_start(name: str, now: datetime) -> datetime | None:
    """The first moment of the running UTC day, week, month, quarter or year."""
    day = day_of(now)
    return {
        "today": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": day.replace(month=1, day=1),
    }.get(name)


class PageFilters:
    """What the address asks for, kept to what exists: a stale bookmark shows trades, not an error.

    `offered` are the filters that the page has, besides its time.
    """

    offered: Sequence[str] = ()
    coded = CODED

    def __init__(self, query: QueryDict, strategies: list[str], *, period: str = "all") -> None:
        self.known = strategies
        found = {name: list(filter(partial(self.exists, name), query.getlist(name))) for name in self.offered}
        self.single = {name: values[0] for name, values in found.items() if values and name not in SEVERAL}
        self.several = {name: list(dict.fromkeys(values)) for name, values in found.items() if name in SEVERAL}
        self.natural_period = period
        asked = query.get("period", period)
        self.period = asked if asked in PERIODS else period
        self.days = {name: query.get(name, "") for name in ("start", "end") if moment(query.get(name, ""))}

    def exists(self, name: str, value: str) -> bool:
        if name == "strategy":
            return value in self.known
        return value in WORDS[self.coded[name]] if name in self.coded else readable(TYPED[name], value)

    @property
    def strategies(self) -> list[str]:
        return self.several.get("strategy", [])

    @property
    def chosen(self) -> dict[str, Any]:
        """What is filtered by besides the time, in the parameters of the API."""
        return self.single | {name: values for name, values in self.several.items() if values}

    @property
    def part(self) -> dict[str, Any]:
        """Which part of the account is meant, in the parameters of the API."""
        return {name: value for name, value in self.chosen.items() if name in OF_PART}

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """The address's parameters with some changed; None takes one out."""
        found = self.chosen | self.days
        if self.period != self.natural_period:
            found["period"] = self.period
        found |= changes
        return {name: value for name, value in found.items() if value not in (None, [], "")}

    def link(self, **changes: Any) -> str:
        return "?" + (urlencode(self.parameters(**changes), doseq=True) or "reset")

    @property
    def active(self) -> bool:
        return bool(self.chosen or self.days or self.period != self.natural_period)

    def window(self, now: datetime) -> dict[str, str]:
        """`start` and `end` in the parameters of the API; days chosen win over a period."""
        if self.days:
            found = {name: moment(text) for name, text in self.days.items()}
            if "end" in found and DAY.fullmatch(self.days["end"]):
                found["end"] += timedelta(days=1) - timedelta(microseconds=1)
            return {name: written(at) for name, at in found.items()}
        start = period_start(self.period, now)
        return {} if start is None else {"start": written(start)}

    def stretch(self, account: Account, now: datetime) -> Window:
        """The same part and time for selectors."""
        bounds = {name: datetime.fromisoformat(text) for name, text in self.window(now).items()}
        part = part_of(
            account,
            self.strategies,
            self.single.get("symbol"),
            self.single.get("asset_class"),
            self.several.get("risk_level", ()),
        )
        return Window(part, bounds.get("start"), bounds.get("end"))

    def filters(self, now: datetime) -> dict[str, Any]:
        """The same wish in the parameters of the API's trades."""
        return self.chosen | self.window(now)

    def source(self, account: Account, path: str, now: datetime, **parameters: Any) -> str:
        """What a chart asks the API: `path` in the window of the page, with these parameters besides."""
        query = {"account": account.slug, **self.window(now), **parameters}
        return f"/api/{path}?{urlencode(query, doseq=True)}"

    @property
    def bounds(self) -> dict[str, datetime]:
        """The days or moments chosen."""
        return {name: moment(text) for name, text in self.days.items()}

    @property
    def clear_days(self) -> str:
        return self.link(start=None, end=None)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a form that chooses days sends along."""
        return self.kept_without("start", "end", "period")

    def kept_without(self, *names: str) -> list[tuple[str, str]]:
        """The parameters that a form sends along which asks for these itself."""
        found = self.parameters(**dict.fromkeys(names))
        return [
            (name, str(text))
            for name, value in found.items()
            for text in (value if isinstance(value, list) else [value])
        ]

    @property
    def reset(self) -> str:
        """The page without filters: a bare address would bring back those of last time."""
        return "?reset"

    def periods(self) -> list[dict[str, Any]]:
        """The links of the page bar."""
        return [
            {
                "title": word("range", name),
                "url": self.link(period=None if name == self.natural_period else name, start=None, end=None),
                "chosen": name == self.period and not self.days,
            }
            for name in PERIODS
        ]


def readable(read: Reader, value: str) -> bool:
    try:
        read(value)
    except Unreadable:
        return False
    return value.isprintable()


def moment(text: str) -> Any:
    """A day or a moment with its zone; None for anything else."""
    try:
        found = datetime.fromisoformat(f"{text}T00:00:00+00:00" if DAY.fullmatch(text) else text)
    except ValueError:
        return None
    return found if found.tzinfo and 1970 <= found.year < 2200 else None


def written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
