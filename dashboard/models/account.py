"""Accounts, who belongs to them, the keys that programs use and the bots that report."""

import secrets
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Concat

from dashboard.fields import ExactDecimalField

slug_rule = RegexValidator(r"^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?\Z", "Lower-case letters, digits and inner hyphens.")
REMOVED = "removed-"


def new_stream_key() -> str:
    return secrets.token_hex(12)


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, user: Any) -> "AccountQuerySet":
        """Accounts `user` is a member of; none for anybody else."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(memberships__user=user)

    def removed(self) -> "AccountQuerySet":
        """Those that nobody has any more, and whose rows are being deleted."""
        return self.filter(slug=Concat(Value(REMOVED), "stream_key"))

    def kept(self) -> "AccountQuerySet":
        return self.exclude(slug=Concat(Value(REMOVED), "stream_key"))


class Account(models.Model):
    """One book of money: a wallet, a paper account, a backtest. Every row of the product belongs to one."""

    class Kind(models.TextChoices):
        LIVE = "live"
        PAPER = "paper"
        BACKTEST = "backtest"
        DEMO = "demo"

    slug = models.CharField(max_length=50, unique=True, validators=[slug_rule])
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.LIVE)
    exchange = models.CharField(max_length=100, blank=True)
    base_currency = models.CharField(max_length=20, default="USDT")
    periods_per_year = models.PositiveSmallIntegerField(choices=[(365, "365"), (252, "252")], default=365)
    initial_capital = ExactDecimalField(null=True, blank=True)
    stream_key = models.CharField(max_length=64, unique=True, default=new_stream_key, editable=False)
    market_version = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(condition=Q(periods_per_year__in=[365, 252]), name="account_periods_known"),
            models.CheckConstraint(
                condition=Q(kind__in=["live", "paper", "backtest", "demo"]), name="account_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def removed_slug(self) -> str:
        return f"{REMOVED}{self.stream_key}"


class Membership(models.Model):
    """What one person may do in one account."""

    class Role(models.TextChoices):
        VIEWER = "viewer"
        OPERATOR = "operator"
        OWNER = "owner"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "account"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=["viewer", "operator", "owner"]), name="membership_role_known"),
        ]
        ordering = ["account_id", "user_id"]

    def __str__(self) -> str:
        return f"{self.user} {self.role} of {self.account}"


class Bot(models.Model):
    """A program that reports. Made by its first heartbeat or key."""

    class State(models.TextChoices):
        RUNNING = "running"
        PAUSED = "paused"
        STOPPED = "stopped"
        ERROR = "error"
        UNKNOWN = "unknown"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="bots")
    name = models.CharField(max_length=100)
    version = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNKNOWN)
    last_seen = models.DateTimeField(null=True, blank=True)
    expected_interval = models.PositiveIntegerField(default=60, help_text="Seconds between heartbeats.")
    open_positions = models.PositiveIntegerField(null=True, blank=True)
    lag_ms = models.PositiveIntegerField(null=True, blank=True)
    message = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="bot_name_once")]
        indexes = [models.Index(fields=["account", "last_seen"], name="bot_seen")]
        ordering = ["account_id", "name"]

    def __str__(self) -> str:
        return self.name


class Beat(models.Model):
    """How many heartbeats a bot sent in one five-minute slot: the ticks of its heartbeat tape."""

    SLOT_SECONDS = 300
    KEPT_SLOTS = 7 * 24 * 12

    bot = models.ForeignKey(Bot, on_delete=models.CASCADE, related_name="beats")
    slot = models.BigIntegerField(help_text="Unix time divided by 300.")
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bot", "slot"], name="beat_slot_once")]
        ordering = ["bot_id", "slot"]

    def __str__(self) -> str:
        return f"{self.bot_id} {self.slot}"


class ApiKey(models.Model):
    """A secret that one program uses for one account. Only its keyed hash is stored."""

    SCOPES = ("read", "ingest", "write")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="api_keys")
    bot = models.ForeignKey(Bot, on_delete=models.SET_NULL, null=True, blank=True, related_name="api_keys")
    name = models.CharField(max_length=100, blank=True)
    prefix = models.CharField(max_length=8, unique=True)
    hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    networks = models.JSONField(default=list, blank=True, help_text="Where it may be used from; empty: anywhere.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_ip = models.GenericIPAddressField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"
        ordering = ["account_id", "-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix} ({', '.join(self.scopes)})"

    def usable_at(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def usable_from(self, address: str) -> bool:
        return not self.networks or any(within(address, network) for network in self.networks)


def within(address: str, network: str) -> bool:
    """Whether the address is in the network; an IPv4 address told as IPv6 is the IPv4 one."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return found in ip_network(network)


class SignInLink(models.Model):
    """A link that signs one person in once, until it expires. Only the hash of its token is stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-expires_at"]

    def __str__(self) -> str:
        return f"{self.user} until {self.expires_at:%Y-%m-%d %H:%M}"


class Invitation(models.Model):
    """A link by which one person becomes a member, until it expires. Only the hash of its token is stored."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=10, choices=Membership.Role.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.role} of {self.account}"
