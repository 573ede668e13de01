"""Give a person a new password."""

from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from dashboard.management.persons import PersonCommand, given_password
from dashboard.services.outcome import DomainError
from dashboard.services.passwords import password_set


class Command(PersonCommand):
    help = (
        "Give a person a new password, BOTV2_PASSWORD or one that is asked for, and end all their sessions. "
        "A second factor stays: see remove_second_factor."
    )

    def handle(self, **options: Any) -> None:
        user = self.person(options)
        try:
            password_set(user=user, password=given_password(), now=timezone.now())
        except DomainError as error:
            raise CommandError(" ".join(error.fields["new_password"])) from None
        self.stdout.write(f"{user} has a new password; all sessions are ended.")
