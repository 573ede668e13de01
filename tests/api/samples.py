"""Valid bodies to change."""

from typing import Any


def trade(**changes: Any) -> dict[str, Any]:
    """An open trade."""
    return without_none(
        {
            "trade_id": "t-1",
            "symbol": "BTC/USDT",
            "direction": "long",
            "size": "2",
            "status": "open",
            "entry_price": "100",
            "entry_time": "2026-01-01T10:00:00Z",
            **changes,
        }
    )


def closed(**changes: Any) -> dict[str, Any]:
    return trade(**{"status": "closed", "exit_price": "110", "exit_time": "2026-01-01T12:00:00Z", **changes})


def portfolio(**changes: Any) -> dict[str, Any]:
    return without_none({"timestamp": "2026-01-02T10:00:00Z", "total_value": "1000", **changes})


def flow(**changes: Any) -> dict[str, Any]:
    return {"flow_id": "f-1", "timestamp": "2026-01-02T09:00:00Z", "amount": "100", "kind": "deposit", **changes}


def alert(**changes: Any) -> dict[str, Any]:
    return {"type": "risk", "severity": "warning", "title": "Margin is low", **changes}


def annotation(**changes: Any) -> dict[str, Any]:
    return {"chart_id": "equity", "date": "2026-01-02T09:00:00Z", "text": "New stop", "type": "custom", **changes}


def position(**changes: Any) -> dict[str, Any]:
    return {
        "symbol": "BTC/USDT", "direction": "long", "size": "1", "entry_price": "100", "mark_price": "101",
        "value": "101", "unrealized_pnl": "1", **changes,
    }  # fmt: skip


def candles(*rows: list[Any], **changes: Any) -> dict[str, Any]:
    found = list(rows) or [["2026-01-01T00:00:00Z", "1", "2", "0.5", "1.5", "10"]]
    return {"timeframe": "1h", "candles": found, **changes}


def without_none(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
