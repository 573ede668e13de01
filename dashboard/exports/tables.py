"""What can be exported: which rows, in which order, with which columns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from dashboard import wire
from dashboard.filters import AnnotationFilters, Filters, PerformanceFilters, PortfolioFilters, TradeFilters
from dashboard.selectors.chunks import chunks
from dashboard.wire import Wire

CHUNK = 200

Row = dict[str, Any]
Chunks = Iterator[list[Row]]


@dataclass(frozen=True)
class Table:
    """Rows as the API gives them, in the order of `key`, which is unique and never changes.

    Below them may stand the sums of the columns `summed`, and the mean, the lowest and the highest of these and of the
    columns `measured`, of those rows that are `counted`.
    """

    name: str
    form: Wire
    filters: type[Filters]
    key: str = "pk"
    summed: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()
    counted: Callable[[Row], bool] = lambda row: True

    def chunks(self, rows: QuerySet[Any]) -> Chunks:
        return chunks(rows, self.form, key=self.key, size=CHUNK)


TABLES = (
    Table(
        "trades",
        wire.TRADE,
        TradeFilters,
        summed=("net_pnl", "pnl", "fees", "slippage", "funding", "r_multiple"),
        measured=("stake", "pnl_pct", "duration_seconds", "mae_pct", "mfe_pct"),
        counted=lambda row: row["status"] == "closed",  # as everywhere: what is open is no result yet
    ),
    Table(
        "portfolio",
        wire.PORTFOLIO,
        PortfolioFilters,
        key="timestamp",
        measured=("total_value", "cash_balance", "margin_used", "daily_change", "daily_change_pct", "unrealized_pnl"),
    ),
    Table(
        "performance",
        wire.STRATEGY_PERFORMANCE,
        PerformanceFilters,
        measured=("return_pct", "sharpe_ratio", "max_drawdown", "volatility", "win_rate", "net_pnl"),
    ),
    Table("annotations", wire.ANNOTATION, AnnotationFilters),
)
