"""What makes BotV2 an application to install: the service worker, its page without a connection, the manifest."""

import hashlib
import json
import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from dashboard.assets.modules import modules
from dashboard.assets.storage import collected
from dashboard.own_device import KEPT_FOR, not_kept
from dashboard.selectors.accounts import KINDS, memberships_of
from dashboard.templatetags.assets import ICON_SPRITE

LIBRARIES = "core routing strategies precaching expiration background-sync".split()
PARTS = "device answers queue push life".split()
ICONS = {"192": "img/icon-192.png", "512": "img/icon-512.png", "maskable": "img/icon-maskable-512.png"}
BADGE = "img/badge-96.png"
SHELL = ("app/features/page.js", "app/features/later.js")  # what every page needs
MANY = 200
SHORTCUTS = ("overview", "trades", "alerts")
NONCE = re.compile(rb'nonce="[^"]*"')
ASSET = re.compile(rf'(?:href|src)="({re.escape(settings.STATIC_URL)}[^"#]+)')


def known(request: HttpRequest) -> str:
    return f'"{version(request)}"'


@require_safe
@condition(etag_func=known)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker: what it has to know of this release, and its parts. Browsers look for another one by themselves."""
    url = staticfiles_storage.url
    told = {
        "version": version(request),
        "precache": precache(request),
        "offline": {code: reverse("offline", args=[code]) for code, _name in settings.LANGUAGES},
        "static": settings.STATIC_URL,
        "cookies": {
            "kept_for": KEPT_FOR,
            "csrf": settings.CSRF_COOKIE_NAME,
            "language": settings.LANGUAGE_COOKIE_NAME,
            "theme": "theme",
        },
        "icons": {"icon": url(ICONS["192"]), "badge": url(BADGE)},
    }
    scripts = [f"vendor/workbox/workbox-{name}.js" for name in LIBRARIES] + [f"worker/{name}.js" for name in PARTS]
    text = render_worker(told, [url(path) for path in scripts])
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return not_kept(response)


def render_worker(told: dict[str, Any], scripts: list[str]) -> str:
    """Policies of trusted types hold in workers too."""
    return (
        f"self.BOTV2 = {json.dumps(told)};\n"
        f"const scripts = {json.dumps(scripts)};\n"
        'const policy = self.trustedTypes?.createPolicy("botv2", {\n'
        "  createScriptURL(url) {\n"
        "    if (scripts.includes(url)) return url;\n"
        "    throw new TypeError(`not a part of the worker: ${url}`);\n"
        "  },\n"
        "});\n"
        "importScripts(...scripts.map((url) => policy?.createScriptURL(url) ?? url));\n"
    )


def version(request: HttpRequest) -> str:
    """Changes with the release, with any static file and with the offline page."""
    files = getattr(staticfiles_storage, "manifest_hash", "")
    state = json.dumps([files, precache(request)])
    return f"{settings.RELEASE}-{hashlib.sha256(state.encode()).hexdigest()[:8]}"


def precache(request: HttpRequest) -> list[dict[str, str | None]]:
    """The offline page in every language, and the files it is made of: what every page needs to look right."""
    found: list[dict[str, str | None]] = []
    assets: dict[str, None] = {}
    for code, _name in settings.LANGUAGES:
        text = offline_text(code) if not settings.DEBUG else offline_text.__wrapped__(code)
        found.append({"url": reverse("offline", args=[code]), "revision": hashlib.sha256(text).hexdigest()[:16]})
        assets |= dict.fromkeys(ASSET.findall(text.decode()))
    if storage := collected():  # else names have no hash: what they hold may change
        assets[staticfiles_storage.url(ICON_SPRITE)] = None
        known = modules()
        assets |= dict.fromkeys(
            staticfiles_storage.url(known[name]) for script in SHELL for name in storage.needed_by(script)
        )
        found += [{"url": url, "revision": None} for url in assets]
    return found


@lru_cache(maxsize=16)
def offline_text(language: str) -> bytes:
    """The page as everybody gets it, but for the nonce."""
    return NONCE.sub(b"", offline_page(HttpRequest(), language).content)


def offline_page(request: HttpRequest, language: str) -> HttpResponse:
    request.csp_nonce = getattr(request, "csp_nonce", "")  # type: ignore[attr-defined]
    with translation.override(language):
        return render(request, "pages/offline.html", {"kept_for": KEPT_FOR})


@require_safe
def offline(request: HttpRequest, language: str) -> HttpResponse:
    """What the worker shows where it has nothing else. It is the same for everybody, so it is kept for nobody."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    response = offline_page(request, language)
    response["Cache-Control"] = "no-cache"
    return not_kept(response)


@require_safe
def web_manifest(request: HttpRequest) -> HttpResponse:
    url = staticfiles_storage.url
    titles = {"overview": _("Overview"), "trades": _("Trades"), "alerts": _("Alerts")}
    found = {
        "id": "/",
        "name": "BotV2",
        "short_name": "BotV2",
        "description": _("BotV2 records what trading bots do and shows it live."),
        "lang": translation.get_language(),
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#0b0d10",
        "theme_color": "#0b0d10",
        "categories": ["finance"],
        "icons": [
            {"src": url(ICONS["192"]), "sizes": "192x192", "type": "image/png", "purpose": "any"},
            {"src": url(ICONS["512"]), "sizes": "512x512", "type": "image/png", "purpose": "any"},
            {"src": url(ICONS["maskable"]), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
        "shortcuts": [
            {
                "name": titles[page],
                "url": reverse("go", args=[page]),
                "icons": [{"src": url(ICONS["192"]), "sizes": "192x192", "type": "image/png"}],
            }
            for page in SHORTCUTS
        ],
    }
    response = JsonResponse(found, content_type="application/manifest+json")
    response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["Accept-Language"])
    return not_kept(response)


@login_required
def go(request: HttpRequest, page: str) -> HttpResponse:
    """A shortcut names a page, not an account: it leads to the person's first."""
    if page not in SHORTCUTS:
        raise Http404
    mine = [each.account for each in memberships_of(request.user)[:MANY]]
    if not mine:
        return redirect("home")
    return redirect(page, slug=min(mine, key=lambda account: KINDS.index(account.kind)).slug)
