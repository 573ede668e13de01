"""The second step of signing in: a code or a passkey after the password; and a passkey in the place of both."""

import json
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model, login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import own_device
from dashboard.models import Authenticator, Passkey, RecoveryCode
from dashboard.services.audit import Actor
from dashboard.services.factors import TooManyTries, code_use, has_second_factor
from dashboard.services.passkeys import passkey_ask, passkey_host, passkey_use
from dashboard.sign_ins import note

BACKEND = "django.contrib.auth.backends.ModelBackend"
PENDING, ASKED = "pending", "passkey_asked"
PENDING_FOR = 300  # seconds
LONGEST_CODE = 64


class Pending(NamedTuple):
    """Somebody who gave the password and still owes the second factor."""

    user: Any
    to: str
    own_device: bool


def enter(request: HttpRequest, user: Any, to: str) -> HttpResponse:
    """Sign in whoever gave a password or a link, or ask for the second factor first."""
    if not has_second_factor(user):
        login(request, user, backend=BACKEND)
        return redirect(to)
    at = int(timezone.now().timestamp())
    keep_shortly(request)
    asked = {"to": to, own_device.FIELD: own_device.asked(request)}
    request.session[PENDING] = {"user": user.pk, "hash": user.get_session_auth_hash(), "at": at, **asked}
    return redirect("second-step")


def keep_shortly(request: HttpRequest) -> None:
    """Sessions of people who are not in yet, and may never be, are not kept for a month."""
    if not request.user.is_authenticated:
        request.session.set_expiry(PENDING_FOR)


def pending_of(request: HttpRequest, now: datetime) -> Pending | None:
    """Who is half way in: for five minutes, and not with a password that was changed meanwhile."""
    found = request.session.get(PENDING)
    if found is None or not 0 <= now.timestamp() - found["at"] < PENDING_FOR:
        return None
    user: Any = get_user_model().objects.filter(pk=found["user"], is_active=True).first()
    if user is None or not constant_time_compare(found["hash"], user.get_session_auth_hash()):
        return None
    return Pending(user, found["to"], found[own_device.FIELD])


def finish(request: HttpRequest, user: Any) -> None:
    for name in (PENDING, ASKED):
        request.session.pop(name, None)
    login(request, user, backend=BACKEND)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    pending = pending_of(request, now)
    if pending is None:
        return redirect("login")
    user, problem, status = pending.user, "", 200
    if request.method == "POST":
        try:
            if code_fits(request, user, now):
                finish(request, user)
                return redirect(pending.to)
            problem = _("This code is wrong or was used before. Wait for the next one.")
        except TooManyTries:
            problem, status = _("Too many wrong codes. Wait an hour, or use a passkey."), 429
    context = {
        "problem": problem,
        "own_device": own_device.asked(request) if request.method == "POST" else pending.own_device,
        "authenticators": Authenticator.objects.filter(user=user).exists(),
        "recovery": RecoveryCode.objects.filter(user=user).exists(),
        "passkeys": passkey_host(request) is not None and Passkey.objects.filter(user=user).exists(),
    }
    return render(request, "pages/second_step.html", context, status=status)


def code_fits(request: HttpRequest, user: Any, now: datetime) -> bool:
    code = request.POST.get("code", "")[:LONGEST_CODE]
    return code_use(user=user, code=code, now=now, actor=Actor.of_request(request, "nobody"))


@never_cache
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser needs to ask for a passkey: of whoever is half way in, or of anybody."""
    host = passkey_host(request)
    if host is None:
        return JsonResponse({}, status=404)
    pending = pending_of(request, timezone.now())
    options, state = passkey_ask(pending.user if pending else None, host)
    at = int(timezone.now().timestamp())
    keep_shortly(request)
    request.session[ASKED] = {"state": dict(state), "at": at, "user": pending.user.pk if pending else None}
    return JsonResponse(options)


@never_cache
@require_POST
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in whoever the passkey belongs to; a question is answered once."""
    host, asked, now = passkey_host(request), request.session.pop(ASKED, None), timezone.now()
    pending = pending_of(request, now)
    user = None
    if host is not None and asked is not None and 0 <= now.timestamp() - asked["at"] < PENDING_FOR:
        user = passkey_use(host=host, state=asked["state"], credential=read_credential(request), now=now)
    if user is None or asked["user"] not in (None, user.pk):
        note("session.refuse", Actor.of_request(request, "nobody"), "", now)
        return JsonResponse({"message": _("This passkey is not known here.")}, status=403)
    to = pending.to if pending else safe_next(request)
    finish(request, user)
    return JsonResponse({"to": to})


def read_credential(request: HttpRequest) -> dict[str, Any]:
    try:
        found = json.loads(request.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def safe_next(request: HttpRequest) -> str:
    to = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(to, {request.get_host()}, require_https=request.is_secure())
    return to if safe else resolve_url("home")
