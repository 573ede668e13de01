"""The demo bot: a simulated trader that reports over the public API with its own key, as any bot would.

Its market is a random walk and its money is play money; it reports to an account of kind `demo` only. On an empty
account it first reports thirty days of simulated history, then it trades on live.
"""

import os
import random
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from botv2.demo_market import MARKETS, Market, stamp, text
from botv2_client import Client

STEP = timedelta(minutes=5)
HISTORY_DAYS = 30
HISTORY_PATIENCE = 600.0  # seconds
CAPITAL = 10_000.0
STAKE = 1_000.0
FEE = 0.0005
MAX_OPEN = 5
STRATEGIES = {"Momentum": (0.012, 0.008), "Mean reversion": (0.006, 0.009)}
LIVE_STEP_SECONDS = 4.0
EDGE = 0.8


@dataclass
class Position:
    """One simulated trade. Prices are rounded to the tick of its market."""

    id: str
    symbol: str
    strategy: str
    long: bool
    size: float
    entry: float
    opened: datetime
    target: float
    stop: float
    high: float
    low: float

    def gross(self, price: float) -> float:
        return (price - self.entry if self.long else self.entry - price) * self.size

    def fees(self, price: float) -> float:
        return (self.entry + price) * self.size * FEE

    def report(self, price: float, closed: datetime | None = None, reason: str | None = None) -> dict[str, Any]:
        fees = round(self.fees(price), 8)
        trade: dict[str, Any] = {
            "trade_id": self.id,
            "symbol": self.symbol,
            "asset_class": "crypto",
            "strategy": self.strategy,
            "direction": "long" if self.long else "short",
            "size": text(self.size),
            "status": "closed" if closed else "open",
            "entry_price": text(self.entry),
            "entry_time": stamp(self.opened),
            "stop_loss": text(self.stop),
            "take_profit": text(self.target),
            "highest_price": text(self.high),
            "lowest_price": text(self.low),
            "fees": text(fees),
            "net_pnl": text(round(self.gross(price) - fees, 8)),
            "pnl_pct": text(round((self.gross(price) - fees) / (self.entry * self.size) * 100, 6)),
            "signal_type": "auto",
        }
        if closed:
            trade |= {"exit_price": text(price), "exit_time": stamp(closed), "exit_reason": reason}
        return trade


class Trader:
    """Opens and closes positions by dice, with a target and a stop."""

    def __init__(self, market: Market, rng: random.Random) -> None:
        self.market, self.rng = market, rng
        self.open: dict[str, Position] = {}
        self.realised = 0.0
        self.losses = 0

    def trade(self, now: datetime, eagerness: float) -> list[dict[str, Any]]:
        """Advance by one step; return what has to be reported."""
        reports = []
        for position in list(self.open.values()):
            price = self.market.price(position.symbol)
            position.high, position.low = max(position.high, price), min(position.low, price)
            if reason := self.exit_reason(position, price, now):
                report = position.report(price, now, reason)
                reports.append(report)
                self.realised += float(report["net_pnl"])
                self.losses = self.losses + 1 if float(report["net_pnl"]) < 0 else 0
                del self.open[position.id]
        if len(self.open) < MAX_OPEN and self.rng.random() < eagerness:
            position = self.enter(now)
            self.open[position.id] = position
            reports.append(position.report(position.entry))
        return reports

    def enter(self, now: datetime) -> Position:
        symbol = self.rng.choice(list(MARKETS))
        strategy, (gain, loss) = self.rng.choice(list(STRATEGIES.items()))
        price, places = self.market.price(symbol), MARKETS[symbol][1]
        # A small edge: the side of the trend a little more often than not.
        long = (self.market.trends[symbol] > 0) == (self.rng.random() < EDGE)
        side = 1 if long else -1
        return Position(
            id=f"demo-{int(now.timestamp())}-{self.rng.randrange(16**4):04x}",
            symbol=symbol,
            strategy=strategy,
            long=long,
            size=round(STAKE / price, 4),
            entry=price,
            opened=now,
            target=round(price * (1 + side * gain), places),
            stop=round(price * (1 - side * loss), places),
            high=price,
            low=price,
        )

    def exit_reason(self, position: Position, price: float, now: datetime) -> str | None:
        side = 1 if position.long else -1
        if (price - position.target) * side >= 0:
            return "target"
        if (price - position.stop) * side <= 0:
            return "stop_loss"
        if now - position.opened > timedelta(hours=8) and self.rng.random() < 0.3:
            return "time"
        return None

    def snapshot(self, now: datetime) -> dict[str, Any]:
        unrealised = sum(
            p.gross(self.market.price(p.symbol)) - p.fees(self.market.price(p.symbol)) for p in self.open.values()
        )
        invested = sum(p.entry * p.size for p in self.open.values())
        total = CAPITAL + self.realised
        return {
            "timestamp": stamp(now),
            "total_value": text(round(total + unrealised, 8)),
            "cash_balance": text(round(total - invested, 8)),
            "total_pnl": text(round(self.realised + unrealised, 8)),
            "total_pnl_pct": text(round((self.realised + unrealised) / CAPITAL * 100, 6)),
            "realized_pnl": text(round(self.realised, 8)),
            "unrealized_pnl": text(round(unrealised, 8)),
            "positions": [self.position(p) for p in self.open.values()],
        }

    def position(self, p: Position) -> dict[str, Any]:
        price = self.market.price(p.symbol)
        return {
            "symbol": p.symbol,
            "direction": "long" if p.long else "short",
            "size": text(p.size),
            "entry_price": text(p.entry),
            "mark_price": text(price),
            "value": text(round(price * p.size, 8)),
            "unrealized_pnl": text(round(p.gross(price), 8)),
            "asset_class": "crypto",
            "strategy": p.strategy,
            "stop_loss": text(p.stop),
        }


