"""Take the second factors from a person who has lost them."""

from typing import Any

from django.utils import timezone

from dashboard.management.persons import PersonCommand
from dashboard.services.factors import factors_remove


class Command(PersonCommand):
    help = (
        "Take every authenticator app, passkey and recovery code from a person who has lost them, and end all their "
        "sessions. The password stays."
    )

    def handle(self, **options: Any) -> None:
        user = self.person(options)
        count = factors_remove(user=user, now=timezone.now())
        self.stdout.write(f"{user} signs in without a second factor; {count} were removed.")
