"""The account's risk at the end of each day, over all days until then."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Model

from analytics.report import RiskMetrics as Figures
from analytics.report import risk_metrics
from dashboard import wire
from dashboard.columns import Floats, Ints
from dashboard.fields import dumps
from dashboard.models import Account, RiskMetrics
from dashboard.moments import DAY_MICROS, moment_of
from dashboard.rollups.rows import DAY, EPOCH, Part, day_number, difference, moment_of_day
from dashboard.selectors.book import book_of
from dashboard.selectors.closed import Closed
from dashboard.selectors.equity import Equity, account_equity
from dashboard.selectors.statistics import defined

PLAIN = [each.name for each in fields(Figures) if each.name not in ("periods", "start", "end")]
KEPT_DAYS = 1_000  # rows: each is made from all days before it, so what a late report costs grows with their square
FIELDS = ["source", "periods", "start", "end", *PLAIN]


def risk_parts(account: Account, since: datetime) -> Iterator[Part]:
    """What has to be written for `since` (a day) and later, of the last KEPT_DAYS, to be right, and what else goes."""
    equity = account_equity(account)
    days, _ = equity.daily()
    kept = moment_of_day(int(days[max(len(days) - KEPT_DAYS, 0)])) if len(days) else EPOCH
    every = RiskMetrics.objects.filter(account=account)
    if every.exclude(source=equity.source or "").exists():
        since = EPOCH  # the first snapshot takes the place of what trades said
    earlier = every.filter(timestamp__lt=since).order_by("-timestamp").first()
    # Quiet days since the last row appear with a later value and go with it.
    since = max(EPOCH if earlier is None else min(since, earlier.timestamp + DAY), kept)
    wanted = risk_rows(account, equity, since)
    rows, gone = difference(every.filter(timestamp__gte=since), wanted, FIELDS)
    latest = wanted[-1] if wanted else every.filter(timestamp__gte=kept, timestamp__lt=since).first()
    told = ("risk_update", dumps(wire.RISK.instance(latest))) if latest and (rows or gone) else None
    gone += every.filter(timestamp__lt=kept).values_list("pk", flat=True)
    yield from Part(RiskMetrics, ("account", "timestamp"), rows, gone, lambda: told).pieces()


def risk_rows(account: Account, equity: Equity, since: datetime) -> list[Model]:
    """The rows from a day on, from one load of what they are made of."""
    days, returns = equity.daily()
    if not len(days):
        return []
    trades = book_of(account).closed
    first = int(np.searchsorted(days, day_number(since)))
    return [risk_row(account, equity, days[: index + 1], returns, trades) for index in range(first, len(days))]


def risk_row(account: Account, equity: Equity, days: Ints, returns: Floats, trades: Closed) -> RiskMetrics:
    bounds = np.concatenate([days[:1], days + 1]) * DAY_MICROS
    until = int(np.searchsorted(trades.exited, bounds[-1]))
    figures = risk_metrics(
        bounds,
        returns[: len(days)],
        account.periods_per_year,
        net_pnl=trades.results[:until],
        positions=(trades.entered[:until], trades.exited[:until]),
    )
    values: dict[str, Any] = {name: defined(getattr(figures, name)) for name in PLAIN}
    return RiskMetrics(
        account=account,
        timestamp=moment_of_day(int(days[-1])),
        source=equity.source or "",
        periods=figures.periods,
        start=moment_of_day(int(days[0])),
        end=moment_of(int(bounds[-1])),
        **values,
    )
