"""The page that makes an account, which is also the start page of who belongs to none."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.selectors.accounts import memberships_of
from dashboard.words import spoken


@login_required
def new_account(request: HttpRequest) -> HttpResponse:
    first = not memberships_of(request.user).exists()
    return render(request, "pages/new_account.html", {"first": first, "words": spoken()})
