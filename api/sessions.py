"""/api/me, /api/me/sessions, /api/me/password, /api/session/confirm"""

import time
from datetime import datetime
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import Program
from api.errors import Invalid
from api.params import NoParams
from api.permissions import Need, resolve
from api.personal_inputs import NewPasswordInput, PasswordInput
from api.schema import answers
from api.schema.operation import documented
from api.views import AccountViewSet, PersonViewSet, read_one
from dashboard.buckets import buckets
from dashboard.devices import session_row
from dashboard.models import PersonSession
from dashboard.selectors.accounts import memberships_of
from dashboard.services.passwords import password_change
from dashboard.services.sessions import session_end, sessions_end, sessions_of
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


def check_password(request: Any, name: str, password: str, now: datetime) -> None:
    """Refuse a wrong password, and guessing."""
    if wait := buckets.take(f"confirm:{request.user.pk}", *GUESSES, time.monotonic()):
        raise Throttled(wait)
    if not request.user.check_password(password):
        wrong_password(request, now)
        raise Invalid({name: [_("This is not your password.")]})


class SessionViewSet(PersonViewSet):
    """A person gives the password again, which keys, invitations, roles and second factors ask for."""

    @documented(answers.CONFIRMED, body=PasswordInput, fresh=True)
    def confirm(self, request: Request) -> Response:
        """Give the password again."""
        self.params(NoParams)
        now = timezone.now()
        check_password(request, "password", read_one(PasswordInput(), request.data)["password"], now)
        confirm(request, now)
        return self.ok({"confirmed_until": confirmed_until(request)})


class MySessionsViewSet(PersonViewSet):
    """Where I am signed in."""

    @documented(answers.SESSIONS, fresh=True)
    def list(self, request: Request) -> Response:
        """Where I am signed in, the last used first."""
        self.params(NoParams)
        key = request.session.session_key
        return self.ok({"sessions": [session_row(row, key) for row in sessions_of(request.user, timezone.now())]})

    @documented(None, status=204, fresh=True)
    def destroy(self, request: Request, pk: int) -> Response:
        """End a session; its sockets close."""
        self.params(NoParams)
        rows = PersonSession.objects.filter(user=request.user).select_related("user", "session")  # type: ignore[misc]
        session_end(row=get_object_or_404(rows, pk=pk), actor=self.actor, now=timezone.now())
        return Response(status=204)

    @documented(answers.ENDED, fresh=True)
    def end_others(self, request: Request) -> Response:
        """End all sessions but this one."""
        self.params(NoParams)
        key = request.session.session_key
        return self.ok({"ended": sessions_end(user=request.user, but=key, actor=self.actor, now=timezone.now())})


class MyPasswordViewSet(PersonViewSet):
    """My password."""

    @documented(None, status=204, body=NewPasswordInput, fresh=True)
    def create(self, request: Request) -> Response:
        """Change my password, which ends my other sessions."""
        self.params(NoParams)
        clean, now = read_one(NewPasswordInput(), request.data), timezone.now()
        check_password(request, "old_password", clean["old_password"], now)
        password_change(request=request._request, password=clean["new_password"], now=now, actor=self.actor)
        return Response(status=204)
