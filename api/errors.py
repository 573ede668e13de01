"""Every error of the API in one envelope, each with a documented code (docs/errors.md)."""

import logging
from typing import Any

import django.core.exceptions as django_errors
from django.db import Error as DatabaseError
from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response

from dashboard.selectors.paging import BadCursor
from dashboard.services.outcome import DomainError

logger = logging.getLogger(__name__)

CODES = {
    400: "invalid",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "in_flight",
    413: "too_large",
    415: "unsupported_media_type",
    422: "idempotency_key_reused",
    429: "throttled",
    500: "internal",
    503: "unavailable",
}


class BodyTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = _("The body is larger than 1 MiB.")


class FileTooLarge(BodyTooLarge):
    default_detail = _("The file is larger than 64 MiB, or than 1 MiB where its length is not told before.")


class Unavailable(exceptions.APIException):
    status_code = 503
    wait = 1
    default_detail = _("The database did not answer; nothing was stored. Try again.")


class Busy(exceptions.APIException):
    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    wait = 5
    default_detail = _("As many exports are running as may at once; wait for one to end.")


class AccountRequired(exceptions.APIException):
    status_code = 400
    default_code = "account_required"
    default_detail = "You have several accounts; name one with ?account=<slug>."


class PasswordNeeded(exceptions.APIException):
    status_code = 403
    default_code = "password_needed"
    default_detail = _("Confirm your password first: POST /api/session/confirm.")


class InFlight(exceptions.APIException):
    status_code = 409
    wait = 1
    default_detail = "A request with this Idempotency-Key is still being answered."


class ImportRunning(exceptions.APIException):
    status_code = 409
    default_code = "import_running"
    wait = 60
    default_detail = _("The import is still running, or was killed within the last minute.")


class KeyReused(exceptions.APIException):
    status_code = 422
    default_detail = "This Idempotency-Key was used with another body."


class Invalid(exceptions.APIException):
    """Input that is refused; `fields` names each field and why."""

    status_code = 400
    default_detail = _("The request is not valid.")

    def __init__(self, fields: dict[str, Any], message: str | None = None) -> None:
        super().__init__(message)
        self.fields = fields


def envelope(
    status_code: int, message: str, request_id: str, fields: Any = None, code: str | None = None
) -> dict[str, Any]:
    error = {
        "code": code or CODES.get(status_code, "error"),
        "message": message,
        "fields": fields or {},
        "request_id": request_id,
    }
    return {"success": False, "error": error}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """The DRF exception handler: any error becomes the envelope; an unknown one is logged and told as 500."""
    request_id = getattr(context["request"], "request_id", "")
    headers: dict[str, str] = {}
    code: str | None = None
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, django_errors.PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, DomainError):
        error = Invalid(error.fields)
    elif isinstance(error, BadCursor):
        error = Invalid({"cursor": ["Is not a cursor of this list."]})
    elif isinstance(error, django_errors.RequestDataTooBig):
        error = BodyTooLarge()
    elif isinstance(error, DatabaseError):
        logger.error("database error: %s", error, exc_info=error)
        error = Unavailable()
    fields: Any = getattr(error, "fields", None)
    if isinstance(error, exceptions.ValidationError):
        fields, message = error.detail, gettext("The request is not valid.")
    elif isinstance(error, exceptions.APIException):
        message = str(error.detail)
    else:
        logger.error("a request failed", exc_info=error)
        return Response(
            envelope(500, gettext("Something went wrong here; nothing was stored."), request_id), status=500
        )
    if isinstance(error, AccountRequired | PasswordNeeded | ImportRunning):
        code = error.default_code
    if isinstance(error, exceptions.PermissionDenied) and message.startswith("CSRF"):
        code = "csrf_failed"
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(max(1, int(wait)))
    if auth := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth
    return Response(
        envelope(error.status_code, message, request_id, fields, code), status=error.status_code, headers=headers
    )
