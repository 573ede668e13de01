"""Settings of an account: its keys, its members, what it is called and what its figures begin with."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from dashboard import wire
from dashboard.fields import plain
from dashboard.models import Account, ApiKey, Bot, Invitation, Membership
from dashboard.pages import frame
from dashboard.sign_ins import is_confirmed
from dashboard.words import WORDS

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
    }
    return render(request, "pages/settings.html", context | shown)


def keys_of(account: Account) -> list[dict[str, Any]]:
    rows = wire.KEY.rows(ApiKey.objects.filter(account=account, revoked_at__isnull=True).order_by("-created_at")[:MANY])
    return [{**row, "uses": ", ".join(row["scopes"])} for row in rows]


def members_of(account: Account) -> list[dict[str, Any]]:
    return wire.MEMBER.rows(Membership.objects.filter(account=account).order_by("created_at", "id")[:MANY])


def invitations_of(account: Account, now: datetime) -> list[dict[str, Any]]:
    found = Invitation.objects.filter(account=account, used_at__isnull=True, expires_at__gt=now)
    return wire.INVITATION.rows(found.order_by("-created_at")[:MANY])
