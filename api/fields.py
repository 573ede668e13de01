"""Input fields: each reads one JSON value, exactly, or raises ValidationError saying what it must be.

They are DRF fields, so that the schema can describe them, but they are read without DRF's per-item machinery
(`Input.read`), which costs more than the database does.
"""

import math
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from ipaddress import ip_network
from typing import Any, ClassVar, NoReturn

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from dashboard import reading
from dashboard.reading import UNPRINTABLE, Unreadable

MAX_JSON = 16_384


def refuse(message: str) -> NoReturn:
    raise ValidationError([message])


class Text(serializers.Field):
    """A string of `low`..`high` characters without NUL or lone surrogates; `pattern` must match as a whole."""

    def __init__(self, high: int, *, low: int = 1, pattern: str | None = None, say: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reader = reading.text(high, low=low, pattern=pattern, say=say)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            refuse(_("Must be text."))
        try:
            return self.reader.read(data)
        except Unreadable as error:
            refuse(str(error))


class Choice(serializers.Field):
    def __init__(self, choices: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices = choices

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            refuse(_("Must be one of {choices}.").format(choices=", ".join(self.choices)))
        return data


class Choices(Choice):
    """A list of one or more of them, each once."""

    def to_internal_value(self, data: Any) -> list[str]:  # type: ignore[override]
        if not isinstance(data, list) or not data:
            refuse(_("Must be a list of {choices}.").format(choices=", ".join(self.choices)))
        found = [super(Choices, self).to_internal_value(value) for value in data]
        if len(set(found)) < len(found):
            refuse(_("Each stands once."))
        return found


class Exact(serializers.Field):
    """A decimal with up to 18 digits before and 18 after the point, as a JSON number or text in plain notation."""

    def __init__(self, *, positive: bool = False, floor: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.positive, self.floor = positive, floor

    def to_internal_value(self, data: Any) -> Decimal:
        try:
            value = reading.read_exact(data)
        except Unreadable as error:
            refuse(str(error))
        if self.positive and value <= 0:
            refuse(_("Must be greater than 0."))
        if self.floor is not None and value < self.floor:
            refuse(_("Must be {least} or more.").format(least=self.floor))
        return value


class Double(Exact):
    """A number that is stored in double precision."""

    def to_internal_value(self, data: Any) -> float:  # type: ignore[override]
        value = float(super().to_internal_value(data))
        return value if math.isfinite(value) else refuse(_("Must be finite."))


class Whole(serializers.Field):
    def __init__(self, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.low, self.high = low, high

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int) or not self.low <= data <= self.high:
            refuse(_("Must be a whole number from {low} to {high}.").format(low=self.low, high=self.high))
        return data


class Flag(serializers.Field):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            refuse(_("Must be true or false."))
        return data


class Moment(serializers.Field):
    """ISO-8601 with an explicit offset, from 1970 to 24 hours ahead."""

    def to_internal_value(self, data: Any) -> datetime:
        try:
            return reading.read_moment(data, now_of(self))
        except Unreadable as error:
            refuse(str(error))


def now_of(field: serializers.Field) -> datetime | None:
    """The time that the input around a field is judged at."""
    parent = field.parent
    return parent.now if isinstance(parent, Input) else None


class Texts(serializers.Field):
    """A list of up to `count` texts; doubles are given once."""

    def __init__(self, count: int, high: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count, self.text = count, Text(high)

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list) or len(data) > self.count:
            refuse(_("Must be a list of at most {count} texts.").format(count=self.count))
        return list(dict.fromkeys(self.text.to_internal_value(value) for value in data))


class Networks(Texts):
    """A list of up to `count` IP addresses and networks, in their canonical form."""

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(count, 50, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        return list(dict.fromkeys(network_of(text) for text in super().to_internal_value(data)))


def network_of(text: str) -> str:
    try:
        found = ip_network(text)
    except ValueError:
        refuse(f"{text} is not an IP address or network, as in 203.0.113.7 or 10.0.0.0/8.")
    return str(found.network_address) if found.num_addresses == 1 else str(found)


class Json(serializers.Field):
    """A JSON object of at most 16 KiB, without NUL or lone surrogates anywhere."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            refuse(_("Must be an object."))
        if walk(data) > MAX_JSON:
            refuse(_("Must not be larger than {most} characters.").format(most=MAX_JSON))
        return data


def walk(value: Any) -> int:
    """The rough size of a JSON value; raises ValidationError where text cannot be stored."""
    if isinstance(value, str):
        if UNPRINTABLE.search(value):
            refuse(_("Must not hold NUL or lone surrogates."))
        return len(value) + 2
    if isinstance(value, dict):
        return 2 + sum(walk(name) + walk(inner) + 2 for name, inner in value.items())
    if isinstance(value, list):
        return 2 + sum(walk(inner) + 1 for inner in value)
    if value is None or isinstance(value, bool | int | Decimal):
        return len(str(value))
    refuse(_("Numbers must be in plain notation with at most 18 digits before and 18 after the point."))


class Items(serializers.Field):
    """A list of up to `count` objects, each read by an `Input`; `keep` turns a clean one into what is stored."""

    def __init__(self, make: Callable[[], "Input"], count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.make, self.count = make, count
        self.reader: Input | None = None

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        if not isinstance(data, list) or len(data) > self.count:
            refuse(_("Must be a list of at most {count} objects.").format(count=self.count))
        self.reader = self.reader or self.make()
        self.reader.now = now_of(self)
        found = []
        for index, value in enumerate(data):
            clean, errors = self.reader.read(value)
            if errors:
                raise ValidationError({f"{index}.{name}": messages for name, messages in errors.items()})
            found.append({name: stored(value) for name, value in clean.items()})
        return found


class Rows(Items):
    """A list of up to `count` lists, whose places are the fields of an `Input`; read as tuples in that order."""

    def to_internal_value(self, data: Any) -> list[tuple[Any, ...]]:  # type: ignore[override]
        if not isinstance(data, list) or not 1 <= len(data) <= self.count:
            refuse(f"Must be a list of 1 to {self.count} rows.")
        self.reader = self.reader or self.make()
        self.reader.now = now_of(self)
        names = list(self.reader.readers)
        found = []
        for index, row in enumerate(data):
            if not isinstance(row, list) or len(row) != len(names):
                raise ValidationError({str(index): [f"Must be [{', '.join(names)}]."]})
            clean, errors = self.reader.read(dict(zip(names, row, strict=True)))
            if errors:
                raise ValidationError({f"{index}.{name}": messages for name, messages in errors.items()})
            found.append(tuple(clean[name] for name in names))
        return found


def stored(value: Any) -> Any:
    """A clean value as it is kept inside JSON."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


class Input(serializers.Serializer[Any]):
    """A closed object: unknown fields are refused, null is the same as absent but for those that it clears."""

    now: datetime | None = None
    cleared_by_null: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.readers = dict(self.fields.items())
        self.needed = [name for name, field in self.readers.items() if field.required]

    def read(self, data: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the clean values and the errors by field; one of the two is empty or both describe a part."""
        if not isinstance(data, dict):
            return {}, {"body": [_("Must be an object.")]}
        clean: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        refused: set[str] = set()
        for name, value in data.items():
            field = self.readers.get(name)
            if field is None:
                errors[printable(name)] = [_("There is no such field.")]
            elif value is not None:
                try:
                    clean[name] = field.to_internal_value(value)
                except ValidationError as error:
                    refused.add(name)
                    collect(errors, name, error.detail)
            elif name in self.cleared_by_null:
                clean[name] = None
        for name in self.needed:
            if name not in clean and name not in refused:
                errors[name] = [_("This field is required.")]
        if not errors:
            try:
                self.check(clean)
            except ValidationError as error:
                collect(errors, "body", error.detail)
        return clean, errors

    def check(self, clean: dict[str, Any]) -> None:
        """Rules over several fields; raise ValidationError({field: [why]})."""


def collect(errors: dict[str, Any], name: str, detail: Any) -> None:
    if isinstance(detail, dict):
        before = "" if name == "body" else f"{name}."
        errors.update({f"{before}{inner}": messages for inner, messages in detail.items()})
    else:
        errors[name] = detail


def printable(name: str) -> str:
    return UNPRINTABLE.sub("\ufffd", name)[:100]


def optional(field: type[serializers.Field], *args: Any, **kwargs: Any) -> serializers.Field:
    return field(*args, required=False, allow_null=True, **kwargs)
