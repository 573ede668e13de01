"""The Overview: how the account does, in the time and for the part of it that the address asks for."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard import drawings
from dashboard.benchmarks import Benchmarks, ComparedFilters, benchmark_pill, benchmarks_of
from dashboard.models import Account
from dashboard.page_filters import OF_PART
from dashboard.pages import CURVE_NOTES, EQUITY_POINTS, connecting, empty, frame, membership
from dashboard.pills import pills
from dashboard.remembered import remembers
from dashboard.selectors.curve import equity_curve
from dashboard.selectors.parts import strategy_names
from dashboard.words import COUNTED

CURVE_POINTS = 240
DAILY_BARS = 366
SPARK_BARS = 30
OUTCOMES = (("up", "winning_trades"), ("down", "losing_trades"), ("zero", "breakeven_trades"))


class Asked(ComparedFilters):
    """The filters of the page, and whether the curve has its moving average."""

    offered = OF_PART

    def __init__(self, query: QueryDict, strategies: list[str], benchmarks: Benchmarks, *, period: str = "all") -> None:
        super().__init__(query, strategies, benchmarks, period=period)
        self.average = query.get("average") != "off"

    def parameters(self, **changes: Any) -> dict[str, Any]:
        return super().parameters(**{"average": None if self.average else "off"} | changes)


@login_required
@remembers("overview")
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    account, now = membership(request, slug).account, timezone.now()
    asked, curve = first_curve(account, request.GET, now)
    context = frame(request, slug, "overview", asked)
    if empty(context["scope"]):
        return render(request, "pages/overview_empty.html", context | {"module": "app/pages/connect.js"} | connecting())
    summary = context["scope"]["summary"]
    daily = summary["daily"]
    drawn = {
        "daily": drawings.daily(daily["dates"], daily["net_pnl"]),
        "by_symbol": drawings.ranked([{**each, "key": f"asset-{each['name']}"} for each in summary["by_symbol"]]),
        "by_strategy": drawings.ranked(keyed(summary["by_strategy"], context["scope"]["strategies"])),
        "waterfall": drawings.waterfall(waterfall_parts(summary["waterfall"])),
        "exposure": drawings.exposure(summary["exposure"]),
        "value": curve["equity"],
        "fall": curve["drawdown"],
        "pnl": daily["net_pnl"][-SPARK_BARS:],
        "win": drawings.split([(sign, summary[name]) for sign, name in OUTCOMES]),
    }
    part = asked.part
    shown = {
        "drawings": drawn,
        "line": drawings.steps(curve["equity"]),
        "filters": asked,
        "filtered": asked.active,
        "pills": [*pills(asked, account), *benchmark_pill(asked)],
        "periods": asked.periods(),
        "equity_source": asked.source(account, "portfolio/equity", now, points=EQUITY_POINTS, **part, **asked.compared),
        "equity_note": CURVE_NOTES.get(curve["source"], ""),
        "equity_shows": "average" if asked.average else "",
        "equity_appends": "" if part or asked.days or asked.compared else "portfolio_update",
        "averages": [
            {
                "title": _("Average"),
                "chosen": asked.average,
                "url": asked.link(average="off" if asked.average else None),
            }
        ],
        "starts": asked.stretch(account, now).start,
        "daily_note": daily_note(daily["net_pnl"]) if asked.window(now) else _("net"),
        "daily_source": asked.source(account, "analytics/returns", now, limit=DAILY_BARS, **part),
    }
    return render(request, "pages/overview.html", context | shown)


def daily_note(results: list[Any]) -> str:
    """How many of the days went up and down."""
    up, down = sum(1 for each in results if each > 0), sum(1 for each in results if each < 0)
    return (
        f"{_('net')}, {COUNTED['days_up'].of(up).format(count=up)}, {COUNTED['days_down'].of(down).format(count=down)}"
    )


def keyed(groups: list[dict[str, Any]], strategies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The groups by strategy with what is shown of each on a closer look."""
    keys = {row["name"]: f"strategy-{row['id']}" for row in strategies}
    return [{**each, "key": keys.get(each["name"], "")} for each in groups]


def waterfall_parts(found: dict[str, Any]) -> list[tuple[str, Any, bool]]:
    return [
        (_("Wins"), found["gross_wins"], False),
        (_("Losses"), found["gross_losses"], False),
        (_("Realised"), found["realised"], True),
        (_("Open"), found["open"], False),
        (_("Total"), found["total"], True),
    ]


def first_curve(account: Account, query: QueryDict, now: datetime) -> tuple[Asked, dict[str, Any]]:
    """The filters, and the curve of the time asked for. Unasked: the month if it holds a curve, else all."""
    names = strategy_names(account)
    benchmarks = benchmarks_of(account)
    asked = Asked(query, names, benchmarks, period="month")
    curve = equity_curve(account, asked.stretch(account, now), CURVE_POINTS)
    if "period" not in query and not asked.days and len(curve["equity"]) < 2:
        asked = Asked(query, names, benchmarks)
        curve = equity_curve(account, asked.stretch(account, now), CURVE_POINTS)
    return asked, curve
