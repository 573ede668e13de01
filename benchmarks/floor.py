"""The least a query can cost: bare SQL and orjson in an ASGI function, without sign-in, filters or exact decimals.

`uvicorn benchmarks.floor:app` with FLOOR_DATABASE, a file of SQLite or an address of PostgreSQL.
"""

import os
import sqlite3
from typing import Any

import orjson
import psycopg

DATABASE = os.environ["FLOOR_DATABASE"]
POSTGRES = DATABASE.startswith("postgres")
TRADE = (
    "t.id, trade_id, rev, symbol, asset_class, s.name, direction, status, size, leverage, entry_price, exit_price, "
    "stop_loss, initial_stop_loss, take_profit, entry_time, exit_time, duration_seconds, pnl, pnl_pct, fees, slippage, "
    "funding, net_pnl, realized_pnl, highest_price, lowest_price, fills, exit_reason, signal_type, tags, user_tags, "
    "notes, extra FROM dashboard_trade t JOIN dashboard_strategy s ON s.id = t.strategy_id WHERE t.account_id = %s"
)
COUNT = "SELECT count(*) FROM dashboard_trade t JOIN dashboard_strategy s ON s.id = t.strategy_id WHERE t.account_id=%s"
NARROW = " AND s.name = 'Strategy 3' AND t.status = 'closed'"
PAGE = " ORDER BY entry_time DESC, t.id DESC LIMIT 100"
CLOSED = "FROM dashboard_trade WHERE account_id = %s AND status = 'closed'"
# SQLite holds exact decimals as text, which SQL cannot add; the double is what it would add instead.
PNL = "net_pnl" if POSTGRES else "(CAST(substr(net_pnl, 2, 18) AS real) + CAST(substr(net_pnl, 20) AS real) / 1e18)"
QUERIES: dict[str, list[str]] = {
    "trades": [COUNT, f"SELECT {TRADE}{PAGE}"],
    "filtered": [COUNT + NARROW, f"SELECT {TRADE}{NARROW}{PAGE}"],
    "candles": [
        "SELECT timestamp, open, high, low, close, volume, trades_count, vwap FROM dashboard_marketdata "
        "WHERE account_id = %s AND symbol = 'BTC/USDT' AND exchange = 'binance' AND timeframe = '1m' "
        "ORDER BY timestamp DESC LIMIT 1000"
    ],
    "history": [
        "SELECT timestamp, total_value, cash_balance, margin_used, margin_available, daily_change, daily_change_pct, "
        "total_pnl, total_pnl_pct, realized_pnl, unrealized_pnl, positions FROM dashboard_portfolio "
        "WHERE account_id = %s ORDER BY timestamp DESC LIMIT 100"
    ],
    "portfolio": ["SELECT timestamp, total_value FROM dashboard_portfolio WHERE account_id = %s "
                  "ORDER BY timestamp DESC LIMIT 1"],
    "equity": ["SELECT timestamp, total_value FROM dashboard_portfolio WHERE account_id = %s ORDER BY timestamp"],
    "stats": [f"SELECT count(*), sum({PNL}), min({PNL}), max({PNL}), sum({PNL} > 0) {CLOSED}".replace(
        "sum(net_pnl > 0)", "count(*) FILTER (WHERE net_pnl > 0)")],
}  # fmt: skip


def connect() -> Any:
    return psycopg.connect(DATABASE, autocommit=True) if POSTGRES else sqlite3.connect(DATABASE)


connection = connect()
ACCOUNT = connection.execute("SELECT id FROM dashboard_account WHERE slug = 'year'").fetchone()[0]


def run(sql: str) -> list[Any]:
    cursor = connection.cursor()
    cursor.execute(sql if POSTGRES else sql.replace("%s", "?"), (ACCOUNT,))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    data = [run(sql) for sql in QUERIES[scope["path"].strip("/")]]
    body = orjson.dumps({"success": True, "data": data}, default=str)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
