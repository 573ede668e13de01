"""The page behind an invitation: whoever is signed in joins, anybody else makes a user who is a member."""

import contextlib
from typing import Any

from django.contrib.auth import login
from django.contrib.auth.forms import UserCreationForm
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from dashboard.models import Invitation, Membership
from dashboard.services.audit import Actor
from dashboard.services.members import (
    AlreadyMember,
    NotOpen,
    invitation_accept,
    invitation_find,
    invitation_join,
)

BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, token: str) -> HttpResponse:
    """Looking at an invitation does not use it up; joining does."""
    invitation = invitation_find(token, timezone.now())
    if invitation is None:
        return gone(request)
    try:
        return join_as(request, invitation) if request.user.is_authenticated else join_new(request, invitation)
    except NotOpen:
        return gone(request)


def gone(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/expired_invitation.html", status=410)


def join_as(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    user: Any = request.user
    account = invitation.account
    belongs = Membership.objects.filter(account=account, user=user).exists()
    if request.method != "POST" or belongs:
        return page(request, invitation, belongs=belongs)
    with contextlib.suppress(AlreadyMember):  # the button was pressed twice
        actor = Actor.of_person(request, user)
        invitation_accept(invitation=invitation, user=user, now=timezone.now(), actor=actor)
    return redirect("overview", account.slug)


def join_new(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form: Any = UserCreationForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return page(request, invitation, form=form)
    name, now = form.cleaned_data["username"], timezone.now()
    try:
        user = invitation_join(
            invitation=invitation,
            name=name,
            password=form.cleaned_data["password1"],
            now=now,
            actor=Actor.of_request(request, f"user:{name}"),
        )
    except IntegrityError:
        form.add_error("username", _("Somebody has just taken this name."))
        return page(request, invitation, form=form)
    login(request, user, backend=BACKEND)
    return redirect("overview", invitation.account.slug)


def page(request: HttpRequest, invitation: Invitation, **context: Any) -> HttpResponse:
    return render(request, "pages/invite.html", {"invitation": invitation, "account": invitation.account, **context})
