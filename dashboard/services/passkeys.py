"""Passkeys (WebAuthn): made, and used to sign in. They belong to one host name, so an IP address has none."""

import ipaddress
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from dashboard.models import Passkey
from dashboard.services.audit import INSTALLATION, Actor
from dashboard.services.factors import ISSUER, MOST, factor_added, has_second_factor
from dashboard.services.keys import token_hash
from dashboard.services.outcome import DomainError
from realtime.log import stream_lock

State = Mapping[str, Any]


def passkey_host(request: Any) -> str | None:
    """The host name that passkeys of this request belong to; None where browsers have none."""
    origin = f"{request.scheme}://{request.get_host()}"
    host = urlsplit(origin).hostname
    if host is None or origin not in settings.SITE_ORIGINS:
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return None


def server(host: str) -> Fido2Server:
    return Fido2Server(
        PublicKeyCredentialRpEntity(name=ISSUER, id=host), verify_origin=lambda origin: origin in settings.SITE_ORIGINS
    )


def handle(user: Any) -> bytes:
    """What the device knows the person by: it tells nothing to who finds it."""
    return bytes.fromhex(token_hash(f"passkey user {user.pk}"))


def descriptors(user: Any) -> list[PublicKeyCredentialDescriptor]:
    rows = Passkey.objects.filter(user=user).values_list("credential", flat=True)
    ids = [AttestedCredentialData(bytes(each)).credential_id for each in rows]
    return [PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=each) for each in ids]


def passkey_offer(user: Any, host: str) -> tuple[dict[str, Any], State]:
    """What the browser needs to make a passkey, and what has to be remembered until it comes."""
    name = user.get_username()
    options, state = server(host).register_begin(
        PublicKeyCredentialUserEntity(id=handle(user), name=name, display_name=name),
        descriptors(user),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return dict(options), state


@transaction.atomic
def passkey_create(
    *,
    user: Any,
    host: str,
    state: State,
    credential: Mapping[str, Any],
    name: str,
    session_key: str | None,
    now: datetime,
    actor: Actor,
) -> tuple[Passkey, list[str]]:
    """Keep a passkey that the browser has made. Returns recovery codes with the first factor."""
    stream_lock(INSTALLATION)
    try:
        made = server(host).register_complete(state, credential)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise DomainError({"credential": [_("The passkey could not be verified. Try again.")]}) from None
    assert made.credential_data is not None
    first, number = not has_second_factor(user), websafe_encode(made.credential_data.credential_id)
    if Passkey.objects.filter(user=user).count() >= MOST:
        raise DomainError({"name": [_("At most {most} are kept.").format(most=MOST)]})
    if Passkey.objects.filter(credential_id=number).exists():
        raise DomainError({"credential": [_("This passkey is known already.")]})
    passkey = Passkey.objects.create(
        user=user,
        name=name,
        credential_id=number,
        credential=bytes(made.credential_data),
        sign_count=made.counter,
        created_at=now,
    )
    return passkey, factor_added(user, "passkey", name, first, session_key, now, actor)


def passkey_ask(user: Any | None, host: str) -> tuple[dict[str, Any], State]:
    """Ask for a passkey of this person; of anybody, it must have made sure by itself who uses it."""
    wanted = UserVerificationRequirement.REQUIRED if user is None else UserVerificationRequirement.PREFERRED
    known = None if user is None else descriptors(user)
    options, state = server(host).authenticate_begin(known, user_verification=wanted)
    return dict(options), state


@transaction.atomic
def passkey_use(*, host: str, state: State, credential: Mapping[str, Any], now: datetime) -> Any | None:
    """The person whose passkey answered; None where it is unknown, wrong, or a copy that lags its original."""
    try:
        answer = AuthenticationResponse.from_dict(credential)
        passkey = Passkey.objects.select_related("user").get(credential_id=websafe_encode(answer.raw_id))
        known = AttestedCredentialData(bytes(passkey.credential))
        server(host).authenticate_complete(state, [known], answer)
        count = answer.response.authenticator_data.counter
    except (Passkey.DoesNotExist, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None
    if not passkey.user.is_active or ((count or passkey.sign_count) and count <= passkey.sign_count):
        return None
    used = Passkey.objects.filter(pk=passkey.pk, sign_count=passkey.sign_count)
    return passkey.user if used.update(sign_count=count, last_used_at=now) else None
