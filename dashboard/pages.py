"""The pages: which account, which data, which template. Nothing is calculated here."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from structlog.contextvars import bind_contextvars

from dashboard import navigation, own_device
from dashboard.errors import busy, forbidden, second_factor_missing
from dashboard.liveness import is_alive, liveness, pulse, shown, tape
from dashboard.middleware import take
from dashboard.models import Membership
from dashboard.page_filters import PageFilters
from dashboard.remembered import remembers
from dashboard.second_step import enter
from dashboard.selectors.accounts import memberships_of
from dashboard.selectors.imports import import_lines
from dashboard.selectors.overview import snapshot
from dashboard.services.links import sign_in_link_use
from dashboard.services.passkeys import passkey_host
from dashboard.services.preferences import preferences_complete
from dashboard.sign_in_limits import wait_for_everybody
from dashboard.templatetags.figures import money_places
from dashboard.timeframes import TIMEFRAMES
from dashboard.trade_table import trade_table
from dashboard.words import spoken, word

EQUITY_POINTS = 2000
CURVE_NOTES = {"snapshots": gettext_lazy("as reported by the bots"), "trades": gettext_lazy("from closed trades")}
LATEST = 12
IMPORTS = 50


class SignInForm(AuthenticationForm):
    def clean_username(self) -> str:
        """Nobody has a name this long, and the record of tries has no room for it."""
        name: str = self.cleaned_data["username"]
        if len(name) > self.fields["username"].max_length:  # type: ignore[attr-defined]
            raise self.get_invalid_login_error()
        return name


class SignIn(LoginView):
    template_name = "pages/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if wait := wait_for_everybody(request):
            return busy(request, wait)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        return enter(self.request, form.get_user(), self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"passkeys": passkey_host(self.request) is not None, "own_device": own_device.asked(self.request)}
        return super().get_context_data(**kwargs, **more)


class AdminSignIn(SignIn):
    """The admin's own sign-in would know nothing of second factors."""

    next_page = "admin:index"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Whoever is signed in and sent here anyway may not go on.
        if not request.user.is_authenticated:
            return super().dispatch(request, *args, **kwargs)
        return second_factor_missing(request) if request.user.is_staff else forbidden(request)


class SignOut(LogoutView):
    """What this browser has kept of the pages goes with the session."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


@never_cache
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in by a one-time link, which is used up by it and stands for the password alone."""
    user = sign_in_link_use(token, timezone.now())
    if user is None:
        return render(request, "pages/expired_link.html", status=410)
    return enter(request, user, resolve_url("home"))


def membership(request: HttpRequest, slug: str) -> Membership:
    """The person's membership of the account; an unknown account and another's are the same 404."""
    found = get_object_or_404(memberships_of(request.user), account__slug=slug)
    bind_contextvars(account=slug)
    return found


def frame(request: HttpRequest, slug: str, page: str, asked: PageFilters | None = None) -> dict[str, Any]:
    """What every page of an account shows around its content, and the live scope that figures are bound to: those of
    the window that the page asks for."""
    mine = membership(request, slug)
    account, now = mine.account, timezone.now()
    preferences = preferences_complete(take(request))
    asked = asked or PageFilters(QueryDict(), [])
    found = snapshot(account, role=mine.role, now=now, trades=LATEST, window=asked.stretch(account, now))
    return {
        "account": account,
        "accounts": [each.account for each in memberships_of(request.user)],
        "role": word("role", mine.role),
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
        "words": spoken(page),
        "blank": {},
        "no_closed": _("Appears with the first closed trade."),
        "scope": live_scope(found, now),
        "usual_period": asked.natural_period,
        "snapshot_url": asked.source(account, "snapshot", now, trades=LATEST, **asked.part),
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
            "open": summary["all_open_trades"],
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
@remembers("trades")
def trades(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "trades")
    strategies = [row["name"] for row in context["scope"]["strategies"]]
    kept = context["preferences"]["columns"].get("trades")
    table = trade_table(context["account"], request.GET, strategies, context["now"], kept)
    return render(request, "pages/trades.html", context | table)


@login_required
def connect(request: HttpRequest, slug: str) -> HttpResponse:
    context = frame(request, slug, "connect")
    imports = import_lines(context["account"], context["now"], IMPORTS)
    return render(request, "pages/connect.html", context | {"imports": imports} | connecting())


def connecting() -> dict[str, Any]:
    return {"site_url": settings.SITE_URL, "timeframes": TIMEFRAMES}
