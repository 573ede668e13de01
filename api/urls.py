"""Routes below /api/. No trailing slashes; symbols may hold slashes, so the longer market route comes first."""

from typing import Any

from django.urls import path, re_path

from api.accounts import AccountSettingsViewSet, AccountsViewSet
from api.alerts import AlertActionViewSet, AlertViewSet
from api.analytics import CHARTS, AnalyticsViewSet
from api.annotations import AnnotationViewSet
from api.audit import AuditViewSet
from api.documents import DocsViewSet, SchemaViewSet
from api.exports import ExportViewSet
from api.import_runs import ImportRunViewSet
from api.keys import KeyViewSet
from api.market import MarketViewSet
from api.members import InvitationViewSet, MemberViewSet
from api.performance import PerformanceViewSet
from api.portfolio import CashFlowViewSet, PortfolioViewSet
from api.resources import (
    EventViewSet,
    HeartbeatViewSet,
    SnapshotViewSet,
    StrategyViewSet,
)
from api.risk import RiskViewSet
from api.sessions import MeViewSet, SessionViewSet
from api.trades import TradeViewSet
from dashboard.exports.tables import TABLES

LIST: dict[str, Any] = {"get": "list"}
MAKE: dict[str, Any] = {"post": "create"}
GONE: dict[str, Any] = {"delete": "destroy"}
ONE: dict[str, Any] = {"get": "retrieve", "patch": "partial_update"}

urlpatterns = [
    path("accounts", AccountsViewSet.as_view(LIST)),
    path("accounts/<slug:slug>", AccountSettingsViewSet.as_view({"patch": "partial_update"})),
    path("me", MeViewSet.as_view(LIST)),
    path("session/confirm", SessionViewSet.as_view({"post": "confirm"})),
    path("keys", KeyViewSet.as_view(LIST | MAKE)),
    re_path(r"^keys/(?P<pk>[0-9]{1,15})\Z", KeyViewSet.as_view(GONE)),
    path("members", MemberViewSet.as_view(LIST)),
    re_path(r"^members/(?P<pk>[0-9]{1,15})\Z", MemberViewSet.as_view({"patch": "partial_update"} | GONE)),
    path("invitations", InvitationViewSet.as_view(LIST | MAKE)),
    re_path(r"^invitations/(?P<pk>[0-9]{1,15})\Z", InvitationViewSet.as_view(GONE)),
    path("audit", AuditViewSet.as_view(LIST)),
    path("snapshot", SnapshotViewSet.as_view(LIST)),
    path("portfolio", PortfolioViewSet.as_view(LIST | MAKE)),
    path("portfolio/history", PortfolioViewSet.as_view({"get": "history"})),
    path("portfolio/equity", PortfolioViewSet.as_view({"get": "equity"})),
    path("cashflows", CashFlowViewSet.as_view(MAKE)),
    path("trades", TradeViewSet.as_view(LIST | MAKE)),
    path("trades/recent", TradeViewSet.as_view({"get": "recent"})),
    path("trades/stats", TradeViewSet.as_view({"get": "stats"})),
    re_path(r"^trades/(?P<pk>[0-9]{1,15})\Z", TradeViewSet.as_view(ONE | GONE)),
    path("strategies", StrategyViewSet.as_view(LIST | MAKE)),
    re_path(r"^strategies/(?P<pk>[0-9]{1,15})\Z", StrategyViewSet.as_view(ONE)),
    path("strategies/comparison", PerformanceViewSet.as_view({"get": "comparison"})),
    re_path(r"^strategies/(?P<pk>[0-9]{1,15})/performance\Z", PerformanceViewSet.as_view({"get": "performance"})),
    path("risk/metrics", RiskViewSet.as_view({"get": "metrics"})),
    path("risk/correlation", RiskViewSet.as_view({"get": "correlation"})),
    *(path(f"analytics/{name}", AnalyticsViewSet.as_view({"get": name.replace("-", "_")})) for name in CHARTS),
    path("market", MarketViewSet.as_view(LIST)),
    re_path(r"^market/(?P<symbol>.{1,300}?)/ohlcv\Z", MarketViewSet.as_view({"get": "ohlcv", "post": "record"})),
    re_path(r"^market/(?P<symbol>.{1,300})\Z", MarketViewSet.as_view({"get": "retrieve"})),
    path("alerts", AlertViewSet.as_view(LIST | MAKE)),
    path("alerts/history", AlertViewSet.as_view({"get": "history"})),
    re_path(r"^alerts/(?P<pk>[0-9]{1,15})/acknowledge\Z", AlertActionViewSet.as_view({"post": "acknowledge"})),
    re_path(r"^alerts/(?P<pk>[0-9]{1,15})/resolve\Z", AlertActionViewSet.as_view({"post": "resolve"})),
    path("annotations", AnnotationViewSet.as_view(MAKE)),
    path("annotations/import", AnnotationViewSet.as_view({"post": "load"})),
    re_path(
        r"^annotations/(?P<key>[A-Za-z0-9._:-]{1,100})\Z",
        AnnotationViewSet.as_view({"get": "chart", "patch": "partial_update"} | GONE),
    ),
    *(path(f"export/{table.name}", ExportViewSet.as_view(LIST, table=table)) for table in TABLES),
    path("imports", ImportRunViewSet.as_view(LIST)),
    re_path(r"^imports/(?P<pk>[0-9]{1,15})\Z", ImportRunViewSet.as_view({"get": "retrieve"})),
    re_path(r"^imports/(?P<pk>[0-9]{1,15})/undo\Z", ImportRunViewSet.as_view({"post": "undo"})),
    path("heartbeat", HeartbeatViewSet.as_view(MAKE)),
    path("events", EventViewSet.as_view(LIST)),
    path("schema", SchemaViewSet.as_view(LIST)),
    path("docs", DocsViewSet.as_view(LIST)),
]
