"""What a person sees when something went wrong: what happened, and what to do. Without queries, since the database
may be what is broken."""

import math
import sys
from typing import Any

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

RETRY_AFTER = "1"  # seconds


def page(request: HttpRequest, status: int, title: str, text: str, *, again: bool = False) -> HttpResponse:
    """`again`: what helps is to load the page once more."""
    context = {"status": status, "title": title, "text": text, "request_id": getattr(request, "request_id", "")}
    context["again"] = again
    return render(request, "pages/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(
        request, 400, _("That request makes no sense"), _("The address or the form is damaged. Go back and try again.")
    )


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(
        request, 403, _("This is not yours to do"),
        _("Your role in this account does not allow it. The owner of the account can change that."),
    )  # fmt: skip


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return page(
        request, 404, _("There is nothing here"),
        _("The address is wrong, or it belongs to an account that you are not a member of."),
    )  # fmt: skip


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls it while it handles the exception. That the database does not answer passes."""
    if isinstance(sys.exc_info()[1], DatabaseError):
        return unavailable(request)
    return page(
        request, 500, _("Something broke on our side"),
        _("Nothing you sent was half stored: a change is kept as a whole or not at all. Try again in a moment."),
        again=True,
    )  # fmt: skip


def unavailable(request: HttpRequest) -> HttpResponse:
    response = page(
        request, 503, _("Busy for a moment"),
        _("The database did not answer in time. Nothing was stored; load the page again."),
        again=True,
    )  # fmt: skip
    response["Retry-After"] = RETRY_AFTER
    return response


def second_factor_missing(request: HttpRequest) -> HttpResponse:
    return page(
        request, 403, _("The admin asks for a second factor"),
        _("Add an authenticator app or a passkey in Settings, then come back."),
    )  # fmt: skip


def busy(request: HttpRequest, wait: float) -> HttpResponse:
    """Too many people, or one program, sign in at once."""
    response = page(
        request, 429, _("Too many sign-ins at once"),
        _("Somebody may be trying passwords. Wait a few seconds and sign in again; the bots go on reporting."),
        again=True,
    )  # fmt: skip
    response["Retry-After"] = str(math.ceil(wait))
    return response


def key_in_address(request: HttpRequest) -> HttpResponse:
    return page(
        request, 400, _("A key never travels in the address"),
        _("Addresses are kept in histories and logs. Revoke this key in Settings and send the next one as a header."),
    )  # fmt: skip


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(
        request, 403, _("This form has gone stale"),
        _("You signed in or out since the page was loaded, or cookies are blocked. Load the page again and repeat it."),
        again=True,
    )  # fmt: skip