class Reporter:
    """What the bot tells goes through the client and its spool; what it asks is plain HTTP."""

    def __init__(self, url: str, key: str, spool: str | Path, transport: httpx.BaseTransport | None = None) -> None:
        self.client = Client(url, key, bot="demo-bot", spool=spool, trust_env=False, transport=transport)
        self.http = httpx.Client(
            base_url=f"{url}/api/",
            headers={"Authorization": f"Bearer {key}"},
            timeout=10,
            trust_env=False,
            transport=transport,
        )

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        answer.raise_for_status()
        return answer.json()["data"]

    def dismissed(self) -> bool:
        """Whether the key has ended: somebody removed the account."""
        try:
            return self.http.get("portfolio").status_code == 401
        except httpx.TransportError:
            return False


def report_history(reporter: Reporter, market: Market, trader: Trader, now: datetime) -> None:
    """Simulate and report the days before the first start."""
    client = reporter.client
    for name in STRATEGIES:
        client.strategy(name, allocated_capital=CAPITAL / len(STRATEGIES), max_drawdown=10)
    candles: dict[str, list[Any]] = {name: [] for name in MARKETS}
    moment = (now - timedelta(days=HISTORY_DAYS)).replace(minute=0, second=0, microsecond=0)
    while moment < now:
        before = {name: market.price(name) for name in MARKETS}
        market.step(5)
        for name in MARKETS:
            candles[name].append(market.candle(name, before[name], moment))
        for report in trader.trade(moment, eagerness=0.08):
            if report["status"] == "closed":
                client.trade(**report)
        if moment.minute % 30 == 0:
            client.snapshot(**trader.snapshot(moment))
        moment += STEP
    for name, rows in candles.items():
        client.candles(name, "5m", rows)
    for position in trader.open.values():
        client.trade(**position.report(market.price(position.symbol)))
    client.flush(HISTORY_PATIENCE)


def resume(reporter: Reporter, market: Market, trader: Trader) -> None:
    """Take over what an earlier run left open, at the last known prices."""
    for row in reporter.get("market")["symbols"]:
        if row["symbol"] in market.prices:
            market.prices[row["symbol"]] = reporter.get(f"market/{row['symbol']}")["close"]
    for row in reporter.get("trades?status=open&limit=100")["trades"]:
        trader.open[row["trade_id"]] = Position(
            id=row["trade_id"],
            symbol=row["symbol"],
            strategy=row["strategy"],
            long=row["direction"] == "long",
            size=float(row["size"]),
            entry=float(row["entry_price"]),
            opened=datetime.fromisoformat(row["entry_time"]),
            target=float(row["take_profit"]),
            stop=float(row["stop_loss"]),
            high=float(row["highest_price"]),
            low=float(row["lowest_price"]),
        )
    trader.realised = float(reporter.get("trades/stats")["total_pnl"])


def run_live(reporter: Reporter, market: Market, trader: Trader) -> None:
    """Trade on until dismissed: each round the market moves, positions are reported, the bot says it is alive."""
    client = reporter.client
    last_candle = datetime.now(UTC)
    while not reporter.dismissed():
        started = time.monotonic()
        now = datetime.now(UTC)
        before = {name: market.price(name) for name in MARKETS}
        market.step(1.5)
        changes = trader.trade(now, eagerness=0.12)
        told = {report["trade_id"] for report in changes}
        marks = [p.report(market.price(p.symbol)) for p in trader.open.values() if p.id not in told]
        for report in changes + marks:
            client.trade(**report)
        client.snapshot(**trader.snapshot(now))
        client.heartbeat(version="1.0", open_positions=len(trader.open))
        if now - last_candle >= STEP / 5:
            opened = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
            for name in MARKETS:
                client.candles(name, "5m", [market.candle(name, before[name], opened)])
            last_candle = now
        time.sleep(max(0.2, LIVE_STEP_SECONDS - (time.monotonic() - started)))


def end_with_parent() -> None:
    """Standard input ends when the server does, also when it is killed."""

    def watch() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    end_with_parent()
    rng = random.Random()
    market = Market(rng)
    trader = Trader(market, rng)
    reporter = Reporter(os.environ["BOTV2_URL"], os.environ["BOTV2_KEY"], os.environ["BOTV2_SPOOL"])
    reporter.client.flush(HISTORY_PATIENCE)  # what an earlier run left
    if reporter.get("trades?limit=1")["total"] == 0:
        report_history(reporter, market, trader, datetime.now(UTC))
    else:
        resume(reporter, market, trader)
    run_live(reporter, market, trader)


if __name__ == "__main__":
    main()
