"""Routes of the pages."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_http_methods, require_safe
from django.views.i18n import set_language

from dashboard import (
    activity_page,
    alerts_page,
    all_bots_page,
    invitation_page,
    market_page,
    new_account_page,
    overview_page,
    pages,
    portfolio_page,
    reset_page,
    risk_page,
    second_step,
    settings_page,
    strategies_page,
    worker_pages,
)
from dashboard.show import annotation as show_annotation
from dashboard.show import asset as show_asset
from dashboard.show import comparison as show_comparison
from dashboard.show import metric as show_metric
from dashboard.show import moment as show_moment
from dashboard.show import signal as show_signal
from dashboard.show import strategy as show_strategy
from dashboard.show import trade as show_trade


def page(route: str, view: Callable[..., Any], name: str) -> URLPattern:
    """A page is read and nothing else; what changes something is sent to the API."""
    return path(route, require_safe(view), name=name)


urlpatterns = [
    page("", all_bots_page.home, name="home"),
    page("service-worker.js", worker_pages.service_worker, name="service-worker"),
    page("manifest.webmanifest", worker_pages.web_manifest, name="web-manifest"),
    page("offline/<slug:language>", worker_pages.offline, name="offline"),
    page("go/<slug:page>", worker_pages.go, name="go"),
    page("accounts/new", new_account_page.new_account, name="new-account"),
    path("login", require_http_methods(["GET", "HEAD", "POST"])(pages.SignIn.as_view()), name="login"),
    path("login/second", second_step.second_step, name="second-step"),
    path("login/passkey", second_step.passkey_sign_in, name="passkey"),
    path("login/passkey/options", second_step.passkey_options, name="passkey-options"),
    path("logout", pages.SignOut.as_view(), name="logout"),
    path("language", set_language, name="language"),
    path("sign-in/<str:token>", require_GET(pages.sign_in), name="sign-in"),
    path("reset/<str:token>", reset_page.reset, name="reset"),
    path("invite/<str:token>", invitation_page.invite, name="invite"),
    page("a/<slug:slug>/", overview_page.overview, name="overview"),
    page("a/<slug:slug>/strategies", strategies_page.strategies, name="strategies"),
    page("a/<slug:slug>/strategies/comparison.csv", strategies_page.strategies_file, name="strategies-file"),
    page("a/<slug:slug>/strategies/<int:pk>", strategies_page.strategy, name="strategy"),
    page("a/<slug:slug>/trades", pages.trades, name="trades"),
    page("a/<slug:slug>/show/trade/<int:pk>", show_trade.trade, name="show-trade"),
    page("a/<slug:slug>/show/strategy/<int:pk>", show_strategy.strategy, name="show-strategy"),
    page("a/<slug:slug>/show/metric/<slug:name>", show_metric.metric, name="show-metric"),
    page("a/<slug:slug>/show/moment/<str:at>", show_moment.moment, name="show-moment"),
    page("a/<slug:slug>/show/moment/<str:at>/<str:ids>", show_moment.moment, name="show-moment"),
    page("a/<slug:slug>/show/asset/<path:symbol>", show_asset.asset, name="show-asset"),
    page("a/<slug:slug>/show/signal/<int:pk>/<slug:action>", show_signal.signal, name="show-signal"),
    page("a/<slug:slug>/show/annotation/<int:pk>", show_annotation.annotation, name="show-annotation"),
    page("a/<slug:slug>/show/comparison/<str:ids>", show_comparison.comparison, name="show-comparison"),
    page("a/<slug:slug>/portfolio", portfolio_page.portfolio, name="portfolio"),
    page("a/<slug:slug>/risk", risk_page.risk_page, name="risk"),
    page("a/<slug:slug>/alerts", alerts_page.alerts, name="alerts"),
    page("a/<slug:slug>/activity", activity_page.activity, name="activity"),
    page("a/<slug:slug>/market", market_page.market, name="market"),
    page("a/<slug:slug>/connect", pages.connect, name="connect"),
    page("a/<slug:slug>/settings", settings_page.account_settings, name="settings"),
]
