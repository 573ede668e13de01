"""What rollups remember of the trades they have counted."""

from django.db import models

from dashboard.models.account import Account
from dashboard.models.trade import Strategy


class CountedTrade(models.Model):
    """Where a closed trade was counted last: a correction or deletion has to be taken back from there.

    `trade` is a number, not a foreign key: the row outlives a deleted trade until its deletion is followed.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    strategy = models.ForeignKey(Strategy, on_delete=models.CASCADE, related_name="+")
    trade = models.BigIntegerField(unique=True)
    day = models.DateTimeField(help_text="UTC day of the exit.")
    entered = models.DateTimeField(help_text="UTC day of the entry.")

    class Meta:
        ordering = ["trade"]

    def __str__(self) -> str:
        return f"{self.trade} on {self.day:%Y-%m-%d}"
