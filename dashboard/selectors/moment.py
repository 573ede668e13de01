"""One moment of an account: what it was worth, how its day went, and what happened on that day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import QuerySet

from analytics.returns import DAY
from analytics.rolling import rolling_sharpe, rolling_volatility
from dashboard import wire
from dashboard.fields import EXACT
from dashboard.models import Account, Alert, Annotation, CashFlow, Trade
from dashboard.moments import day_of, micros, moment_of
from dashboard.selectors.benchmark import Against
from dashboard.selectors.charts import compared
from dashboard.selectors.series import Part, Series, Window, series_of
from dashboard.selectors.statistics import defined, tally

ROWS = 50


@dataclass(frozen=True)
class Happened:
    """The first 50 rows of a day in the order of time, of `total`."""

    rows: list[dict[str, Any]]
    total: int


@dataclass(frozen=True)
class Standing:
    """A part of an account at a moment; returns and drawdown are fractions, null where they are not defined.

    `value` is the last one known until then, at `value_at`; `change` is that from the end of the day before to the last
    value of the day, deposits and withdrawals included. `day_return`, `cumulative` (since the beginning of the window),
    `sharpe_ratio` and `volatility` (of the last `span` days) and `benchmark` are at the end of the day. `drawdown` is
    below the peak in the window. `net_pnl`, `trades` and `wins` are of the trades closed on the day.
    """

    value: Decimal | None
    value_at: datetime | None
    change: Decimal | None
    day_return: float | None
    cumulative: float | None
    drawdown: float | None
    net_pnl: Decimal
    trades: int
    wins: int
    span: int
    sharpe_ratio: float | None
    volatility: float | None
    benchmark: float | None


@dataclass(frozen=True)
class Moment:
    """A moment, or a day as a whole: then `at` is its last moment. The day is a UTC day, `previous` and `next` are the
    days beside it that the part has a value on."""

    at: datetime
    day: datetime
    previous: datetime | None
    next: datetime | None
    standing: Standing
    closed: Happened
    opened: Happened
    flows: Happened
    annotations: Happened
    alerts: Happened


def moment_chart(account: Account, window: Window, at: datetime, span: int, against: Against) -> Moment:
    """`window.end` does not matter: nothing later than the day of `at` is looked at."""
    whole = series_of(account, window.part, None)
    day = day_of(at)
    first, last = known_days(whole, account)
    return Moment(
        at=at,
        day=day,
        previous=day - timedelta(days=1) if first is not None and day > first else None,
        next=day + timedelta(days=1) if last is not None and day < last else None,
        standing=standing(account, whole, window, at, span, against),
        **happened(account, window.part, day),
    )


def last_of(day: datetime) -> datetime:
    """The last moment of a day."""
    return day_of(day) + timedelta(days=1) - timedelta(microseconds=1)


def known_days(whole: Series, account: Account) -> tuple[datetime | None, datetime | None]:
    """The first and the last day on which anything is known."""
    times = [int(each[place]) for each in (whole.equity.times, whole.closed.exited) for place in (0, -1) if len(each)]
    return (day_of(moment_of(min(times))), day_of(moment_of(max(times)))) if times else (None, None)


def standing(account: Account, whole: Series, window: Window, at: datetime, span: int, against: Against) -> Standing:
    begin, end = micros(day_of(at)), micros(last_of(at))
    equity, visible = whole.equity, whole.since(window.start)
    places = np.searchsorted(equity.times, [micros(at), begin - 1, end], side="right") - 1
    place, before, after = places.tolist()
    change = None
    if before >= 0 and after > before:
        change = EXACT.subtract(equity.values.at(after), equity.values.at(before))
    number = begin // DAY
    today = whole.closed[slice(*np.searchsorted(whole.closed.exited, [begin, end + 1]).tolist())]
    results = tally(today.net_pnl)
    year = account.periods_per_year
    beside = compared(account, against, whole)
    return Standing(
        value=equity.values.at(place) if place >= 0 else None,
        value_at=moment_of(int(equity.times[place])) if place >= 0 else None,
        change=change,
        day_return=on_day(whole.days, whole.returns, number),
        cumulative=cumulated(visible, number),
        drawdown=fallen(visible, at),
        net_pnl=results.net_pnl,
        trades=results.trades,
        wins=results.wins,
        span=span,
        sharpe_ratio=on_day(whole.days, rolling_sharpe(whole.returns, span, year, against.risk_free), number),
        volatility=on_day(whole.days, rolling_volatility(whole.returns, span, year), number),
        benchmark=None if beside is None else on_day(beside.days, beside.values, number),
    )


def on_day(days: Any, values: Any, number: int) -> float | None:
    """The value of a day; None where there is none."""
    place = int(np.searchsorted(days, number))
    return defined(float(values[place])) if place < len(days) and days[place] == number else None


def cumulated(visible: Series, number: int) -> float | None:
    """What was earned from the beginning until the end of the day."""
    place = int(np.searchsorted(visible.days, number, side="right"))
    return float(visible.line[place] / visible.line[0] - 1) if place and number <= visible.days[-1] else None


def fallen(visible: Series, at: datetime) -> float | None:
    place = int(np.searchsorted(visible.equity.times, micros(at), side="right")) - 1
    falls = visible.equity.falls
    return float(falls[place]) if place >= 0 and falls is not None else None


def happened(account: Account, part: Part, day: datetime) -> dict[str, Happened]:
    """What is stored of the day, of the part where it says whose it is."""
    trades = Trade.objects.filter(account=account, **part.traits)
    alerts = Alert.objects.filter(account=account)
    if part.strategies is not None:
        alerts = alerts.filter(strategy__name__in=part.strategies)
    closed = trades.filter(status="closed")
    opened = trades.exclude(status__in=["pending", "cancelled"])
    flows, notes = (model.objects.filter(account=account) for model in (CashFlow, Annotation))
    return {
        "closed": of_day(closed, wire.TRADE, "exit_time", day),
        "opened": of_day(opened, wire.TRADE, "entry_time", day),
        "flows": of_day(flows, wire.CASH_FLOW, "timestamp", day),
        "annotations": of_day(notes, wire.ANNOTATION, "date", day),
        "alerts": of_day(alerts, wire.ALERT, "created_at", day),
    }


def of_day(rows: QuerySet[Any], form: wire.Wire, column: str, day: datetime) -> Happened:
    found = rows.filter(**{f"{column}__gte": day, f"{column}__lt": day + timedelta(days=1)}).order_by(column, "id")
    return Happened(form.rows(found[:ROWS]), found.count())
