"""`manage.py init`: make whatever is missing to run: secrets, tables, the first person and account, static files."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, call_command
from django.core.management.base import CommandParser

from botv2.catalogues import compile_catalogues
from dashboard.assets.build import build, is_built
from dashboard.models import Account
from dashboard.services.access import account_create
from realtime.log import stream_create


class Command(BaseCommand):
    help = "Make what is missing: secrets, tables, the first user `owner` and its account, translations, static files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-static", action="store_true", help="Leave the static files alone.")

    def handle(self, *args: Any, **options: Any) -> None:
        compile_catalogues()
        call_command("migrate", verbosity=0, interactive=False)
        for key in Account.objects.values_list("stream_key", flat=True).iterator():
            stream_create(key)
        if not Account.objects.exists():
            self.first_account()
        if not options["no_static"] and not settings.DEBUG and not is_built():
            self.stdout.write("Preparing static files ...")
            build()

    def first_account(self) -> None:
        users = get_user_model()
        owner = users.objects.filter(username="owner").first() or users.objects.create_user("owner")
        account_create(slug="main", name="Main", owner=owner)
        if settings.CONFIG["DEMO"]:
            account_create(
                slug="demo",
                name="Demo",
                kind=Account.Kind.DEMO,
                exchange="simulated",
                initial_capital="10000",
                owner=owner,
            )
