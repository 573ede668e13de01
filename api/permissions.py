"""Which account, and what one may do there."""

from enum import Enum
from typing import Any

from django.utils import timezone
from rest_framework import exceptions
from rest_framework.permissions import BasePermission
from structlog.contextvars import bind_contextvars

from api.authentication import Program
from api.errors import AccountRequired, Invalid, PasswordNeeded
from dashboard.models import Account, Membership
from dashboard.sign_ins import is_confirmed


class Need(Enum):
    """What an action needs. The last two are for people only: no key allows them."""

    READ = "read"
    INGEST = "ingest"
    OPERATE = "operate"
    OWN = "own"
    BELONG = "belong"


SCOPES = {
    "read": {Need.READ},
    "ingest": {Need.INGEST},
    "write": {Need.READ, Need.INGEST, Need.OPERATE},
}
ROLES = {
    Membership.Role.VIEWER: {Need.BELONG, Need.READ},
    Membership.Role.OPERATOR: {Need.BELONG, Need.READ, Need.INGEST, Need.OPERATE},
    Membership.Role.OWNER: {Need.BELONG, Need.READ, Need.INGEST, Need.OPERATE, Need.OWN},
}


# Every method is for the people of the account, whatever their role.
OF_PEOPLE = {method: [Need.BELONG] for method in ("GET", "POST", "PATCH", "DELETE")}


class AccountPermission(BasePermission):
    """Resolve `request.account` and `request.role`, then ask whether the view's `needs` allow the method."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if not getattr(request.user, "is_authenticated", False):
            return False
        if request.method.lower() not in view.action_map:
            raise exceptions.MethodNotAllowed(request.method)
        method = "GET" if request.method == "HEAD" else request.method
        needed = view.needs[method]
        if not view.needs_account:
            if isinstance(request.user, Program) and needed == [Need.BELONG]:
                raise exceptions.PermissionDenied("Only a person may do this.")
            ask_password(request, view, method)
            return True
        account, role, allowed = resolve(request, view.kwargs.get("slug"))
        if not allowed & set(needed):
            raise exceptions.PermissionDenied(f"This needs {' or '.join(need.value for need in needed)} access.")
        ask_password(request, view, method)
        request.account, request.role = account, role
        bind_contextvars(account=account.slug)
        return True


def ask_password(request: Any, view: Any, method: str) -> None:
    if method in view.confirms and not is_confirmed(request, timezone.now()):
        raise PasswordNeeded


def resolve(request: Any, slug: str | None = None) -> tuple[Account, str, set[Need]]:
    """The account of this request, the role there, and what that allows. What is not yours is not there.

    `slug` is the account that the path names.
    """
    slugs = request.query_params.getlist("account")
    if len(slugs) > 1:
        raise Invalid({"account": ["Give it once."]})
    if slug is not None:
        if slugs not in ([], [slug]):
            raise Invalid({"account": ["The address names another one."]})
        slugs = [slug]
    if isinstance(request.user, Program):
        key = request.user.key
        if slugs and slugs[0] != key.account.slug:
            raise exceptions.NotFound()
        role = "operator" if "write" in key.scopes else "viewer" if "read" in key.scopes else "ingest"
        return key.account, role, set().union(*(SCOPES.get(scope, set()) for scope in key.scopes))
    memberships = Membership.objects.select_related("account").filter(user=request.user)
    if slugs:
        memberships = memberships.filter(account__slug=slugs[0])
    found = list(memberships[:2])
    if not found:
        raise exceptions.NotFound()
    if len(found) > 1:
        raise AccountRequired
    return found[0].account, found[0].role, ROLES[Membership.Role(found[0].role)]
