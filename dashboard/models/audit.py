"""Who did what to whom: the append-only record of every act that a person may have to answer for."""

from django.conf import settings
from django.db import models

from dashboard.models.account import Account


class AuditEntry(models.Model):
    """One act. Each entry of an account holds the hash of the one before it, so that a missing one shows."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, blank=True, related_name="audit")
    number = models.BigIntegerField(help_text="Counts from 1 in each account.")
    at = models.DateTimeField()
    actor = models.CharField(max_length=200, help_text="user:<name>, key:<prefix> or command.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    address = models.GenericIPAddressField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=50, help_text="<entity>.<verb>, as trade.delete.")
    target = models.CharField(max_length=200)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "audit entries"
        constraints = [models.UniqueConstraint(fields=["account", "number"], name="audit_number_once")]
        indexes = [models.Index(fields=["action", "at"], name="audit_action_at")]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
