"""What the account was worth over time, and what it earned a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import QuerySet

from analytics.downsample import m4
from analytics.drawdown import current_drawdown, drawdown_series, max_drawdown
from analytics.ratios import sharpe
from analytics.returns import daily_returns, snapshot_returns, wealth_index
from dashboard.fields import EXACT, exact_sum
from dashboard.models import EXTERNAL_FLOWS, Account, CashFlow, Portfolio, Strategy, Trade
from dashboard.selectors.trades import defined

MICRO = 1_000_000
DAY_MICROS = 86_400 * MICRO
Micros = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Equity:
    """The value of an account at moments (int64 microseconds UTC), oldest first, from snapshots or from trades."""

    source: str | None
    times: Micros
    values: list[Decimal]
    flow_times: Micros
    flow_amounts: Floats

    @property
    def floats(self) -> Floats:
        return np.fromiter((float(value) for value in self.values), dtype=float, count=len(self.values))

    def between(self, start: datetime | None, end: datetime | None) -> "Equity":
        first = 0 if start is None else int(np.searchsorted(self.times, micros(start)))
        last = len(self.times) if end is None else int(np.searchsorted(self.times, micros(end), side="right"))
        return Equity(self.source, self.times[first:last], self.values[first:last], self.flow_times, self.flow_amounts)

    def daily(self) -> tuple[Micros, Floats]:
        """Days (numbers since 1970, UTC) and their time-weighted returns; empty without capital."""
        if len(self.times) < 2:
            return np.empty(0, np.int64), np.empty(0)
        found = daily_returns(self.times, self.floats, self.flow_times, self.flow_amounts)
        return found.days, found.values


def micros(moment: datetime) -> int:
    return int(moment.timestamp()) * MICRO + moment.microsecond


def moment_of(value: int) -> datetime:
    return datetime.fromtimestamp(value // MICRO, UTC).replace(microsecond=int(value % MICRO))


def account_equity(account: Account) -> Equity:
    """The equity of one account; see `equities`."""
    return equities([account])[account.pk]


def equities(accounts: Sequence[Account]) -> dict[int, Equity]:
    """By account id: from snapshots where a bot sends them, else from closed trades on the capital begun with."""
    keys = [account.pk for account in accounts]
    snapshots = Portfolio.objects.filter(account__in=keys).order_by("account_id", "timestamp")
    values = grouped(snapshots.values_list("account_id", "timestamp", "total_value"))
    flows = CashFlow.objects.filter(account__in=keys, kind__in=EXTERNAL_FLOWS).order_by("account_id", "timestamp")
    moved = grouped(flows.values_list("account_id", "timestamp", "amount"))
    traded = values_from_trades([account for account in accounts if account.pk not in values])
    found = {}
    for key in keys:
        if key in values:
            found[key] = equity_of("snapshots", values[key], moved.get(key, []))
        else:
            found[key] = equity_of("trades" if key in traded else None, traded.get(key, []), [])
    return found


Valued = list[tuple[datetime, Decimal]]


def grouped(rows: QuerySet[Any, Any]) -> dict[int, Valued]:
    found: dict[int, Valued] = {}
    for key, at, amount in rows.iterator(chunk_size=2000):
        found.setdefault(key, []).append((at, amount))
    return found


def equity_of(source: str | None, rows: Valued, flows: Valued) -> Equity:
    return Equity(
        source,
        np.fromiter((micros(at) for at, _ in rows), dtype=np.int64, count=len(rows)),
        [value for _, value in rows],
        np.fromiter((micros(at) for at, _ in flows), dtype=np.int64, count=len(flows)),
        np.fromiter((float(amount) for _, amount in flows), dtype=float, count=len(flows)),
    )


def values_from_trades(accounts: Sequence[Account]) -> dict[int, Valued]:
    """The value after each close, beginning with the capital at the first entry."""
    allocated = grouped(
        Strategy.objects.filter(account__in=accounts, allocated_capital__isnull=False).values_list(
            "account_id", "created_at", "allocated_capital"
        )
    )
    capital = {
        account.pk: account.initial_capital
        if account.initial_capital is not None
        else exact_sum(amount for _, amount in allocated.get(account.pk, []))
        for account in accounts
    }
    closed = Trade.objects.filter(account__in=accounts, status="closed").order_by("account_id", "exit_time", "id")
    found: dict[int, Valued] = {}
    for key, entered, at, net_pnl in closed.values_list("account_id", "entry_time", "exit_time", "net_pnl").iterator(
        2000
    ):
        rows = found.setdefault(key, [(entered, capital[key])])
        if entered < rows[0][0]:
            rows[0] = (entered, capital[key])
        value = EXACT.add(rows[-1][1], net_pnl)
        if rows[-1][0] == at and len(rows) > 1:
            rows[-1] = (at, value)
        else:
            rows.append((at, value))
    return found


def risk_figures(account: Account, equity: Equity) -> dict[str, Any]:
    """Sharpe and drawdowns of the daily and of the whole series; None where undefined."""
    _, returns = equity.daily()
    values = equity.floats
    # Drawdowns are those of the time-weighted curve, so that a withdrawal is no loss.
    deepest = current = None
    if len(values) and values.min() > 0:
        curve = twr_curve(equity)
        deepest, current = max_drawdown(curve) * 100, current_drawdown(curve) * 100
    return {
        "sharpe_ratio": defined(sharpe(returns, account.periods_per_year)) if len(returns) > 1 else None,
        "sharpe_periods": len(returns),
        "max_drawdown_pct": deepest,
        "current_drawdown_pct": current,
    }


def twr_curve(equity: Equity) -> Floats:
    """What 1 unit grew to at each moment, deposits and withdrawals taken out. Shape of `values`."""
    returns = snapshot_returns(equity.times, equity.floats, equity.flow_times, equity.flow_amounts)
    return wealth_index(np.nan_to_num(returns, nan=0.0))


def equity_curve(account: Account, start: datetime | None, end: datetime | None, points: int) -> dict[str, Any]:
    """At most `points` moments of value and drawdown, every visible extreme among them."""
    equity = account_equity(account).between(start, end)
    if not len(equity.times):
        return {
            "timestamps": [], "equity": [], "drawdown": [], "start_value": None, "end_value": None,
            "return_pct": None, "source": None,
        }  # fmt: skip
    values = equity.floats
    curve = twr_curve(equity) if values.min() > 0 else None
    falls = None if curve is None else drawdown_series(curve)
    chosen = np.arange(len(values))
    if len(values) > points:
        chosen = m4(equity.times, values, points - 2)
        if curve is not None and falls is not None:
            # With deposits the deepest fall need not be where the value is lowest.
            trough = int(falls.argmin())
            chosen = np.union1d(chosen, [int(curve[: trough + 1].argmax()), trough])
    return {
        "timestamps": [moment_of(int(equity.times[index])) for index in chosen],
        "equity": [equity.values[index] for index in chosen],
        "drawdown": [None if falls is None else float(falls[index]) for index in chosen],
        "start_value": equity.values[0],
        "end_value": equity.values[-1],
        "return_pct": None if curve is None else defined(float(curve[-1] - 1) * 100),
        "source": equity.source,
    }
