"""A page opened without parameters shows the filters that the person used there last, in this account."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect

from dashboard.middleware import take

View = Callable[..., HttpResponse]


def remembers(page: str) -> Callable[[View], View]:
    """Which page of the account it is. The browser tells the preferences what was chosen (`features/remember.js`)."""

    def decorated(view: View) -> View:
        @wraps(view)
        def shown(request: Any, slug: str, **parts: Any) -> HttpResponse:
            request.remembers = f"{slug}/{page}"
            if request.method == "GET" and not request.META.get("QUERY_STRING") and (kept := last(request)):
                return redirect(f"{request.path}?{urlencode(kept, doseq=True)}")
            return view(request, slug, **parts)

        return shown

    return decorated


def last(request: Any) -> dict[str, Any]:
    found: dict[str, Any] = take(request).get("filters", {}).get(request.remembers, {})
    return found
