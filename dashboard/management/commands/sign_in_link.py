"""Make a link that signs a person in once."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from dashboard.services.links import sign_in_link_create


class Command(BaseCommand):
    help = "Print a link that signs a person in once, within 15 minutes. Without a name: the first person."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?")

    def handle(self, **options: Any) -> None:
        people = get_user_model().objects.filter(is_active=True).order_by("pk")
        name = options["username"]
        person = (people if name is None else people.filter(username=name)).first()
        if person is None:
            raise CommandError("There is no such person." if name else "There is no person yet. Run `manage.py init`.")
        self.stdout.write(f"{settings.SITE_URL}/sign-in/{sign_in_link_create(user=person, now=timezone.now())}")
