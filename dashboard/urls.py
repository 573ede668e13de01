"""Routes of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from dashboard import (
    activity_page,
    alerts_page,
    all_bots_page,
    invitation_page,
    market_page,
    pages,
    portfolio_page,
    reset_page,
    risk_page,
    second_step,
    settings_page,
    strategies_page,
    trade_page,
)

urlpatterns = [
    path("", all_bots_page.home, name="home"),
    path("login", pages.SignIn.as_view(), name="login"),
    path("login/second", second_step.second_step, name="second-step"),
    path("login/passkey", second_step.passkey_sign_in, name="passkey"),
    path("login/passkey/options", second_step.passkey_options, name="passkey-options"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("sign-in/<str:token>", pages.sign_in, name="sign-in"),
    path("reset/<str:token>", reset_page.reset, name="reset"),
    path("invite/<str:token>", invitation_page.invite, name="invite"),
    path("a/<slug:slug>/", pages.overview, name="overview"),
    path("a/<slug:slug>/strategies", strategies_page.strategies, name="strategies"),
    path("a/<slug:slug>/strategies/comparison.csv", strategies_page.strategies_file, name="strategies-file"),
    path("a/<slug:slug>/strategies/<int:pk>", strategies_page.strategy, name="strategy"),
    path("a/<slug:slug>/trades", pages.trades, name="trades"),
    path("a/<slug:slug>/show/trade/<int:pk>", trade_page.trade, name="show-trade"),
    path("a/<slug:slug>/portfolio", portfolio_page.portfolio, name="portfolio"),
    path("a/<slug:slug>/risk", risk_page.risk_page, name="risk"),
    path("a/<slug:slug>/alerts", alerts_page.alerts, name="alerts"),
    path("a/<slug:slug>/activity", activity_page.activity, name="activity"),
    path("a/<slug:slug>/market", market_page.market, name="market"),
    path("a/<slug:slug>/connect", pages.connect, name="connect"),
    path("a/<slug:slug>/settings", settings_page.account_settings, name="settings"),
]
