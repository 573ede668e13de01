"""The pages: which account, which data, which template. Nothing is calculated here."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from dashboard import drawings, navigation
from dashboard.liveness import is_alive, liveness, pulse, shown, tape
from dashboard.models import Account, Membership
from dashboard.selectors.accounts import account_home, memberships_of
from dashboard.selectors.equity import equity_curve
from dashboard.selectors.overview import snapshot
from dashboard.services.links import sign_in_link_use
from dashboard.templatetags.figures import money_places
from dashboard.trade_table import trade_table
from dashboard.words import spoken, word

RANGES = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365, "all": None}
CURVE_POINTS = 240
OUTCOMES = (("up", "winning_trades"), ("down", "losing_trades"), ("zero", "breakeven_trades"))
LATEST = 12


class SignIn(LoginView):
    template_name = "pages/sign_in.html"
    redirect_authenticated_user = True


@never_cache
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in by a one-time link, which is used up by it."""
    user = sign_in_link_use(token, timezone.now())
    if user is None:
        return render(request, "pages/expired_link.html", status=410)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("home")


@login_required
def home(request: HttpRequest) -> HttpResponse:
    account = account_home(request.user)
    if account is None:
        return render(request, "pages/no_account.html")
    return redirect("overview", account.slug)


def membership(request: HttpRequest, slug: str) -> Membership:
    """The person's membership of the account; an unknown account and another's are the same 404."""
    return get_object_or_404(memberships_of(request.user), account__slug=slug)


def frame(request: HttpRequest, slug: str, page: str) -> dict[str, Any]:
    """What every page of an account shows around its content, and the live scope that figures are bound to."""
    mine = membership(request, slug)
    account, now = mine.account, timezone.now()
    return {
        "account": account,
        "accounts": [each.account for each in memberships_of(request.user)],
        "role": mine.get_role_display(),
        "is_owner": mine.role == Membership.Role.OWNER,
        "navigation": navigation.links(slug),
        "page": navigation.item(page),
        "module": f"app/pages/{page}.js",
        "now": now,
        "money_places": money_places(account.base_currency),
        "words": spoken(),
        "blank": {},
        "no_closed": _("Appears with the first closed trade."),
        "scope": live_scope(snapshot(account, role=mine.role, now=now, trades=LATEST), now),
    }


def live_scope(found: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The snapshot with what the screen reads off it; `static/js/stores/scope.js` does the same."""
    summary = found["summary"]
    return {
        **found,
        "summary": {
            **summary,
            "drawdown_known": summary["max_drawdown_pct"] is not None,
            "periods": [{**period, "id": period["name"]} for period in summary["periods"]],
        },
        "bots": [
            {**bot, "liveness": liveness(bot, now), "tape": shown(tape(bot["beats"], is_alive(bot, now)))}
            for bot in found["bots"]
        ],
        "latest": found["recent_trades"],
        "pulse": pulse(found["bots"], now),
        "counts": {
            "open": summary["open_trades"],
            "alerts": sum(1 for alert in found["alerts"] if alert["status"] == "active"),
        },
    }


def empty(scope: dict[str, Any]) -> bool:
    """Nothing has ever been reported."""
    return not any(scope[name] for name in ("bots", "portfolio", "recent_trades", "open_trades", "alerts"))


@login_required
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "overview")
    if empty(context["scope"]):
        return render(request, "pages/overview_empty.html", context | {"module": "app/pages/connect.js"} | connecting())
    curve = range_context(context["account"], request.GET.get("range"), context["now"])
    summary = context["scope"]["summary"]
    drawn = {
        "daily": drawings.daily(summary["daily"]["dates"], summary["daily"]["net_pnl"]),
        "by_symbol": drawings.ranked(summary["by_symbol"]),
        "by_strategy": drawings.ranked(summary["by_strategy"]),
        "waterfall": drawings.waterfall(waterfall_parts(summary["waterfall"])),
        "exposure": drawings.exposure(summary["exposure"]),
        "value": drawings.spark(curve["values"]),
        "fall": drawings.spark(curve["falls"]),
        "pnl": drawings.spark_bars(summary["daily"]["net_pnl"]),
        "win": drawings.split([(sign, summary[name]) for sign, name in OUTCOMES]),
    }
    return render(request, "pages/overview.html", context | {"drawings": drawn, "curve": curve})


def waterfall_parts(found: dict[str, Any]) -> list[tuple[str, Any, bool]]:
    return [
        (_("Wins"), found["gross_wins"], False),
        (_("Losses"), found["gross_losses"], False),
        (_("Realised"), found["realised"], True),
        (_("Open"), found["open"], False),
        (_("Total"), found["total"], True),
    ]


def range_context(account: Account, wanted: str | None, now: datetime) -> dict[str, Any]:
    """The curve of the range asked for, and all ranges. Unasked: the month if it holds a curve, else all."""
    name = wanted if wanted in RANGES else "month"
    found = curve_of(account, name, now)
    if wanted is None and len(found["equity"]) < 2:
        name = "all"
        found = curve_of(account, name, now)
    return {
        "values": found["equity"],
        "falls": found["drawdown"],
        "line": drawings.steps(found["equity"]),
        "ends": [{"at": at, "value": value} for at, value in ends(found)],
        "ranges": [
            {"name": each, "title": word("range", each), "chosen": each == name, "url": curve_url(account, days)}
            for each, days in RANGES.items()
        ],
    }


def ends(found: dict[str, Any]) -> list[tuple[datetime, Any]]:
    """First and last moment of a curve with their values."""
    pairs = list(zip(found["timestamps"], found["equity"], strict=True))
    return [pairs[0], pairs[-1]] if pairs else []


def curve_of(account: Account, name: str, now: datetime) -> dict[str, Any]:
    days = RANGES[name]
    return equity_curve(account, None if days is None else now - timedelta(days=days), None, CURVE_POINTS)


def curve_url(account: Account, days: int | None) -> str:
    query = {"account": account.slug, "points": 2000} | ({} if days is None else {"days": days})
    return f"/api/portfolio/equity?{urlencode(query)}"


@login_required
def trades(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "trades")
    strategies = [row["name"] for row in context["scope"]["strategies"]]
    table = trade_table(context["account"], request.GET, strategies, context["now"])
    return render(request, "pages/trades.html", context | table)


@login_required
def connect(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "pages/connect.html", frame(request, slug, "connect") | connecting())


def connecting() -> dict[str, Any]:
    return {"site_url": settings.SITE_URL}
