"""/api/members, /api/members/<id>/password-link, /api/invitations"""

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import RoleInput
from api.params import Cursored, NoParams
from api.permissions import Need
from api.schema import answers, entities, examples
from api.schema.operation import documented
from api.views import AccountViewSet, Write, read_one
from dashboard import wire
from dashboard.models import Invitation, Membership
from dashboard.selectors.paging import page
from dashboard.services.members import invitation_create, invitation_revoke, member_remove, member_set
from dashboard.services.passwords import password_link_create


class MemberViewSet(AccountViewSet):
    """The people of an account. An owner changes them; whoever belongs to it may leave."""

    needs = {"GET": [Need.BELONG], "PATCH": [Need.OWN], "DELETE": [Need.BELONG]}
    confirms = frozenset({"PATCH"})

    @documented(answers.page("members", entities.MEMBER), params=Cursored, fresh=True)
    def list(self, request: Request) -> Response:
        """Who belongs to the account."""
        params = self.params(Cursored)
        rows = Membership.objects.filter(account=self.account)
        found = page(rows, wire.MEMBER, f"members {self.account.pk}", ordering="created_at", **params)
        return self.ok(self.paged("members", found, params))

    @documented(entities.MEMBER, body=RoleInput, examples=examples.ROLES)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Give a member another role."""
        self.params(NoParams)
        write, clean = Write(self), read_one(RoleInput(), request.data)

        def effect() -> tuple[int, Any]:
            user = self.find(pk).user
            changed = member_set(account=self.account, user=user, role=clean["role"], now=write.now, actor=self.actor)
            return 200, wire.MEMBER.instance(changed)

        return write.run(effect)

    @documented(None, status=204)
    def destroy(self, request: Request, pk: int) -> Response:
        """Remove a member, or leave."""
        self.params(NoParams)
        write = Write(self)

        def effect() -> tuple[int, Any]:
            membership = self.find(pk)
            if membership.user != request.user and self.request.role != Membership.Role.OWNER:
                self.permission_denied(request, "Only an owner removes others.")
            member_remove(membership=membership, now=write.now, actor=self.actor)
            return 204, None

        return write.run(effect)

    def find(self, pk: int) -> Membership:
        members = Membership.objects.filter(account=self.account).select_related("account", "user")
        return get_object_or_404(members, pk=pk)


class PasswordLinkViewSet(AccountViewSet):
    """Links by which members who have lost their password set a new one."""

    needs = {"POST": [Need.OWN]}
    confirms = frozenset({"POST"})

    @documented(answers.PASSWORD_LINK, status=201, secret=True)
    def create(self, request: Request, pk: int) -> Response:
        """Make a link by which a member sets a new password.

        It works once, for 24 hours, and only while the member belongs to no account but those that you own. A second
        factor is asked for as before.
        """
        self.params(NoParams)
        write = Write(self)

        def effect() -> tuple[int, Any]:
            members = Membership.objects.filter(account=self.account).select_related("user")
            user = get_object_or_404(members, pk=pk).user
            link, token = password_link_create(account=self.account, user=user, now=write.now, actor=self.actor)
            return 201, {"link": f"{settings.SITE_URL}/reset/{token}", "expires_at": link.expires_at}

        return write.run_secret(effect)


class InvitationViewSet(AccountViewSet):
    """Links by which people become members; the link is shown once, when it is made."""

    needs = {"GET": [Need.OWN], "POST": [Need.OWN], "DELETE": [Need.OWN]}
    confirms = frozenset({"POST"})

    @documented(answers.page("invitations", entities.INVITATION), params=Cursored, fresh=True)
    def list(self, request: Request) -> Response:
        """The invitations that nobody has used yet."""
        params = self.params(Cursored)
        found = page(self.open(), wire.INVITATION, f"invitations {self.account.pk}", ordering="-created_at", **params)
        return self.ok(self.paged("invitations", found, params))

    @documented(entities.NEW_INVITATION, status=201, body=RoleInput, secret=True, examples=examples.ROLES)
    def create(self, request: Request) -> Response:
        """Invite a person."""
        self.params(NoParams)
        write, clean = Write(self), read_one(RoleInput(), request.data)

        def effect() -> tuple[int, Any]:
            made, token = invitation_create(account=self.account, role=clean["role"], now=write.now, actor=self.actor)
            return 201, {**wire.INVITATION.instance(made), "link": f"{settings.SITE_URL}/invite/{token}"}

        return write.run_secret(effect)

    @documented(None, status=204)
    def destroy(self, request: Request, pk: int) -> Response:
        """Take an invitation back."""
        self.params(NoParams)
        write = Write(self)

        def effect() -> tuple[int, Any]:
            invitation = get_object_or_404(self.open().select_related("account"), pk=pk)
            invitation_revoke(invitation=invitation, now=write.now, actor=self.actor)
            return 204, None

        return write.run(effect)

    def open(self) -> Any:
        return Invitation.objects.filter(account=self.account, used_at__isnull=True, expires_at__gt=timezone.now())
