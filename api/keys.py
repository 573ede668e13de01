"""/api/keys"""

from datetime import datetime, timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Invalid
from api.inputs import KeyInput
from api.params import Cursored, NoParams
from api.permissions import Need
from api.schema import answers, entities, examples
from api.schema.operation import documented
from api.views import AccountViewSet, Write, read_one
from dashboard import wire
from dashboard.models import ApiKey
from dashboard.selectors.paging import page
from dashboard.services.bots import bot_ensure
from dashboard.services.keys import MAX_LIFE, key_create, key_revoke


class KeyViewSet(AccountViewSet):
    """The keys of an account's programs: made, listed and revoked by its owner."""

    needs = {"GET": [Need.OWN], "POST": [Need.OWN], "DELETE": [Need.OWN]}
    confirms = frozenset({"GET", "POST", "DELETE"})

    @documented(answers.page("keys", entities.KEY), params=Cursored, fresh=True)
    def list(self, request: Request) -> Response:
        """The keys that are not revoked."""
        params = self.params(Cursored)
        rows = ApiKey.objects.filter(account=self.account, revoked_at__isnull=True)
        found = page(rows, wire.KEY, f"keys {self.account.pk}", ordering="-created_at", **params)
        return self.ok(self.paged("keys", found, params))

    @documented(entities.NEW_KEY, status=201, body=KeyInput, secret=True, examples=examples.KEYS)
    def create(self, request: Request) -> Response:
        """Make a key."""
        self.params(NoParams)
        write, clean = Write(self), read_one(KeyInput(), request.data)
        expires_at = expiry(clean, write.now)

        def effect() -> tuple[int, Any]:
            bot = bot_ensure(account=self.account, name=clean["bot"], now=write.now) if "bot" in clean else None
            key, token = key_create(
                account=self.account,
                scopes=clean["scopes"],
                now=write.now,
                bot=bot,
                name=clean["name"],
                expires_at=expires_at,
                networks=clean.get("networks", []),
                actor=self.actor,
            )
            return 201, {**wire.KEY.instance(key), "token": token}

        return write.run_secret(effect)

    @documented(None, status=204)
    def destroy(self, request: Request, pk: int) -> Response:
        """Revoke a key; its sockets close."""
        self.params(NoParams)
        write = Write(self)

        def effect() -> tuple[int, Any]:
            keys = ApiKey.objects.filter(account=self.account, revoked_at__isnull=True).select_related("account")
            key_revoke(get_object_or_404(keys, pk=pk), now=write.now, actor=self.actor)
            return 204, None

        return write.run(effect)


def expiry(clean: dict[str, Any], now: datetime) -> datetime | None:
    """When the key ends, as it was wished; None leaves it to the service."""
    if "expires_in_days" in clean:
        return now + timedelta(days=clean["expires_in_days"])
    expires_at: datetime | None = clean.get("expires_at")
    if expires_at is not None and not now < expires_at <= now + MAX_LIFE:
        raise Invalid(
            {"expires_at": [_("Must be in the future, at most {days} days ahead.").format(days=MAX_LIFE.days)]}
        )
    return expires_at
