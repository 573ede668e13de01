"""One figure of risk: what it means, what it is, what it is allowed to be, and the days that it comes from."""

from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dashboard.benchmarks import benchmarks_of
from dashboard.metrics import BENCHMARK, GROUPS, Metric
from dashboard.models import Account
from dashboard.page_filters import PERIODS, period_start
from dashboard.pages import frame
from dashboard.risk_page import MOST_DAYS, Asked, allowed_by, asked_of, charts, limit_row, row
from dashboard.selectors.limits import limits
from dashboard.selectors.risk import risk
from dashboard.selectors.series import Window
from dashboard.show.closer import Look, closer
from dashboard.words import word

MOST_BENCHMARKS = 8
METRICS = {metric.name: metric for group in GROUPS for metric in group.metrics}


class Chart(NamedTuple):
    """The drawing of the days behind a figure: `kind` for static/js/charts/registry.js, `source` of the Risk page."""

    kind: str
    source: str
    title: str | Promise
    unit: str = ""
    chart_id: str = ""


RETURNS = Chart("returns", "returns", _("Daily returns"), "%", "returns")
SHARPE = Chart("rolling-sharpe", "rolling", _("Rolling Sharpe"), "", "rolling-sharpe")
VOLATILITY = Chart("rolling-volatility", "rolling", _("Rolling volatility"), "%", "rolling-volatility")
UNDERWATER = Chart("underwater", "underwater", _("Underwater"), "%", "underwater")
SPREAD = Chart("distribution", "distribution", _("Distribution of daily returns"))
EARNED = Chart("earned", "returns", _("P&L of closed trades so far"), "", "value")
BETA = Chart("rolling-beta", "rolling", _("Rolling beta"))
BESIDE = Chart("value", "value", _("Value beside the benchmark"), "", "value")
CHARTS = {
    "total_return": RETURNS, "cagr": RETURNS, "exposure": RETURNS, "kelly": EARNED,
    "sharpe_ratio": SHARPE, "sortino_ratio": SHARPE, "probabilistic_sharpe": SHARPE, "deflated_sharpe": SHARPE,
    "calmar_ratio": UNDERWATER, "omega_ratio": SPREAD, "profit_factor": EARNED, "recovery_factor": EARNED,
    "volatility": VOLATILITY, "downside_volatility": VOLATILITY, "max_drawdown": UNDERWATER,
    "current_drawdown": UNDERWATER, "drawdown_duration_days": UNDERWATER, "recovery_days": UNDERWATER,
    "ulcer_index": UNDERWATER, "var_95": SPREAD, "var_99": SPREAD, "cvar_95": SPREAD, "cvar_99": SPREAD,
    "tail_ratio": SPREAD, "skewness": SPREAD, "kurtosis": SPREAD,
    "beta": BETA, "alpha": BESIDE, "correlation": BESIDE, "tracking_error": BESIDE, "information_ratio": BESIDE,
}  # fmt: skip


@login_required
def metric(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    found = METRICS.get(name)
    context = frame(request, slug, "risk")
    if found is None:
        raise Http404
    account, now = context["account"], context["now"]
    benchmarks = benchmarks_of(account)
    asked = asked_of(request, context, benchmarks)
    figures = risk(account, asked.stretch(account, now), asked.against)
    chart = CHARTS[name]
    compares = found in BENCHMARK
    part = asked.part | asked.compared
    api = asked.source(account, "risk/metrics", now, **part)
    return closer(
        request,
        context,
        Look("metric", name, api, "trade_executed portfolio_update cashflow strategy_update"),
        metric=found,
        row=row(found, figures, allowed_by(account, asked)),
        figures=figures,
        year=account.periods_per_year,
        part=", ".join([*asked.strategies, *asked.single.values()]),
        periods=asked.periods(),
        times=times(account, found, asked, now),
        limits=[limit_row(each) for each in limits(account, now) if each.name == found.limit] if found.limit else [],
        chart=chart,
        chart_source=sources(account, asked, now, figures["periods"], part)[chart.source],
        chart_unit=account.base_currency if chart in (EARNED, BESIDE) else chart.unit,
        compares=compares,
        benchmark=asked.benchmark and asked.benchmark[0],
        benchmarks=[
            {
                "title": each[0],
                "url": asked.link(benchmark=each[0], exchange=each[1]),
                "chosen": each == asked.benchmark,
            }
            for each in benchmarks[: MOST_BENCHMARKS if compares else 0]
        ],
        page_url=f"{reverse('risk', args=[slug])}{asked.link()}#metric-{name}",
    )


def sources(account: Account, asked: Asked, now: datetime, days: int, part: dict[str, Any]) -> dict[str, str]:
    found = charts(account, asked, now, days)
    return {
        "underwater": found["underwater"],
        "distribution": found["distribution"],
        "rolling": asked.source(account, "analytics/rolling", now, window=found["span"], limit=MOST_DAYS, **part),
        "returns": asked.source(account, "analytics/returns", now, limit=MOST_DAYS, **asked.part),
        "value": asked.source(account, "analytics/equity", now, limit=MOST_DAYS, **part),
    }


def times(account: Account, found: Metric, asked: Asked, now: datetime) -> list[dict[str, Any]]:
    """The same figure over other stretches of time, each a link to it."""
    part = asked.stretch(account, now).part
    rows = []
    for name, link in zip(PERIODS, asked.periods(), strict=True):
        if name == "today":
            continue
        over = risk(account, Window(part, period_start(name, now)), asked.against)
        rows.append({**link, "title": word("range", name), "row": row(found, over, {})})
    return rows
