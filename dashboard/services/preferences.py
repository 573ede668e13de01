"""How a person wants to see the pages. The API always speaks UTC and plain numbers; pages follow these."""

from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from dashboard.models import Preferences
from dashboard.services.outcome import DomainError

AUTO = "auto"
THEMES = (AUTO, "dark", "light", "terminal")
DEFAULTS: dict[str, Any] = {
    "theme": AUTO,
    "language": AUTO,
    "time_zone": "UTC",
    "privacy": False,
    "filters": {},
    "columns": {},
}
MOST_PAGES = {"filters": 200, "columns": 20}  # those of filters are of an account too
REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def languages() -> list[str]:
    """What may be chosen: what the browser asks for, or one of those there are."""
    return [AUTO, *(code for code, _ in settings.LANGUAGES)]


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """UTC and the zones of places."""
    return ("UTC", *sorted(name for name in available_timezones() if name.partition("/")[0] in REGIONS and "/" in name))


def preferences_stored(user: Any) -> dict[str, Any]:
    """What the person has chosen, and nothing else."""
    found = Preferences.objects.filter(user=user).values_list("chosen", flat=True).first()
    return found or {}


def preferences_complete(chosen: dict[str, Any]) -> dict[str, Any]:
    """With the defaults for what was not chosen, or is not to be had any more."""
    found = {**DEFAULTS, **chosen}
    if found["language"] not in languages():
        found["language"] = AUTO
    if found["time_zone"] not in time_zones():
        found["time_zone"] = "UTC"
    return found


@transaction.atomic
def preferences_change(*, user: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Change what is named, by page where it is kept by page; None goes back to the default. Returns what is chosen."""
    Preferences.objects.get_or_create(user=user)
    row = Preferences.objects.select_for_update().get(user=user)
    for name, value in values.items():
        if name in MOST_PAGES and value is not None:
            merged = {**row.chosen.get(name, {}), **value}
            value = {page: kept for page, kept in merged.items() if kept is not None}
            if len(value) > MOST_PAGES[name]:
                raise DomainError({name: [_("At most {most} pages are kept.").format(most=MOST_PAGES[name])]})
        row.chosen[name] = value
    row.chosen = {name: value for name, value in row.chosen.items() if value is not None}
    row.save(update_fields=["chosen"])
    chosen: dict[str, Any] = row.chosen
    return chosen
