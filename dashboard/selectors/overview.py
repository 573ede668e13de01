"""Everything a page or a program needs to start with one account: rows, and the figures over them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from analytics.money import Money
from dashboard import wire
from dashboard.fields import EXACT, exact_sum
from dashboard.models import Account, Alert, Annotation, Beat, Bot, Portfolio, Strategy, Trade
from dashboard.moments import day_of, micros
from dashboard.selectors.accounts import Results, open_results
from dashboard.selectors.allocation import held_by
from dashboard.selectors.book import book_of
from dashboard.selectors.equity import Equity, book_equity, risk_figures
from dashboard.selectors.series import EVER, WHOLE, Part, Series, Window, chosen, series_in
from dashboard.selectors.statistics import Tally, by_day, by_name, since, statistics
from realtime.log import position

Row = dict[str, Any]
DAILY_DAYS, MOST_DAYS = 30, 366
OPEN_TRADES = 200
ALERTS = 50
ANNOTATIONS = 200
NAMES = 10
BEATS = 24 * 12
BOTS = 200
NO_MONEY = Money.of([])
FIGURES = (
    "total_trades winning_trades losing_trades breakeven_trades win_rate profit_factor expectancy total_fees"
).split()


def snapshot(account: Account, *, role: str, now: datetime, trades: int = 50, window: Window = EVER) -> dict[str, Any]:
    """The body of /api/snapshot. The log's position is read first, so a replay from it can only repeat whole rows."""
    at = position(account.stream_key)
    rows, latest = AccountRows(account, trades, window), portfolio_latest(account)
    return {
        "account": {**wire.ACCOUNT.instance(account), "role": role},
        "epoch": at.epoch,
        "seq": at.head,
        "server_time": now,
        "portfolio": latest and portfolio_of(window.part, latest),
        "summary": summary(account, rows.open_trades, latest, now, window),
        "strategies": rows.strategies(),
        "open_trades": rows.open_trades,
        "recent_trades": rows.recent_trades(),
        "alerts": rows.alerts(),
        "annotations": rows.annotations(),
        "bots": bots(account, now),
    }


class AccountRows:
    """The bounded row lists of an account; its trades are those of the window."""

    def __init__(self, account: Account, trades: int, window: Window) -> None:
        self.account, self.trades, self.window = account, trades, window
        found = Trade.objects.filter(account=account, status="open", **window.part.traits)
        found = found.order_by("-entry_time", "-id")
        self.open_trades = wire.TRADE.rows(found[:OPEN_TRADES])

    def recent_trades(self) -> list[dict[str, Any]]:
        bounds = {"exit_time__gte": self.window.start, "exit_time__lte": self.window.end}
        wanted = self.window.part.traits | {name: at for name, at in bounds.items() if at is not None}
        found = Trade.objects.filter(account=self.account, status="closed", **wanted).order_by("-exit_time", "-id")
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


def portfolio_of(part: Part, latest: Row) -> Row:
    """A snapshot with the positions of the part alone, and what those have earned so far."""
    if not part:
        return latest
    held = held_by(part, latest["positions"])
    return {**latest, "positions": held, "unrealized_pnl": exact_sum(Decimal(each["unrealized_pnl"]) for each in held)}


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


