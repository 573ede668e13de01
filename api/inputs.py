"""What programs may send: one closed description for each write of the contract."""

from typing import Any

from rest_framework.exceptions import ValidationError

from api.fields import Choice, Double, Exact, Flag, Input, Items, Json, Moment, Rows, Text, Texts, Whole, optional
from dashboard.models import Alert, Bot, CashFlow, Trade

IDENT = r"[A-Za-z0-9._:-]+"
IDENT_SAYS = "May hold A-Z a-z 0-9 . _ : - only."
SYMBOL = r"(?!.*(?:^|/)\.{0,2}(?:/|$))[A-Za-z0-9._:/@-]{1,100}"
SYMBOL_SAYS = "May hold A-Z a-z 0-9 . _ : / @ - only, without an empty or dot segment."
TIMEFRAMES = {
    "1m": 60, "3m": 180, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "2h": 7200, "4h": 14400, "6h": 21600,
    "8h": 28800, "12h": 43200, "1d": 86400, "3d": 259200, "1w": 604800,
}  # fmt: skip
MAX_REV = 10**15


def ident(**kwargs: Any) -> Text:
    return Text(100, pattern=IDENT, say=IDENT_SAYS, **kwargs)


def symbol(**kwargs: Any) -> Text:
    return Text(100, pattern=SYMBOL, say=SYMBOL_SAYS, **kwargs)


def direction() -> Choice:
    return Choice(list(Trade.Direction.values))


class FillInput(Input):
    fill_id = ident()
    side = Choice(["buy", "sell"])
    price = Exact(positive=True)
    size = Exact(positive=True)
    fee = optional(Exact)
    time = Moment()


class TradeInput(Input):
    trade_id = ident()
    rev = optional(Whole, 1, MAX_REV)
    symbol = symbol()
    asset_class = optional(Choice, list(Trade.AssetClass.values))
    strategy = optional(Text, 100)
    bot = optional(Text, 100)
    direction = direction()
    size = Exact(positive=True)
    status = Choice(list(Trade.Status.values))
    leverage = optional(Exact, positive=True)
    entry_price = optional(Exact, positive=True)
    exit_price = optional(Exact, positive=True)
    stop_loss = optional(Exact, positive=True)
    take_profit = optional(Exact, positive=True)
    entry_time = optional(Moment)
    exit_time = optional(Moment)
    pnl = optional(Exact)
    pnl_pct = optional(Exact)
    fees = optional(Exact)
    slippage = optional(Exact)
    funding = optional(Exact)
    net_pnl = optional(Exact)
    realized_pnl = optional(Exact)
    highest_price = optional(Exact, positive=True)
    lowest_price = optional(Exact, positive=True)
    exit_reason = optional(Text, 255)
    signal_type = optional(Choice, list(Trade.SignalType.values))
    tags = optional(Texts, 20, 100)
    fills = optional(Items, FillInput, 200)
    extra = optional(Json)

    def check(self, clean: dict[str, Any]) -> None:
        status = clean["status"]
        needed = ["entry_price", "entry_time"] if status in ("open", "closed") else []
        needed += ["exit_price", "exit_time"] if status == "closed" else []
        if missing := [name for name in needed if name not in clean]:
            raise ValidationError({name: [f"A trade that is {status} needs it."] for name in missing})
        if "entry_time" in clean and "exit_time" in clean and clean["exit_time"] < clean["entry_time"]:
            raise ValidationError({"exit_time": ["Must not be before entry_time."]})
        high, low = clean.get("highest_price"), clean.get("lowest_price")
        if high is not None and low is not None and high < low:
            raise ValidationError({"highest_price": ["Must not be below lowest_price."]})
        fills = [fill["fill_id"] for fill in clean.get("fills", [])]
        if len(set(fills)) != len(fills):
            raise ValidationError({"fills": ["Each fill_id stands once."]})


