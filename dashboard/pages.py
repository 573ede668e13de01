"""The pages: which account, which data, which template. Nothing is calculated here."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache

from dashboard import drawings, navigation
from dashboard.errors import forbidden
from dashboard.liveness import is_alive, liveness, pulse, shown, tape
from dashboard.middleware import take
from dashboard.models import Account, Membership
from dashboard.page_filters import PageFilters
from dashboard.second_step import enter
from dashboard.selectors.accounts import memberships_of
from dashboard.selectors.equity import equity_curve
from dashboard.selectors.imports import import_lines
from dashboard.selectors.overview import snapshot
from dashboard.services.links import sign_in_link_use
from dashboard.services.passkeys import passkey_host
from dashboard.services.preferences import preferences_complete
from dashboard.templatetags.figures import money_places
from dashboard.timeframes import TIMEFRAMES
from dashboard.trade_table import trade_table
from dashboard.words import spoken

CURVE_POINTS, EQUITY_POINTS = 240, 2000
CURVE_NOTES = {"snapshots": _lazy("as reported by the bots"), "trades": _lazy("from closed trades")}
OUTCOMES = (("up", "winning_trades"), ("down", "losing_trades"), ("zero", "breakeven_trades"))
LATEST = 12
IMPORTS = 50


class SignIn(LoginView):
    template_name = "pages/sign_in.html"
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        return enter(self.request, form.get_user(), self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, passkeys=passkey_host(self.request) is not None)


class AdminSignIn(SignIn):
    """The admin's own sign-in would know nothing of second factors."""

    next_page = "admin:index"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Whoever is signed in and sent here anyway may not go on.
        return forbidden(request) if request.user.is_authenticated else super().dispatch(request, *args, **kwargs)


@never_cache
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in by a one-time link, which is used up by it and stands for the password alone."""
    user = sign_in_link_use(token, timezone.now())
    if user is None:
        return render(request, "pages/expired_link.html", status=410)
    return enter(request, user, resolve_url("home"))


def membership(request: HttpRequest, slug: str) -> Membership:
    """The person's membership of the account; an unknown account and another's are the same 404."""
    return get_object_or_404(memberships_of(request.user), account__slug=slug)


def frame(request: HttpRequest, slug: str, page: str) -> dict[str, Any]:
    """What every page of an account shows around its content, and the live scope that figures are bound to."""
    mine = membership(request, slug)
    account, now = mine.account, timezone.now()
    preferences = preferences_complete(take(request))
    return {
        "account": account,
        "accounts": [each.account for each in memberships_of(request.user)],
        "role": mine.get_role_display(),
        "is_owner": mine.role == Membership.Role.OWNER,
        "operates": mine.role != Membership.Role.VIEWER,
        "navigation": navigation.links(slug),
        "page": navigation.item(page),
        "module": f"app/pages/{page}.js",
        "now": now,
        "preferences": preferences,
        "zone": ZoneInfo(preferences["time_zone"]),
        "zone_name": preferences["time_zone"].replace("_", " "),
        "masked": preferences["privacy"],
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
        "positions": positions(found["portfolio"]),
        "latest": found["recent_trades"],
        "pulse": pulse(found["bots"], now),
        "counts": {
            "open": summary["open_trades"],
            "alerts": sum(1 for alert in found["alerts"] if alert["status"] == "active"),
        },
    }


def positions(portfolio: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The positions of a snapshot. They have no number of their own: what names a row is what it is, and its place."""
    held = [] if portfolio is None else portfolio["positions"]
    return [{**each, "id": f"{each['symbol']} {each['direction']} {place}"} for place, each in enumerate(held)]


def empty(scope: dict[str, Any]) -> bool:
    """Nothing has ever been reported."""
    return not any(scope[name] for name in ("bots", "portfolio", "recent_trades", "open_trades", "alerts"))


@login_required
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "overview")
    if empty(context["scope"]):
        return render(request, "pages/overview_empty.html", context | {"module": "app/pages/connect.js"} | connecting())
    account, now = context["account"], context["now"]
    curve, filters = first_curve(account, request.GET, context["scope"]["strategies"], now)
    summary = context["scope"]["summary"]
    drawn = {
        "daily": drawings.daily(summary["daily"]["dates"], summary["daily"]["net_pnl"]),
        "by_symbol": drawings.ranked(summary["by_symbol"]),
        "by_strategy": drawings.ranked(summary["by_strategy"]),
        "waterfall": drawings.waterfall(waterfall_parts(summary["waterfall"])),
        "exposure": drawings.exposure(summary["exposure"]),
        "value": curve["equity"],
        "fall": curve["drawdown"],
        "pnl": summary["daily"]["net_pnl"],
        "win": drawings.split([(sign, summary[name]) for sign, name in OUTCOMES]),
    }
    shown = {
        "drawings": drawn,
        "line": drawings.steps(curve["equity"]),
        "filters": filters,
        "periods": filters.periods(),
        "equity_source": filters.source(account, "portfolio/equity", now, points=EQUITY_POINTS),
        "equity_note": CURVE_NOTES.get(summary["value_source"], ""),
    }
    return render(request, "pages/overview.html", context | shown)


def waterfall_parts(found: dict[str, Any]) -> list[tuple[str, Any, bool]]:
    return [
        (_("Wins"), found["gross_wins"], False),
        (_("Losses"), found["gross_losses"], False),
        (_("Realised"), found["realised"], True),
        (_("Open"), found["open"], False),
        (_("Total"), found["total"], True),
    ]


def first_curve(
    account: Account, query: QueryDict, strategies: list[dict[str, Any]], now: datetime
) -> tuple[dict[str, Any], PageFilters]:
    """The curve of the time asked for, and the filters. Unasked: the month if it holds a curve, else all."""
    names = [row["name"] for row in strategies]
    filters = PageFilters(query, names, period="month")
    found = curve_of(account, filters, now)
    if not filters.active and len(found["equity"]) < 2:
        filters = PageFilters(query, names)
        found = curve_of(account, filters, now)
    return found, filters


def curve_of(account: Account, filters: PageFilters, now: datetime) -> dict[str, Any]:
    window = {name: datetime.fromisoformat(text) for name, text in filters.window(now).items()}
    return equity_curve(account, window.get("start"), window.get("end"), CURVE_POINTS)


@login_required
def trades(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "trades")
    strategies = [row["name"] for row in context["scope"]["strategies"]]
    table = trade_table(context["account"], request.GET, strategies, context["now"])
    return render(request, "pages/trades.html", context | table)


@login_required
def connect(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "connect")
    imports = import_lines(context["account"], context["now"], IMPORTS)
    return render(request, "pages/connect.html", context | {"imports": imports} | connecting())


def connecting() -> dict[str, Any]:
    return {"site_url": settings.SITE_URL, "timeframes": TIMEFRAMES}
