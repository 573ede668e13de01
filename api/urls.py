"""Routes below /api/. No trailing slashes; symbols may hold slashes, so the longer market route comes first."""

from typing import Any

from django.urls import path, re_path

from api.market import MarketViewSet
from api.portfolio import CashFlowViewSet, PortfolioViewSet
from api.resources import (
    AccountsViewSet,
    AlertActionViewSet,
    AlertViewSet,
    EventViewSet,
    HeartbeatViewSet,
    SnapshotViewSet,
    StrategyViewSet,
)
from api.trades import TradeViewSet

LIST: dict[str, Any] = {"get": "list"}
MAKE: dict[str, Any] = {"post": "create"}
ONE: dict[str, Any] = {"get": "retrieve", "patch": "partial_update"}

urlpatterns = [
    path("accounts", AccountsViewSet.as_view(LIST)),
    path("snapshot", SnapshotViewSet.as_view(LIST)),
    path("portfolio", PortfolioViewSet.as_view(LIST | MAKE)),
    path("portfolio/history", PortfolioViewSet.as_view({"get": "history"})),
    path("portfolio/equity", PortfolioViewSet.as_view({"get": "equity"})),
    path("cashflows", CashFlowViewSet.as_view(MAKE)),
    path("trades", TradeViewSet.as_view(LIST | MAKE)),
    path("trades/recent", TradeViewSet.as_view({"get": "recent"})),
    path("trades/stats", TradeViewSet.as_view({"get": "stats"})),
    re_path(r"^trades/(?P<pk>[0-9]{1,15})\Z", TradeViewSet.as_view(ONE)),
    path("strategies", StrategyViewSet.as_view(LIST | MAKE)),
    re_path(r"^strategies/(?P<pk>[0-9]{1,15})\Z", StrategyViewSet.as_view(ONE)),
    path("market", MarketViewSet.as_view(LIST)),
    re_path(r"^market/(?P<symbol>.{1,300}?)/ohlcv\Z", MarketViewSet.as_view({"get": "ohlcv", "post": "ohlcv"})),
    re_path(r"^market/(?P<symbol>.{1,300})\Z", MarketViewSet.as_view({"get": "retrieve"})),
    path("alerts", AlertViewSet.as_view(LIST | MAKE)),
    re_path(r"^alerts/(?P<pk>[0-9]{1,15})/acknowledge\Z", AlertActionViewSet.as_view({"post": "acknowledge"})),
    re_path(r"^alerts/(?P<pk>[0-9]{1,15})/resolve\Z", AlertActionViewSet.as_view({"post": "resolve"})),
    path("heartbeat", HeartbeatViewSet.as_view(MAKE)),
    path("events", EventViewSet.as_view(LIST)),
]
