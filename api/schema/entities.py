"""The rows of the contract as they go out, each a named shape."""

from api.inputs import FillInput, PositionInput
from api.personal_inputs import PresetInput
from api.schema.inputs import field_shape, kept_shape
from api.schema.rows import row
from api.schema.shapes import MOMENT, NUMBER, TEXT, WHOLE, Shape, closed, many, maybe, named, one_of
from dashboard import models, wire
from dashboard.timeframes import TIMEFRAMES

TRADE_PARTS: dict[str, Shape] = {
    "fills": many(named("Fill", kept_shape(FillInput))),
    "tags": many(TEXT),
    "user_tags": many(TEXT),
    "r_multiple": maybe(NUMBER),
    "mae_pct": maybe(NUMBER),
    "mfe_pct": maybe(NUMBER),
    "stake": maybe(NUMBER),
}
TRADE = row("Trade", wire.TRADE, models.Trade, "A round trip, from its first report to its close.", **TRADE_PARTS)
SNAPSHOT = row(
    "PortfolioSnapshot",
    wire.PORTFOLIO,
    models.Portfolio,
    "What the account was worth at one moment.",
    positions=many(named("Position", kept_shape(PositionInput))),
)
CASH_FLOW = row("CashFlow", wire.CASH_FLOW, models.CashFlow, "Money that came in or went out and is no profit or loss.")
STRATEGY = row("Strategy", wire.STRATEGY, models.Strategy, "A named way of trading, with its limits.")
BOT = row("Bot", wire.BOT, models.Bot, "A program that reports.")
ALERT = row("Alert", wire.ALERT, models.Alert, "Something that a person should know.")
ANNOTATION = row("Annotation", wire.ANNOTATION, models.Annotation, "A person's remark on a chart.")
PERFORMANCE = row("Performance", wire.PERFORMANCE, models.StrategyPerformance, "A strategy in one stretch of time.")
STRATEGY_PERFORMANCE = row(
    "StrategyPerformance", wire.STRATEGY_PERFORMANCE, models.StrategyPerformance, "A strategy in one stretch of time."
)
ACCOUNT = row("Account", wire.ACCOUNT, models.Account, "One book of money.")
KEY = row(
    "Key",
    wire.KEY,
    models.ApiKey,
    "A key of a program, without its secret.",
    scopes=many(one_of(*models.ApiKey.SCOPES)),
    networks=many(TEXT),
)
NEW_KEY = row(
    "NewKey",
    wire.KEY,
    models.ApiKey,
    "A key with its secret, which is shown this once.",
    scopes=many(one_of(*models.ApiKey.SCOPES)),
    networks=many(TEXT),
    token=TEXT,
)
MEMBER = row("Member", wire.MEMBER, models.Membership, "A person and the role in the account.")
INVITATION = row("Invitation", wire.INVITATION, models.Invitation, "A link by which a person becomes a member.")
NEW_INVITATION = row(
    "NewInvitation",
    wire.INVITATION,
    models.Invitation,
    "An invitation with its link, which is shown this once.",
    link=TEXT,
)
PRESET = row(
    "FilterPreset",
    wire.PRESET,
    models.FilterPreset,
    "The filters of a page under a name.",
    filters=field_shape(PresetInput().readers["filters"]),
)
FACTOR = row("Factor", wire.FACTOR, models.Passkey, "A second factor.")
ANYTHING: Shape = {"description": "As it was and as it is then; null where there was nothing."}
AUDIT = row("AuditEntry", wire.AUDIT, models.AuditEntry, "Who did what.", before=ANYTHING, after=ANYTHING)
CANDLE = row("Candle", wire.CANDLE, models.MarketData, "What was traded in one stretch of time.")
CANDLE_OF = {"symbol": TEXT, "exchange": TEXT, "timeframe": one_of(*TIMEFRAMES), "resampled_from": maybe(TEXT)}

FILE = closed(
    {
        "file": TEXT,
        **dict.fromkeys(("created", "updated", "skipped", "stale", "rounded", "rejected_count"), WHOLE),
        "error": maybe(TEXT),
    },
    {"rejected": many(many(TEXT))},
)
IMPORT = row(
    "Import", wire.IMPORT, models.ImportRun, "An import of files.", files=many(TEXT), result={"type": "object"}
)
CHANGE = {"description": "What happened to it, or the names that changed.", "anyOf": [TEXT, many(TEXT)]}
EVENTS = (
    "account_update", "alert", "annotation", "bot_status", "cashflow", "portfolio_update", "risk_update",
    "strategy_update", "trade_executed",
)  # fmt: skip
EVENT = named(
    "Event",
    closed({"s": WHOLE, "type": one_of(*EVENTS), "at": MOMENT, "d": {"type": "object"}}, {"change": CHANGE}),
    "A change of a row, and the whole row after it.",
)

ROWS = {
    wire.TRADE: TRADE,
    wire.PORTFOLIO: SNAPSHOT,
    wire.STRATEGY_PERFORMANCE: STRATEGY_PERFORMANCE,
    wire.ANNOTATION: ANNOTATION,
}
