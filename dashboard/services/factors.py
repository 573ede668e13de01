"""The second factor of a person: authenticator apps, passkeys, and recovery codes for when both are lost.

Every change ends the person's other sessions and is noted. Wrong codes are noted too, and counted there: after ten in
an hour no code is looked at until the hour is over.
"""

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

import segno
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from dashboard.models import AuditEntry, Authenticator, Passkey, RecoveryCode, SecurityNotice
from dashboard.services.audit import COMMAND, INSTALLATION, Actor, audit_write
from dashboard.services.keys import token_hash
from dashboard.services.notices import notice_tell
from dashboard.services.outcome import DomainError
from dashboard.services.sealing import seal, unseal
from dashboard.services.sessions import sessions_end
from realtime.log import stream_lock

Kind = SecurityNotice.Kind
PURPOSE = "totp"
ISSUER = "BotV2"
STEP = 30  # seconds
DIGITS = 6
SECRET_BYTES = 20
MOST = 10  # of each kind, for one person
TRIES, TRIES_IN = 10, timedelta(hours=1)
REFUSED = "factor.refuse"
RECOVERY_CODES = 10
# Without what reads alike.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
RECOVERY_LENGTH = 16
QUIET = 4  # modules of white around a QR code


class TooManyTries(Exception):
    """Ten codes were wrong within the hour."""


def has_second_factor(user: Any) -> bool:
    return Authenticator.objects.filter(user=user).exists() or Passkey.objects.filter(user=user).exists()


def name_of(user: Any) -> str:
    return f"user:{user.get_username()}"


def note(user: Any, action: str, actor: Actor, now: datetime, **values: Any) -> None:
    audit_write(account=None, actor=actor, action=action, target=name_of(user), at=now, **values)


# Authenticator apps


def totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP)  # SHA-1 is what every app can do


def authenticator_offer(user: Any) -> tuple[str, str]:
    """A new secret, sealed, and the address that hands it to an app."""
    secret = secrets.token_bytes(SECRET_BYTES)
    return seal(secret, PURPOSE), totp(secret).get_provisioning_uri(user.get_username(), ISSUER)


def qr(text: str) -> dict[str, Any]:
    """A QR code as the path of a drawing `size` units wide."""
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    parts = [
        f"M{run.start() + QUIET} {y + QUIET}h{len(run[0])}v1h-{len(run[0])}z"
        for y, row in enumerate(rows)
        for run in re.finditer(rb"\x01+", row)
    ]
    return {"size": len(rows) + 2 * QUIET, "path": "".join(parts)}


@transaction.atomic
def authenticator_create(
    *, user: Any, sealed: str, name: str, code: str, session_key: str | None, now: datetime, actor: Actor
) -> tuple[Authenticator, list[str]]:
    """Keep an app whose code proves that it has the secret. Returns recovery codes with the first factor."""
    stream_lock(INSTALLATION)
    secret = unseal(sealed, PURPOSE)
    step = None if secret is None else matching_step(secret, code.replace(" ", ""), now)
    if step is None:
        raise DomainError({"code": [_("This is not the code that the app shows now.")]})
    first = not has_second_factor(user)
    if Authenticator.objects.filter(user=user).count() >= MOST:
        raise DomainError({"name": [_("At most {most} are kept.").format(most=MOST)]})
    made = Authenticator.objects.create(user=user, name=name, secret=sealed, last_step=step, created_at=now)
    return made, factor_added(user, "authenticator", name, first, session_key, now, actor)


def factor_added(
    user: Any, kind: str, name: str, first: bool, session_key: str | None, now: datetime, actor: Actor
) -> list[str]:
    note(user, f"{kind}.add", actor, now, after={"name": name})
    notice_tell(user=user, kind=Kind.FACTOR_ADDED, actor=actor, now=now, about=name)
    sessions_end(user=user, but=session_key, actor=actor, now=now)
    return recovery_codes_create(user=user, now=now, actor=actor) if first else []


