"""The start page of a person with several accounts: how each of them does, side by side."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from dashboard.liveness import pulse
from dashboard.middleware import take
from dashboard.models import Membership
from dashboard.new_account_page import new_account
from dashboard.selectors.accounts import KINDS, account_lines, account_totals, memberships_of
from dashboard.selectors.equity import equities
from dashboard.selectors.overview import bots_of
from dashboard.services.preferences import preferences_complete
from dashboard.templatetags.figures import money_places
from dashboard.words import spoken, word
from realtime.log import position, positions

MANY = 200
SPARK_POINTS = 60
SPARK_TIME = timedelta(days=30)


@login_required
def home(request: HttpRequest) -> HttpResponse:
    mine = sorted(memberships_of(request.user)[:MANY], key=lambda each: KINDS.index(each.account.kind))
    if not mine:
        return new_account(request)
    if len(mine) == 1:
        return redirect("overview", mine[0].account.slug)
    return render(request, "pages/all_bots.html", all_bots(request, mine, timezone.now()))


def all_bots(request: HttpRequest, mine: Sequence[Membership], now: datetime) -> dict[str, Any]:
    preferences = preferences_complete(take(request))
    accounts = [each.account for each in mine]
    at = positions([account.stream_key for account in accounts])
    bots = bots_of(accounts, now)
    lines = account_lines([(each.account, each.role) for each in mine], now)
    sparks = equities(accounts)
    found = [
        {
            **line,
            "id": account.pk,
            "kind_title": word("kind", account.kind),
            "places": money_places(account.base_currency),
            "pulse": pulse(bots[account.pk], now),
            "values": sparks[account.pk].between(now - SPARK_TIME, None).thin(SPARK_POINTS),
            "position": at.get(account.stream_key) or position(account.stream_key),
        }
        for account, line in zip(accounts, lines, strict=True)
    ]
    return {
        "accounts": accounts,
        "lines": found,
        "totals": [
            {**total, "kind_title": word("kind", total["kind"]), "places": money_places(total["currency"])}
            for total in account_totals(lines)
            if total["value"] is not None
        ],
        "scope": {
            "pulse": pulse([bot for rows in bots.values() for bot in rows], now),
            "open_alerts": sum(line["active_alerts"] for line in lines),
        },
        "now": now,
        "money_places": 2,
        "zone": ZoneInfo(preferences["time_zone"]),
        "zone_name": preferences["time_zone"].replace("_", " "),
        "masked": preferences["privacy"],
        "words": spoken(),
        "role": "",
    }
