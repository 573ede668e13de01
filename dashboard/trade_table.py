"""The Trades page: filters, order and page live in the address; every control is a link to another address."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from dashboard.filters import TradeFilters
from dashboard.models import Account, Trade
from dashboard.selectors.statistics import trades_stats
from dashboard.selectors.trades import ORDERINGS, trades_page
from dashboard.words import WORDS, word

PAGE = 50
PERIODS = ("today", "week", "month", "quarter", "year", "all")
CODED = ("status", "direction", "outcome")
MOST_CHOICES = 200
PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


SORTABLE = {  # ordering name -> whether the first click shows the largest first
    "symbol": False,
    "strategy": False,
    "size": True,
    "duration_seconds": True,
    "fees": True,
    "pnl_pct": True,
    "net_pnl": True,
}


def period_start(name: str, now: datetime) -> datetime | None:
    """The first moment of the running UTC day, week, month, quarter or year."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "today": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": day.replace(month=1, day=1),
    }.get(name)


class Asked:
    """What the address asks for, kept to what exists: a stale bookmark shows trades, not an error."""

    def __init__(self, query: QueryDict, strategies: list[str]) -> None:
        self.single = {name: query.get(name, "") for name in CODED if query.get(name) in WORDS[name]}
        symbol = query.get("symbol", "")
        if 0 < len(symbol) <= 100 and symbol.isprintable():
            self.single["symbol"] = symbol
        self.strategies = [name for name in query.getlist("strategy") if name in strategies]
        period = query.get("period", "all")
        self.period = period if period in PERIODS else "all"
        closed_only = self.single.get("status") == "closed" or "outcome" in self.single
        self.natural = "-exit_time" if closed_only else "-entry_time"
        ordering = query.get("ordering", "")
        self.ordering = ordering if ordering.removeprefix("-") in ORDERINGS else self.natural
        page = query.get("page", "1")
        self.page = int(page) if PAGE_NUMBER.fullmatch(page) else 1

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """The address's parameters with some changed; None takes one out. A change goes back to page one."""
        found: dict[str, Any] = {**self.single, "strategy": self.strategies}
        if self.period != "all":
            found["period"] = self.period
        if self.ordering != self.natural:
            found["ordering"] = self.ordering
        found |= changes
        return {name: value for name, value in found.items() if value not in (None, [], "")}

    def link(self, **changes: Any) -> str:
        return "?" + urlencode(self.parameters(**changes), doseq=True)

    def filters(self, now: datetime) -> dict[str, Any]:
        """The same wish in the parameters of the API."""
        found: dict[str, Any] = {**self.single, "strategy": self.strategies}
        if start := period_start(self.period, now):
            found["start"] = start.isoformat().replace("+00:00", "Z")
        return found


def trade_table(account: Account, query: QueryDict, strategies: list[str], now: datetime) -> dict[str, Any]:
    """The context of the page: rows, figures, and the links of every control."""
    asked = Asked(query, strategies)
    given = asked.filters(now)
    wanted = TradeFilters.of(account, given)
    page = trades_page(wanted.qs, wanted.key, ordering=asked.ordering, limit=PAGE, offset=(asked.page - 1) * PAGE)
    first = (asked.page - 1) * PAGE + 1 if page.rows else 0
    filters = urlencode({"account": account.slug, **given}, doseq=True)
    return {
        "rows": page.rows,
        "list": {
            "id": "list",
            "total": page.total,
            "first": first,
            "last": first + len(page.rows) - 1 if page.rows else 0,
            "stats": trades_stats(account, wanted.qs, wanted.key),
        },
        "time": "exit_time" if asked.ordering.lstrip("-") == "exit_time" else "entry_time",
        "times": [head(asked, "entry_time", _("Opened"), True), head(asked, "exit_time", _("Closed"), True)],
        "heads": {name: head(asked, name, "", falling) for name, falling in SORTABLE.items()},
        "periods": [
            {"title": title, "url": asked.link(period=None if name == "all" else name), "chosen": name == asked.period}
            for name, title in ((each, word("range", each)) for each in PERIODS)
        ],
        "pills": pills(asked, account, strategies),
        "filtered": bool(asked.single or asked.strategies or asked.period != "all"),
        "previous": asked.link(page=asked.page - 1 if asked.page > 2 else None) if asked.page > 1 else None,
        "next": asked.link(page=asked.page + 1) if page.has_more else None,
        "first_page": asked.page == 1,
        "trades_url": f"/api/trades?{filters}&limit={PAGE}&ordering={asked.ordering}",
        "stats_url": f"/api/trades/stats?{filters}",
    }


def head(asked: Asked, name: str, title: str, falling: bool) -> dict[str, Any]:
    """A sortable head: a click sorts by it, another click turns the order round."""
    sorted_by = asked.ordering.lstrip("-") == name
    down = asked.ordering.startswith("-")
    turned = name if down else f"-{name}"
    to = turned if sorted_by else (f"-{name}" if falling else name)
    return {
        "name": name,
        "title": title,
        "sorted": ("descending" if down else "ascending") if sorted_by else None,
        "url": asked.link(ordering=None if to == asked.natural else to),
    }


def pills(asked: Asked, account: Account, strategies: list[str]) -> list[dict[str, Any]]:
    """One pill per filter that has something to choose: what is chosen, a link that clears it, and the choices."""
    coded = [(name, [(code, str(text)) for code, text in WORDS[name].items()]) for name in CODED]
    named = [("strategy", [(name, name) for name in strategies[:MOST_CHOICES]])]
    listed = [("symbol", [(name, name) for name in symbols(account)])]
    found = [pill(asked, name, choices) for name, choices in (*coded[:1], *named, *coded[1:], *listed)]
    return [each for each in found if each["choices"] or each["value"]]


def pill(asked: Asked, name: str, choices: list[tuple[str, str]]) -> dict[str, Any]:
    chosen = asked.strategies if name == "strategy" else [asked.single[name]] if name in asked.single else []
    titles = dict(choices)
    return {
        "title": word("filter", name),
        "value": ", ".join(titles.get(code, code) for code in chosen),
        "clear": asked.link(**{name: None}),
        "choices": [
            {
                "title": title,
                "chosen": code in chosen,
                "url": asked.link(**{name: toggled(chosen, code) if name == "strategy" else code}),
            }
            for code, title in choices
        ],
    }


def toggled(names: list[str], name: str) -> list[str]:
    return [each for each in names if each != name] if name in names else [*names, name]


def symbols(account: Account) -> list[str]:
    found = Trade.objects.filter(account=account).order_by("symbol").values_list("symbol", flat=True).distinct()
    return list(found[:MOST_CHOICES])
