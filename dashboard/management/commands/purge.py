"""`manage.py purge`: forget events and stored answers that are past their time."""

from typing import Any

from django.core.management import BaseCommand
from django.utils import timezone

from dashboard.services.idempotency import answers_purge
from realtime.log import purge


class Command(BaseCommand):
    help = (
        "Delete events older than 7 days and more than 50,000 behind the newest, and answers older than 48 hours. "
        "The server does it by itself every hour."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        self.stdout.write(f"{purge(now)} events and {answers_purge(now)} answers deleted.")
