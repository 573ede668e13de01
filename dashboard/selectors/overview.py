"""Everything a page or a program needs to start with one account: rows, and the figures over them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dashboard import wire
from dashboard.fields import EXACT, exact_sum
from dashboard.models import Account, Alert, Annotation, Beat, Bot, Portfolio, Strategy, Trade
from dashboard.selectors.equity import Equity, account_equity, risk_figures
from dashboard.selectors.trades import ClosedRow, closed_rows, statistics
from realtime.log import position

DAILY_DAYS = 30
OPEN_TRADES = 200
ALERTS = 50
ANNOTATIONS = 200
NAMES = 10
BEATS = 24 * 12


def snapshot(account: Account, *, role: str, now: datetime, trades: int = 50) -> dict[str, Any]:
    """The body of /api/snapshot. The log's position is read first, so a replay from it can only repeat whole rows."""
    at = position(account.stream_key)
    rows = AccountRows(account, trades)
    return {
        "account": {**wire.ACCOUNT.instance(account), "role": role},
        "epoch": at.epoch,
        "seq": at.head,
        "server_time": now,
        "portfolio": portfolio_latest(account),
        "summary": summary(account, rows.open_trades, now),
        "strategies": rows.strategies(),
        "open_trades": rows.open_trades,
        "recent_trades": rows.recent_trades(),
        "alerts": rows.alerts(),
        "annotations": rows.annotations(),
        "bots": bots(account, now),
    }


class AccountRows:
    """The bounded row lists of an account."""

    def __init__(self, account: Account, trades: int) -> None:
        self.account, self.trades = account, trades
        found = Trade.objects.filter(account=account, status="open").order_by("-entry_time", "-id")
        self.open_trades = wire.TRADE.rows(found[:OPEN_TRADES])

    def recent_trades(self) -> list[dict[str, Any]]:
        found = Trade.objects.filter(account=self.account, status="closed").order_by("-exit_time", "-id")
        return wire.TRADE.rows(found[: self.trades])

    def strategies(self) -> list[dict[str, Any]]:
        return wire.STRATEGY.rows(Strategy.objects.filter(account=self.account).order_by("name")[:1000])

    def alerts(self) -> list[dict[str, Any]]:
        found = Alert.objects.filter(account=self.account).active().order_by("-created_at", "-id")
        return wire.ALERT.rows(found[:ALERTS])

    def annotations(self) -> list[dict[str, Any]]:
        found = Annotation.objects.filter(account=self.account).order_by("-date", "-id")
        return wire.ANNOTATION.rows(found[:ANNOTATIONS])


def portfolio_latest(account: Account) -> dict[str, Any] | None:
    rows = wire.PORTFOLIO.rows(Portfolio.objects.filter(account=account).order_by("-timestamp")[:1])
    return rows[0] if rows else None


def bots(account: Account, now: datetime) -> list[dict[str, Any]]:
    """The account's bots, with the heartbeats of each five minutes of the last day, oldest first."""
    found = wire.BOT.rows(Bot.objects.filter(account=account).order_by("name")[:200])
    last = int(now.timestamp()) // Beat.SLOT_SECONDS
    counts = Beat.objects.filter(bot__account=account, slot__gt=last - BEATS).values_list("bot_id", "slot", "count")
    tapes: dict[int, list[int]] = {bot["id"]: [0] * BEATS for bot in found}
    for bot_id, slot, count in counts:
        if bot_id in tapes and slot <= last:
            tapes[bot_id][slot - last + BEATS - 1] = count
    return [{**bot, "beats": tapes[bot["id"]]} for bot in found]


@dataclass
class Tally:
    """Closed trades of one stretch of time or of one name."""

    trades: int = 0
    wins: int = 0
    net_pnl: Decimal = Decimal(0)

    def add(self, row: ClosedRow) -> None:
        self.trades += 1
        self.wins += row.net_pnl > 0
        self.net_pnl = EXACT.add(self.net_pnl, row.net_pnl)


class Tallies:
    """One pass over the closed trades: whole, by period, day and name."""

    def __init__(self, account: Account, now: datetime) -> None:
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.starts = {
            "today": today,
            "week": today - timedelta(days=today.weekday()),
            "month": today.replace(day=1),
        }
        self.first_day = today - timedelta(days=DAILY_DAYS - 1)
        self.whole: list[ClosedRow] = []
        self.periods = {name: Tally() for name in self.starts}
        self.days: dict[str, Tally] = {
            (self.first_day + timedelta(days=day)).date().isoformat(): Tally() for day in range(DAILY_DAYS)
        }
        self.symbols: dict[str, Tally] = defaultdict(Tally)
        self.strategies: dict[str, Tally] = defaultdict(Tally)
        self.first: datetime | None = None
        for row in closed_rows(Trade.objects.filter(account=account)):
            self.add(row)

    def add(self, row: ClosedRow) -> None:
        self.whole.append(row)
        self.first = self.first or row.exit_time
        for name, start in self.starts.items():
            if row.exit_time >= start:
                self.periods[name].add(row)
        if day := self.days.get(row.exit_time.date().isoformat()):
            day.add(row)
        self.symbols[row.symbol].add(row)
        self.strategies[row.strategy].add(row)


