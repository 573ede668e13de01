"""How pages find their scripts and icons: an import map over the modules a page may use, preloads, the icon sprite."""

import json
from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboard.assets.modules import modules
from dashboard.assets.storage import MinifyingStorage, collected
from dashboard.services.preferences import AUTO, THEMES

register = template.Library()

GROUNDS = {"light": "#f7f8f9", "dark": "#0b0d10", "terminal": "#000000"}  # --bg of static/css/tokens.css
ICON_SPRITE = "vendor/lucide/icons.svg"


@lru_cache
def released_map(storage: MinifyingStorage, name: str) -> str:
    return map_text(storage.reachable_from(name))


def map_text(names: Iterable[str]) -> str:
    known = modules()
    found = {name: staticfiles_storage.url(known[name]) for name in sorted(names)}
    return json.dumps({"imports": found}, separators=(",", ":")).replace("<", "\\u003c")


@register.simple_tag(takes_context=True)
def page_script(context: template.Context, name: str) -> SafeString:
    """The import map with the request's nonce, preloads of what `name` needs, and the module itself."""
    known = modules()
    storage = collected()
    text = released_map(storage, name) if storage else map_text(known)
    head = format_html(
        '<script type="importmap" nonce="{}">{}</script>\n', str(context["request"].csp_nonce), mark_safe(text)
    )
    needed = storage.needed_by(name) if storage else (name,)
    first, *others = [staticfiles_storage.url(known[found]) for found in needed]
    preloads = format_html_join(
        "\n", '<link rel="modulepreload" fetchpriority="low" href="{}">', ((path,) for path in others)
    )
    return head + preloads + format_html('\n<script type="module" fetchpriority="low" src="{}"></script>', first)


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """What the person has chosen, else this browser; pages print it, so that nothing flashes."""
    request = context.get("request")
    chosen = getattr(request, "preferences", {}).get("theme") or (request.COOKIES.get("theme") if request else None)
    return chosen if chosen in THEMES else AUTO


@register.filter
def theme_colour(chosen: str) -> str:
    """The ground of a theme that does not follow the system, for the browser's own bars."""
    return GROUNDS[chosen]


@register.simple_tag
def sprite() -> str:
    """The address of the icons, for scripts that make some."""
    return staticfiles_storage.url(ICON_SPRITE)


@register.simple_tag
def icon(name: str, cls: str = "") -> SafeString:
    """One of the sprite's icons, decorative: the word beside it says what it means."""
    url = staticfiles_storage.url(ICON_SPRITE)
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>', f" {cls}" if cls else "", url, name
    )
