"""What programs may send: one closed description for each write of the contract."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from api.fields import (
    Choice,
    Choices,
    Double,
    Exact,
    Flag,
    Input,
    Items,
    Json,
    Moment,
    Networks,
    Rows,
    Text,
    Texts,
    Whole,
    optional,
)
from dashboard.models import Alert, Annotation, ApiKey, Bot, CashFlow, Membership, Trade
from dashboard.timeframes import TIMEFRAMES

IDENT = r"[A-Za-z0-9._:-]+"
IDENT_SAYS = "May hold A-Z a-z 0-9 . _ : - only."
# Candles are at market/<symbol>/ohlcv: a symbol that ends like this could not be told from the list of another one.
SYMBOL = r"(?!.*(?:^|/)\.{0,2}(?:/|$))(?!.*/ohlcv$)[A-Za-z0-9._:/@-]{1,100}"
SYMBOL_SAYS = "May hold A-Z a-z 0-9 . _ : / @ - only, without an empty or dot segment, and must not end in /ohlcv."
CHART = r"(?!\.{1,2}$|import$)[A-Za-z0-9._:-]{1,100}"
CHART_SAYS = "May hold A-Z a-z 0-9 . _ : - only; a dot or two and the word import are taken."
MAX_REV = 10**15
MAX_BATCH = 500


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


class AnnotationChange(Input):
    chart_id = optional(Text, 100, pattern=CHART, say=CHART_SAYS)
    date = optional(Moment)
    text = optional(Text, 1000)
    type = optional(Choice, list(Annotation.Type.values))
    color = optional(Text, 20, low=0, pattern=r"(?:#[0-9A-Fa-f]{6}|[a-z]{1,20})?", say="Must be #rrggbb or a word.")
    icon = optional(Text, 50, low=0, pattern=r"[a-z0-9-]*", say="May hold a-z 0-9 - only.")


class AnnotationInput(AnnotationChange):
    chart_id = Text(100, pattern=CHART, say=CHART_SAYS)
    date = Moment()
    text = Text(1000)
    type = Choice(list(Annotation.Type.values))


class ImportedAnnotation(AnnotationInput):
    """An annotation as an export gives it; what the server decides itself is read and not kept."""

    id = optional(Whole, 1, 10**15)
    author = optional(Text, 150)
    created_at = optional(Moment)
    updated_at = optional(Moment)


class NotesInput(Input):
    notes = optional(Text, 10_000, low=0)
    user_tags = optional(Texts, 20, 100)


class StrategySettingsInput(StrategyInput):
    """What people set; null takes a limit away, where a bot's null only says nothing."""

    cleared_by_null = frozenset(["max_position_size", "max_daily_loss", "max_drawdown", "allocated_capital"])
    enabled = optional(Flag)
    name = None  # type: ignore[assignment]


class KeyInput(Input):
    """`networks` are the addresses and networks it may be used from; none: anywhere."""

    name = Text(100)
    scopes = Choices(list(ApiKey.SCOPES))
    bot = optional(Text, 100)
    networks = optional(Networks, 20)
    expires_at = optional(Moment)
    expires_in_days = optional(Whole, 1, 3650)

    def check(self, clean: dict[str, Any]) -> None:
        if "expires_at" in clean and "expires_in_days" in clean:
            raise ValidationError({"expires_at": ["Give this or expires_in_days."]})


class RoleInput(Input):
    role = Choice(list(Membership.Role.values))


class AccountInput(Input):
    cleared_by_null = frozenset(["initial_capital"])
    name = optional(Text, 100)
    exchange = optional(Text, 100, low=0)
    currency = optional(Text, 20)
    periods_per_year = optional(Whole, 1, 365)
    initial_capital = optional(Exact, positive=True)

    def check(self, clean: dict[str, Any]) -> None:
        if clean.get("periods_per_year", 365) not in (252, 365):
            raise ValidationError({"periods_per_year": [_("Must be 252 or 365.")]})


class NewAccountInput(AccountInput):
    """`slug` names it in addresses, for good. The account of the demo bot is not made here."""

    slug = Text(50)
    kind = optional(Choice, ["live", "paper", "backtest"])


class RemovalInput(Input):
    """`name` is the name of the account, typed to be sure."""

    name = Text(100)
