"""What a bot may say of each thing it reports, as the HTTP contract names it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypedDict

Number = Decimal | str | int | float
Moment = datetime | str

Direction = Literal["long", "short"]
TradeStatus = Literal["pending", "open", "closed", "cancelled"]
AssetClass = Literal["crypto", "forex", "stocks", "commodities"]
SignalType = Literal["manual", "auto", "ai"]
State = Literal["running", "paused", "stopped", "error"]
Severity = Literal["info", "warning", "error", "critical"]
AlertType = Literal["risk", "trade", "system", "performance"]
FlowKind = Literal["deposit", "withdrawal", "fee", "funding", "adjustment"]


class Fill(TypedDict, total=False):
    fill_id: str
    side: Literal["buy", "sell"]
    price: Number
    size: Number
    fee: Number | None
    time: Moment


class TradeChange(TypedDict, total=False):
    """What may change while a trade lives."""

    rev: int | None
    asset_class: AssetClass | None
    strategy: str | None
    bot: str | None
    leverage: Number | None
    stop_loss: Number | None
    take_profit: Number | None
    pnl: Number | None
    pnl_pct: Number | None
    fees: Number | None
    slippage: Number | None
    funding: Number | None
    net_pnl: Number | None
    realized_pnl: Number | None
    highest_price: Number | None
    lowest_price: Number | None
    exit_reason: str | None
    signal_type: SignalType | None
    tags: Sequence[str] | None
    fills: Sequence[Fill] | None
    extra: Mapping[str, Any] | None


class Trade(TradeChange, total=False):
    symbol: str | None
    direction: Direction | None
    size: Number | None
    status: TradeStatus | None
    entry_price: Number | None
    entry_time: Moment | None
    exit_price: Number | None
    exit_time: Moment | None


class Position(TypedDict, total=False):
    symbol: str
    direction: Direction
    size: Number
    entry_price: Number
    mark_price: Number
    value: Number
    unrealized_pnl: Number
    asset_class: AssetClass | None
    strategy: str | None
    leverage: Number | None
    stop_loss: Number | None
    liquidation_price: Number | None


class Snapshot(TypedDict, total=False):
    timestamp: Moment | None
    bot: str | None
    cash_balance: Number | None
    margin_used: Number | None
    margin_available: Number | None
    daily_change: Number | None
    daily_change_pct: Number | None
    total_pnl: Number | None
    total_pnl_pct: Number | None
    realized_pnl: Number | None
    unrealized_pnl: Number | None
    positions: Sequence[Position] | None


class Strategy(TypedDict, total=False):
    description: str | None
    parameters: Mapping[str, Any] | None
    max_position_size: Number | None
    max_daily_loss: Number | None
    max_drawdown: Number | None
    allocated_capital: Number | None


class Alert(TypedDict, total=False):
    message: str | None
    strategy: str | None
    trade_id: str | None
    dedupe_key: str | None
    data: Mapping[str, Any] | None


class Heartbeat(TypedDict, total=False):
    bot: str | None
    version: str | None
    open_positions: int | None
    lag_ms: int | None
    message: str | None
