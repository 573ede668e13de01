"""Settings: of an account its keys, its members and what it is called; of the person looks, password and sign-in."""

from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from dashboard import wire
from dashboard.devices import session_row
from dashboard.fields import plain
from dashboard.models import Account, ApiKey, Bot, Invitation, Membership, RecoveryCode
from dashboard.pages import frame
from dashboard.services.passkeys import passkey_host
from dashboard.services.preferences import THEMES, time_zones
from dashboard.services.sessions import sessions_of
from dashboard.sign_ins import is_confirmed
from dashboard.words import WORDS, word

MANY = 200


@never_cache
@login_required
def account_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """What the person may see; keys only while the password was given a short while ago."""
    context = frame(request, slug, "settings")
    account, owns, now = context["account"], context["is_owner"], timezone.now()
    confirmed = owns and is_confirmed(request, now)
    shown = {
        "confirmed": confirmed,
        "keys": keys_of(account) if confirmed else [],
        "members": members_of(account),
        "invitations": invitations_of(account, now) if owns else [],
        "bots": Bot.objects.filter(account=account).order_by("name").values_list("name", flat=True)[:MANY],
        "roles": WORDS["role"].items(),
        "lives": (30, 90, 180, 365),
        "capital": "" if account.initial_capital is None else plain(account.initial_capital),
    } | personal(request, now)
    return render(request, "pages/settings.html", context | shown)


def personal(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """What is the person's own, whatever the account."""
    user, key = request.user, request.session.session_key
    return {
        "themes": [(code, word("theme", code)) for code in THEMES],
        "languages": settings.LANGUAGES,
        "regions": regions(),
        "factors": factors_of(user),
        "recovery_codes": RecoveryCode.objects.filter(user=user).count(),  # type: ignore[misc]
        "passkeys": passkey_host(request) is not None,
        "sessions": [session_row(row, key) for row in sessions_of(user, now)],
    }


def regions() -> list[tuple[str, list[tuple[str, str]]]]:
    """The time zones of places, by part of the world."""
    places = (name.split("/", 1) for name in time_zones() if "/" in name)
    return [
        (region, [(f"{region}/{place}", place.replace("_", " ").replace("/", ", ")) for _, place in found])
        for region, found in groupby(places, key=itemgetter(0))
    ]


def factors_of(user: Any) -> list[dict[str, Any]]:
    """Apps and passkeys in one list; `static/js/features/factors.js` makes the same of what the API gives."""
    found = {"authenticators": user.authenticators.all(), "passkeys": user.passkeys.all()}
    return [
        {**row, "id": f"{kind}/{row['id']}", "kind": kind} for kind in found for row in wire.FACTOR.rows(found[kind])
    ]


def keys_of(account: Account) -> list[dict[str, Any]]:
    rows = wire.KEY.rows(ApiKey.objects.filter(account=account, revoked_at__isnull=True).order_by("-created_at")[:MANY])
    return [{**row, "uses": ", ".join(row["scopes"])} for row in rows]


def members_of(account: Account) -> list[dict[str, Any]]:
    return wire.MEMBER.rows(Membership.objects.filter(account=account).order_by("created_at", "id")[:MANY])


def invitations_of(account: Account, now: datetime) -> list[dict[str, Any]]:
    found = Invitation.objects.filter(account=account, used_at__isnull=True, expires_at__gt=now)
    return wire.INVITATION.rows(found.order_by("-created_at")[:MANY])
