"""Strategies: all in one table, some beside each other, and each alone. Time, order and choice live in the address."""

import csv
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import StringIO
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.risk import RISK_LEVELS
from dashboard.exports import cells
from dashboard.exports.formats import BYTE_ORDER_MARK
from dashboard.fields import dumps
from dashboard.filters import TradeFilters
from dashboard.models import Account, Strategy
from dashboard.page_filters import PageFilters
from dashboard.pages import frame, membership
from dashboard.pills import pills
from dashboard.remembered import remembers
from dashboard.selectors.strategies import BREAKDOWNS, strategy_detail, strategy_rows, totals
from dashboard.selectors.trades import trades_page
from dashboard.sorting import Order
from dashboard.words import word

Row = dict[str, Any]
MOST_ROWS = 200
MOST_COMPARED = 8  # as many as there are series that can be told apart
MOST_GROUPS = 50
LATEST = 12
CURVE_POINTS = 1500
CALENDAR_DAYS = 53 * 7
MOST_DRAWN = 50  # as many as the charts show
BOUNDS = (("min_pnl", "-Infinity"), ("max_pnl", "Infinity"))
VIEWS = {"returns": "comparison", "equity": "comparison-equity"}
# Sortable column -> whether the first click shows the largest first.
COLUMNS = {"name": False} | dict.fromkeys(
    (
        "enabled", "total_trades", "win_rate", "total_pnl", "profit_factor", "sharpe_ratio", "max_drawdown_pct",
        "risk_level", "open_trades", "exposure",
    ),
    True,
)  # fmt: skip
RANKS = {"risk_level": RISK_LEVELS}


class Metric(NamedTuple):
    """A figure of a strategy: what it is called, how it is written, and what it is counted in."""

    name: str
    title: str | Promise
    kind: str
    unit: str | Promise = ""
    tone: bool = False


METRICS = (
    Metric("total_pnl", gettext_lazy("Net P&L"), "signed-money", tone=True),
    Metric("return_pct", gettext_lazy("Return"), "signed-number-2", "%"),
    Metric("sharpe_ratio", gettext_lazy("Sharpe"), "number-2"),
    Metric("sortino_ratio", gettext_lazy("Sortino"), "number-2"),
    Metric("calmar_ratio", gettext_lazy("Calmar"), "number-2"),
    Metric("volatility_pct", gettext_lazy("Volatility"), "number-2", "%"),
    Metric("max_drawdown_pct", gettext_lazy("Max drawdown"), "signed-number-2", "%"),
    Metric("profit_factor", gettext_lazy("Profit factor"), "number-2"),
    Metric("win_rate", gettext_lazy("Win rate"), "number-1", "%"),
    Metric("payoff_ratio", gettext_lazy("Payoff"), "number-2"),
    Metric("expectancy", gettext_lazy("Expectancy"), "signed-money-3"),
    Metric("total_trades", gettext_lazy("Trades"), "count"),
)
FACTS = (
    Metric("return_pct", gettext_lazy("Return"), "signed-percent"),
    Metric("volatility_pct", gettext_lazy("Volatility, yearly"), "percent"),
    Metric("sortino_ratio", gettext_lazy("Sortino"), "number-2"),
    Metric("calmar_ratio", gettext_lazy("Calmar"), "number-2"),
    Metric("sqn", gettext_lazy("System quality"), "number-2"),
    Metric("payoff_ratio", gettext_lazy("Payoff"), "number-2"),
    Metric("avg_win", gettext_lazy("Average win"), "signed-money"),
    Metric("avg_loss", gettext_lazy("Average loss"), "signed-money"),
    Metric("largest_win", gettext_lazy("Largest win"), "signed-money"),
    Metric("largest_loss", gettext_lazy("Largest loss"), "signed-money"),
    Metric("max_consecutive_wins", gettext_lazy("Longest run of wins"), "count"),
    Metric("max_consecutive_losses", gettext_lazy("Longest wait for a win"), "count"),
    Metric("avg_duration_seconds", gettext_lazy("Average held"), "span"),
    Metric("total_fees", gettext_lazy("Fees"), "money"),
)
LIMITS = (
    Metric("allocated_capital", gettext_lazy("Capital"), "money", "currency"),
    Metric("max_position_size", gettext_lazy("Largest position"), "money", "currency"),
    Metric("max_daily_loss", gettext_lazy("Largest loss a day"), "money", "currency"),
    Metric("max_drawdown", gettext_lazy("Deepest drawdown"), "percent", "%"),
)


