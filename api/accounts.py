"""/api/accounts"""

from typing import Any, ClassVar

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import Program
from api.inputs import AccountInput
from api.params import NoParams
from api.permissions import Need, resolve
from api.schema import answers, entities
from api.schema.operation import documented
from api.views import AccountViewSet, Write, read_one
from dashboard import wire
from dashboard.selectors.accounts import account_lines, memberships_of
from dashboard.services.access import account_change

MANY = 200


class AccountsViewSet(AccountViewSet):
    """The accounts I can see."""

    needs_account: ClassVar[bool] = False

    @documented(answers.counted("accounts", answers.LINE), fresh=True)
    def list(self, request: Request) -> Response:
        """The accounts I can see, each with the few figures that say how it does."""
        self.params(NoParams)
        if isinstance(request.user, Program):
            account, role, allowed = resolve(request)
            if Need.READ not in allowed:
                self.permission_denied(request, "This needs read access.")
            found = [(account, role)]
        else:
            found = [(each.account, each.role) for each in memberships_of(request.user)[:MANY]]
        response = self.ok({"accounts": account_lines(found, timezone.now()), "count": len(found)})
        response["Cache-Control"] = "private, no-cache"
        return response


class AccountSettingsViewSet(AccountViewSet):
    """What an account is called, where it trades and what its figures begin with."""

    needs = {"PATCH": [Need.OWN]}

    @documented(entities.ACCOUNT, body=AccountInput)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change the settings of an account."""
        self.params(NoParams)
        write, values = Write(self), read_one(AccountInput(), request.data)
        if "currency" in values:
            values["base_currency"] = values.pop("currency")

        def effect() -> tuple[int, dict[str, Any]]:
            changed = account_change(account=self.account, values=values, now=write.now, actor=self.actor)
            return 200, wire.ACCOUNT.instance(changed)

        return write.run(effect)
