"""One symbol of an account: what is held of it, and what its trades came to."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboard.fields import exact_sum
from dashboard.filters import TradeFilters
from dashboard.models import Account, Trade
from dashboard.selectors.allocation import worth
from dashboard.selectors.equity import account_equity
from dashboard.selectors.exposure import exposed
from dashboard.selectors.overview import portfolio_latest
from dashboard.selectors.statistics import trades_stats

ROWS = 50


@dataclass(frozen=True)
class Held:
    """A position as the bot reported it last, or an open trade at its entry price: `trade` is its number then."""

    strategy: str | None
    direction: str
    size: Decimal
    entry_price: Decimal | None
    mark_price: Decimal | None
    stop_loss: Decimal | None
    value: Decimal | None
    unrealized_pnl: Decimal | None
    trade: int | None


@dataclass(frozen=True)
class Asset:
    """The positions of a symbol and the figures of its closed trades, whole and by strategy.

    `long` and `short` are the money on each side, `exposure_pct` their sum in percent of the account's value.
    """

    symbol: str
    source: str | None
    timestamp: datetime | None
    positions: list[Held]
    long: Decimal
    short: Decimal
    exposure_pct: float | None
    unrealized_pnl: Decimal | None
    statistics: dict[str, Any]


def asset(account: Account, symbol: str) -> Asset:
    latest = portfolio_latest(account)
    wanted = TradeFilters.of(account, {"symbol": symbol})
    stats = trades_stats(account, wanted.qs, wanted.key, "strategy")
    source, held = None, []
    if latest is not None and latest["positions"]:
        source, held = "snapshots", [reported(each) for each in latest["positions"] if each["symbol"] == symbol]
    elif stats["open_trades"]:
        source, held = "trades", opened(wanted.qs)
    equity = account_equity(account)
    value = latest["total_value"] if latest is not None else equity.last if len(equity) else None
    sides = exposed(symbol, [each for each in held if each.value is not None], value)
    earned = [each.unrealized_pnl for each in held if each.unrealized_pnl is not None]
    return Asset(
        symbol=symbol,
        source=source if held else None,
        timestamp=latest["timestamp"] if latest is not None and source == "snapshots" else None,
        positions=held,
        long=sides.long,
        short=sides.short,
        exposure_pct=sides.percent if held else None,
        unrealized_pnl=exact_sum(earned) if earned else None,
        statistics=stats,
    )


def reported(position: dict[str, Any]) -> Held:
    def amount(name: str) -> Decimal | None:
        return None if position.get(name) is None else Decimal(position[name])

    value = amount("value")
    return Held(
        strategy=position.get("strategy"),
        direction=position["direction"],
        size=amount("size") or Decimal(0),
        entry_price=amount("entry_price"),
        mark_price=amount("mark_price"),
        stop_loss=amount("stop_loss"),
        value=None if value is None else value.copy_abs(),
        unrealized_pnl=amount("unrealized_pnl"),
        trade=None,
    )


def opened(rows: Any) -> list[Held]:
    columns = ("strategy__name", "direction", "size", "entry_price", "stop_loss", "net_pnl", "id")
    found = rows.filter(status="open").order_by("-entry_time", "-id").values_list(*columns)[:ROWS]
    return [
        Held(strategy, direction, size, price, None, stop, worth(size, price), net_pnl, pk)
        for strategy, direction, size, price, stop, net_pnl, pk in found
    ]


def is_known(account: Account, symbol: str) -> bool:
    """Whether anything of this symbol has been traded or is held."""
    if Trade.objects.filter(account=account, symbol=symbol).exists():
        return True
    latest = portfolio_latest(account)
    return latest is not None and any(each["symbol"] == symbol for each in latest["positions"])