class Timed(PageFilters):
    """The filters of one strategy: the time, and which of its trades."""

    offered = ("symbol", "asset_class")


class Asked(PageFilters):
    """Besides the filters, how the two tables are sorted, and which strategies stand beside each other."""

    offered = ("risk_level", "asset_class", "symbol", "min_pnl", "max_pnl")

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query, [])
        self.order = Order(query, COLUMNS, "-total_pnl", ranks=RANKS)
        self.beside = Order(query, ["name", *(each.name for each in METRICS)], "-total_pnl", parameter="by")
        wanted = query.get("compare", "").split(",")
        self.compared = list(dict.fromkeys(text for text in wanted if text.isdecimal() and len(text) < 16))
        self.compared = self.compared[:MOST_COMPARED]
        self.view = "equity" if query.get("view") == "equity" else "returns"
        self.measure = "trades" if query.get("measure") == "trades" else "net_pnl"

    def parameters(self, **changes: Any) -> Row:
        own = self.order.parameters | self.beside.parameters | {"compare": ",".join(self.compared)}
        own["view"] = "" if self.view == "returns" else self.view
        own["measure"] = "" if self.measure == "net_pnl" else self.measure
        return super().parameters(**own | changes)


@login_required
@remembers("strategies")
def strategies(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "strategies")
    account, now = context["account"], context["now"]
    asked = Asked(request.GET)
    found = rows_of(account, asked, now)
    part = charted(asked, found)
    ordered = asked.order.sorted(found)
    shown = {
        "rows": [
            {"scope": row, "compared": str(row["id"]) in asked.compared, "edit": asked.link(edit=row["id"])}
            for row in ordered[:MOST_ROWS]
        ],
        "left_out": len(ordered[MOST_ROWS:]),
        "full": len(asked.compared) >= MOST_COMPARED,
        "totals": totals(found),
        "heads": {name: asked.order.head(asked, name, falling=falling) for name, falling in COLUMNS.items()},
        "filters": asked,
        "periods": asked.periods(),
        "pills": pills(asked, account),
        "filtered": asked.active,
        "any": bool(context["scope"]["strategies"]),
        "risk_return": asked.source(account, "analytics/risk-return", now, **part),
        "boxes": asked.source(account, "analytics/distribution", now, group_by="strategy", **part),
        "sankey": asked.source(account, "analytics/sankey", now, measure=asked.measure, **part),
        "sankey_by_trades": asked.measure == "trades",
        "measures": [
            {"title": title, "url": asked.link(measure=code), "chosen": asked.measure == (code or "net_pnl")}
            for code, title in ((None, word("chart", "net_pnl")), ("trades", word("chart", "trades")))
        ],
        "comparison": comparison(account, asked, found, now),
        "edited": edited(request, context, found),
    }
    return render(request, "pages/strategies.html", context | shown)


def rows_of(account: Account, asked: Asked, now: datetime) -> list[Row]:
    """The strategies that the page asks for: those that made at least and at most so much among them."""
    low, high = (Decimal(asked.single.get(name, unbounded)) for name, unbounded in BOUNDS)
    return [row for row in strategy_rows(account, asked.stretch(account, now)) if low <= row["total_pnl"] <= high]


def charted(asked: Asked, rows: list[Row]) -> Row:
    """The same strategies in the parameters of the charts, which know no bounds of what a strategy made."""
    if not asked.single.keys() & dict(BOUNDS).keys():
        return asked.part
    most = sorted(rows, key=lambda row: -row["total_trades"])[:MOST_DRAWN]
    return asked.part | {"strategy": [row["name"] for row in most]}


def chosen(asked: Asked, rows: list[Row]) -> list[Row]:
    """The rows that stand beside each other, in the order of their table."""
    return asked.beside.sorted([row for row in rows if str(row["id"]) in asked.compared])