def summary(account: Account, open_trades: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    """The figures of the Overview. Money is exact; what cannot be known is None."""
    tallies = Tallies(account, now)
    equity = account_equity(account)
    figures = statistics(tallies.whole)
    unrealized = exact_sum(trade["net_pnl"] for trade in open_trades)
    wins, losses = figures["gross_wins"], figures["gross_losses"]
    shown = (
        "total_trades winning_trades losing_trades breakeven_trades win_rate profit_factor expectancy total_fees"
    ).split()
    return {
        **value_figures(account, equity, tallies, unrealized, now),
        **wire.pick(figures, shown),
        **risk_figures(account, equity),
        "open_trades": len(open_trades),
        "unrealized_pnl": unrealized,
        "periods": [period(name, tally, unrealized) for name, tally in tallies.periods.items()],
        "exposure": exposure(portfolio_latest(account), open_trades, equity),
        "daily": {
            "dates": list(tallies.days),
            "net_pnl": [tally.net_pnl for tally in tallies.days.values()],
        },
        "by_symbol": by_name(tallies.symbols),
        "by_strategy": by_name(tallies.strategies),
        "waterfall": {
            "gross_wins": wins,
            "gross_losses": losses,
            "fees": figures["total_fees"],
            "realised": figures["total_pnl"],
            "open": unrealized,
            "total": EXACT.add(figures["total_pnl"], unrealized),
        },
    }


def value_figures(
    account: Account, equity: Equity, tallies: Tallies, unrealized: Decimal, now: datetime
) -> dict[str, Any]:
    """Value, today's change and total P&L, from the bot's snapshots or else from trades."""
    closed = exact_sum(row.net_pnl for row in tallies.whole)
    if equity.source == "snapshots":
        latest = portfolio_latest(account)
        assert latest is not None
        fresh = latest["timestamp"] >= tallies.starts["today"]
        total = latest["total_pnl"] if latest["total_pnl"] is not None else EXACT.add(closed, unrealized)
        return {
            "value": latest["total_value"],
            "value_source": "snapshots",
            "as_of": latest["timestamp"],
            "daily_change": latest["daily_change"] if fresh else Decimal(0),
            "daily_change_pct": latest["daily_change_pct"] if fresh else Decimal(0),
            "total_pnl": total,
            "total_pnl_pct": latest["total_pnl_pct"] or percent(total, equity.values[0]),
            "since": tallies.first or latest["timestamp"],
        }
    if equity.source == "trades":
        value = EXACT.add(equity.values[-1], unrealized)
        change = EXACT.add(tallies.periods["today"].net_pnl, unrealized)
        total = EXACT.add(closed, unrealized)
        return {
            "value": value,
            "value_source": "trades",
            "as_of": now,
            "daily_change": change,
            "daily_change_pct": percent(change, EXACT.subtract(value, change)),
            "total_pnl": total,
            "total_pnl_pct": percent(total, equity.values[0]),
            "since": tallies.first,
        }
    names = "value value_source as_of daily_change daily_change_pct total_pnl total_pnl_pct since"
    return dict.fromkeys(names.split())


def percent(part: Decimal, whole: Decimal) -> float | None:
    return float(part / whole * 100) if whole > 0 else None


def period(name: str, tally: Tally, unrealized: Decimal) -> dict[str, Any]:
    """Closed, open and sum of one stretch of time in one row."""
    return {
        "name": name,
        "trades": tally.trades,
        "win_rate": 100 * tally.wins / tally.trades if tally.trades else None,
        "closed_pnl": tally.net_pnl,
        "open_pnl": unrealized,
        "total_pnl": EXACT.add(tally.net_pnl, unrealized),
    }


def by_name(tallies: dict[str, Tally]) -> list[dict[str, Any]]:
    """The names with the largest results either way, best first."""
    largest = sorted(tallies.items(), key=lambda each: -abs(each[1].net_pnl))[:NAMES]
    largest.sort(key=lambda each: (-each[1].net_pnl, each[0]))
    return [{"name": name, "net_pnl": tally.net_pnl, "trades": tally.trades} for name, tally in largest]


def exposure(
    latest: dict[str, Any] | None, open_trades: list[dict[str, Any]], equity: Equity
) -> dict[str, float | None] | None:
    """Long and short value as percent of the account's, from reported positions or else from open trades."""
    if not equity.values or equity.values[-1] <= 0:
        return None
    value = equity.values[-1]
    sides = {"long": Decimal(0), "short": Decimal(0)}
    if latest is not None and latest["positions"]:
        for position_ in latest["positions"]:
            sides[position_["direction"]] += abs(Decimal(position_["value"]))
        cash = latest["cash_balance"]
    else:
        for trade in open_trades:
            sides[trade["direction"]] += trade["size"] * (trade["entry_price"] or 0)
        cash = None
    free = cash if cash is not None else value - sides["long"] - sides["short"]
    return {
        "long_pct": float(sides["long"] / value * 100),
        "short_pct": float(sides["short"] / value * 100),
        "cash_pct": float(free / value * 100),
    }
