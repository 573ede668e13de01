"""Make a person who may sign in to one account."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from dashboard.management.accounts import AccountCommand, refusal
from dashboard.management.persons import given_password
from dashboard.models import Membership
from dashboard.services.members import member_set


class Command(AccountCommand):
    help = "Make a person who may sign in to one account. The password is BOTV2_PASSWORD, or is asked for."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", help="What the person signs in with.")
        parser.add_argument("--role", required=True, choices=Membership.Role.values)

    def handle(self, **options: Any) -> None:
        account = self.account(options)
        user: User = get_user_model()(username=options["name"])
        try:
            user.full_clean(exclude=["password"])
            password = given_password()
            validate_password(password, user)
        except ValidationError as error:
            raise refusal(error) from None
        user.set_password(password)
        with transaction.atomic():
            user.save()
            member_set(account=account, user=user, role=options["role"], now=timezone.now())
        self.stdout.write(f"User {user} is made: {options['role']} of {account}.")
