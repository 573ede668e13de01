"""What the product records by itself is shown here and changed elsewhere."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from dashboard.models import (
    Annotation,
    Bot,
    CashFlow,
    ImportRun,
    MarketData,
    Portfolio,
    RiskMetrics,
    StrategyPerformance,
    Trade,
)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only reports and services write, because each change has to be announced."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Trade)
class TradeAdmin(ReadOnlyAdmin):
    list_display = (
        "trade_id",
        "account",
        "symbol",
        "direction",
        "status",
        "strategy",
        "net_pnl",
        "entry_time",
        "exit_time",
    )
    list_filter = ("status", "direction", "account")
    search_fields = ("trade_id", "symbol", "strategy__name")
    list_select_related = ("account", "strategy")


@admin.register(Bot)
class BotAdmin(ReadOnlyAdmin):
    list_display = ("name", "account", "state", "version", "last_seen", "open_positions", "message")
    list_filter = ("state", "account")
    search_fields = ("name",)
    list_select_related = ("account",)


@admin.register(Portfolio)
class PortfolioAdmin(ReadOnlyAdmin):
    list_display = ("account", "timestamp", "total_value", "daily_change", "total_pnl", "unrealized_pnl")
    list_filter = ("account",)
    list_select_related = ("account",)


@admin.register(CashFlow)
class CashFlowAdmin(ReadOnlyAdmin):
    list_display = ("flow_id", "account", "timestamp", "kind", "amount", "note")
    list_filter = ("kind", "account")
    search_fields = ("flow_id", "note")
    list_select_related = ("account",)


@admin.register(MarketData)
class MarketDataAdmin(ReadOnlyAdmin):
    list_display = ("symbol", "exchange", "timeframe", "timestamp", "open", "high", "low", "close", "volume")
    list_filter = ("timeframe", "account")
    search_fields = ("symbol",)


@admin.register(StrategyPerformance)
class StrategyPerformanceAdmin(ReadOnlyAdmin):
    list_display = ("strategy", "period", "timestamp", "equity", "return_pct", "total_trades", "net_pnl")
    list_filter = ("period",)
    list_select_related = ("strategy",)


@admin.register(RiskMetrics)
class RiskMetricsAdmin(ReadOnlyAdmin):
    list_display = ("account", "timestamp", "source", "sharpe_ratio", "max_drawdown", "var_95")
    list_filter = ("source", "account")
    list_select_related = ("account",)


@admin.register(Annotation)
class AnnotationAdmin(ReadOnlyAdmin):
    list_display = ("text", "account", "chart_id", "type", "date", "author")
    list_filter = ("type", "account")
    search_fields = ("text",)
    list_select_related = ("account", "author")


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "account", "kind", "created_at", "undone_at")
    list_filter = ("kind", "account")
    list_select_related = ("account",)
