"""Strategies and their trades."""

from typing import Any

from django.db import models
from django.db.models import Q

from dashboard.fields import ExactDecimalField, ExactJSONField
from dashboard.models.account import Account, Bot

UNASSIGNED = "unassigned"


class AccountOwned(models.QuerySet[Any]):
    """Rows that belong to an account."""

    def of(self, account: Account) -> Any:
        return self.filter(account=account)


class Strategy(models.Model):
    """A named way of trading. Made by the first trade that names it; its limits are people's."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="strategies")
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    parameters = ExactJSONField(default=dict, blank=True)
    enabled = models.BooleanField(default=True)
    max_position_size = ExactDecimalField(null=True, blank=True)
    max_daily_loss = ExactDecimalField(null=True, blank=True)
    max_drawdown = ExactDecimalField(null=True, blank=True, help_text="Percent.")
    allocated_capital = ExactDecimalField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = AccountOwned.as_manager()

    class Meta:
        verbose_name_plural = "strategies"
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="strategy_name_once")]
        ordering = ["account_id", "name"]

    def __str__(self) -> str:
        return self.name


class ImportRun(models.Model):
    """One import of files, so that it can be told and undone."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="imports")
    kind = models.CharField(max_length=20)
    files = models.JSONField(default=list)
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class TradeQuerySet(AccountOwned):
    def open(self) -> "TradeQuerySet":
        return self.filter(status=Trade.Status.OPEN)

    def closed(self) -> "TradeQuerySet":
        return self.filter(status=Trade.Status.CLOSED)


class Trade(models.Model):
    """One round trip, from its first report to its close. The producer's `trade_id` names it in its account."""

    class Direction(models.TextChoices):
        LONG = "long"
        SHORT = "short"

    class Status(models.TextChoices):
        PENDING = "pending"
        OPEN = "open"
        CLOSED = "closed"
        CANCELLED = "cancelled"

    class AssetClass(models.TextChoices):
        CRYPTO = "crypto"
        FOREX = "forex"
        STOCKS = "stocks"
        COMMODITIES = "commodities"

    class SignalType(models.TextChoices):
        MANUAL = "manual"
        AUTO = "auto"
        AI = "ai"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="trades")
    # PROTECT: a strategy goes only after its trades were moved or deleted on purpose.
    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="trades")
    bot = models.ForeignKey(Bot, on_delete=models.SET_NULL, null=True, blank=True, related_name="trades")
    import_run = models.ForeignKey(ImportRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="trades")
    trade_id = models.CharField(max_length=100)
    rev = models.BigIntegerField(default=1)
    symbol = models.CharField(max_length=100)
    asset_class = models.CharField(max_length=20, choices=AssetClass.choices, null=True, blank=True)
    direction = models.CharField(max_length=5, choices=Direction.choices)
    size = ExactDecimalField()
    leverage = ExactDecimalField(null=True, blank=True)
    entry_price = ExactDecimalField(null=True, blank=True)
    exit_price = ExactDecimalField(null=True, blank=True)
    stop_loss = ExactDecimalField(null=True, blank=True)
    initial_stop_loss = ExactDecimalField(null=True, blank=True)
    take_profit = ExactDecimalField(null=True, blank=True)
    entry_time = models.DateTimeField(null=True, blank=True)
    exit_time = models.DateTimeField(null=True, blank=True)
    duration_seconds = models.BigIntegerField(null=True, blank=True)
    pnl = ExactDecimalField(null=True, blank=True)
    pnl_reported = models.BooleanField(default=False, editable=False)
    pnl_pct = ExactDecimalField(null=True, blank=True)
    fees = ExactDecimalField(null=True, blank=True)
    slippage = ExactDecimalField(null=True, blank=True)
    funding = ExactDecimalField(null=True, blank=True)
    net_pnl = ExactDecimalField(null=True, blank=True)
    net_pnl_reported = models.BooleanField(default=False, editable=False)
    realized_pnl = ExactDecimalField(null=True, blank=True)
    highest_price = ExactDecimalField(null=True, blank=True)
    lowest_price = ExactDecimalField(null=True, blank=True)
    fills = ExactJSONField(default=list, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices)
    exit_reason = models.CharField(max_length=255, null=True, blank=True)
    signal_type = models.CharField(max_length=10, choices=SignalType.choices, null=True, blank=True)
    tags = models.JSONField(default=list, blank=True)
    user_tags = models.JSONField(default=list, blank=True)
    notes = models.TextField(blank=True)
    extra = ExactJSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = TradeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "trade_id"], name="trade_id_once"),
            models.CheckConstraint(condition=Q(direction__in=["long", "short"]), name="trade_direction_known"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "open", "closed", "cancelled"]), name="trade_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="closed")
                | Q(
                    exit_price__isnull=False, exit_time__isnull=False, net_pnl__isnull=False, entry_price__isnull=False
                ),
                name="trade_closed_complete",
            ),
            models.CheckConstraint(
                condition=Q(exit_time__isnull=True)
                | Q(entry_time__isnull=True)
                | Q(exit_time__gte=models.F("entry_time")),
                name="trade_exit_after_entry",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-entry_time", "-id"], name="trade_by_entry"),
            models.Index(fields=["account", "status", "-exit_time", "-id"], name="trade_by_exit"),
            models.Index(fields=["strategy", "status", "-entry_time"], name="trade_by_strategy"),
            models.Index(fields=["account", "symbol", "-entry_time"], name="trade_by_symbol"),
            models.Index(fields=["account", "-entry_time", "-id"], name="trade_open", condition=Q(status="open")),
        ]
        ordering = ["-entry_time", "-id"]

    def __str__(self) -> str:
        return self.trade_id


class DeletedTrade(models.Model):
    """The name of a trade that a person deleted: only a report with a higher `rev` brings it back."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="deleted_trades")
    trade_id = models.CharField(max_length=100)
    rev = models.BigIntegerField()
    deleted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "trade_id"], name="deleted_trade_once")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.trade_id


class StrategyPerformance(models.Model):
    """A strategy's results up to one moment of one period."""

    class Period(models.TextChoices):
        DAILY = "daily"
        WEEKLY = "weekly"
        MONTHLY = "monthly"

    strategy = models.ForeignKey(Strategy, on_delete=models.CASCADE, related_name="performance")
    timestamp = models.DateTimeField()
    period = models.CharField(max_length=10, choices=Period.choices)
    equity = ExactDecimalField(null=True)
    return_pct = models.FloatField(null=True)
    sharpe_ratio = models.FloatField(null=True)
    sortino_ratio = models.FloatField(null=True)
    max_drawdown = models.FloatField(null=True)
    volatility = models.FloatField(null=True)
    total_trades = models.PositiveIntegerField(default=0)
    winning_trades = models.PositiveIntegerField(default=0)
    losing_trades = models.PositiveIntegerField(default=0)
    win_rate = models.FloatField(null=True)
    gross_pnl = ExactDecimalField(null=True)
    net_pnl = ExactDecimalField(null=True)

    class Meta:
        verbose_name_plural = "strategy performance"
        constraints = [
            models.UniqueConstraint(fields=["strategy", "period", "timestamp"], name="performance_once"),
        ]
        ordering = ["strategy_id", "period", "timestamp"]

    def __str__(self) -> str:
        return f"{self.strategy} {self.period} {self.timestamp:%Y-%m-%d}"
