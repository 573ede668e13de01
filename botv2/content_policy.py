"""The content policy: what pages may load and do, and what browsers report that they did not let them."""

import json
import logging
import time
from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from dashboard.buckets import buckets

logger = logging.getLogger(__name__)

# Text becomes code by the one rule in static/js/core/trusted.js. The admin and Swagger UI were not written for that.
TRUSTED_TYPES = {"require-trusted-types-for": ["'script'"], "trusted-types": ["botv2"]}
LARGEST_REPORT = 16 * 1024
ADDRESS, EVERYBODY = (0.2, 20), (2.0, 200)  # reports a second and at once
FIELDS = {  # what is logged, by its names in `application/csp-report` and in `application/reports+json`
    "page": ("document-uri", "documentURL"),
    "directive": ("effective-directive", "effectiveDirective"),
    "blocked": ("blocked-uri", "blockedURL"),
    "source": ("source-file", "sourceFile"),
    "line": ("line-number", "lineNumber"),
}


class ContentPolicyMiddleware(CSPMiddleware):
    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not request.path.startswith(("/api/", f"/{settings.ADMIN_PATH}")):
            parts.update = {**(parts.update or {}), **TRUSTED_TYPES}
        return parts

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.setdefault("Reporting-Endpoints", 'csp="/csp-report"')
        return super().process_response(request, response)


@csrf_exempt
@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """Log what a browser reports. Anybody can send one, so it is short, seldom and never believed."""
    now, address = time.monotonic(), request.META.get("REMOTE_ADDR", "")
    if buckets.take(f"csp:{address}", *ADDRESS, now) or buckets.take("csp", *EVERYBODY, now):
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_REPORT:
        return HttpResponse(status=413)
    try:
        found = json.loads(request.body)
    except ValueError:
        return HttpResponse(status=400)
    for each in (found if isinstance(found, list) else [found])[:10]:
        if isinstance(each, dict) and isinstance(body := each.get("csp-report", each.get("body")), dict):
            logger.warning("content policy, from %s: %s", address, told(body))
    return HttpResponse(status=204)


def told(body: dict[str, Any]) -> str:
    """The fields in one line, without what would steer a terminal or what addresses ask, which may be secret."""
    parts = []
    for name, keys in FIELDS.items():
        text = str(next((body[key] for key in keys if key in body), "")).partition("?")[0]
        parts.append(f"{name}={''.join(char for char in text if char.isprintable())[:200]!r}")
    return " ".join(parts)
