"""What each endpoint answers, where no type of a selector says it."""

from dataclasses import fields
from typing import get_type_hints

from analytics.trades import TradeStatistics
from api.schema import entities
from api.schema.entities import ALERT, ANNOTATION, CANDLE, CANDLE_OF, EVENT, SNAPSHOT, STRATEGY, TRADE
from api.schema.rows import row
from api.schema.shapes import (
    DAY,
    FLAG,
    JSON,
    MOMENT,
    MONEY,
    NUMBER,
    TEXT,
    WHOLE,
    Shape,
    closed,
    many,
    maybe,
    one_of,
    record,
    shape_of,
)
from dashboard import models, wire
from dashboard.selectors import asset, moment, performance, risk, statistics
from dashboard.services.outcome import STATUSES
from dashboard.services.preferences import THEMES

RATIO = maybe(NUMBER)
SUM = maybe(MONEY)
ROLE = one_of(*models.Membership.Role.values)
HINTS = get_type_hints(TradeStatistics)
FIGURES = {each.name: shape_of(HINTS[each.name]) for each in fields(TradeStatistics)} | {"total_fees": MONEY}


def page(name: str, shape: Shape, **more: Shape) -> Shape:
    """A page of a list, its rows under `name`."""
    place = {"total": WHOLE, "limit": WHOLE, "offset": WHOLE, "has_more": FLAG, "next_cursor": maybe(TEXT)}
    return closed({name: many(shape), **place, **more})


def counted(name: str, shape: Shape, **more: Shape) -> Shape:
    return closed({name: many(shape), "count": WHOLE, **more})


def single(item: Shape) -> Shape:
    """What became of one object; `seq` is the number of its event, null if nothing changed."""
    return closed({"status": one_of(*STATUSES[:4]), "seq": maybe(WHOLE), "item": maybe(item)})


def batch(ident: str) -> Shape:
    """What became of each object of a list."""
    summary = record("Summary", "How many items came to what.", **dict.fromkeys(STATUSES, WHOLE))
    number = maybe(WHOLE) if ident == "id" else {"type": ["string", "integer", "null"]}
    errors = {"type": "object", "additionalProperties": many(TEXT)}
    item = {"index": WHOLE, ident: number, "status": one_of(*STATUSES), "seq": maybe(WHOLE), "errors": errors}
    return closed({"summary": summary, "items": many(closed(item))})


