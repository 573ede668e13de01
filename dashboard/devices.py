"""Sessions and notices as they are shown: what a browser calls itself, in words."""

import re
from typing import Any

from django.utils.translation import gettext as _

from dashboard.models import PersonSession, SecurityNotice

# The first that matches: most browsers also name those that they descend from.
BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
    ("curl", r"^curl/"),
    ("Python", r"^python|^Python"),
)
SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)


def device(user_agent: str) -> str:
    """As `Firefox on Windows`."""
    browser, system = first(BROWSERS, user_agent), first(SYSTEMS, user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown device")


def first(names: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((name for name, pattern in names if re.search(pattern, text)), None)


def session_row(row: PersonSession, current: str | None) -> dict[str, Any]:
    """A session as it goes out; its key never does. `current` is the key of the one that asks."""
    return {
        "id": row.pk,
        "device": device(row.user_agent),
        "address": row.address,
        "begun_at": row.begun_at,
        "seen_at": row.seen_at,
        "current": row.session_id == current,
    }


def notice_row(row: SecurityNotice) -> dict[str, Any]:
    """A notice as it goes out; `actor` is as in the audit log."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "account": row.account and row.account.slug,
        "about": row.about,
        "actor": row.actor,
        "device": device(row.user_agent) if row.user_agent else None,
        "address": row.address,
        "created_at": row.created_at,
        "dismissed": row.dismissed_at is not None,
    }
