"""What a row looks like outside: one column list and one function per entity, for API, events, pages and exports.

A column is a path from the row (`strategy.name`); `select` gives the same paths to `values_list`. Values stay Python
values (Decimal, datetime); `dashboard.fields.dumps` writes them.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db.models import Model, QuerySet


class Wire:
    """The outside form of one entity: names, where they come from, and what is derived from the row itself."""

    def __init__(
        self,
        columns: str,
        *,
        renamed: dict[str, str] | None = None,
        derive: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self.names = tuple(columns.split())
        self.paths = tuple((renamed or {}).get(name, name) for name in self.names)
        self.select = tuple(path.replace(".", "__") for path in self.paths)
        self.derive = derive
        self.getters = [getter(path) for path in self.paths]

    def row(self, values: Iterable[Any]) -> dict[str, Any]:
        found = dict(zip(self.names, values, strict=True))
        if self.derive:
            self.derive(found)
        return found

    def instance(self, instance: Model) -> dict[str, Any]:
        return self.row([get(instance) for get in self.getters])

    def rows(self, queryset: QuerySet[Any]) -> list[dict[str, Any]]:
        return [self.row(values) for values in queryset.values_list(*self.select)]


def getter(path: str) -> Callable[[Any], Any]:
    if "." not in path:
        return attrgetter(path)
    first, second = path.split(".")

    def get(instance: Any) -> Any:
        related = getattr(instance, first)
        return None if related is None else getattr(related, second)

    return get


def derive_trade(row: dict[str, Any]) -> None:
    entry, size, long = row["entry_price"], row["size"], row["direction"] == "long"
    row["r_multiple"] = r_multiple(row["net_pnl"], entry, row["initial_stop_loss"], size)
    worst, best = (row["lowest_price"], row["highest_price"]) if long else (row["highest_price"], row["lowest_price"])
    row["mae_pct"] = excursion(entry, worst, long)
    row["mfe_pct"] = excursion(entry, best, long)


def r_multiple(net_pnl: Decimal | None, entry: Decimal | None, stop: Decimal | None, size: Decimal) -> float | None:
    """P&L in units of the risk first taken, |entry - initial stop| x size (Tharp). None without a stop."""
    if net_pnl is None or entry is None or stop is None or entry == stop:
        return None
    return float(net_pnl / (abs(entry - stop) * size))


def excursion(entry: Decimal | None, price: Decimal | None, long: bool) -> float | None:
    """Percent from entry to `price`, positive in the trade's favour (Sweeney 1996)."""
    if not entry or price is None:
        return None
    return float((price - entry if long else entry - price) / entry * 100)


TRADE = Wire(
    "id trade_id rev symbol asset_class strategy bot direction status size leverage entry_price exit_price stop_loss "
    "initial_stop_loss take_profit entry_time exit_time duration_seconds pnl pnl_pct fees slippage funding net_pnl "
    "realized_pnl highest_price lowest_price fills exit_reason signal_type tags user_tags notes extra",
    renamed={"strategy": "strategy.name", "bot": "bot.name"},
    derive=derive_trade,
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
ANNOTATION = Wire("id chart_id date text type color icon author created_at", renamed={"author": "author.username"})
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
ACCOUNT = Wire(
    "slug name kind exchange currency periods_per_year initial_capital", renamed={"currency": "base_currency"}
)


def pick(row: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}
