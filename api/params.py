"""Query parameters: declared per endpoint as a Django form; what is unknown, repeated or bad answers 400 by name."""

from collections.abc import Mapping
from typing import Any

from django import forms

from api.errors import Invalid
from dashboard.filters import Filters
from dashboard.reading import UNPRINTABLE, Reader, Unreadable, flag, moment, text, whole


class Param(forms.Field):
    """One parameter; `about` says in the documentation what it does."""

    def __init__(self, read: Reader, about: str = "", *, default: Any = None, required: bool = False) -> None:
        super().__init__(required=required, help_text=about)
        self.read, self.default = read, default


class ListParam(Param):
    """A parameter that may be given several times."""


class Params(forms.Form):
    """The parameters of one endpoint. `account` belongs to every endpoint and is read elsewhere."""

    def read(self, query: Any, filters: Filters | None = None) -> dict[str, Any]:
        """Return the clean values; raises Invalid naming each bad parameter, those of `filters` among them."""
        errors: dict[str, list[str]] = {} if filters is None else filters.refused()
        clean: dict[str, Any] = {name: field.default for name, field in self.params().items()}
        for name in query:
            if name == "account" or (filters is not None and name in filters.declared_filters):
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
                except Unreadable as error:
                    errors[name] = [str(error)]
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

    start = Param(moment, "From this moment on.")
    end = Param(moment, "Up to and including this moment.")


class Paged(Params):
    limit = Param(whole(1, 1000), "How many rows to give at most.", default=100)
    offset = Param(whole(0, 10**9), "How many rows to pass over.", default=0)


class Cursored(Paged):
    """A list that can also be read on from where a page ended, by its `next_cursor`."""

    cursor = Param(text(4000), "`next_cursor` of the page before, with the same filters and ordering.")

    def check(self, clean: dict[str, Any]) -> None:
        super().check(clean)
        if clean["cursor"] is not None and clean["offset"]:
            raise Invalid({"offset": ["A cursor has its own place; leave offset out."]})


class NoParams(Params):
    """An endpoint without parameters."""


class AtomicParams(Params):
    """`atomic=true`: a list is stored as a whole or not at all."""

    atomic = Param(flag(), "Store the list as a whole or not at all.", default=False)
