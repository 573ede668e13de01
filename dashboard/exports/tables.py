"""What can be exported: which rows, in which order, with which columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from dashboard import wire
from dashboard.filters import AnnotationFilters, Filters, PerformanceFilters, PortfolioFilters, TradeFilters
from dashboard.selectors.chunks import chunks
from dashboard.wire import Wire

CHUNK = 200

Chunks = Iterator[list[dict[str, Any]]]


@dataclass(frozen=True)
class Table:
    """Rows as the API gives them, in the order of `key`, which is unique and never changes."""

    name: str
    form: Wire
    filters: type[Filters]
    key: str = "pk"

    def chunks(self, rows: QuerySet[Any]) -> Chunks:
        return chunks(rows, self.form, key=self.key, size=CHUNK)


TABLES = (
    Table("trades", wire.TRADE, TradeFilters),
    Table("portfolio", wire.PORTFOLIO, PortfolioFilters, key="timestamp"),
    Table("performance", wire.STRATEGY_PERFORMANCE, PerformanceFilters),
    Table("annotations", wire.ANNOTATION, AnnotationFilters),
)
