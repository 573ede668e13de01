"""The Trades page: filters, order and page live in the address; every control is a link to another address."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from dashboard.filters import TradeFilters
from dashboard.models import Account, Trade
from dashboard.page_filters import CODED, PageFilters
from dashboard.selectors.statistics import trades_stats
from dashboard.selectors.trades import ORDERINGS, trades_page
from dashboard.sorting import Order
from dashboard.words import WORDS, word

PAGE = 50
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


class Asked(PageFilters):
    """The filters of the page, with the order and the page of its table."""

    def __init__(self, query: QueryDict, strategies: list[str]) -> None:
        super().__init__(query, strategies)
        closed_only = self.single.get("status") == "closed" or "outcome" in self.single
        self.order = Order(query, ORDERINGS, "-exit_time" if closed_only else "-entry_time")
        page = query.get("page", "1")
        self.page = int(page) if PAGE_NUMBER.fullmatch(page) else 1

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """A change goes back to page one."""
        return super().parameters(**self.order.parameters | changes)


def trade_table(account: Account, query: QueryDict, strategies: list[str], now: datetime) -> dict[str, Any]:
    """The context of the page: rows, figures, and the links of every control."""
    asked = Asked(query, strategies)
    given = asked.filters(now)
    wanted = TradeFilters.of(account, given)
    page = trades_page(wanted.qs, wanted.key, ordering=asked.order.chosen, limit=PAGE, offset=(asked.page - 1) * PAGE)
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
        "time": "exit_time" if asked.order.name == "exit_time" else "entry_time",
        "times": [
            asked.order.head(asked, "entry_time", falling=True, title=_("Opened")),
            asked.order.head(asked, "exit_time", falling=True, title=_("Closed")),
        ],
        "heads": {name: asked.order.head(asked, name, falling=falling) for name, falling in SORTABLE.items()},
        "filters": asked,
        "periods": asked.periods(),
        "pills": pills(asked, account, strategies),
        "filtered": asked.active,
        "previous": asked.link(page=asked.page - 1 if asked.page > 2 else None) if asked.page > 1 else None,
        "next": asked.link(page=asked.page + 1) if page.has_more else None,
        "first_page": asked.page == 1,
        "trades_url": f"/api/trades?{filters}&limit={PAGE}&ordering={asked.order.chosen}",
        "stats_url": f"/api/trades/stats?{filters}",
    }


def pills(asked: Asked, account: Account, strategies: list[str]) -> list[dict[str, Any]]:
    """One pill per filter that has something to choose: what is chosen, a link that clears it, and the choices."""
    coded = [(name, [(code, str(text)) for code, text in WORDS[name].items()]) for name in CODED]
    named = [("strategy", [(name, name) for name in strategies[:MOST_CHOICES]])]
    listed = [("symbol", [(name, name) for name in symbols(account)])]
    found = [pill(asked, name, choices) for name, choices in (*coded[:1], *named, *coded[1:], *listed)]
    return [each for each in found if each["choices"] or each["value"]]


def pill(asked: PageFilters, name: str, choices: list[tuple[str, str]]) -> dict[str, Any]:
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
