"""What a table is sorted by: it lives in the address, and the heads of the columns are links that change it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.http import QueryDict

from dashboard.page_filters import PageFilters

Row = dict[str, Any]


class Order:
    """The column that the address asks for by `parameter`: its name, after a minus if the largest is to come first.

    `ranks` are the values of columns that are words, the least first.
    """

    def __init__(
        self,
        query: QueryDict,
        names: Collection[str],
        natural: str,
        parameter: str = "ordering",
        ranks: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.natural, self.parameter, self.ranks = natural, parameter, ranks or {}
        asked = query.get(parameter, "")
        self.chosen = asked if asked.removeprefix("-") in names else natural
        self.name, self.down = self.chosen.removeprefix("-"), self.chosen.startswith("-")

    @property
    def parameters(self) -> dict[str, str]:
        return {} if self.chosen == self.natural else {self.parameter: self.chosen}

    def head(self, asked: PageFilters, name: str, *, falling: bool, title: str = "") -> dict[str, Any]:
        """A sortable head: a click sorts by it, `falling` if the largest is to come first; another click turns it."""
        mine = self.name == name
        to = f"-{name}" if (not self.down if mine else falling) else name
        return {
            "name": name,
            "title": title,
            "sorted": ("descending" if self.down else "ascending") if mine else None,
            "url": asked.link(**{self.parameter: None if to == self.natural else to}),
        }

    def sorted(self, rows: Sequence[Row]) -> list[Row]:
        """The rows in this order; what is not known comes last either way."""
        known = [row for row in rows if row[self.name] is not None]
        known.sort(key=lambda row: self.sortable(row[self.name]), reverse=self.down)
        return known + [row for row in rows if row[self.name] is None]

    def sortable(self, value: Any) -> Any:
        if self.name in self.ranks:
            return self.ranks[self.name].index(value)
        return value.casefold() if isinstance(value, str) else value
