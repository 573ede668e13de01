"""What stands around the operations: how to begin, who may ask, and what errors look like."""

from pathlib import Path
from typing import Any

from api.errors import CODES
from api.schema.shapes import COMPONENTS, TEXT, WHOLE, Shape, closed, many, named

ABOUT = (Path(__file__).parent / "about.md").read_text()

CAUSES = {
    400: "The body, a field or a parameter is not valid; `fields` names it.",
    401: "No key or session, or the key is unknown, expired or revoked.",
    403: "The scope of the key or your role does not allow this, or a password is needed.",
    404: "It is not there, or not yours.",
    409: "The same Idempotency-Key is being answered right now, or the import is still running.",
    413: "The body is larger than 1 MiB.",
    415: "The body is not application/json.",
    422: "The Idempotency-Key was used with another body.",
    429: "Too many requests, or exports at once.",
    503: "The database did not answer; nothing was stored.",
}
SESSION = (
    "The session of a signed-in person, `__Host-session` where the site is https; "
    "writes need the CSRF token as `X-CSRFToken`."
)
AGAIN: Shape = {"Retry-After": {"description": "Seconds to wait.", "schema": WHOLE}}
MORE_CODES = ("account_required", "import_running", "password_needed", "csrf_failed", "https_required")


def complete(result: dict[str, Any], **context: Any) -> dict[str, Any]:
    """The last step of the generator."""
    result["info"]["description"] = ABOUT
    fields = {"type": "object", "additionalProperties": many(TEXT)}
    code = {"type": "string", "enum": sorted({*CODES.values(), *MORE_CODES})}
    error = named("Error", closed({"code": code, "message": TEXT, "fields": fields, "request_id": TEXT}))
    refused = {"application/json": {"schema": closed({"success": {"const": False}, "error": error})}}
    result["components"] = {
        "schemas": dict(sorted(COMPONENTS.items())),
        "responses": {
            str(status): {
                "description": cause,
                "content": refused,
                **({"headers": AGAIN} if status in (409, 429, 503) else {}),
            }
            for status, cause in CAUSES.items()
        },
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer", "description": "A key of one account."},
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": "session",
                "description": SESSION,
            },
        },
    }
    return result
