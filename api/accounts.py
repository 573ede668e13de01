"""/api/accounts"""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import Program
from api.errors import Invalid
from api.inputs import AccountInput, NewAccountInput, RemovalInput
from api.params import NoParams
from api.permissions import Need, resolve
from api.schema import answers, entities
from api.schema.operation import documented
from api.views import AccountViewSet, Write, read_one
from dashboard import wire
from dashboard.selectors.accounts import account_lines, memberships_of
from dashboard.services.access import account_change, account_create
from dashboard.services.removal import account_remove

MANY = 200


class AccountsViewSet(AccountViewSet):
    """The accounts I can see, and new ones."""

    needs = {"GET": [Need.READ], "POST": [Need.BELONG]}
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

    @documented(entities.ACCOUNT, status=201, body=NewAccountInput, fresh=True)
    def create(self, request: Request) -> Response:
        """Make an account, which I own."""
        self.params(NoParams)
        values = stored_names(read_one(NewAccountInput(), request.data))
        try:
            made = account_create(**values, owner=request.user, actor=self.actor)
        except ValidationError as error:
            raise Invalid(error.message_dict) from None
        return self.ok(wire.ACCOUNT.instance(made), status=201)


def stored_names(values: dict[str, Any]) -> dict[str, Any]:
    return {"base_currency" if name == "currency" else name: value for name, value in values.items()}


class AccountSettingsViewSet(AccountViewSet):
    """What an account is called, where it trades and what its figures begin with."""

    needs = {"PATCH": [Need.OWN], "DELETE": [Need.OWN]}
    confirms = frozenset({"DELETE"})

    @documented(entities.ACCOUNT, body=AccountInput)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change the settings of an account."""
        self.params(NoParams)
        write, values = Write(self), stored_names(read_one(AccountInput(), request.data))

        def effect() -> tuple[int, dict[str, Any]]:
            changed = account_change(account=self.account, values=values, now=write.now, actor=self.actor)
            return 200, wire.ACCOUNT.instance(changed)

        return write.run(effect)

    @documented(None, status=204, body=RemovalInput)
    def destroy(self, request: Request, slug: str) -> Response:
        """Remove an account with all that is in it, for good.

        It is gone at once: its keys end, its sockets close. Its rows are deleted little by little.
        """
        self.params(NoParams)
        write, name = Write(self), read_one(RemovalInput(), request.data)["name"]

        def effect() -> tuple[int, Any]:
            account_remove(account=self.account, name=name, now=write.now, actor=self.actor)
            return 204, None

        return write.run(effect)
