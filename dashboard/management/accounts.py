"""What commands that work on one account have in common."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.models import Account


class AccountCommand(BaseCommand):
    """A command with a required `--account SLUG`."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True, metavar="SLUG", help="The account's short name.")

    def account(self, options: dict[str, Any]) -> Account:
        account = Account.objects.filter(slug=options["account"]).first()
        if account is None:
            known = ", ".join(Account.objects.values_list("slug", flat=True)) or "none; make one with create_account"
            raise CommandError(f"There is no account {options['account']!a}. Accounts: {known}.")
        return account


def refusal(error: ValidationError) -> CommandError:
    """What a validator says, as the error of a command."""
    if hasattr(error, "error_dict"):
        fields = error.message_dict.items()
        return CommandError("; ".join(f"{name}: {' '.join(messages)}" for name, messages in fields))
    return CommandError(" ".join(error.messages))
