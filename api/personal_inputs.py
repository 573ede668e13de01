"""What people send about themselves: password, second factors, looks, and filters kept under a name."""

from typing import Any

from rest_framework.exceptions import ValidationError

from api.fields import Choice, Flag, Input, Json, Text, Texts, optional
from api.keyed import ByPage, FilterValues, page_name
from dashboard.models import Alert
from dashboard.services.preferences import THEMES, languages, time_zones


class PasswordInput(Input):
    password = Text(4096, low=0)


class NewPasswordInput(Input):
    old_password = Text(4096, low=0)
    new_password = Text(4096, low=0)


class NameInput(Input):
    name = Text(100)


class AuthenticatorInput(Input):
    """`code` is what the app shows now."""

    name = Text(100)
    code = Text(20)


class PasskeyInput(Input):
    """`credential` is what the browser made, as `PublicKeyCredential.toJSON()` gives it."""

    name = Text(100)
    credential = Json()


class PreferencesInput(Input):
    """Only what is named changes; null goes back to the default."""

    cleared_by_null = frozenset(["theme", "language", "time_zone", "privacy", "filters", "columns"])
    theme = optional(Choice, list(THEMES))
    language = optional(Text, 10)
    time_zone = optional(Text, 50)
    privacy = optional(Flag)
    filters = optional(ByPage, FilterValues())
    columns = optional(ByPage, Texts(50, 50))

    def check(self, clean: dict[str, Any]) -> None:
        if (language := clean.get("language")) is not None and language not in languages():
            raise ValidationError({"language": [f"Must be one of {', '.join(languages())}."]})
        if (zone := clean.get("time_zone")) is not None and zone not in time_zones():
            raise ValidationError({"time_zone": ["Must be UTC or the name of a place, as in Europe/Berlin."]})


class PresetInput(Input):
    page = page_name()
    name = Text(100)
    filters = FilterValues()


class PresetChange(Input):
    name = optional(Text, 100)
    filters = optional(FilterValues)


class DeviceInput(Input):
    own = Flag()


class PushInput(Input):
    """As `PushSubscription.toJSON()` gives it, its keys beside the endpoint; `severity` is the least that is told."""

    endpoint = Text(2000)
    p256dh = Text(100)
    auth = Text(40)
    severity = Choice(list(Alert.Severity.values))


class PushChange(Input):
    severity = Choice(list(Alert.Severity.values))
