"""`manage.py purge`: forget events, answers and sessions that are past their time, and accounts that were removed."""

from typing import Any

from django.core.management import BaseCommand
from django.utils import timezone

from dashboard.services.idempotency import answers_purge
from dashboard.services.removal import accounts_erase
from dashboard.services.sessions import sessions_purge
from realtime.log import purge


class Command(BaseCommand):
    help = (
        "Delete events older than 7 days and more than 50,000 behind the newest, answers older than 48 hours, "
        "sessions that have expired, and what is left of removed accounts. The server does it by itself every hour."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        self.stdout.write(
            f"{purge(now)} events, {answers_purge(now)} answers and {sessions_purge(now)} sessions deleted."
        )
        if accounts := accounts_erase():
            self.stdout.write(f"{accounts} removed accounts are gone for good.")