LINE = row(
    "AccountLine",
    wire.ACCOUNT,
    models.Account,
    "An account, my role in it and how it does.",
    role=TEXT,
    value=SUM,
    daily_change=SUM,
    total_pnl=SUM,
    max_drawdown_pct=RATIO,
    current_drawdown_pct=RATIO,
    open_trades=WHOLE,
    bots=WHOLE,
    running=WHOLE,
    last_seen=maybe(MOMENT),
    active_alerts=WHOLE,
)
ME = record(
    "Me",
    "Who asks, and what that allows where.",
    kind=one_of("person", "program"),
    name=TEXT,
    accounts=many(closed({"slug": TEXT, "name": TEXT, "role": TEXT})),
    has_password=FLAG,
    confirmed_until=maybe(MOMENT),
)
BY_NAME = many(closed({"name": TEXT, "net_pnl": MONEY, "trades": WHOLE}))
PERIOD = closed(
    {"name": one_of("today", "week", "month"), "trades": WHOLE, "win_rate": RATIO}
    | dict.fromkeys(("closed_pnl", "open_pnl", "total_pnl"), MONEY)
)
SUMMARY = record(
    "AccountFigures",
    "The figures of an account.",
    value=SUM,
    value_source=maybe(one_of("snapshots", "trades")),
    as_of=maybe(MOMENT),
    daily_change=SUM,
    daily_change_pct=RATIO,
    total_pnl=SUM,
    total_pnl_pct=RATIO,
    since=maybe(MOMENT),
    until=maybe(MOMENT),
    **{name: FIGURES[name] for name in ("total_trades", "winning_trades", "losing_trades", "breakeven_trades")},
    **{name: FIGURES[name] for name in ("win_rate", "profit_factor", "expectancy", "total_fees")},
    sharpe_ratio=RATIO,
    sharpe_periods=WHOLE,
    max_drawdown_pct=RATIO,
    current_drawdown_pct=RATIO,
    open_trades=WHOLE,
    all_open_trades=WHOLE,
    unrealized_pnl=MONEY,
    periods=many(PERIOD),
    exposure=maybe(closed(dict.fromkeys(("long_pct", "short_pct", "cash_pct"), RATIO))),
    daily=closed({"dates": many(DAY), "net_pnl": many(MONEY)}),
    by_symbol=BY_NAME,
    by_strategy=BY_NAME,
    waterfall=closed(dict.fromkeys(("gross_wins", "gross_losses", "fees", "realised", "open", "total"), MONEY)),
)
BOT_TAPE = row("BotTape", wire.BOT, models.Bot, "A bot and its heartbeats of the last day.", beats=many(WHOLE))
MINE = row("AccountRole", wire.ACCOUNT, models.Account, "An account and my role in it.", role=TEXT)
PREVIEW = record(
    "ImportPreview",
    "What importing a file would do, and its first rows.",
    file=TEXT,
    created=WHOLE,
    updated=WHOLE,
    skipped=WHOLE,
    stale=WHOLE,
    rounded=WHOLE,
    rejected=many({"type": "array", "prefixItems": [TEXT, TEXT], "minItems": 2, "items": False}),
    rejected_count=WHOLE,
    error=maybe(TEXT),
    columns=many(TEXT),
    first=many(many(maybe(TEXT))),
)
START = record(
    "Snapshot",
    "What a page or a program needs to start; the log is read on from `seq`.",
    account=MINE,
    epoch=TEXT,
    seq=WHOLE,
    server_time=MOMENT,
    portfolio=maybe(SNAPSHOT),
    summary=SUMMARY,
    strategies=many(STRATEGY),
    open_trades=many(TRADE),
    recent_trades=many(TRADE),
    alerts=many(ALERT),
    annotations=many(ANNOTATION),
    bots=many(BOT_TAPE),
)
HISTORY = counted("snapshots", SNAPSHOT, start=maybe(MOMENT), end=maybe(MOMENT), has_more=FLAG, next_cursor=maybe(TEXT))
EQUITY = record(
    "Equity",
    "The value and its drawdown as a fraction at the same moments, and what the benchmark made of the first value.",
    timestamps=many(MOMENT),
    equity=many(MONEY),
    drawdown=many(RATIO),
    benchmark=maybe(many(RATIO)),
    start_value=SUM,
    end_value=SUM,
    return_pct=RATIO,
    source=maybe(one_of("snapshots", "trades")),
)
DETAIL = row(
    "TradeDetail",
    wire.TRADE,
    models.Trade,
    "A trade, and where its MAE and MFE come from.",
    **entities.TRADE_PARTS,
    excursions_from=maybe(one_of("reported", "candles")),
)
RECENT = counted("trades", TRADE, since=MOMENT, has_more=FLAG, next_cursor=maybe(TEXT))
SPREAD = [
    closed({"total": total, "average": RATIO, "lowest": end, "highest": end})
    for total, end in ((RATIO, RATIO), (MONEY, SUM))
]
GROUP = record("GroupStatistics", "", name=TEXT, **FIGURES)
STATS = record(
    "TradeStatistics",
    "What closed trades came to, of net P&L; open ones apart.",
    **FIGURES,
    open_trades=WHOLE,
    unrealized_pnl=MONEY,
    columns=closed({name: SPREAD[name in ("net_pnl", "fees")] for name in ("net_pnl", "fees", *statistics.SPREAD)}),
    groups=many(GROUP),
)
COMPARED = shape_of(
    performance.Compared,
    strategy=STRATEGY,
    performance=closed({"equity": SUM} | dict.fromkeys(performance.RATIOS, RATIO) | FIGURES),
)
HAPPENED = {
    "closed": entities.TRADE,
    "opened": entities.TRADE,
    "flows": entities.CASH_FLOW,
    "annotations": entities.ANNOTATION,
    "alerts": entities.ALERT,
}
MOMENT_OF = shape_of(
    moment.Moment, **{name: closed({"rows": many(shape), "total": WHOLE}) for name, shape in HAPPENED.items()}
)
ASSET = shape_of(asset.Asset, statistics=STATS)
COMPARISON = shape_of(performance.Comparison, strategies=many(COMPARED))
RISK = record(
    "RiskMetrics",
    "Every figure of risk; what is not defined is null.",
    source=maybe(TEXT),
    benchmark=maybe(TEXT),
    start=maybe(MOMENT),
    end=maybe(MOMENT),
    **{name: WHOLE if name == "periods" else RATIO for name in risk.NAMES},
    value=SUM,
    **{f"{name}_money": RATIO for name in risk.IN_MONEY},
)
SYMBOL = closed({"symbol": TEXT, "exchange": TEXT, "timeframes": many(TEXT), "first": MOMENT, "last": MOMENT})
LATEST = row("LatestCandle", wire.CANDLE, models.MarketData, "", **CANDLE_OF, partial=FLAG)
CANDLES = counted("candles", CANDLE, **CANDLE_OF, partial=FLAG)
RECORDED = closed({"summary": closed(dict.fromkeys(("created", "updated", "duplicate"), WHOLE)), "count": WHOLE})
LOG = closed({"account": TEXT, "epoch": TEXT, "head": WHOLE, "floor": WHOLE, "events": many(EVENT)})
SESSION = record(
    "Session",
    "Where I am signed in; `current` is the session that asks.",
    id=WHOLE,
    device=TEXT,
    address=maybe(TEXT),
    begun_at=MOMENT,
    seen_at=MOMENT,
    current=FLAG,
)
SESSIONS = closed({"sessions": many(SESSION)})
ENDED = closed({"ended": WHOLE})
NOTICE = record(
    "SecurityNotice",
    "What I was told of; `actor` is as in the audit log.",
    id=WHOLE,
    kind=one_of(*models.SecurityNotice.Kind.values),
    account=maybe(TEXT),
    about=TEXT,
    actor=TEXT,
    device=maybe(TEXT),
    address=maybe(TEXT),
    created_at=MOMENT,
    dismissed=FLAG,
)
NOTICES = closed({"notices": many(NOTICE)})
DISMISSED = closed({"dismissed": WHOLE})
DEVICE = closed({"own": FLAG})
PUSH = record(
    "Push",
    "A browser that my alerts are pushed to.",
    id=WHOLE,
    device=TEXT,
    severity=one_of(*models.Alert.Severity.values),
    created_at=MOMENT,
    sent_at=maybe(MOMENT),
    fingerprint=TEXT,
)
PUSHES = closed({"public_key": maybe(TEXT), "subscriptions": many(PUSH)})
PUSHED = closed({"outcome": one_of("sent", "later", "gone", "refused")})
PASSWORD_LINK = closed({"link": TEXT, "expires_at": MOMENT})
PREFERENCES = record(
    "Preferences",
    "How I see the pages.",
    theme=one_of(*THEMES),
    language=TEXT,
    time_zone=TEXT,
    privacy=FLAG,
    filters=JSON,
    columns={"type": "object", "additionalProperties": many(TEXT)},
)
CODES = many(TEXT)
FACTORS = record(
    "Factors",
    "My second factors, and how many recovery codes are left.",
    authenticators=many(entities.FACTOR),
    passkeys=many(entities.FACTOR),
    recovery_codes=WHOLE,
)
NEW_FACTOR = record(
    "NewFactor",
    "A second factor; with the first come recovery codes, which are shown this once.",
    item=entities.FACTOR,
    recovery_codes=CODES,
)
RECOVERY_CODES = closed({"recovery_codes": CODES})
SECRET = closed({"secret": TEXT, "uri": TEXT, "qr": closed({"size": WHOLE, "path": TEXT})})
OPTIONS = closed({"options": JSON})
CONFIRMED = closed({"confirmed_until": maybe(MOMENT)})
