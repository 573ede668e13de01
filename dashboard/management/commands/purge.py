"""`manage.py purge`: forget events, answers, sessions and notices past their time, and accounts that were removed."""

from typing import Any

from django.core.management import BaseCommand
from django.utils import timezone

from dashboard.pushes.send import messages_purge
from dashboard.services.idempotency import answers_purge
from dashboard.services.notices import notices_purge
from dashboard.services.removal import accounts_erase
from dashboard.services.sessions import sessions_purge
from realtime.log import purge


class Command(BaseCommand):
    help = (
        "Delete events older than 7 days and more than 50,000 behind the newest, answers older than 48 hours, "
        "sessions that have expired, notices older than 90 days, and what is left of removed accounts. The server does "
        "it by itself every hour."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        messages_purge(now)
        self.stdout.write(
            f"{purge(now)} events, {answers_purge(now)} answers, {sessions_purge(now)} sessions and "
            f"{notices_purge(now)} notices deleted."
        )
        if accounts := accounts_erase():
            self.stdout.write(f"{accounts} removed accounts are gone for good.")
