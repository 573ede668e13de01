"""/api/me, /api/session/confirm"""

import time
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import Program
from api.errors import Invalid
from api.inputs import PasswordInput
from api.params import NoParams
from api.permissions import Need, resolve
from api.schema import answers
from api.schema.operation import documented
from api.throttling import buckets
from api.views import AccountViewSet, read_one
from dashboard.selectors.accounts import memberships_of
from dashboard.sign_ins import confirm, confirmed_until, wrong_password

MANY = 200
GUESSES = (1 / 60, 5)  # a minute each after the first five


class MeViewSet(AccountViewSet):
    """Who asks, and what that allows where."""

    needs_account: ClassVar[bool] = False

    @documented(answers.ME, fresh=True)
    def list(self, request: Request) -> Response:
        """Who I am, and what that allows where."""
        self.params(NoParams)
        user: Any = request.user
        if isinstance(user, Program):
            return self.ok(self.program(request))
        accounts = [
            {"slug": each.account.slug, "name": each.account.name, "role": each.role}
            for each in memberships_of(user)[:MANY]
        ]
        return self.ok(
            {
                "kind": "person",
                "name": user.get_username(),
                "accounts": accounts,
                "has_password": user.has_usable_password(),
                "confirmed_until": confirmed_until(request),
            }
        )

    def program(self, request: Any) -> dict[str, Any]:
        account, role, allowed = resolve(request)
        if Need.READ not in allowed:
            self.permission_denied(request, "This needs read access.")
        return {
            "kind": "program",
            "name": request.user.key.name,
            "accounts": [{"slug": account.slug, "name": account.name, "role": role}],
            "has_password": False,
            "confirmed_until": None,
        }


class SessionViewSet(AccountViewSet):
    """A person gives the password again, which keys, invitations and roles ask for."""

    needs = {"POST": [Need.BELONG]}
    needs_account: ClassVar[bool] = False

    @documented(answers.CONFIRMED, body=PasswordInput, fresh=True)
    def confirm(self, request: Request) -> Response:
        """Give the password again."""
        self.params(NoParams)
        user, now = request.user, timezone.now()
        if isinstance(user, Program):
            self.permission_denied(request, "Only a person has a password.")
        password = read_one(PasswordInput(), request.data)["password"]
        if wait := buckets.take(f"confirm:{user.pk}", *GUESSES, time.monotonic()):
            raise Throttled(wait)
        if not user.check_password(password):
            wrong_password(request, now)
            raise Invalid({"password": ["This is not your password."]})
        confirm(request, now)
        return self.ok({"confirmed_until": confirmed_until(request)})
