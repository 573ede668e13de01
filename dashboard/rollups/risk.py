"""The account's risk at the end of each day, over all days until then."""

from dataclasses import fields
from datetime import datetime
from typing import Any

import numpy as np

from analytics.report import RiskMetrics as Figures
from analytics.report import risk_metrics
from dashboard.columns import Floats, Ints
from dashboard.models import Account, RiskMetrics
from dashboard.moments import DAY_MICROS, moment_of
from dashboard.rollups.rows import DAY, EPOCH, day_number, moment_of_day, replace
from dashboard.selectors.book import book_of
from dashboard.selectors.closed import Closed
from dashboard.selectors.equity import Equity, account_equity
from dashboard.selectors.statistics import defined

PLAIN = [each.name for each in fields(Figures) if each.name not in ("periods", "start", "end")]
KEPT_DAYS = 1_000  # rows: each is made from all days before it, so what a late report costs grows with their square
FIELDS = ["source", "periods", "start", "end", *PLAIN]


def risk_update(account: Account, since: datetime) -> RiskMetrics | None:
    """Recompute the rows of `since` (a day) and later, of the last KEPT_DAYS; return the latest row if any changed."""
    equity = account_equity(account)
    days, _ = equity.daily()
    kept = moment_of_day(int(days[max(len(days) - KEPT_DAYS, 0)])) if len(days) else EPOCH
    RiskMetrics.objects.filter(account=account, timestamp__lt=kept).delete()
    if RiskMetrics.objects.filter(account=account).exclude(source=equity.source or "").exists():
        since = EPOCH  # the first snapshot takes the place of what trades said
    earlier = RiskMetrics.objects.filter(account=account, timestamp__lt=since).order_by("-timestamp").first()
    # Quiet days since the last row appear with a later value and go with it.
    since = max(EPOCH if earlier is None else min(since, earlier.timestamp + DAY), kept)
    stored = RiskMetrics.objects.filter(account=account, timestamp__gte=since)
    if not replace(stored, risk_rows(account, equity, since), FIELDS):
        return None
    return RiskMetrics.objects.filter(account=account).order_by("-timestamp").first()


def risk_rows(account: Account, equity: Equity, since: datetime) -> list[RiskMetrics]:
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
