"""Browsers that alerts are pushed to, and what is to be pushed."""

from django.conf import settings
from django.db import models

from dashboard.models.notice import Alert


class PushSubscription(models.Model):
    """A browser of a person. Whoever knows its endpoint and keys can show something there, so they never go out."""

    MOST = 20  # of one person

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.CharField(max_length=2000, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    severity = models.CharField(max_length=10, choices=Alert.Severity.choices, help_text="The least that is told.")
    language = models.CharField(max_length=10)
    user_agent = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.user} since {self.created_at:%Y-%m-%d %H:%M}"


class PushMessage(models.Model):
    """An alert for a browser, once for each severity it rises to. `due_at` is null once nothing is left to do."""

    subscription = models.ForeignKey(PushSubscription, on_delete=models.CASCADE, related_name="messages")
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="+")
    severity = models.CharField(max_length=10)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "alert"], name="push_once")]
        indexes = [models.Index(fields=["due_at"], name="push_due")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"alert {self.alert_id} for {self.subscription_id}"
