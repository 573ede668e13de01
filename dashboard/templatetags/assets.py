"""How pages find their scripts and icons: an import map over every module, preloads, the icon sprite."""

import json
import re
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dashboard.services.preferences import AUTO, THEMES

register = template.Library()

STATIC = Path(settings.BASE_DIR) / "static"
OUTSIDE = {"uplot": "vendor/uplot/uplot.js", "echarts": "vendor/echarts/echarts.js"}
IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?["']([^"']+)["'];""", re.MULTILINE)
ICON_SPRITE = "vendor/lucide/icons.svg"


def modules() -> dict[str, str]:
    """Bare specifier -> path below static, for every module of ours and the libraries they import."""
    own = {f"app/{path.relative_to(STATIC / 'js').as_posix()}": path.relative_to(STATIC).as_posix()
           for path in sorted((STATIC / "js").rglob("*.js"))}  # fmt: skip
    return own | OUTSIDE


@lru_cache(maxsize=1)
def released_map() -> str:
    return map_text()


def map_text() -> str:
    found = {name: staticfiles_storage.url(path) for name, path in modules().items()}
    return json.dumps({"imports": found}, separators=(",", ":")).replace("<", "\\u003c")


@lru_cache(maxsize=64)
def needed_by(name: str) -> tuple[str, ...]:
    """The module and all it imports statically, itself first."""
    known, seen, todo = modules(), [], [name]
    while todo:
        current = todo.pop(0)
        if current in seen:
            continue
        seen.append(current)
        todo += [found for found in IMPORT.findall((STATIC / known[current]).read_text()) if found in known]
    return tuple(seen)


@register.simple_tag(takes_context=True)
def page_script(context: template.Context, name: str) -> SafeString:
    """The import map with the request's nonce, preloads of what `name` needs, and the module itself."""
    known = modules()
    text = map_text() if settings.DEBUG else released_map()
    head = format_html(
        '<script type="importmap" nonce="{}">{}</script>\n', str(context["request"].csp_nonce), mark_safe(text)
    )
    paths = [staticfiles_storage.url(known[found]) for found in needed_by(name)]
    preloads = format_html_join("\n", '<link rel="modulepreload" href="{}">', ((path,) for path in paths[1:]))
    return head + preloads + format_html('\n<script type="module" src="{}"></script>', paths[0])


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """What the person has chosen, else this browser; pages print it, so that nothing flashes."""
    request = context.get("request")
    chosen = getattr(request, "preferences", {}).get("theme") or (request.COOKIES.get("theme") if request else None)
    return chosen if chosen in THEMES else AUTO


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
