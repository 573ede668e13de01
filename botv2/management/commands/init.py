"""`manage.py init`: make whatever is missing to run: secrets, tables, the first person and account, static files."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, call_command
from django.core.management.base import CommandParser

from dashboard.models import Account
from dashboard.services.access import account_create
from realtime.log import stream_create

STAMP = ".prepared"


class Command(BaseCommand):
    help = "Make what is missing: secrets, database tables, the first user `owner` and its account, static files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-static", action="store_true", help="Leave the static files alone.")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        for key in Account.objects.values_list("stream_key", flat=True).iterator():
            stream_create(key)
        if not Account.objects.exists():
            self.first_account()
        if not options["no_static"] and not settings.DEBUG:
            self.prepare_static()

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

    def prepare_static(self) -> None:
        """Collect and compress once for each state of the sources, so that a second start takes seconds."""
        stamp, wanted = settings.STATIC_ROOT / STAMP, self.fingerprint()
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        self.stdout.write("Preparing static files ...")
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        call_command("compress", verbosity=0, force=True)
        from whitenoise.compress import main as precompress

        precompress(["--quiet", str(settings.STATIC_ROOT / "CACHE")])
        stamp.write_text(wanted)

    def fingerprint(self) -> str:
        found = hashlib.sha256()
        found.update((settings.BASE_DIR / "botv2" / "settings.py").read_bytes())
        for folder in (*settings.STATICFILES_DIRS, *settings.TEMPLATES[0]["DIRS"]):
            for path in sorted(Path(folder).rglob("*")):
                if path.is_file():
                    found.update(str(path.relative_to(folder)).encode())
                    found.update(path.read_bytes())
        return found.hexdigest()
