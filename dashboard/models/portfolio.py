"""What the account was worth, what flowed in and out, and how risky it was."""

from django.db import models

from dashboard.fields import ExactDecimalField, ExactJSONField
from dashboard.models.account import Account, Bot
from dashboard.models.trade import AccountOwned, ImportRun

# Money from and to outside; fees and funding are part of the result.
EXTERNAL_FLOWS = ("deposit", "withdrawal", "adjustment")


class Portfolio(models.Model):
    """One snapshot of the account's value."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="snapshots")
    bot = models.ForeignKey(Bot, on_delete=models.SET_NULL, null=True, blank=True, related_name="snapshots")
    timestamp = models.DateTimeField()
    total_value = ExactDecimalField()
    cash_balance = ExactDecimalField(null=True, blank=True)
    margin_used = ExactDecimalField(null=True, blank=True)
    margin_available = ExactDecimalField(null=True, blank=True)
    daily_change = ExactDecimalField(null=True, blank=True)
    daily_change_reported = models.BooleanField(default=False, editable=False)
    daily_change_pct = ExactDecimalField(null=True, blank=True)
    total_pnl = ExactDecimalField(null=True, blank=True)
    total_pnl_pct = ExactDecimalField(null=True, blank=True)
    realized_pnl = ExactDecimalField(null=True, blank=True)
    unrealized_pnl = ExactDecimalField(null=True, blank=True)
    positions = ExactJSONField(default=list, blank=True)

    objects = AccountOwned.as_manager()

    class Meta:
        verbose_name = "portfolio snapshot"
        constraints = [models.UniqueConstraint(fields=["account", "timestamp"], name="snapshot_once")]
        ordering = ["-timestamp"]

    def __str__(self) -> str:
        return f"{self.account_id} {self.timestamp:%Y-%m-%d %H:%M}"


class CashFlow(models.Model):
    """Money that came in (positive) or went out (negative) and is not profit or loss."""

    class Kind(models.TextChoices):
        DEPOSIT = "deposit"
        WITHDRAWAL = "withdrawal"
        FEE = "fee"
        FUNDING = "funding"
        ADJUSTMENT = "adjustment"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="cash_flows")
    flow_id = models.CharField(max_length=100)
    timestamp = models.DateTimeField()
    amount = ExactDecimalField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    note = models.CharField(max_length=1000, blank=True)

    objects = AccountOwned.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "flow_id"], name="flow_once")]
        indexes = [models.Index(fields=["account", "timestamp"], name="flow_by_time")]
        ordering = ["-timestamp", "-id"]

    def __str__(self) -> str:
        return self.flow_id


class RiskMetrics(models.Model):
    """The account's risk at one moment; every field is defined in docs/metrics.md. NULL is undefined."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="risk_metrics")
    timestamp = models.DateTimeField()
    source = models.CharField(max_length=10, choices=[("snapshots", "snapshots"), ("trades", "trades")])
    periods = models.PositiveIntegerField()
    start = models.DateTimeField(null=True)
    end = models.DateTimeField(null=True)
    benchmark = models.CharField(max_length=100, blank=True)
    total_return = models.FloatField(null=True)
    cagr = models.FloatField(null=True)
    volatility = models.FloatField(null=True)
    downside_volatility = models.FloatField(null=True)
    sharpe_ratio = models.FloatField(null=True)
    sortino_ratio = models.FloatField(null=True)
    calmar_ratio = models.FloatField(null=True)
    max_drawdown = models.FloatField(null=True)
    current_drawdown = models.FloatField(null=True)
    drawdown_duration_days = models.FloatField(null=True)
    recovery_days = models.FloatField(null=True)
    var_95 = models.FloatField(null=True)
    var_99 = models.FloatField(null=True)
    cvar_95 = models.FloatField(null=True)
    cvar_99 = models.FloatField(null=True)
    beta = models.FloatField(null=True)
    alpha = models.FloatField(null=True)
    correlation = models.FloatField(null=True)
    tracking_error = models.FloatField(null=True)
    information_ratio = models.FloatField(null=True)
    profit_factor = models.FloatField(null=True)
    recovery_factor = models.FloatField(null=True)
    ulcer_index = models.FloatField(null=True)
    omega_ratio = models.FloatField(null=True)
    tail_ratio = models.FloatField(null=True)
    skewness = models.FloatField(null=True)
    kurtosis = models.FloatField(null=True)
    kelly = models.FloatField(null=True)
    probabilistic_sharpe = models.FloatField(null=True)
    deflated_sharpe = models.FloatField(null=True)
    exposure = models.FloatField(null=True)

    class Meta:
        verbose_name_plural = "risk metrics"
        constraints = [models.UniqueConstraint(fields=["account", "timestamp"], name="risk_once")]
        ordering = ["-timestamp"]

    def __str__(self) -> str:
        return f"{self.account_id} {self.timestamp:%Y-%m-%d}"


class MarketData(models.Model):
    """One candle. Prices are double precision: they are drawn and measured, never added up as money."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="candles")
    import_run = models.ForeignKey(ImportRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="candles")
    exchange = models.CharField(max_length=100, blank=True)
    symbol = models.CharField(max_length=100)
    timeframe = models.CharField(max_length=5)
    timestamp = models.DateTimeField()
    open = models.FloatField()
    high = models.FloatField()
    low = models.FloatField()
    close = models.FloatField()
    volume = models.FloatField()
    trades_count = models.PositiveBigIntegerField(null=True, blank=True)
    vwap = models.FloatField(null=True, blank=True)

    objects = AccountOwned.as_manager()

    class Meta:
        verbose_name_plural = "market data"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "symbol", "exchange", "timeframe", "timestamp"], name="candle_once"
            ),
            models.CheckConstraint(condition=models.Q(high__gte=models.F("low")), name="candle_high_over_low"),
        ]
        ordering = ["-timestamp"]

    def __str__(self) -> str:
        return f"{self.symbol} {self.timeframe} {self.timestamp:%Y-%m-%d %H:%M}"
