"""Settings: of an account its keys, its members and what it is called; of the person looks, password and sign-in."""

from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from dashboard import wire
from dashboard.devices import notice_row, session_row
from dashboard.fields import plain
from dashboard.models import Account, ApiKey, Bot, Invitation, Membership, PushSubscription, RecoveryCode
from dashboard.own_device import is_own, not_kept
from dashboard.pages import frame
from dashboard.pushes.subscriptions import public_key, push_row
from dashboard.selectors.accounts import memberships_of
from dashboard.selectors.notices import notices_of
from dashboard.services.passkeys import passkey_host
from dashboard.services.preferences import THEMES, time_zones
from dashboard.services.sessions import sessions_of
from dashboard.sign_ins import is_confirmed
from dashboard.templatetags.notices import spelt
from dashboard.words import WORDS, word

MANY = 200
SOON = timedelta(days=14)  # a key that expires within it is told of


@never_cache
@login_required
def account_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """What the person may see; keys only while the password was given a short while ago."""
    context = frame(request, slug, "settings")
    account, owns, now = context["account"], context["is_owner"], timezone.now()
    confirmed = owns and is_confirmed(request, now)
    keys = keys_of(account, now) if confirmed else []
    shown = {
        "confirmed": confirmed,
        "keys": keys,
        "ending": any(key["ending"] for key in keys),
        "mine": memberships_of(request.user)[:MANY],
        "members": members_of(account),
        "invitations": invitations_of(account, now) if owns else [],
        "bots": Bot.objects.filter(account=account).order_by("name").values_list("name", flat=True)[:MANY],
        "roles": WORDS["role"].items(),
        "lives": (30, 90, 180, 365),
        "capital": "" if account.initial_capital is None else plain(account.initial_capital),
    } | personal(request, now)
    response = render(request, "pages/settings.html", context | shown)
    return not_kept(response) if confirmed else response


def personal(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """What is the person's own, whatever the account."""
    user, key = request.user, request.session.session_key
    notices = notices_told(user)
    return {
        "themes": [(code, word("theme", code)) for code in THEMES],
        "languages": settings.LANGUAGES,
        "regions": regions(),
        "factors": factors_of(user),
        "recovery_codes": RecoveryCode.objects.filter(user=user).count(),  # type: ignore[misc]
        "passkeys": passkey_host(request) is not None,
        "notices": notices,
        "fresh_notices": any(not row["dismissed"] for row in notices),
        "sessions": [session_row(row, key) for row in sessions_of(user, now)],
        "own_device": is_own(request),
        "push_key": public_key() or "",
        "pushes": [push_row(row) for row in PushSubscription.objects.filter(user=user)],  # type: ignore[misc]
        "severities": WORDS["severity"].items(),
    }


def notices_told(user: Any) -> list[dict[str, Any]]:
    """What the person was told, with who did it."""
    rows = [spelt(notice_row(row)) for row in notices_of(user)]
    return [{**row, "by": person_in(row["actor"], user)} for row in rows]


def person_in(actor: str, user: Any) -> str:
    """Who did it, of the audit log's names: a person, a command on the server, or nobody who is known."""
    kind, _, name = actor.partition(":")
    if kind == "user":
        return gettext("You") if name == user.get_username() else name
    return {"command": gettext("on the server"), "key": gettext("a program")}.get(kind, gettext("not known"))


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


def keys_of(account: Account, now: datetime) -> list[dict[str, Any]]:
    rows = wire.KEY.rows(ApiKey.objects.filter(account=account, revoked_at__isnull=True).order_by("-created_at")[:MANY])
    return [shown_key(row, row["expires_at"] - now if row["expires_at"] else SOON) for row in rows]


def shown_key(row: dict[str, Any], left: timedelta) -> dict[str, Any]:
    """A key with what is read off it; `static/js/features/keys.js` does the same."""
    ended = left <= timedelta(0)
    texts = {"uses": ", ".join(row["scopes"]), "networks_text": ", ".join(row["networks"])}
    return {**row, **texts, "ended": ended, "ending": not ended and left < SOON}


def members_of(account: Account) -> list[dict[str, Any]]:
    return wire.MEMBER.rows(Membership.objects.filter(account=account).order_by("created_at", "id")[:MANY])


def invitations_of(account: Account, now: datetime) -> list[dict[str, Any]]:
    found = Invitation.objects.filter(account=account, used_at__isnull=True, expires_at__gt=now)
    return wire.INVITATION.rows(found.order_by("-created_at")[:MANY])
