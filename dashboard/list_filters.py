"""Lists that the address filters by words of its own: pills for each of them, one page of rows at a time."""

import re
from typing import Any

from dashboard.page_filters import PageFilters
from dashboard.pills import MOST_CHOICES, pill
from dashboard.words import WORDS, word

NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


class ListFilters(PageFilters):
    """`coded` names each filter of the list and the group of words that it chooses from."""

    def pills(self) -> list[dict[str, Any]]:
        coded = [(name, [(code, word(group, code)) for code in WORDS[group]]) for name, group in self.coded.items()]
        named = [("strategy", [(name, name) for name in self.known[:MOST_CHOICES]])]
        return [pill(self, name, choices) for name, choices in (*coded, *named) if choices]


def number(text: str) -> int | None:
    """A whole number from 1; None for anything else."""
    return int(text) if NUMBER.fullmatch(text) else None