def comparison(account: Account, asked: Asked, rows: list[Row], now: datetime) -> Row | None:
    """The strategies beside each other; None for fewer than two."""
    found = chosen(asked, rows)
    if not found:
        return None
    ids = [pk for pk in asked.compared if any(str(row["id"]) == pk for row in found)]
    file = reverse("strategies-file", args=[account.slug]) + asked.link()
    return {
        "ids": ",".join(ids),
        "enough": len(found) > 1,
        "count": len(found),
        "kind": VIEWS[asked.view],
        "view": asked.view,
        "source": asked.source(account, "strategies/comparison", now, ids=",".join(ids)),
        "views": [
            {"title": title, "url": asked.link(view=name), "chosen": name == asked.view}
            for name, title in (("returns", _("Return")), ("equity", _("Value")))
        ],
        "name": asked.beside.head(asked, "name", falling=False),
        "heads": [(each, asked.beside.head(asked, each.name, falling=True)) for each in METRICS],
        "rows": [(row, [(each, row[each.name]) for each in METRICS]) for row in found],
        "clear": asked.link(compare=None, view=None, by=None),
        "file": file,
    }


@login_required
def strategies_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The table of the comparison as CSV, every digit of it."""
    account, asked = membership(request, slug).account, Asked(request.GET)
    window = asked.stretch(account, timezone.now())
    rows = chosen(asked, strategy_rows(account, window, [int(pk) for pk in asked.compared]))
    names = ["name", *(each.name for each in METRICS)]
    lines = StringIO()
    csv.writer(lines).writerows([names, *([cells.text(row[name]) for name in names] for row in rows)])
    headers = {"Content-Disposition": f'attachment; filename="{account.slug}-strategies.csv"'}
    return HttpResponse(BYTE_ORDER_MARK + lines.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


@login_required
@remembers("strategy")
def strategy(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context = frame(request, slug, "strategies")
    account, now = context["account"], context["now"]
    name = get_object_or_404(Strategy, account=account, pk=pk).name
    asked = Timed(request.GET, [])
    part = {"strategy": name, **asked.part}
    window = asked.stretch(account, now)
    own = replace(window, part=replace(window.part, strategies=(name,)))
    row = strategy_detail(account, pk, own)
    trades = TradeFilters.of(account, {"strategy": [name], "status": "closed", **asked.filters(now)})
    shown = {
        "strategy": row,
        "module": "app/pages/strategy.js",
        "filters": asked,
        "periods": asked.periods(),
        "pills": pills(asked, account),
        "filtered": asked.active,
        "facts": [(each, row[each.name]) for each in FACTS],
        "limits": [(each, row[each.name]) for each in LIMITS],
        "parameters": parameters_text(row) if row["parameters"] else "",
        "groups": [breakdown(each, row["groups"][each]) for each in BREAKDOWNS],
        # Without a capital there are no returns, and charts show money.
        "returns_unit": account.base_currency if row["return_pct"] is None else "%",
        "trades_url": f"{reverse('trades', args=[slug])}?{urlencode({**part, 'status': 'closed'})}",
        "latest": trades_page(trades.qs, trades.key, ordering="-exit_time", limit=LATEST).rows,
        "edited": edited(request, context, [row]),
        "sources": {
            "value": asked.source(account, "analytics/equity", now, sma=20, **part),
            "underwater": asked.source(account, "analytics/drawdowns", now, points=CURVE_POINTS, count=3, **part),
            "returns": asked.source(account, "analytics/returns", now, **part),
            "monthly": asked.source(account, "analytics/monthly", now, **part),
            "calendar": asked.source(account, "analytics/returns", now, limit=CALENDAR_DAYS, **part),
            "hours": asked.source(account, "analytics/hours", now, timezone=str(context["zone"]), **part),
            "excursions": asked.source(account, "analytics/mae-mfe", now, **part),
        },
    }
    return render(request, "pages/strategy.html", context | shown)


def breakdown(by: str, groups: list[Row]) -> Row:
    """The figures by one trait; `code` is what the words of its names are found by."""
    named = {"weekday": "word:weekday", "exit_reason": "word:exit", "symbol": "base"}.get(by, "text")
    return {
        "by": by,
        "title": word("group", by),
        "kind": named,
        "rows": groups[:MOST_GROUPS],
        "left_out": len(groups[MOST_GROUPS:]),
    }


def edited(request: HttpRequest, context: Row, rows: list[Row]) -> Row | None:
    """What the dialog of the strategy that the address names shows to be changed, exact to the last digit."""
    row = next((row for row in rows if str(row["id"]) == request.GET.get("edit")), None)
    if row is None or not context["operates"]:
        return None
    return {
        **{name: row[name] for name in ("id", "name", "description", "updated_at")},
        "limits": [(each, cells.text(row[each.name])) for each in LIMITS],
        "parameters": parameters_text(row),
    }


def parameters_text(row: Row) -> str:
    return dumps(row["parameters"], indented=True).decode()
