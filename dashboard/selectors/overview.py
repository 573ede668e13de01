"""Everything a page or a program needs to start with one account: rows, and the figures over them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from analytics.money import Money
from dashboard import wire
from dashboard.fields import EXACT
from dashboard.models import Account, Alert, Annotation, Beat, Bot, Portfolio, Strategy, Trade
from dashboard.moments import day_of
from dashboard.selectors.accounts import Results, open_results
from dashboard.selectors.book import book_of
from dashboard.selectors.equity import Equity, account_equity, risk_figures
from dashboard.selectors.statistics import Tally, by_day, by_name, since, statistics
from realtime.log import position

Row = dict[str, Any]
DAILY_DAYS = 30
OPEN_TRADES = 200
ALERTS = 50
ANNOTATIONS = 200
NAMES = 10
BEATS = 24 * 12
BOTS = 200


def snapshot(account: Account, *, role: str, now: datetime, trades: int = 50) -> dict[str, Any]:
    """The body of /api/snapshot. The log's position is read first, so a replay from it can only repeat whole rows."""
    at = position(account.stream_key)
    rows, latest = AccountRows(account, trades), portfolio_latest(account)
    return {
        "account": {**wire.ACCOUNT.instance(account), "role": role},
        "epoch": at.epoch,
        "seq": at.head,
        "server_time": now,
        "portfolio": latest,
        "summary": summary(account, rows.open_trades, latest, now),
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
    return bots_of([account], now)[account.pk]


def bots_of(accounts: Sequence[Account], now: datetime) -> dict[int, list[dict[str, Any]]]:
    """The same of each account, by its id."""
    rows = list(Bot.objects.filter(account__in=accounts).order_by("name")[: BOTS * len(accounts)])
    last = int(now.timestamp()) // Beat.SLOT_SECONDS
    beats = Beat.objects.filter(bot__account__in=accounts, slot__gt=last - BEATS)
    counts = beats.values_list("bot_id", "slot", "count")
    tapes: dict[int, list[int]] = {bot.pk: [0] * BEATS for bot in rows}
    for bot_id, slot, count in counts:
        if bot_id in tapes and slot <= last:
            tapes[bot_id][slot - last + BEATS - 1] = count
    found: dict[int, list[dict[str, Any]]] = {account.pk: [] for account in accounts}
    for bot, form in zip(rows, wire.BOT.instances(rows), strict=True):
        found[bot.account_id].append({**form, "beats": tapes[bot.pk]})
    return found


def summary(account: Account, open_trades: list[Row], latest: Row | None, now: datetime) -> dict[str, Any]:
    """The figures of the Overview, all from one load of the rows. Money is exact; what cannot be known is None."""
    closed, equity = book_of(account).closed, account_equity(account)
    figures = statistics(closed)
    today = day_of(now)
    first_day = today - timedelta(days=DAILY_DAYS - 1)
    starts = {"today": today, "week": today - timedelta(days=today.weekday()), "month": today.replace(day=1)}
    periods = {name: since(closed, start) for name, start in starts.items()}
    unrealized = open_results([account]).get(account.pk, Money.of([]))
    results = Results.of(closed, periods["today"].net_pnl, unrealized)
    shown = (
        "total_trades winning_trades losing_trades breakeven_trades win_rate profit_factor expectancy total_fees"
    ).split()
    return {
        **value_figures(now, equity, latest, results),
        **wire.pick(figures, shown),
        **risk_figures(account, equity),
        "open_trades": results.open_trades,
        "unrealized_pnl": results.unrealized,
        "periods": [period(name, each, results.unrealized) for name, each in periods.items()],
        "exposure": exposure(latest, taken(account, open_trades, results.open_trades), equity),
        "daily": {
            "dates": [(first_day + timedelta(days=day)).date().isoformat() for day in range(DAILY_DAYS)],
            "net_pnl": by_day(closed, first_day, DAILY_DAYS),
        },
        "by_symbol": by_name(closed, closed.symbols, NAMES),
        "by_strategy": by_name(closed, closed.strategies, NAMES),
        "waterfall": {
            "gross_wins": figures["gross_wins"],
            "gross_losses": figures["gross_losses"],
            "fees": figures["total_fees"],
            "realised": results.closed,
            "open": results.unrealized,
            "total": EXACT.add(results.closed, results.unrealized),
        },
    }


def value_figures(now: datetime, equity: Equity, latest: Row | None, results: Results) -> dict[str, Any]:
    """Value, today's change and total P&L, from the bot's snapshots or else from trades."""
    traded = EXACT.add(results.closed, results.unrealized)
    if latest is not None:
        fresh = latest["timestamp"] >= day_of(now)
        total = latest["total_pnl"] if latest["total_pnl"] is not None else traded
        relative = latest["total_pnl_pct"]
        return {
            "value": latest["total_value"],
            "value_source": "snapshots",
            "as_of": latest["timestamp"],
            "daily_change": latest["daily_change"] if fresh else Decimal(0),
            "daily_change_pct": latest["daily_change_pct"] if fresh else Decimal(0),
            "total_pnl": total,
            "total_pnl_pct": percent(total, equity.first) if relative is None else relative,
            "since": results.first or latest["timestamp"],
        }
    if len(equity):
        value = EXACT.add(equity.last, results.unrealized)
        change = EXACT.add(results.closed_today, results.unrealized)
        return {
            "value": value,
            "value_source": "trades",
            "as_of": now,
            "daily_change": change,
            "daily_change_pct": percent(change, EXACT.subtract(value, change)),
            "total_pnl": traded,
            "total_pnl_pct": percent(traded, equity.first),
            "since": results.first,
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


def taken(account: Account, shown: list[Row], count: int) -> Iterable[tuple[str, Decimal, Decimal | None]]:
    """Side, size and entry price of every open trade, of which the shown ones may be a part."""
    if len(shown) == count:
        return [(trade["direction"], trade["size"], trade["entry_price"]) for trade in shown]
    rows = Trade.objects.filter(account=account, status="open").order_by()
    return rows.values_list("direction", "size", "entry_price").iterator(2000)


def exposure(
    latest: Row | None, trades: Iterable[tuple[str, Decimal, Decimal | None]], equity: Equity
) -> dict[str, float | None] | None:
    """Long and short value as percent of the account's, from reported positions or else from open trades."""
    if not len(equity) or equity.last <= 0:
        return None
    value = equity.last
    sides = {"long": Decimal(0), "short": Decimal(0)}
    if latest is not None and latest["positions"]:
        for position_ in latest["positions"]:
            sides[position_["direction"]] += abs(Decimal(position_["value"]))
        cash = latest["cash_balance"]
    else:
        for direction, size, price in trades:
            sides[direction] += size * (price or 0)
        cash = None
    free = cash if cash is not None else value - sides["long"] - sides["short"]
    return {
        "long_pct": float(sides["long"] / value * 100),
        "short_pct": float(sides["short"] / value * 100),
        "cash_pct": float(free / value * 100),
    }