class PositionInput(Input):
    symbol = symbol()
    direction = direction()
    size = Exact(positive=True)
    entry_price = Exact(positive=True)
    mark_price = Exact(positive=True)
    value = Exact()
    unrealized_pnl = Exact()
    asset_class = optional(Choice, list(Trade.AssetClass.values))
    strategy = optional(Text, 100)
    leverage = optional(Exact, positive=True)
    stop_loss = optional(Exact, positive=True)
    liquidation_price = optional(Exact, positive=True)


class SnapshotInput(Input):
    timestamp = Moment()
    total_value = Exact()
    bot = optional(Text, 100)
    cash_balance = optional(Exact)
    margin_used = optional(Exact)
    margin_available = optional(Exact)
    daily_change = optional(Exact)
    daily_change_pct = optional(Exact)
    total_pnl = optional(Exact)
    total_pnl_pct = optional(Exact)
    realized_pnl = optional(Exact)
    unrealized_pnl = optional(Exact)
    positions = optional(Items, PositionInput, 500)


class CashFlowInput(Input):
    """`amount` is positive for money that came in; a withdrawal may be given with either sign."""

    flow_id = ident()
    timestamp = Moment()
    amount = Exact()
    kind = Choice(list(CashFlow.Kind.values))
    note = optional(Text, 1000, low=0)

    def check(self, clean: dict[str, Any]) -> None:
        if clean["amount"] == 0:
            raise ValidationError({"amount": ["Must not be 0."]})
        if clean["kind"] == "deposit" and clean["amount"] < 0:
            raise ValidationError({"amount": ["Must be positive for a deposit."]})
        if clean["kind"] == "withdrawal":
            clean["amount"] = clean["amount"].copy_abs().copy_negate()


class StrategyInput(Input):
    name = Text(100)
    description = optional(Text, 10_000, low=0)
    parameters = optional(Json)
    max_position_size = optional(Exact, positive=True)
    max_daily_loss = optional(Exact, positive=True)
    max_drawdown = optional(Exact, positive=True)
    allocated_capital = optional(Exact, positive=True)


class AlertInput(Input):
    type = Choice(list(Alert.Type.values))
    severity = Choice(list(Alert.Severity.values))
    title = Text(255)
    message = optional(Text, 10_000, low=0)
    strategy = optional(Text, 100)
    trade_id = optional(Text, 100, pattern=IDENT, say=IDENT_SAYS)
    dedupe_key = optional(Text, 100)
    data = optional(Json)  # type: ignore[assignment]


class HeartbeatInput(Input):
    bot = Text(100)
    state = Choice([state for state in Bot.State.values if state != "unknown"])
    version = optional(Text, 100)
    open_positions = optional(Whole, 0, 1_000_000)
    lag_ms = optional(Whole, 0, 2_000_000_000)
    message = optional(Text, 1000, low=0)


class CandleRow(Input):
    timestamp = Moment()
    open = Double(positive=True)
    high = Double(positive=True)
    low = Double(positive=True)
    close = Double(positive=True)
    volume = Double(floor=0)

    def check(self, clean: dict[str, Any]) -> None:
        if clean["high"] < max(clean["open"], clean["close"], clean["low"]):
            raise ValidationError({"high": ["Must be the highest of the four prices."]})
        if clean["low"] > min(clean["open"], clean["close"]):
            raise ValidationError({"low": ["Must be the lowest of the four prices."]})


class SymbolInput(Input):
    symbol = symbol()


class CandlesInput(Input):
    exchange = optional(Text, 100, pattern=IDENT, say=IDENT_SAYS)
    timeframe = Choice(list(TIMEFRAMES))
    candles = Rows(CandleRow, 1000)


class NotesInput(Input):
    notes = optional(Text, 10_000, low=0)
    user_tags = optional(Texts, 20, 100)


class StrategySettingsInput(StrategyInput):
    enabled = optional(Flag)
    name = None  # type: ignore[assignment]
