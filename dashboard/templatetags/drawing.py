"""Drawings that also live in rows: the heartbeat tape and the excursion glyph."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from dashboard.drawings import glyph as glyph_of
from dashboard.drawings import sign_of
from dashboard.liveness import TICKS

register = template.Library()


@register.simple_tag
def ticks(states: Sequence[str] | None) -> SafeString:
    """The ticks of a tape, older ones paler. A live page changes only their classes."""
    shown = states or ["none"] * TICKS
    return format_html_join(
        "",
        '<rect class="{}" x="{}.1" width=".8" height="10" opacity="{}"/>',
        ((state, index, f"{0.38 + 0.62 * index / (TICKS - 1):.2f}") for index, state in enumerate(shown)),
    )


@register.inclusion_tag("partials/glyph.html", takes_context=True)
def glyph(context: template.Context) -> dict[str, Any]:
    trade = context["scope"]
    places = glyph_of(trade)
    return {"places": places, "sign": sign_of(trade.get("net_pnl") or 0)}
