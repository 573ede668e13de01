"""The closed trades of an account as columns, in closing order, and what they came to."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from analytics.money import Money
from analytics.positions import r_multiple
from dashboard.columns import AsMicros, AsText, Floats, Ints, Names, floats, moments, money
from dashboard.models import Strategy, Trade
from dashboard.moments import MICRO

PLAIN = ("account_id", "id", "strategy_id", "symbol", "exit_reason", "direction")
TEXTS = ("net_pnl", "fees", "entry_price", "size", "initial_stop_loss", "tags")


@dataclass(frozen=True)
class Closed:
    """n closed trades, by the moment of their close, then by id.

    `net_pnl` and `fees` are exact, fees not known are 0; `entered` and `exited` are microseconds UTC, `durations`
    seconds, `r_multiples` NaN where the initial risk is unknown; `tags` are codes of JSON lists.
    """

    ids: Ints
    strategies: Names
    symbols: Names
    exit_reasons: Names
    directions: Names
    tags: Names
    entered: Ints
    exited: Ints
    net_pnl: Money
    fees: Money
    entry_prices: Floats
    sizes: Floats
    initial_stops: Floats

    @classmethod
    def empty(cls) -> "Closed":
        return EMPTY

    def __getitem__(self, which: Any) -> "Closed":
        return Closed(*(getattr(self, each.name)[which] for each in fields(self)))

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def durations(self) -> Floats:
        seconds: Floats = ((self.exited - self.entered) // MICRO).astype(np.float64)
        return seconds

    @cached_property
    def results(self) -> Floats:
        """`net_pnl` as doubles."""
        return self.net_pnl.floats()

    @cached_property
    def r_multiples(self) -> Floats:
        return r_multiple(self.results, self.entry_prices, self.initial_stops, self.sizes)

    def only(self, ids: Sequence[int]) -> "Closed":
        """Those with these ids."""
        return self[np.isin(self.ids, np.fromiter(ids, np.int64, len(ids)))]

    def changed(self, ids: Sequence[int], rows: "Closed") -> "Closed":
        """With `rows` in the place of all trades of these ids."""
        kept = self[~np.isin(self.ids, np.array(ids, dtype=np.int64))]
        whole = Closed(*(joined(getattr(kept, each.name), getattr(rows, each.name)) for each in fields(self)))
        return whole[np.lexsort((whole.ids, whole.exited))]


def joined(first: Any, second: Any) -> Any:
    return np.concatenate([first, second]) if isinstance(first, np.ndarray) else type(first).joined(first, second)


NOTHING = np.empty(0, np.int64)
NOBODY = Names(NOTHING, ())
EMPTY = Closed(
    NOTHING, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOTHING, NOTHING, Money.of([]), Money.of([]),
    np.empty(0), np.empty(0), np.empty(0),
)  # fmt: skip


def closed_load(which: Q) -> dict[int, Closed]:
    """The closed trades that match, by account id."""
    found = Trade.objects.filter(which, status="closed").order_by("account_id", "exit_time", "id")
    times = AsMicros(Coalesce("entry_time", "exit_time")), AsMicros(F("exit_time"))
    rows = list(found.values_list(*PLAIN, *times, *(AsText(name) for name in TEXTS)))
    if not rows:
        return {}
    accounts, ids, strategies, symbols, reasons, directions, entered, exited, *texts = zip(*rows, strict=True)
    net_pnl, fees, entry_prices, sizes, stops, tags = texts
    whole = Closed(
        np.array(ids, dtype=np.int64),
        strategy_names(strategies),
        Names.of(symbols),
        Names.of(reasons),
        Names.of(directions),
        Names.of(tags),
        moments(entered),
        moments(exited),
        money(net_pnl),
        money(fees),
        floats(entry_prices),
        floats(sizes),
        floats(stops),
    )
    return {key: whole[part] for key, part in stretches(accounts)}


def strategy_names(keys: Sequence[int]) -> Names:
    coded = Names.of([str(key) for key in keys])
    names = {str(key): name for key, name in Strategy.objects.filter(pk__in=set(keys)).values_list("pk", "name")}
    return Names(coded.codes, tuple(names[key] for key in coded.names if key is not None))


def stretches(keys: Sequence[int]) -> list[tuple[int, slice]]:
    """Where each account's rows are; `keys` are in order."""
    accounts, starts = np.unique(np.array(keys, dtype=np.int64), return_index=True)
    ends = [*starts.tolist()[1:], len(keys)]
    return [(key, slice(start, end)) for key, start, end in zip(accounts.tolist(), starts.tolist(), ends, strict=True)]
