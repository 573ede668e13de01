"""Make an account."""

from argparse import ArgumentTypeError
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser

from dashboard.management.accounts import refusal
from dashboard.models import Account
from dashboard.services.access import account_create

OPTIONS = {
    "name": "name",
    "kind": "kind",
    "exchange": "exchange",
    "currency": "base_currency",
    "periods_per_year": "periods_per_year",
    "initial_capital": "initial_capital",
}


class Command(BaseCommand):
    help = "Make an account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="Its short name: lower-case letters, digits and inner hyphens.")
        parser.add_argument("--name", help="The name people see. Default: the slug.")
        parser.add_argument("--kind", choices=Account.Kind.values, help="Default: live.")
        parser.add_argument("--exchange", help="Where it trades, as in binance.")
        parser.add_argument("--currency", help="What its money is counted in. Default: USDT.")
        parser.add_argument("--periods-per-year", type=int, choices=[365, 252], help="Trading days. Default: 365.")
        parser.add_argument("--initial-capital", type=positive, help="What it began with.")

    def handle(self, **options: Any) -> None:
        fields = {field: options[name] for name, field in OPTIONS.items() if options[name] is not None}
        try:
            account = account_create(slug=options["slug"], **fields)
        except ValidationError as error:
            raise refusal(error) from None
        self.stdout.write(f"Account {account} is made: {account.kind}, {account.base_currency}.")


def positive(text: str) -> Decimal:
    try:
        value = Decimal(text)
        if value > 0:
            return value
    except InvalidOperation:
        pass
    raise ArgumentTypeError(f"{text!a} is not a number greater than 0")
