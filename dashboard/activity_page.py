"""The Activity page: the event log, newest first, in words."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from dashboard.activity import lines
from dashboard.list_filters import ListFilters, number
from dashboard.models import Account
from dashboard.pages import frame
from dashboard.templatetags.figures import Setting
from realtime.log import position, read_back

PAGE = 50


class Asked(ListFilters):
    coded = {"type": "event_type"}
    offered = tuple(coded)

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query, [])
        self.before = number(query.get("before", ""))


@login_required
def activity(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "activity")
    asked = Asked(request.GET)
    return render(request, "pages/activity.html", context | event_list(context["account"], asked, context))


def event_list(account: Account, asked: Asked, context: dict[str, Any]) -> dict[str, Any]:
    """One page of events before a number; the log may end where older ones are no longer kept."""
    window = {name: datetime.fromisoformat(text) for name, text in asked.window(context["now"]).items()}
    found = read_back(account.stream_key, asked.before, PAGE + 1, kind=asked.single.get("type"), **window)
    rows, more = found[:PAGE], len(found) > PAGE
    events = [(row.seq, row.type, row.at, json.loads(row.data, parse_float=Decimal)) for row in rows]
    setting = Setting(context["money_places"], context["now"], context["zone"], context["masked"])
    return {
        "events": lines(account, events, setting),
        "filters": asked,
        "periods": asked.periods(),
        "pills": asked.pills(),
        "filtered": asked.active,
        "newest": asked.link() if asked.before else None,
        "older": asked.link(before=rows[-1].seq) if more else None,
        "forgotten": not more and position(account.stream_key).floor > 1,
        "first_page": asked.before is None,
    }
