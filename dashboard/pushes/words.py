"""What a push says, in the person's language. It stands on locked screens, so it holds no figure."""

import re
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.models import Alert, PushSubscription
from dashboard.services.preferences import AUTO, preferences_stored
from dashboard.words import word

LONGEST = 120
FIGURE = re.compile(r"\d")


def language(browser: PushSubscription) -> str:
    """As the person has chosen, else as the browser asked when pushes were turned on."""
    chosen: str = preferences_stored(browser.user).get("language", AUTO)
    return browser.language if chosen == AUTO else chosen


def of_alert(browser: PushSubscription, alert: Alert) -> dict[str, str]:
    """An alert. Its title is the bot's own words; where they hold a figure, its kind is all that is said."""
    with translation.override(language(browser)):
        kind = _("%(type)s alert") % {"type": word("alert_type", alert.type)}
        title = kind if FIGURE.search(alert.title) else alert.title[:LONGEST]
        account = alert.account
        return {
            "title": f"{word('severity', alert.severity)}: {title}",
            "body": account.name if account.name else account.slug,
            "tag": f"alert-{alert.pk}",
            "url": f"{reverse('alerts', args=[account.slug])}#alert-{alert.pk}",
        }


def of_many(browser: PushSubscription, alerts: Sequence[Alert]) -> dict[str, str]:
    account = alerts[0].account
    with translation.override(language(browser)):
        title = ngettext("%(count)d new alert", "%(count)d new alerts", len(alerts)) % {"count": len(alerts)}
    return {
        "title": title,
        "body": account.name,
        "tag": f"alerts-{account.slug}",
        "url": reverse("alerts", args=[account.slug]),
    }


def of_test(browser: PushSubscription) -> dict[str, Any]:
    with translation.override(language(browser)):
        return {"title": "BotV2", "body": _("Alerts arrive on this device."), "tag": "test", "url": "/"}
