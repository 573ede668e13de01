"""What a file says of itself: what it holds, above its rows, and what they come to, below them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboard.exports.tables import Chunks, Row, Table
from dashboard.fields import EXACT

ENDS = ("total", "average", "lowest", "highest")


@dataclass
class Spread:
    """What the values of one column come to: exact sums of money, a double for the mean."""

    count: int = 0
    total: Any = 0
    lowest: Any = None
    highest: Any = None

    def add(self, value: Any) -> None:
        self.count += 1
        both_exact = isinstance(value, Decimal) and not isinstance(self.total, float)
        self.total = EXACT.add(Decimal(self.total), value) if both_exact else float(self.total) + float(value)
        self.lowest = value if self.lowest is None else min(self.lowest, value)
        self.highest = value if self.highest is None else max(self.highest, value)

    @property
    def average(self) -> float | None:
        return float(self.total) / self.count if self.count else None


@dataclass
class Summary:
    """`about` is said above the rows; the rest fills while they pass."""

    table: Table
    about: dict[str, Any]
    counted: int = 0
    spreads: dict[str, Spread] = field(default_factory=dict)

    def watching(self, chunks: Chunks) -> Chunks:
        """The same chunks, counted as they go by."""
        self.spreads = {name: Spread() for name in (*self.table.summed, *self.table.measured)}
        for chunk in chunks:
            for row in filter(self.table.counted, chunk):
                self.add(row)
            yield chunk

    def add(self, row: Row) -> None:
        self.counted += 1
        for name, spread in self.spreads.items():
            if row[name] is not None:
                spread.add(row[name])

    def ends(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """`total`, `average`, `lowest` and `highest`, each by column."""
        for end in ENDS:
            names = self.table.summed if end == "total" else self.spreads
            found = {name: getattr(self.spreads[name], end) for name in names if self.spreads[name].count}
            if found:
                yield end, found


def about(table: Table, account: Any, filters: dict[str, list[str]], at: datetime) -> dict[str, Any]:
    """What a file holds: of which account, when it was made, and by which filters."""
    given = {f"filter {name}": ", ".join(values) for name, values in filters.items()}
    return {
        "account": account.slug,
        "name": account.name,
        "currency": account.base_currency,
        "table": table.name,
        "made": at,
        **given,
    }
