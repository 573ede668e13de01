"""What a person has: rows of every kind, an authenticator app, and a browser that is signed in."""

from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.utils import timezone
from rest_framework.test import APIClient

from dashboard.models import Account, Authenticator, Passkey, PersonSession, PushSubscription
from dashboard.services.audit import COMMAND
from dashboard.services.factors import authenticator_create, authenticator_offer
from dashboard.services.notices import notice_tell
from dashboard.services.presets import preset_create
from dashboard.services.sealing import unseal
from tests.conftest import PASSWORD
from tests.push_service import Browser

STEP = 30


class App:
    """An authenticator app of a person."""

    def __init__(self, secret: bytes) -> None:
        self.totp = TOTP(secret, 6, SHA1(), STEP)

    def code(self, at: float | None = None) -> str:
        """What it shows at this moment."""
        return self.totp.generate(timezone.now().timestamp() if at is None else at).decode()


def enrol(user: Any, name: str = "Phone") -> tuple[App, list[str]]:
    """An app of the person, whose code of five minutes ago was the first, and the recovery codes."""
    sealed, _ = authenticator_offer(user)
    secret = unseal(sealed, "totp")
    assert secret is not None
    app, before = App(secret), datetime.fromtimestamp(timezone.now().timestamp() - 300, UTC)
    made = {"user": user, "sealed": sealed, "name": name, "session_key": None, "now": before, "actor": COMMAND}
    return app, authenticator_create(code=app.code(before.timestamp()), **made)[1]


def rows_of_person(user: Any, account: Account) -> dict[str, int]:
    """One row of each kind that belongs to a person who is signed in."""
    now = timezone.now()
    app = Authenticator.objects.create(user=user, name="a", secret="", last_step=0, created_at=now)
    key = Passkey.objects.create(user=user, name="p", credential_id="x", credential=b"", created_at=now)
    preset = preset_create(account=account, user=user, page="trades", name="mine", filters={"status": "open"}, now=now)
    session = PersonSession.objects.filter(user=user).latest("pk")
    notice = notice_tell(user=user, kind="new_device", actor=COMMAND, now=now)
    browser = Browser("https://127.0.0.1:9/x").subscription(severity="info", language="en")
    push = PushSubscription.objects.create(user=user, created_at=now, **browser)
    rows = {"authenticator": app, "passkey": key, "preset": preset, "session": session, "notice": notice, "push": push}
    return {name: row.pk for name, row in rows.items()}


def sign_in(user: Any, client: APIClient | None = None) -> APIClient:
    """A browser in which the person has given the password."""
    client = client or APIClient()
    client.post("/login", {"username": user.get_username(), "password": PASSWORD})
    return client
