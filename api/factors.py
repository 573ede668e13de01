"""/api/me/factors, /api/me/authenticators, /api/me/passkeys, /api/me/recovery-codes"""

from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Invalid
from api.params import NoParams
from api.personal_inputs import AuthenticatorInput, NameInput, PasskeyInput
from api.schema import answers, entities
from api.schema.operation import documented
from api.views import PersonViewSet, read_one
from dashboard import wire
from dashboard.models import Authenticator, Passkey, RecoveryCode
from dashboard.services.factors import (
    authenticator_create,
    authenticator_offer,
    factor_remove,
    factor_rename,
    qr,
    recovery_codes_create,
)
from dashboard.services.passkeys import passkey_create, passkey_host, passkey_offer

BEGUN = "factor_begun"
BEGUN_FOR = 600  # seconds


class FactorsViewSet(PersonViewSet):
    """What my sign-in asks for after the password."""

    @documented(answers.FACTORS, fresh=True)
    def list(self, request: Request) -> Response:
        """My authenticator apps and passkeys, and how many recovery codes are left."""
        self.params(NoParams)
        mine: Any = {"user": request.user}
        return self.ok(
            {
                "authenticators": wire.FACTOR.rows(Authenticator.objects.filter(**mine)),
                "passkeys": wire.FACTOR.rows(Passkey.objects.filter(**mine)),
                "recovery_codes": RecoveryCode.objects.filter(**mine).count(),
            }
        )


class FactorViewSet(PersonViewSet):
    """One kind of second factor: begun, proven, named, removed."""

    confirms = frozenset({"POST", "DELETE"})
    model: ClassVar[type[Authenticator] | type[Passkey]]

    def rename(self, request: Request, pk: int) -> Response:
        self.params(NoParams)
        factor, now = self.find(pk), timezone.now()
        factor_rename(factor=factor, name=read_one(NameInput(), request.data)["name"], now=now, actor=self.actor)
        return self.ok(wire.FACTOR.instance(factor))

    def remove(self, request: Request, pk: int) -> Response:
        self.params(NoParams)
        key = request.session.session_key
        factor_remove(factor=self.find(pk), session_key=key, now=timezone.now(), actor=self.actor)
        return Response(status=204)

    def find(self, pk: int) -> Any:
        mine = self.model._default_manager.filter(user=self.request.user)
        return get_object_or_404(mine.select_related("user"), pk=pk)

    def who(self) -> dict[str, Any]:
        key = self.request.session.session_key
        return {"user": self.request.user, "session_key": key, "now": timezone.now(), "actor": self.actor}

    def remember(self, what: Any) -> None:
        """Keep in the session what the proof will be held against."""
        at = int(timezone.now().timestamp())
        self.request.session[BEGUN] = {"kind": self.model.__name__, "what": what, "at": at}

    def begun(self) -> Any:
        """What was remembered, for ten minutes."""
        found = self.request.session.get(BEGUN)
        known = found is not None and found["kind"] == self.model.__name__
        if not known or not 0 <= timezone.now().timestamp() - found["at"] < BEGUN_FOR:
            raise Invalid({"body": [_("Begin first, and finish within ten minutes.")]})
        return found["what"]

    def made(self, factor: Any, codes: list[str]) -> Response:
        del self.request.session[BEGUN]
        response = self.ok({"item": wire.FACTOR.instance(factor), "recovery_codes": codes}, 201)
        response["Cache-Control"] = "no-store"
        return response


class AuthenticatorViewSet(FactorViewSet):
    """Apps that show a code which changes every half minute (TOTP)."""

    model = Authenticator

    @documented(answers.SECRET, secret=True)
    def begin(self, request: Request) -> Response:
        """Begin with an app: its secret, also as a QR code. `path` is an SVG path in a square of `size`."""
        self.params(NoParams)
        sealed, uri = authenticator_offer(request.user)
        self.remember(sealed)
        response = self.ok({"secret": parse_qs(urlsplit(uri).query)["secret"][0], "uri": uri, "qr": qr(uri)})
        response["Cache-Control"] = "no-store"
        return response

    @documented(answers.NEW_FACTOR, status=201, body=AuthenticatorInput, secret=True)
    def create(self, request: Request) -> Response:
        """Add the app that was begun with, by a code that it shows. Ends my other sessions."""
        self.params(NoParams)
        clean = read_one(AuthenticatorInput(), request.data)
        return self.made(*authenticator_create(sealed=self.begun(), **clean, **self.who()))

    @documented(entities.FACTOR, body=NameInput, fresh=True)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Rename an app."""
        return self.rename(request, pk)

    @documented(None, status=204, fresh=True)
    def destroy(self, request: Request, pk: int) -> Response:
        """Remove an app. Ends my other sessions."""
        return self.remove(request, pk)


class PasskeyViewSet(FactorViewSet):
    """Passkeys (WebAuthn) of devices and security keys, which also sign in without the password."""

    model = Passkey

    @documented(answers.OPTIONS, secret=True)
    def begin(self, request: Request) -> Response:
        """Begin with a passkey.

        The options are what `PublicKeyCredential.parseCreationOptionsFromJSON` takes.
        """
        self.params(NoParams)
        options, state = passkey_offer(request.user, self.host())
        self.remember(dict(state))
        return self.ok({"options": options["publicKey"]})

    @documented(answers.NEW_FACTOR, status=201, body=PasskeyInput, secret=True)
    def create(self, request: Request) -> Response:
        """Add the passkey that the browser made. Ends my other sessions."""
        self.params(NoParams)
        clean = read_one(PasskeyInput(), request.data)
        return self.made(*passkey_create(host=self.host(), state=self.begun(), **clean, **self.who()))

    @documented(entities.FACTOR, body=NameInput, fresh=True)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Rename a passkey."""
        return self.rename(request, pk)

    @documented(None, status=204, fresh=True)
    def destroy(self, request: Request, pk: int) -> Response:
        """Remove a passkey. Ends my other sessions."""
        return self.remove(request, pk)

    def host(self) -> str:
        host = passkey_host(self.request._request)
        if host is None:
            raise Invalid({"body": [_("Passkeys belong to a host name; this address has none.")]})
        return host


class RecoveryCodesViewSet(PersonViewSet):
    """Codes for when every second factor is lost; each signs in once."""

    confirms = frozenset({"POST"})

    @documented(answers.RECOVERY_CODES, status=201, secret=True)
    def create(self, request: Request) -> Response:
        """Make new recovery codes in the place of the old ones."""
        self.params(NoParams)
        codes = recovery_codes_create(user=request.user, now=timezone.now(), actor=self.actor)
        response = self.ok({"recovery_codes": codes}, 201)
        response["Cache-Control"] = "no-store"
        return response
