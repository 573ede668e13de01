"""What an account was worth at its snapshots, and what flowed in and out of it, as columns."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import F, Q

from analytics.money import Money
from dashboard.columns import AsMicros, AsText, Floats, Ints, floats, moments, money
from dashboard.models import EXTERNAL_FLOWS, CashFlow, Portfolio
from dashboard.moments import micros
from dashboard.selectors.closed import stretches


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
    found = Portfolio.objects.filter(which).order_by("account_id", "timestamp")
    rows = list(found.values_list("account_id", AsMicros(F("timestamp")), AsText("total_value")))
    if not rows:
        return {}
    accounts, times, amounts = zip(*rows, strict=True)
    whole = Values(moments(times), money(amounts))
    return {key: Values(whole.times[part], whole.amounts[part]) for key, part in stretches(accounts)}


def flows_load(which: Q) -> dict[int, Flows]:
    """The deposits, withdrawals and adjustments that match, by account id."""
    found = CashFlow.objects.filter(which, kind__in=EXTERNAL_FLOWS).order_by("account_id", "timestamp")
    rows = list(found.values_list("account_id", AsMicros(F("timestamp")), AsText("amount")))
    if not rows:
        return {}
    accounts, times, amounts = zip(*rows, strict=True)
    whole = Flows(moments(times), floats(amounts))
    return {key: Flows(whole.times[part], whole.amounts[part]) for key, part in stretches(accounts)}
