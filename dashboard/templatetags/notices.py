"""The notices that a person has not dismissed, on every page."""

from typing import Any

from django import template

from dashboard.devices import notice_row
from dashboard.selectors.notices import SHOWN, notices_open
from dashboard.words import word

register = template.Library()
SPELT_OUT = 3


@register.inclusion_tag("partials/notices.html", takes_context=True)
def security_notices(context: template.Context) -> dict[str, Any]:
    """A bar with the newest few; `more` counts the rest."""
    rows = [spelt(notice_row(row)) for row in notices_open(context["request"].user)]
    account = context.get("account")
    return {
        "notices": rows[:SPELT_OUT],
        "more": len(rows) - SPELT_OUT if len(rows) > SPELT_OUT else 0,
        "and_more": len(rows) == SHOWN,
        "account": account,
        "zone": context.get("zone"),
        "now": context.get("now"),
        "money_places": context.get("money_places"),
        "csrf_token": context.get("csrf_token"),
    }


def spelt(row: dict[str, Any]) -> dict[str, Any]:
    """With its words: what happened, and where."""
    where = ", ".join(part for part in (row["about"], row["device"], row["address"]) if part)
    return {**row, "title": word("notice", row["kind"]), "where": where}
