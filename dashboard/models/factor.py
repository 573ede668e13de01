"""The second factors of a person. What they hold is of no use to whoever reads the database alone."""

from django.conf import settings
from django.db import models


class Authenticator(models.Model):
    """An app that shows a code which changes every half minute (TOTP, RFC 6238)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="authenticators")
    name = models.CharField(max_length=100)
    secret = models.TextField(help_text="Encrypted.")
    last_step = models.BigIntegerField(help_text="The newest half minute whose code was used: no code works twice.")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Passkey(models.Model):
    """A key pair of a device or a security key (WebAuthn), whose public part is here."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=100)
    credential_id = models.CharField(max_length=1400, unique=True)
    credential = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """Signs in once in the place of a second factor that is lost. Only its keyed hash is stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes")
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"a recovery code of {self.user}"