def summary(
    account: Account, open_trades: list[Row], latest: Row | None, now: datetime, window: Window = EVER
) -> dict[str, Any]:
    """The figures of the Overview, all from one load of the rows. Money is exact; what cannot be known is None.

    What the account is worth is of now and of the whole; periods and open trades are of the window's part; all else is
    of the window.
    """
    book = book_of(account)
    worth = book_equity(account, book)
    before = series_in(account, book.closed, lambda: worth, window.part, window.end)
    series = before.since(window.start)
    closed, part = series.closed, chosen(book.closed, window.part)
    figures = book.once("statistics", None, lambda _: statistics(closed)) if window == EVER else statistics(closed)
    today = day_of(now)
    starts = {"today": today, "week": today - timedelta(days=today.weekday()), "month": today.replace(day=1)}
    periods = {name: since(part, start) for name, start in starts.items()}
    unrealized = {each: open_results([account], each).get(account.pk, NO_MONEY) for each in {WHOLE, window.part}}
    whole = Results.of(book.closed, since(book.closed, today).net_pnl, unrealized[WHOLE])
    own, running = unrealized[window.part], window.end is None or window.end >= now
    results = Results.of(closed, periods["today"].net_pnl, own if running else NO_MONEY)
    first_day, days = daily_days(window, today)
    return {
        **value_figures(now, worth, latest, whole),
        **(reported_figures(latest, worth, whole) if window == EVER else window_figures(before, window, results)),
        **wire.pick(figures, FIGURES),
        **risk_figures(account, series.equity, series.returns),
        "open_trades": len(own),
        "all_open_trades": whole.open_trades,
        "unrealized_pnl": own.total(),
        "periods": [period(name, each, own.total()) for name, each in periods.items()],
        "exposure": exposure(latest, taken(account, open_trades, whole.open_trades), worth),
        "daily": {
            "dates": [(first_day + timedelta(days=day)).date().isoformat() for day in range(days)],
            "net_pnl": by_day(closed, first_day, days),
        },
        "by_symbol": by_name(closed, closed.symbols, NAMES),
        "by_strategy": by_name(closed, closed.strategies, NAMES),
        "waterfall": {
            "gross_wins": figures["gross_wins"],
            "gross_losses": figures["gross_losses"],
            "fees": figures["total_fees"],
            "realised": results.closed,
            "open": results.unrealized,
            "total": results.total,
        },
    }


def daily_days(window: Window, today: datetime) -> tuple[datetime, int]:
    """The first day and the number of the days of the window: the last 30 if it has no beginning, 366 at most."""
    last = today if window.end is None else min(day_of(window.end), today)
    most = MOST_DAYS if window.start else DAILY_DAYS
    first = last - timedelta(days=most - 1)
    if window.start is not None:
        first = max(first, day_of(window.start))
    return first, max((last - first).days + 1, 0)


def value_figures(now: datetime, equity: Equity, latest: Row | None, results: Results) -> dict[str, Any]:
    """Value and today's change, from the bot's snapshots or else from trades."""
    if latest is not None:
        fresh = latest["timestamp"] >= day_of(now)
        return {
            "value": latest["total_value"],
            "value_source": "snapshots",
            "as_of": latest["timestamp"],
            "daily_change": latest["daily_change"] if fresh else Decimal(0),
            "daily_change_pct": latest["daily_change_pct"] if fresh else Decimal(0),
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
        }
    return dict.fromkeys(("value", "value_source", "as_of", "daily_change", "daily_change_pct"))


def reported_figures(latest: Row | None, equity: Equity, results: Results) -> dict[str, Any]:
    """The total result since the beginning, as the bot reports it or else of all trades."""
    if latest is None and not len(equity):
        return dict.fromkeys(("total_pnl", "total_pnl_pct", "since", "until"))
    told = latest or {"total_pnl": None, "total_pnl_pct": None, "timestamp": None}
    total = results.total if told["total_pnl"] is None else told["total_pnl"]
    relative = told["total_pnl_pct"]
    if relative is None and len(equity):
        relative = percent(total, equity.first)
    return {
        "total_pnl": total,
        "total_pnl_pct": relative,
        "since": results.first or told["timestamp"],
        "until": None,
    }


def window_figures(before: Series, window: Window, results: Results) -> dict[str, Any]:
    """What the trades closed in the window came to, with what is open if it reaches until now; in percent of what there
    was when it began."""
    equity = before.equity
    begin = None
    if len(equity):
        start = 0 if window.start is None else int(np.searchsorted(equity.times, micros(window.start))) - 1
        begin = equity.values.at(max(start, 0))
    return {
        "total_pnl": results.total,
        "total_pnl_pct": None if begin is None else percent(results.total, begin),
        "since": window.start or results.first,
        "until": window.end,
    }


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
