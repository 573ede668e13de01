"""What the address of a page filters by. Every page reads the same parameters and prints links to other addresses."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from dashboard.models import Account
from dashboard.moments import day_of
from dashboard.words import WORDS, word

PERIODS = ("today", "week", "month", "quarter", "year", "all")
CODED = ("status", "direction", "outcome")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


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
    """What the address asks for, kept to what exists: a stale bookmark shows trades, not an error."""

    def __init__(self, query: QueryDict, strategies: list[str], *, period: str = "all") -> None:
        self.single = {name: query.get(name, "") for name in CODED if query.get(name) in WORDS[name]}
        symbol = query.get("symbol", "")
        if 0 < len(symbol) <= 100 and symbol.isprintable():
            self.single["symbol"] = symbol
        self.strategies = [name for name in query.getlist("strategy") if name in strategies]
        self.natural_period = period
        asked = query.get("period", period)
        self.period = asked if asked in PERIODS else period
        self.days = {name: query.get(name, "") for name in ("start", "end") if moment(query.get(name, ""))}

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """The address's parameters with some changed; None takes one out."""
        found: dict[str, Any] = {**self.single, "strategy": self.strategies, **self.days}
        if self.period != self.natural_period:
            found["period"] = self.period
        found |= changes
        return {name: value for name, value in found.items() if value not in (None, [], "")}

    def link(self, **changes: Any) -> str:
        return "?" + urlencode(self.parameters(**changes), doseq=True)

    @property
    def active(self) -> bool:
        return bool(self.single or self.strategies or self.days or self.period != self.natural_period)

    def window(self, now: datetime) -> dict[str, str]:
        """`start` and `end` in the parameters of the API; days chosen win over a period."""
        if self.days:
            found = {name: moment(text) for name, text in self.days.items()}
            if "end" in found and DAY.fullmatch(self.days["end"]):
                found["end"] += timedelta(days=1) - timedelta(microseconds=1)
            return {name: written(at) for name, at in found.items()}
        start = period_start(self.period, now)
        return {} if start is None else {"start": written(start)}

    def filters(self, now: datetime) -> dict[str, Any]:
        """The same wish in the parameters of the API's trades."""
        return {**self.single, "strategy": self.strategies, **self.window(now)}

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
        found = self.parameters(start=None, end=None, period=None)
        return [
            (name, text) for name, value in found.items() for text in ([value] if isinstance(value, str) else value)
        ]

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


def moment(text: str) -> Any:
    """A day or a moment with its zone; None for anything else."""
    try:
        found = datetime.fromisoformat(f"{text}T00:00:00+00:00" if DAY.fullmatch(text) else text)
    except ValueError:
        return None
    return found if found.tzinfo and 1970 <= found.year < 2200 else None


def written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
