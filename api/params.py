"""Query parameters: declared per endpoint as a Django form; what is unknown, repeated or bad answers 400 by name."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from rest_framework.exceptions import ValidationError

from api.errors import Invalid
from api.fields import UNPRINTABLE, Exact, Text, read_moment

NUMBER = re.compile(r"[0-9]{1,16}", re.ASCII)


class Param(forms.Field):
    """One parameter, read by a function from text that raises DRF's ValidationError."""

    def __init__(self, read: Any, *, default: Any = None, required: bool = False) -> None:
        super().__init__(required=required)
        self.read, self.default = read, default


class ListParam(Param):
    """A parameter that may be given several times."""


def whole(low: int, high: int) -> Any:
    def read(text: str) -> int:
        if not NUMBER.fullmatch(text) or not low <= int(text) <= high:
            raise ValidationError([f"Must be a whole number from {low} to {high}."])
        return int(text)

    return read


def choice(*choices: str) -> Any:
    def read(text: str) -> str:
        if text not in choices:
            raise ValidationError([f"Must be one of {', '.join(choices)}."])
        return text

    return read


def moment(text: str) -> Any:
    # A + in an address is a blank once decoded.
    return read_moment(re.sub(r" (?=\d{2}:\d{2}\Z)", "+", text), None)


def money(text: str) -> Any:
    return Exact().to_internal_value(text)


def text(high: int, **kwargs: Any) -> Any:
    return Text(high, **kwargs).to_internal_value


class Params(forms.Form):
    """The parameters of one endpoint. `account` belongs to every endpoint and is read elsewhere."""

    def read(self, query: Any) -> dict[str, Any]:
        """Return the clean values; raises Invalid naming each bad parameter."""
        errors: dict[str, list[str]] = {}
        clean: dict[str, Any] = {name: field.default for name, field in self.params().items()}
        for name in query:
            if name == "account":
                continue
            field = self.params().get(name)
            values = query.getlist(name)
            if field is None:
                errors[UNPRINTABLE.sub("\ufffd", name)[:100]] = ["There is no such parameter."]
            elif len(values) > 1 and not isinstance(field, ListParam):
                errors[name] = ["Give it once."]
            else:
                try:
                    found = [field.read(value) for value in values]
                    clean[name] = found if isinstance(field, ListParam) else found[0]
                except ValidationError as error:
                    errors[name] = [str(message) for message in error.detail]
        for name, field in self.params().items():
            if field.required and clean[name] is None and name not in errors:
                errors[name] = ["This parameter is required."]
        if errors:
            raise Invalid(errors)
        self.check(clean)
        return clean

    def params(self) -> Mapping[str, Any]:
        return self.fields

    def check(self, clean: dict[str, Any]) -> None:
        start, end = clean.get("start"), clean.get("end")
        if start is not None and end is not None and end < start:
            raise Invalid({"end": ["Must not be before start."]})


class Range(Params):
    """A stretch of time, `start` and `end` included."""

    start = Param(moment)
    end = Param(moment)


class Paged(Params):
    limit = Param(whole(1, 1000), default=100)
    offset = Param(whole(0, 10**9), default=0)


class NoParams(Params):
    """An endpoint without parameters."""


class AtomicParams(Params):
    """`atomic=true`: a list is stored as a whole or not at all."""

    atomic = Param(lambda text: choice("true", "false")(text) == "true", default=False)
