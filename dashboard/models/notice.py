"""What people are told and what they write on charts."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from dashboard.fields import ExactJSONField
from dashboard.models.account import Account
from dashboard.models.trade import AccountOwned, Strategy, Trade


class AlertQuerySet(AccountOwned):
    def active(self) -> "AlertQuerySet":
        return self.exclude(status=Alert.Status.RESOLVED)


class Alert(models.Model):
    """Something a person should know. Its state only moves forward: active, acknowledged, resolved."""

    class Type(models.TextChoices):
        RISK = "risk"
        TRADE = "trade"
        SYSTEM = "system"
        PERFORMANCE = "performance"

    class Severity(models.TextChoices):
        INFO = "info"
        WARNING = "warning"
        ERROR = "error"
        CRITICAL = "critical"

    class Status(models.TextChoices):
        ACTIVE = "active"
        ACKNOWLEDGED = "acknowledged"
        RESOLVED = "resolved"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="alerts")
    type = models.CharField(max_length=12, choices=Type.choices)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    title = models.CharField(max_length=255)
    message = models.TextField(blank=True)
    strategy = models.ForeignKey(Strategy, on_delete=models.SET_NULL, null=True, blank=True, related_name="alerts")
    trade = models.ForeignKey(Trade, on_delete=models.SET_NULL, null=True, blank=True, related_name="alerts")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ACTIVE)
    created_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    dedupe_key = models.CharField(max_length=100, null=True, blank=True)
    data = ExactJSONField(default=dict, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            # One open alert per cause: the same cause may be reported again once the last one is resolved.
            models.UniqueConstraint(
                fields=["account", "dedupe_key"],
                condition=Q(dedupe_key__isnull=False) & ~Q(status="resolved"),
                name="alert_cause_once",
            ),
        ]
        indexes = [models.Index(fields=["account", "status", "-created_at"], name="alert_by_status")]
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.title


class Annotation(models.Model):
    """A person's remark on a chart."""

    class Type(models.TextChoices):
        TRADE = "trade"
        SIGNAL = "signal"
        NEWS = "news"
        CUSTOM = "custom"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="annotations")
    chart_id = models.CharField(max_length=100)
    date = models.DateTimeField()
    text = models.TextField()
    type = models.CharField(max_length=10, choices=Type.choices, default=Type.CUSTOM)
    color = models.CharField(max_length=20, blank=True)
    icon = models.CharField(max_length=50, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="annotations"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = AccountOwned.as_manager()

    class Meta:
        indexes = [models.Index(fields=["account", "chart_id", "date"], name="annotation_by_chart")]
        ordering = ["-date", "-id"]

    def __str__(self) -> str:
        return self.text[:50]


class IdempotentAnswer(models.Model):
    """The first answer to a request with an `Idempotency-Key`, stored in the transaction of its effects."""

    actor = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    route = models.CharField(max_length=300)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "route", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
