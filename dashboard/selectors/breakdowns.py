"""Where the money came from and went to, and when it was made. Sums are exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Q, QuerySet

from analytics.breakdown import sankey, waterfall, weekday_hours
from analytics.money import ZERO, Money
from dashboard.columns import Exact, Ints, Names, money
from dashboard.fields import EXACT
from dashboard.models import EXTERNAL_FLOWS, Account, CashFlow, Trade
from dashboard.moments import MICRO, micros, moment_of
from dashboard.selectors.closed import Closed
from dashboard.selectors.series import Window, closed_of, series_of
from dashboard.selectors.statistics import HOUR, matched

STEPS = ("trades", "fees", "slippage", "funding", "deposits", "other")
ONE = Money.of([Decimal(1)])
MOST_NODES = 100


@dataclass(frozen=True)
class Steps:
    """How one account value became another: bar i is `values[i]` high, from `begins[i]` to `ends[i]`.

    `trades` are the gross results of the `total_trades` closed in between, with what of their costs is not known;
    `other` is what no trade and no cash flow explains, as the change of open positions.
    """

    source: str | None
    start: datetime | None
    end: datetime | None
    names: list[str]
    values: list[Decimal]
    begins: list[Decimal]
    ends: list[Decimal]
    total_trades: int


def waterfall_chart(account: Account, window: Window) -> Steps:
    whole = series_of(account, window.part, window.end)
    closed, equity = whole.since(window.start).closed, whole.equity
    begin, end, start = ZERO, closed.net_pnl.total(), window.start
    first = last = None
    flows = Money.of([])
    if len(equity):
        at = 0 if start is None else max(int(np.searchsorted(equity.times, micros(start))) - 1, 0)
        begin, end = equity.values.at(at), equity.last
        first, last = moment_of(int(equity.times[at])), moment_of(int(equity.times[-1]))
        if equity.source == "snapshots":
            # What came before the first value is in it, what came after the last one is not.
            closed = closed[(closed.exited > equity.times[at]) & (closed.exited <= equity.times[-1])]
            flows = moved(account, first if start is None else max(first, start), first, last)
    slippage, funding = known_costs(account, window, closed)
    found = waterfall(
        begin, end, net_pnl=closed.net_pnl, fees=closed.fees, slippage=slippage, funding=funding, flows=flows
    )
    steps = [getattr(found, name) for name in STEPS]
    levels = [begin]
    for step in steps:
        levels.append(EXACT.add(levels[-1], step))
    return Steps(
        source=equity.source,
        start=first,
        end=last,
        names=["start", *STEPS, "end"],
        values=[begin, *steps, end],
        begins=[ZERO, *levels[:-1], ZERO],
        ends=[begin, *levels[1:], end],
        total_trades=len(closed),
    )


def moved(account: Account, start: datetime, after: datetime, end: datetime) -> Money:
    """Deposits, withdrawals and adjustments from `start` to `end` and later than `after`."""
    rows = CashFlow.objects.filter(account=account, kind__in=EXTERNAL_FLOWS).order_by()
    rows = rows.filter(timestamp__gte=start, timestamp__gt=after, timestamp__lte=end)
    return money(rows.aggregate(amounts=Exact("amount"))["amounts"])


def known_costs(account: Account, window: Window, closed: Closed) -> tuple[Money, Money]:
    """Slippage and funding of these trades, which are all of the window's between their first and last close."""
    if not len(closed):
        return Money.of([]), Money.of([])
    first, last = moment_of(int(closed.exited[0])), moment_of(int(closed.exited[-1]))
    rows = Trade.objects.filter(account=account, status="closed", exit_time__gte=first, exit_time__lte=last)
    rows = rows.filter(Q(slippage__isnull=False) | Q(funding__isnull=False)).order_by()
    found = rows.filter(**window.part.traits).aggregate(slippages=Exact("slippage"), fundings=Exact("funding"))
    return money(found["slippages"]), money(found["fundings"])


def closed_matching(account: Account, matching: QuerySet[Trade], key: str) -> Closed:
    """The closed ones of these trades; `key` names the filters that made them and is empty where there are none."""
    closed = closed_of(account)
    return matched(closed, matching) if key else closed


@dataclass(frozen=True)
class Nodes:
    """Level 0 is the capital, 1 strategies, 2 symbols (null: all but the 100 most traded), 3 the outcome; `values` are
    what flows through each."""

    levels: list[int]
    names: list[str | None]
    values: list[Decimal]


@dataclass(frozen=True)
class Links:
    """Bands between two nodes, which are named by their places."""

    sources: list[int]
    targets: list[int]
    values: list[Decimal]


@dataclass(frozen=True)
class Sankey:
    """What flowed from the capital through strategies and symbols to wins and losses; into each node flows what flows
    out."""

    measure: str
    nodes: Nodes
    links: Links
    total_trades: int


def sankey_chart(closed: Closed, measure: str) -> Sankey:
    count = len(closed)
    widths = closed.net_pnl.sizes() if measure == "net_pnl" else ONE[np.zeros(count, np.int64)]
    flows = sankey(mostly(closed.strategies), mostly(closed.symbols), widths, closed.net_pnl)
    flows = [flow for flow in flows if flow.value]
    nodes = {node: None for flow in flows for node in (flow.source, flow.target)}
    places = {node: place for place, node in enumerate(nodes)}
    into: dict[Any, Decimal] = dict.fromkeys(nodes, ZERO)
    for flow in flows:
        into[flow.target] = EXACT.add(into[flow.target], flow.value)
        if flow.source[0] == 0:
            into[flow.source] = EXACT.add(into[flow.source], flow.value)
    return Sankey(
        measure=measure,
        nodes=Nodes([level for level, _ in places], [name for _, name in places], list(into.values())),  # type: ignore[misc]
        links=Links(
            [places[flow.source] for flow in flows],
            [places[flow.target] for flow in flows],
            [flow.value for flow in flows],
        ),
        total_trades=count,
    )


def mostly(names: Names) -> Sequence[str | None]:
    """The name of each row where it is one of the most frequent, else None."""
    counts = np.bincount(names.codes, minlength=len(names.names))
    kept = set(np.argsort(-counts, kind="stable")[:MOST_NODES].tolist())
    shown = [name if code in kept else None for code, name in enumerate(names.names)]
    return [shown[code] for code in names.codes.tolist()]


@dataclass(frozen=True)
class Hours:
    """Seven rows, the first is Monday, of 24 hours: trades, those that won, and their net P&L."""

    timezone: str
    by: str
    trades: list[list[int]]
    winning_trades: list[list[int]]
    net_pnl: list[list[Decimal]]


def hours_chart(closed: Closed, by: str, zone: ZoneInfo) -> Hours:
    times = local(closed.entered if by == "entry" else closed.exited, zone)
    found = weekday_hours(times, closed.net_pnl)
    won = closed.net_pnl.positive
    return Hours(
        timezone=zone.key,
        by=by,
        trades=found.counts.tolist(),
        winning_trades=weekday_hours(times[won], closed.net_pnl[won]).counts.tolist(),
        net_pnl=found.totals,
    )


def local(times: Ints, zone: ZoneInfo) -> Ints:
    """What the clocks of a zone showed, as if it were UTC; they change at quarters of an hour."""
    quarters, places = np.unique(times // (HOUR // 4), return_inverse=True)
    offsets = [
        datetime.fromtimestamp(quarter * 900, UTC).astimezone(zone).utcoffset().total_seconds()  # type: ignore[union-attr]
        for quarter in quarters.tolist()
    ]
    return times + np.array(offsets, dtype=np.int64)[places] * MICRO