@transaction.atomic
def factor_rename(*, factor: Authenticator | Passkey, name: str, now: datetime, actor: Actor) -> None:
    before, factor.name = factor.name, name
    factor.save(update_fields=["name"])
    note(factor.user, f"{kind_of(factor)}.rename", actor, now, before={"name": before}, after={"name": name})


@transaction.atomic
def factor_remove(*, factor: Authenticator | Passkey, session_key: str | None, now: datetime, actor: Actor) -> None:
    """With the last one go the recovery codes: there is nothing left that they could stand for."""
    user = factor.user
    stream_lock(INSTALLATION)
    note(user, f"{kind_of(factor)}.remove", actor, now, before={"name": factor.name})
    notice_tell(user=user, kind=Kind.FACTOR_REMOVED, actor=actor, now=now, about=factor.name)
    factor.delete()
    if not has_second_factor(user):
        RecoveryCode.objects.filter(user=user).delete()
    sessions_end(user=user, but=session_key, actor=actor, now=now)


def kind_of(factor: Authenticator | Passkey) -> str:
    return factor._meta.model_name or ""


@transaction.atomic
def factors_remove(*, user: Any, now: datetime, actor: Actor = COMMAND) -> int:
    """Take every second factor from a person who has lost them; return how many there were."""
    found: list[Authenticator | Passkey] = [*user.authenticators.all(), *user.passkeys.all()]
    for factor in found:
        factor_remove(factor=factor, session_key=None, now=now, actor=actor)
    return len(found)


# Codes at the sign-in


def matching_step(secret: bytes, code: str, now: datetime) -> int | None:
    """The half minute whose code this is, now or one step beside it; None if there is none."""
    if not re.fullmatch(r"[0-9]{6}", code, re.ASCII):
        return None
    current = int(now.timestamp()) // STEP
    generator = totp(secret)
    steps = (current, current - 1, current + 1)
    return next((step for step in steps if bytes_eq(generator.generate(step * STEP), code.encode())), None)


@transaction.atomic
def code_use(*, user: Any, code: str, now: datetime, actor: Actor) -> bool:
    """Whether this is a code of the person, which is used up by it. Raises TooManyTries."""
    stream_lock(INSTALLATION)
    wrong = AuditEntry.objects.filter(account=None, action=REFUSED, target=name_of(user), at__gt=now - TRIES_IN)
    if wrong.count() >= TRIES:
        raise TooManyTries
    code = re.sub(r"[\s-]", "", code).lower()
    if authenticator_use(user, code, now) or recovery_code_use(user, code, now, actor):
        return True
    note(user, REFUSED, actor, now)
    return False


def authenticator_use(user: Any, code: str, now: datetime) -> bool:
    for each in Authenticator.objects.filter(user=user):
        secret = unseal(each.secret, PURPOSE)
        step = None if secret is None else matching_step(secret, code, now)
        fresh = Authenticator.objects.filter(Q(last_step__lt=step), pk=each.pk) if step is not None else None
        if fresh is not None and fresh.update(last_step=step, last_used_at=now):
            return True
    return False


def recovery_code_use(user: Any, code: str, now: datetime, actor: Actor) -> bool:
    used, _ = RecoveryCode.objects.filter(user=user, hash=recovery_hash(code)).delete()
    if used:
        note(user, "recovery_code.use", actor, now)
        notice_tell(user=user, kind=Kind.RECOVERY_CODE_USED, actor=actor, now=now)
    return bool(used)


@transaction.atomic
def recovery_codes_create(*, user: Any, now: datetime, actor: Actor) -> list[str]:
    """New codes in the place of all older ones; they are shown this once. Raises DomainError without a factor."""
    if not has_second_factor(user):
        raise DomainError({"body": [_("There is no second factor yet that they could stand for.")]})
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, hash=recovery_hash(code)) for code in codes)
    note(user, "recovery_code.create", actor, now)
    return ["-".join(re.findall("....", code)) for code in codes]


def recovery_hash(code: str) -> str:
    return token_hash(f"recovery {code}")
