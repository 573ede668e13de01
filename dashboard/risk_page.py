"""The Risk page: every figure of risk with its limit, and what it is compared with; all of it lives in the address."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from dashboard.benchmarks import Benchmarks, ComparedFilters, benchmark_pill, benchmarks_of
from dashboard.metrics import GROUPS, Metric
from dashboard.models import Account
from dashboard.page_filters import OF_PART
from dashboard.pages import frame
from dashboard.pills import pills
from dashboard.remembered import remembers
from dashboard.selectors.drawdowns import Worst, drawdown_chart
from dashboard.selectors.limits import Limit, limits, limits_of, within
from dashboard.selectors.risk import risk
from dashboard.selectors.statistics import defined
from dashboard.words import word

WORST = 8
MOST_CORRELATED = 16
POINTS, FEWEST_POINTS, MOST_DAYS = 1500, 10, 5000
SPANS = (10, 30, 90)


class Asked(ComparedFilters):
    """The filters of the page, with what is correlated and how far rolling figures look back."""

    offered = OF_PART

    def __init__(self, query: QueryDict, strategies: list[str], benchmarks: Benchmarks) -> None:
        super().__init__(query, strategies, benchmarks)
        self.by = "strategy" if query.get("by") == "strategy" else "symbol"
        span = query.get("span", "")
        self.span = int(span) if span in map(str, SPANS) else None

    def parameters(self, **changes: Any) -> dict[str, Any]:
        own = {"by": None if self.by == "symbol" else self.by, "span": self.span}
        return super().parameters(**own | changes)


@login_required
@remembers("risk")
def risk_page(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "risk")
    account, now = context["account"], context["now"]
    benchmarks = benchmarks_of(account)
    asked = asked_of(request, context, benchmarks)
    window = asked.stretch(account, now)
    figures = risk(account, window, asked.against)
    allowed = allowed_by(account, asked)
    fallen = drawdown_chart(account, window, FEWEST_POINTS, WORST)
    shown = {
        "figures": figures,
        "groups": [
            {
                "title": group.title,
                "name": group.name,
                "rows": [row(metric, figures, allowed) for metric in group.metrics],
            }
            for group in GROUPS
        ],
        "last_day": figures["end"] and figures["end"] - timedelta(microseconds=1),
        "limited": bool(allowed),
        "benchmarks": benchmarks,
        "benchmark": asked.benchmark and asked.benchmark[0],
        "worst": worst(fallen.worst),
        "worst_total": fallen.worst.total,
        "limits": [limit_row(each) for each in limits(account, now)],
        "periods": asked.periods(),
        "pills": [*pills(asked, account), *benchmark_pill(asked)],
        "filters": asked,
        "filtered": asked.active,
        "year": account.periods_per_year,
        **charts(account, asked, now, figures["periods"]),
    }
    return render(request, "pages/risk.html", context | shown)


def asked_of(request: HttpRequest, context: dict[str, Any], benchmarks: Benchmarks) -> Asked:
    return Asked(request.GET, [row["name"] for row in context["scope"]["strategies"]], benchmarks)


def allowed_by(account: Account, asked: Asked) -> dict[str, Any]:
    """The limits of the strategy that is looked at, if it is one alone."""
    return limits_of(account, asked.strategies[0]) if len(asked.strategies) == 1 else {}


def charts(account: Account, asked: Asked, now: datetime, days: int) -> dict[str, Any]:
    """What each chart asks the API, and the links of its switch. Unasked, a young account looks back less far."""
    looked_back = asked.span or (SPANS[1] if days >= 2 * SPANS[1] else SPANS[0])
    days_asked = {"window": looked_back, "limit": MOST_DAYS}
    return {
        "underwater": asked.source(account, "analytics/drawdowns", now, points=POINTS, count=3, **asked.part),
        "rolling": asked.source(account, "analytics/rolling", now, **days_asked, **asked.part),
        "distribution": asked.source(account, "analytics/distribution", now, **asked.part),
        "montecarlo": asked.source(
            account, "analytics/montecarlo", now, horizon=account.periods_per_year, **asked.part
        ),
        "correlated": asked.source(account, "risk/correlation", now, by=asked.by, limit=MOST_CORRELATED, **asked.part),
        "spans": [{"title": str(span), "url": asked.link(span=span), "chosen": span == looked_back} for span in SPANS],
        "span": looked_back,
        "bys": [
            {
                "title": word("group", name),
                "url": asked.link(by=None if name == "symbol" else name),
                "chosen": name == asked.by,
            }
            for name in ("symbol", "strategy")
        ],
    }


def row(metric: Metric, figures: dict[str, Any], allowed: dict[str, Any]) -> dict[str, Any]:
    """A figure of the table: what it is, and its limit where the strategy has one."""
    value, money = defined(figures[metric.name]), defined(figures.get(f"{metric.name}_money"))
    if value is not None and metric.kind.endswith("percent"):
        value *= 100
    found = {"metric": metric, "value": value, "money": money}
    if metric.limit in allowed:
        limit = allowed[metric.limit]
        measured, kind = (money, "signed-money") if metric.limit == "max_daily_loss" else (value, "signed-percent")
        found |= {"limit": -limit, "limit_kind": kind, "within": within(metric.limit, measured, limit)}
    return found


def worst(found: Worst) -> list[dict[str, Any]]:
    columns = zip(found.peaks, found.troughs, found.recoveries, found.duration_days, found.depths, strict=True)
    return [
        {
            "id": number,
            "scope": {"peak": peak, "trough": trough, "recovery": recovery, "days": days, "depth": depth * 100},
        }
        for number, (peak, trough, recovery, days, depth) in enumerate(columns, 1)
    ]


def limit_row(limit: Limit) -> dict[str, Any]:
    """Limits on losses are written as the losses they are."""
    kinds = {"max_drawdown": "signed-percent", "max_daily_loss": "signed-money", "max_position_size": "money"}
    allowed = limit.limit if limit.name == "max_position_size" else -limit.limit
    return {
        "pk": limit.pk,
        "strategy": limit.strategy,
        "title": word("limit", limit.name),
        "kind": kinds[limit.name],
        "value": limit.value,
        "limit": allowed,
        "within": limit.within,
    }
