"""What belongs to one person: how pages look, filters kept by name, sessions, notices, and links for a new password."""

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Q

from dashboard.models.account import Account


class Preferences(models.Model):
    """What a person has chosen; a name that is not there has its default."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="preferences"
    )
    chosen = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"preferences of {self.user}"


class FilterPreset(models.Model):
    """The filters of a page under a name, one person's in one account."""

    MOST = 50

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="filter_presets")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="filter_presets")
    page = models.CharField(max_length=30)
    name = models.CharField(max_length=100)
    filters = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "account", "page", "name"], name="preset_name_once")]
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.page})"


class PersonSession(models.Model):
    """Where and with what a person is signed in. It ends with the session it describes."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="person_sessions")
    address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=500, blank=True)
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-seen_at", "-id"]

    def __str__(self) -> str:
        return f"{self.user} since {self.begun_at:%Y-%m-%d %H:%M}"


class PasswordLink(models.Model):
    """A link by which a member sets a new password once, made by an owner. Only the hash of its token is stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="password_links")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user} until {self.expires_at:%Y-%m-%d %H:%M}"


class SecurityNotice(models.Model):
    """What a person should know of how they, or programs of theirs, get in; on every page until it is dismissed."""

    class Kind(models.TextChoices):
        NEW_DEVICE = "new_device"
        SIGN_IN_PAUSED = "sign_in_paused"
        RECOVERY_CODE_USED = "recovery_code_used"
        PASSWORD_CHANGED = "password_changed"
        FACTOR_ADDED = "factor_added"
        FACTOR_REMOVED = "factor_removed"
        KEY_CREATED = "key_created"
        KEY_EXPOSED = "key_exposed"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="security_notices")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    about = models.CharField(max_length=200, blank=True, help_text="The name of the key or the second factor.")
    actor = models.CharField(max_length=200, help_text="As in the audit log.")
    address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user"], condition=Q(dismissed_at__isnull=True), name="notice_open"),
            models.Index(fields=["user", "-id"], name="notice_by_person"),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user}"
