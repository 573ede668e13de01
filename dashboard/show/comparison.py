"""Some strategies beside each other: one drawing, and their figures."""

import re

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from dashboard.pages import frame
from dashboard.selectors.strategies import strategy_rows
from dashboard.show.closer import Look, closer
from dashboard.strategies_page import METRICS, MOST_COMPARED, Asked
from dashboard.strategies_page import comparison as compared

IDS = re.compile(rf"[0-9]{{1,15}}(,[0-9]{{1,15}}){{1,{MOST_COMPARED - 1}}}", re.ASCII)


@login_required
def comparison(request: HttpRequest, slug: str, ids: str) -> HttpResponse:
    context = frame(request, slug, "strategies")
    account, now = context["account"], context["now"]
    asked = Asked(request.GET)
    asked.compared = list(dict.fromkeys(ids.split(","))) if IDS.fullmatch(ids) else []
    rows = strategy_rows(account, asked.stretch(account, now), [int(pk) for pk in asked.compared])
    by_id = {str(row["id"]): row for row in rows}
    if len(asked.compared) < 2 or set(by_id) != set(asked.compared):
        raise Http404
    found = compared(account, asked, rows, now)
    ordered = [by_id[pk] for pk in asked.compared]  # as the lines are drawn
    return closer(
        request,
        context,
        Look("comparison", ids, found["source"] if found else "", "trade_executed strategy_update"),
        comparison=found,
        strategies=ordered,
        table=[(metric, [row[metric.name] for row in ordered]) for metric in METRICS],
        periods=asked.periods(),
        page_url=reverse("strategies", args=[slug]) + asked.link(),
    )
