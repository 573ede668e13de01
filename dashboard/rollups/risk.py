"""The account's risk at the end of each day, over all days until then."""

from dataclasses import fields
from datetime import datetime
from typing import Any

import numpy as np

from analytics.report import RiskMetrics as Figures
from analytics.report import risk_metrics
from dashboard.models import Account, RiskMetrics, Trade
from dashboard.rollups.rows import DAY, EPOCH, day_number, moment_of_day, replace
from dashboard.selectors.equity import DAY_MICROS, Equity, Floats, Micros, account_equity, micros, moment_of
from dashboard.selectors.trades import defined

PLAIN = [each.name for each in fields(Figures) if each.name not in ("periods", "start", "end")]
FIELDS = ["source", "periods", "start", "end", *PLAIN]


def risk_update(account: Account, since: datetime) -> RiskMetrics | None:
    """Recompute the rows of `since` (a day) and later; return the latest row if anything changed, else None."""
    equity = account_equity(account)
    if RiskMetrics.objects.filter(account=account).exclude(source=equity.source or "").exists():
        since = EPOCH  # the first snapshot takes the place of what trades said
    earlier = RiskMetrics.objects.filter(account=account, timestamp__lt=since).order_by("-timestamp").first()
    # Quiet days since the last row appear with a later value and go with it.
    since = EPOCH if earlier is None else min(since, earlier.timestamp + DAY)
    stored = RiskMetrics.objects.filter(account=account, timestamp__gte=since)
    if not replace(stored, risk_rows(account, equity, since), FIELDS):
        return None
    return RiskMetrics.objects.filter(account=account).order_by("-timestamp").first()


class Closed:
    """The closed trades of an account as arrays, in closing order."""

    def __init__(self, account: Account) -> None:
        rows = Trade.objects.filter(account=account, status="closed").order_by("exit_time", "id")
        found = list(rows.values_list("entry_time", "exit_time", "net_pnl").iterator(chunk_size=2000))
        self.opened: Micros = np.array([micros(entered) for entered, _, _ in found], dtype=np.int64)
        self.closed: Micros = np.array([micros(left) for _, left, _ in found], dtype=np.int64)
        self.net_pnl: Floats = np.array([float(net) for _, _, net in found])


def risk_rows(account: Account, equity: Equity, since: datetime) -> list[RiskMetrics]:
    """The rows from a day on, from one load of what they are made of."""
    days, returns = equity.daily()
    if not len(days):
        return []
    trades = Closed(account)
    first = int(np.searchsorted(days, day_number(since)))
    return [risk_row(account, equity, days[: index + 1], returns, trades) for index in range(first, len(days))]


def risk_row(account: Account, equity: Equity, days: Micros, returns: Floats, trades: Closed) -> RiskMetrics:
    bounds = np.concatenate([days[:1], days + 1]) * DAY_MICROS
    until = int(np.searchsorted(trades.closed, bounds[-1]))
    figures = risk_metrics(
        bounds,
        returns[: len(days)],
        account.periods_per_year,
        net_pnl=trades.net_pnl[:until],
        positions=(trades.opened[:until], trades.closed[:until]),
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
