"""What commands that work on one person have in common."""

import os
import sys
from getpass import getpass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser


class PersonCommand(BaseCommand):
    """A command with the name of a person."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="What the person signs in with.")

    def person(self, options: dict[str, Any]) -> User:
        user: User | None = get_user_model().objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is nobody called {options['name']!a}.")
        return user


def given_password() -> str:
    password = os.environ.get("BOTV2_PASSWORD")
    if password is None and sys.stdin.isatty():
        password = getpass("Password: ")
        if getpass("Password again: ") != password:
            raise CommandError("The two passwords differ.")
    if not password:
        raise CommandError("No password: set BOTV2_PASSWORD or run this in a terminal.")
    return password
