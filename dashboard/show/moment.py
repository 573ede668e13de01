"""One moment of a chart: what was known then, how its day went, and what happened on it."""

import re
from datetime import UTC, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from dashboard.models import Account, Strategy
from dashboard.page_filters import DAY, written
from dashboard.page_filters import moment as moment_in
from dashboard.pages import EQUITY_POINTS, frame
from dashboard.risk_page import SPANS, Asked, benchmarks_of
from dashboard.selectors.moment import Moment, Standing, last_of, moment_chart
from dashboard.selectors.series import Part, Window
from dashboard.show.closer import Look, closer, source
from dashboard.strategies_page import MOST_COMPARED

IDS = re.compile(rf"[0-9]{{1,15}}(,[0-9]{{1,15}}){{0,{MOST_COMPARED - 1}}}", re.ASCII)
AROUND = 15  # days drawn before and after


@login_required
def moment(request: HttpRequest, slug: str, at: str, ids: str = "") -> HttpResponse:
    """`at` is a day or a moment; `ids` are the strategies that the chart is of."""
    context = frame(request, slug, "overview")
    account, now = context["account"], context["now"]
    found, whole_day = moment_in(at), DAY.fullmatch(at) is not None
    if found is None:
        raise Http404
    found = found.astimezone(UTC)
    if whole_day:
        found = last_of(found)
    strategies = [row["name"] for row in context["scope"]["strategies"]]
    asked = Asked(request.GET, strategies, benchmarks_of(account))
    named = named_strategies(account, ids) if ids else []
    window = asked.stretch(account, now)
    span = asked.span or SPANS[1]

    def read(part: Part) -> Moment:
        return moment_chart(account, Window(part, window.start), found, span, asked.against)

    seen = read(Part(tuple(named)) if ids else window.part)
    compared = [{"name": name, **percents(read(Part((name,))).standing)} for name in named] if len(named) > 1 else []
    part = {"strategy": named} if ids else asked.part
    tail = f"/{ids}" if ids else ""
    query = {"at": written(found), "span": span, **part, **asked.compared}
    if window.start is not None:
        query["start"] = written(window.start)
    look = Look(
        "moment",
        at + tail,
        source(account, "analytics/moment", **query),
        "trade_executed portfolio_update cashflow annotation alert",
        None,
        f"moment-{seen.previous:%Y-%m-%d}{tail}" if seen.previous else None,
        f"moment-{seen.next:%Y-%m-%d}{tail}" if seen.next else None,
    )
    return closer(
        request,
        context,
        look,
        seen=seen,
        standing=seen.standing,
        percents=percents(seen.standing),
        whole_day=whole_day,
        part=", ".join([*named, *([] if ids else [*asked.strategies, *asked.single.values()])]),
        compared=compared,
        curve=curve_around(account, seen, part, ids),
        focus={"from": seen.day, "to": last_of(seen.day)},
        of=ids,
        benchmark=asked.benchmark and asked.benchmark[0],
        trades_url=f"{reverse('trades', args=[slug])}?{urlencode(of_day(seen, part), doseq=True)}",
    )


def of_day(seen: Moment, part: dict[str, Any]) -> dict[str, Any]:
    day = f"{seen.day:%Y-%m-%d}"
    return {name: value for name, value in part.items() if value} | {"start": day, "end": day}


def percents(standing: Standing) -> dict[str, float | None]:
    """The fractions of a standing as percent."""
    names = ("day_return", "cumulative", "drawdown", "volatility", "benchmark")
    found = ((name, getattr(standing, name)) for name in names)
    return {name: None if value is None else value * 100 for name, value in found}


def curve_around(account: Account, seen: Moment, part: dict[str, Any], ids: str = "") -> dict[str, str]:
    """The chart of the days around: of the account, of several strategies, or of a part with or without a capital."""
    days = timedelta(days=AROUND)
    within = {"start": written(seen.day - days), "end": written(last_of(seen.day + days))}
    own: dict[str, Any]
    if "," in ids:
        kind, path, own = "comparison", "strategies/comparison", {"ids": ids}
    elif not any(part.values()):
        kind, path, own = "equity", "portfolio/equity", {"points": EQUITY_POINTS}
    else:
        known = seen.standing.value is not None
        kind, path, own = ("value", "analytics/equity", part) if known else ("earned", "analytics/returns", part)
    return {
        "kind": kind,
        "source": source(account, path, **within, **own),
        "unit": "%" if kind == "comparison" else account.base_currency,
        "chart_id": {"equity": "equity", "comparison": "comparison"}.get(kind, "value"),
    }


def named_strategies(account: Account, ids: str) -> list[str]:
    wanted = [int(pk) for pk in ids.split(",")] if IDS.fullmatch(ids) else []
    names = dict(Strategy.objects.filter(account=account, pk__in=wanted).values_list("pk", "name"))
    if not wanted or set(wanted) != set(names):
        raise Http404
    return [names[pk] for pk in dict.fromkeys(wanted)]
