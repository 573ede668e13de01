"""Drawings that also live in rows, the heartbeat tape and the excursion glyph, and the panel of a chart."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from dashboard.drawings import glyph as glyph_of
from dashboard.drawings import sign_of
from dashboard.drawings import sparkline as sparkline_of
from dashboard.fields import dumps
from dashboard.liveness import TICKS

register = template.Library()

FILES = (
    ("png", _("Picture (PNG)")),
    ("svg", _("Drawing (SVG)")),
    ("csv", _("Figures (CSV)")),
    ("json", _("Data (JSON)")),
)


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


@register.inclusion_tag("partials/spark.html")
def sparkline(kind: str, values: Sequence[Any], width: int = 72, height: int = 36) -> dict[str, Any]:
    """How something went, as `line`, `area`, `bar` or `win_loss`; decorative beside the figure that says it."""
    return {"spark": sparkline_of(kind, values, width, height), "signed": kind == "win_loss"}


@register.inclusion_tag("partials/chart.html", takes_context=True)
def chart(
    context: template.Context, name: str, kind: str, title: str, source: str, chart_id: str = "", **options: Any
) -> dict[str, Any]:
    """The panel of a chart: `kind` is known to static/js/charts/registry.js, `source` is what it asks the API.

    Options: `unit` and `note` beside the title, `empty` says what to do while there is nothing to draw, `events` are
    the types of events after which it asks again, `appends` the one whose row it adds by itself, `cls` for the layout,
    `switch` the links of other addresses of the page that this chart asks differently in, `shows` what is switched on
    besides, `chart_id` what annotations are kept under if that is not its name, `of` the numbers of the strategies that
    it is of where the address does not say it, `focus` what it is about: moments, prices and stretches to be marked.
    """
    if options.get("focus"):
        options["focus"] = dumps(options["focus"]).decode()
    shown = {"name": name, "kind": kind, "title": title, "source": source, "chart_id": chart_id or name}
    files = [{"code": code, "title": title} for code, title in FILES]
    return {**shown, "formats": files, "operates": context.get("operates"), **options}
