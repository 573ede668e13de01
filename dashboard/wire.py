"""What a row looks like outside: one column list and one function per entity, for API, events, pages and exports.

A column is a path from the row (`strategy.name`); `select` gives the same paths to `values_list`. Values stay Python
values (Decimal, datetime); `dashboard.fields.dumps` writes them.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from math import isnan, nan
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import DateTimeField, Model, QuerySet

from analytics.positions import excursions, r_multiple
from dashboard.columns import AsText


class Wire:
    """The outside form of one entity: names, where they come from, and what is derived from the row itself.

    `derive` adds the columns `derived` to the rows; `columns` are all names that a row has then, in their order.
    """

    def __init__(
        self,
        columns: str,
        *,
        renamed: dict[str, str] | None = None,
        derive: Callable[[list[dict[str, Any]]], None] | None = None,
        derived: Sequence[str] = (),
    ) -> None:
        self.names = tuple(columns.split())
        self.columns = (*self.names, *derived)
        self.paths = tuple((renamed or {}).get(name, name) for name in self.names)
        self.select = tuple(path.replace(".", "__") for path in self.paths)
        self.derive = derive
        self.getters = [getter(path) for path in self.paths]

    def finish(self, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if self.derive and found:
            self.derive(found)
        return found

    def row(self, values: Iterable[Any]) -> dict[str, Any]:
        return self.finish([dict(zip(self.names, values, strict=True))])[0]

    def instance(self, instance: Model) -> dict[str, Any]:
        return self.instances([instance])[0]

    def instances(self, instances: Iterable[Model]) -> list[dict[str, Any]]:
        values = ([get(instance) for get in self.getters] for instance in instances)
        return self.finish([dict(zip(self.names, each, strict=True)) for each in values])

    def rows(self, queryset: QuerySet[Any]) -> list[dict[str, Any]]:
        places = [place for place, path in enumerate(self.select) if is_moment(queryset.model, path)]
        if connection.vendor != "sqlite":
            places = []
        # Django parses SQLite's moments in Python; what they are stored as is what C reads.
        select = [AsText(path) if place in places else path for place, path in enumerate(self.select)]
        found = [dict(zip(self.names, values, strict=True)) for values in queryset.values_list(*select)]
        for name in [self.names[place] for place in places]:
            for row in found:
                row[name] = row[name] and datetime.fromisoformat(row[name] + "+00:00")
        return self.finish(found)


def is_moment(model: type[Model], path: str) -> bool:
    return "__" not in path and isinstance(model._meta.get_field(path), DateTimeField)


def getter(path: str) -> Callable[[Any], Any]:
    if "." not in path:
        return attrgetter(path)
    first, second = path.split(".")

    def get(instance: Any) -> Any:
        related = getattr(instance, first)
        return None if related is None else getattr(related, second)

    return get


DERIVED = ("r_multiple", "mae_pct", "mfe_pct", "stake")


def derive_trades(rows: list[dict[str, Any]]) -> None:
    """Add to trades what they risked and how far they went: R, MAE and MFE in percent of the entry price, and the
    stake, which is size times entry price."""
    entry, stop, size = column(rows, "entry_price"), column(rows, "initial_stop_loss"), column(rows, "size")
    side = np.array([1 if row["direction"] == "long" else -1 for row in rows], dtype=np.int64)
    multiples = r_multiple(column(rows, "net_pnl"), entry, stop, size)
    mae, mfe = excursions(entry, column(rows, "lowest_price"), column(rows, "highest_price"), side)
    for name, values in zip(DERIVED, (multiples, mae * 100, mfe * 100, entry * size), strict=True):
        for row, value in zip(rows, values.tolist(), strict=True):
            row[name] = None if isnan(value) else value


def column(rows: Sequence[dict[str, Any]], name: str) -> npt.NDArray[np.float64]:
    return doubles(row[name] for row in rows)


def doubles(values: Iterable[Decimal | None]) -> npt.NDArray[np.float64]:
    """Exact decimals as doubles; NaN for None."""
    return np.array([nan if value is None else float(value) for value in values], dtype=np.float64)


TRADE = Wire(
    "id trade_id rev symbol asset_class strategy bot direction status size leverage entry_price exit_price stop_loss "
    "initial_stop_loss take_profit entry_time exit_time duration_seconds pnl pnl_pct fees slippage funding net_pnl "
    "realized_pnl highest_price lowest_price fills exit_reason signal_type tags user_tags notes extra",
    renamed={"strategy": "strategy.name", "bot": "bot.name"},
    derive=derive_trades,
    derived=DERIVED,
)
PORTFOLIO = Wire(
    "timestamp total_value cash_balance margin_used margin_available daily_change daily_change_pct total_pnl "
    "total_pnl_pct realized_pnl unrealized_pnl positions bot",
    renamed={"bot": "bot.name"},
)
CASH_FLOW = Wire("id flow_id timestamp amount kind note")
STRATEGY = Wire(
    "id name description parameters enabled max_position_size max_daily_loss max_drawdown allocated_capital "
    "created_at updated_at"
)
BOT = Wire("id name version state last_seen expected_interval open_positions lag_ms message")
ALERT = Wire(
    "id type severity title message strategy trade_id status created_at acknowledged_at acknowledged_by resolved_at "
    "resolved_by dedupe_key data",
    renamed={
        "strategy": "strategy.name",
        "trade_id": "trade.trade_id",
        "acknowledged_by": "acknowledged_by.username",
        "resolved_by": "resolved_by.username",
    },
)
ANNOTATION = Wire(
    "id chart_id date text type color icon author created_at updated_at", renamed={"author": "author.username"}
)
IMPORT = Wire("id kind files result created_at undone_at")
CANDLE = Wire("timestamp open high low close volume trades_count vwap")
RISK = Wire(
    "timestamp source periods start end benchmark total_return cagr volatility downside_volatility sharpe_ratio "
    "sortino_ratio calmar_ratio max_drawdown current_drawdown drawdown_duration_days recovery_days var_95 var_99 "
    "cvar_95 cvar_99 beta alpha correlation tracking_error information_ratio profit_factor recovery_factor ulcer_index "
    "omega_ratio tail_ratio skewness kurtosis kelly probabilistic_sharpe deflated_sharpe exposure"
)
PERFORMANCE = Wire(
    "timestamp period equity return_pct sharpe_ratio sortino_ratio max_drawdown volatility total_trades winning_trades "
    "losing_trades win_rate gross_pnl net_pnl"
)
STRATEGY_PERFORMANCE = Wire(f"strategy {' '.join(PERFORMANCE.names)}", renamed={"strategy": "strategy.name"})
ACCOUNT = Wire(
    "slug name kind exchange currency periods_per_year initial_capital", renamed={"currency": "base_currency"}
)
KEY = Wire(
    "id name prefix scopes networks bot created_by created_at expires_at last_used_at last_used_ip",
    renamed={"bot": "bot.name", "created_by": "created_by.username"},
)
MEMBER = Wire("id name role created_at", renamed={"name": "user.username"})
INVITATION = Wire("id role created_by created_at expires_at", renamed={"created_by": "created_by.username"})
PRESET = Wire("id page name filters created_at")
FACTOR = Wire("id name created_at last_used_at")
AUDIT = Wire("id number at actor address request_id action target before after hash")


def pick(row: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}
