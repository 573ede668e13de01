"""Make an API key and print it, alone, so that a script can take it."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from dashboard.management.accounts import AccountCommand
from dashboard.models import ApiKey
from dashboard.services.bots import bot_ensure
from dashboard.services.keys import DEFAULT_LIFE, MAX_LIFE, key_create


class Command(AccountCommand):
    help = "Make an API key for a program and print it, this once."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--scopes", required=True, help=f"One or more of {', '.join(ApiKey.SCOPES)}, with commas.")
        parser.add_argument("--bot", help="The bot that reports with this key; made if it is new.")
        parser.add_argument("--name", help="What the key is for.")
        parser.add_argument("--expires-days", type=int, default=DEFAULT_LIFE.days, help="Default: %(default)s.")

    def handle(self, **options: Any) -> None:
        account, now = self.account(options), timezone.now()
        if not 1 <= options["expires_days"] <= MAX_LIFE.days:
            raise CommandError(f"--expires-days must be from 1 to {MAX_LIFE.days}.")
        for option in ("bot", "name"):
            text = options[option]
            if text is not None and not (text.strip() and len(text) <= 100 and text.isprintable()):
                raise CommandError(f"--{option} must have 1 to 100 printable characters.")
        try:
            with transaction.atomic():
                bot = bot_ensure(account=account, name=options["bot"], now=now) if options["bot"] else None
                key, token = key_create(
                    account=account,
                    scopes=[scope.strip() for scope in options["scopes"].split(",")],
                    now=now,
                    bot=bot,
                    name=options["name"] or "",
                    expires_at=now + timedelta(days=options["expires_days"]),
                )
        except ValueError as error:
            raise CommandError(f"--scopes: {error}.") from None
        told = f"Key of {account} for {', '.join(key.scopes)}, until {key.expires_at:%Y-%m-%d}."
        self.stderr.write(told, style_func=str)
        self.stdout.write(token)
