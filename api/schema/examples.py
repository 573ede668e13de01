"""Bodies to begin with."""

from typing import Any

OPEN = {
    "trade_id": "first-1",
    "symbol": "BTC/USDT",
    "direction": "long",
    "size": "0.5",
    "status": "open",
    "strategy": "Trend",
    "entry_price": "64000",
    "entry_time": "2026-01-05T09:30:00Z",
    "stop_loss": "62500",
}
CLOSED = {
    **OPEN,
    "status": "closed",
    "exit_price": "65200",
    "exit_time": "2026-01-05T14:10:00Z",
    "fees": "12.8",
    "exit_reason": "take_profit",
}


def example(summary: str, value: Any) -> dict[str, Any]:
    return {"summary": summary, "value": value}


TRADES = {
    "open": example("A trade is opened", OPEN),
    "close": example("The same trade is closed", CLOSED),
    "list": example("Several at once", [OPEN, {**OPEN, "trade_id": "first-2", "direction": "short"}]),
}
NOTES = {"note": example("A note and a tag", {"notes": "Too early.", "user_tags": ["review"]})}
SNAPSHOTS = {
    "snapshot": example("What the account is worth", {"timestamp": "2026-01-05T14:15:00Z", "total_value": "10612.4"})
}
FLOWS = {
    "deposit": example(
        "Money came in", {"flow_id": "d-1", "timestamp": "2026-01-05T08:00:00Z", "amount": "500", "kind": "deposit"}
    )
}
CANDLES = {
    "hour": example(
        "An hour", {"timeframe": "1h", "candles": [["2026-01-05T14:00:00Z", "65000", "65300", "64900", "65200", "81"]]}
    )
}
ALERTS = {"margin": example("A warning", {"type": "risk", "severity": "warning", "title": "Margin is low"})}
STRATEGIES = {"trend": example("A strategy", {"name": "Trend", "parameters": {"fast": 12, "slow": 48}})}
SETTINGS = {"off": example("Switch it off", {"enabled": False}), "free": example("No limit", {"max_daily_loss": None})}
HEARTBEATS = {"alive": example("The bot is alive", {"bot": "trend-1", "state": "running"})}
REMARK = {"chart_id": "equity", "date": "2026-01-05T14:10:00Z", "text": "Took profit", "type": "trade"}
ANNOTATIONS = {"remark": example("A remark on a chart", REMARK)}
REMARKS = {"list": example("A list", [REMARK]), "export": example("An export as it is", {"annotations": [REMARK]})}
KEYS = {"bot": example("A key for one bot", {"name": "trend bot", "scopes": ["ingest"], "bot": "trend-1"})}
ROLES = {"viewer": example("Who may look", {"role": "viewer"})}
