"""Routes below /api/. No trailing slashes; symbols may hold slashes, so the longer market route comes first."""

from typing import Any

from django.urls import path, re_path

from api.accounts import AccountSettingsViewSet, AccountsViewSet
from api.alerts import AlertActionViewSet, AlertViewSet
from api.analytics import CHARTS, AnalyticsViewSet
from api.annotations import AnnotationViewSet
from api.audit import AuditViewSet
from api.devices import DeviceViewSet, PushViewSet
from api.documents import DocsViewSet, SchemaViewSet
from api.exports import ExportViewSet
from api.factors import AuthenticatorViewSet, FactorsViewSet, PasskeyViewSet, RecoveryCodesViewSet
from api.import_runs import ImportRunViewSet
from api.keys import KeyViewSet
from api.market import MarketViewSet
from api.members import InvitationViewSet, MemberViewSet, PasswordLinkViewSet
from api.notices import NoticesViewSet
from api.parsers import FileParser
from api.performance import PerformanceViewSet
from api.portfolio import CashFlowViewSet, PortfolioViewSet
from api.preferences import PreferencesViewSet
from api.presets import PresetViewSet
from api.resources import (
    EventViewSet,
    HeartbeatViewSet,
    SnapshotViewSet,
    StrategyViewSet,
)
from api.risk import RiskViewSet
from api.sessions import MeViewSet, MyPasswordViewSet, MySessionsViewSet, SessionViewSet
from api.trades import TradeViewSet
from dashboard.exports.tables import TABLES

LIST: dict[str, Any] = {"get": "list"}
MAKE: dict[str, Any] = {"post": "create"}
GONE: dict[str, Any] = {"delete": "destroy"}
KEPT: dict[str, Any] = {"patch": "partial_update"} | GONE
ONE: dict[str, Any] = {"get": "retrieve", "patch": "partial_update"}

urlpatterns = [
    path("accounts", AccountsViewSet.as_view(LIST | MAKE)),
    path("accounts/<slug:slug>", AccountSettingsViewSet.as_view(KEPT)),
    path("me", MeViewSet.as_view(LIST)),
    path("session/confirm", SessionViewSet.as_view({"post": "confirm"})),
    path("me/preferences", PreferencesViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("me/password", MyPasswordViewSet.as_view(MAKE)),
    path("me/sessions", MySessionsViewSet.as_view(LIST | {"delete": "end_others"})),
    re_path(r"^me/sessions/(?P<pk>[0-9]{1,15})\Z", MySessionsViewSet.as_view(GONE)),
    path("me/notices", NoticesViewSet.as_view(LIST)),
    path("me/notices/dismiss", NoticesViewSet.as_view({"post": "dismiss_all"})),
    re_path(r"^me/notices/(?P<pk>[0-9]{1,15})/dismiss\Z", NoticesViewSet.as_view({"post": "dismiss"})),
    path("me/factors", FactorsViewSet.as_view(LIST)),
    path("me/authenticators", AuthenticatorViewSet.as_view(MAKE)),
    path("me/authenticators/begin", AuthenticatorViewSet.as_view({"post": "begin"})),
    re_path(r"^me/authenticators/(?P<pk>[0-9]{1,15})\Z", AuthenticatorViewSet.as_view(KEPT)),
    path("me/passkeys", PasskeyViewSet.as_view(MAKE)),
    path("me/passkeys/begin", PasskeyViewSet.as_view({"post": "begin"})),
    re_path(r"^me/passkeys/(?P<pk>[0-9]{1,15})\Z", PasskeyViewSet.as_view(KEPT)),
    path("me/recovery-codes", RecoveryCodesViewSet.as_view(MAKE)),
    path("me/device", DeviceViewSet.as_view({"get": "list", "patch": "partial_update"})),
    path("me/pushes", PushViewSet.as_view(LIST | MAKE)),
    re_path(r"^me/pushes/(?P<pk>[0-9]{1,15})\Z", PushViewSet.as_view(KEPT)),
    re_path(r"^me/pushes/(?P<pk>[0-9]{1,15})/test\Z", PushViewSet.as_view({"post": "test"})),
    path("presets", PresetViewSet.as_view(LIST | MAKE)),
    re_path(r"^presets/(?P<pk>[0-9]{1,15})\Z", PresetViewSet.as_view(KEPT)),
    path("keys", KeyViewSet.as_view(LIST | MAKE)),
    re_path(r"^keys/(?P<pk>[0-9]{1,15})\Z", KeyViewSet.as_view(GONE)),
    path("members", MemberViewSet.as_view(LIST)),
    re_path(r"^members/(?P<pk>[0-9]{1,15})\Z", MemberViewSet.as_view({"patch": "partial_update"} | GONE)),
    re_path(r"^members/(?P<pk>[0-9]{1,15})/password-link\Z", PasswordLinkViewSet.as_view(MAKE)),
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
    path("imports", ImportRunViewSet.as_view(LIST | MAKE, parser_classes=[FileParser])),
    path("imports/preview", ImportRunViewSet.as_view({"post": "preview"}, parser_classes=[FileParser])),
    re_path(r"^imports/(?P<pk>[0-9]{1,15})\Z", ImportRunViewSet.as_view({"get": "retrieve"})),
    re_path(r"^imports/(?P<pk>[0-9]{1,15})/undo\Z", ImportRunViewSet.as_view({"post": "undo"})),
    path("heartbeat", HeartbeatViewSet.as_view(MAKE)),
    path("events", EventViewSet.as_view(LIST)),
    path("schema", SchemaViewSet.as_view(LIST)),
    path("docs", DocsViewSet.as_view(LIST)),
]
