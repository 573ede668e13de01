"""What an account was worth at its snapshots, and what flowed in and out of it, as columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import F, Q, QuerySet

from analytics.money import Money
from dashboard.columns import AsMicros, Exact, Floats, Ints, Listed, floats, listed, moments, money
from dashboard.models import EXTERNAL_FLOWS, CashFlow, Portfolio
from dashboard.moments import micros


@dataclass(frozen=True)
class Values:
    """Total values at moments (microseconds UTC), oldest first."""

    times: Ints
    amounts: Money

    @classmethod
    def empty(cls) -> "Values":
        return cls(np.empty(0, np.int64), Money.of([]))

    def changed(self, since: datetime, rows: "Values") -> "Values":
        """With `rows` in the place of all from `since` on."""
        kept = slice(0, int(np.searchsorted(self.times, micros(since))))
        return Values(np.concatenate([self.times[kept], rows.times]), Money.joined(self.amounts[kept], rows.amounts))


@dataclass(frozen=True)
class Flows:
    """Money that came in (positive) or went out, oldest first."""

    times: Ints
    amounts: Floats

    @classmethod
    def empty(cls) -> "Flows":
        return cls(np.empty(0, np.int64), np.empty(0))


def values_load(which: Q) -> dict[int, Values]:
    """The snapshots' values that match, by account id."""
    rows = by_account(Portfolio.objects.filter(which), "total_value")
    return {key: Values(times[order], money(amounts)[order]) for key, times, amounts, order in rows}


def flows_load(which: Q) -> dict[int, Flows]:
    """The deposits, withdrawals and adjustments that match, by account id."""
    rows = by_account(CashFlow.objects.filter(which, kind__in=EXTERNAL_FLOWS), "amount")
    return {key: Flows(times[order], floats(amounts)[order]) for key, times, amounts, order in rows}


def by_account(rows: QuerySet[Any], amount: str) -> Iterator[tuple[int, Ints, str, Any]]:
    """Account id, moments, the text of the amounts, and their order in time."""
    columns = {"times": Listed(AsMicros(F("timestamp"))), "amounts": Exact(amount)}
    for row in rows.order_by("account_id").values("account_id").annotate(**columns):
        times = moments(listed(row["times"]))
        yield row["account_id"], times, row["amounts"], np.argsort(times, kind="stable")
