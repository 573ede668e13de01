"""Input fields of objects whose names are not known before: filters of an address, and values by page."""

from typing import Any

from rest_framework import serializers

from api.fields import Text, refuse

PAGE = r"[a-z]+(?:-[a-z]+)*"
PAGE_OF_ACCOUNT = rf"(?:[a-zA-Z0-9_-]{{1,50}}/)?{PAGE}"


class FilterValues(serializers.Field):
    """What an address asks for: up to 30 names, each with a text or a list of up to 50 texts."""

    MOST, MOST_TEXTS = 30, 50

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name, self.text = Text(40, pattern=r"[a-z][a-z0-9_-]*", say="A name is of a-z 0-9 _ -."), Text(200, low=0)

    def to_internal_value(self, data: Any) -> dict[str, str | list[str]]:
        if not isinstance(data, dict) or len(data) > self.MOST:
            refuse(f"Must be an object of at most {self.MOST} filters.")
        return {self.name.to_internal_value(name): self.value(value) for name, value in data.items()}

    def value(self, value: Any) -> str | list[str]:
        if not isinstance(value, list):
            return self.text.to_internal_value(value)
        if len(value) > self.MOST_TEXTS:
            refuse(f"A list holds at most {self.MOST_TEXTS} texts.")
        return [self.text.to_internal_value(each) for each in value]


class ByPage(serializers.Field):
    """One value for each page that is named, of an account or of all; null forgets the page's."""

    MOST = 20

    def __init__(self, kept: serializers.Field, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        say = "A page is of a-z and inner hyphens, after an account and a slash if it is that account's."
        self.page, self.kept = Text(81, pattern=PAGE_OF_ACCOUNT, say=say), kept

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict) or len(data) > self.MOST:
            refuse(f"Must be an object of at most {self.MOST} pages.")
        return {
            self.page.to_internal_value(page): None if value is None else self.kept.to_internal_value(value)
            for page, value in data.items()
        }


def page_name(**kwargs: Any) -> Text:
    return Text(30, pattern=PAGE, say="A page is of a-z and inner hyphens.", **kwargs)
