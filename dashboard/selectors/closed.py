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
from dashboard.columns import AsMicros, AsText, Exact, Floats, Ints, Listed, Names, floats, listed, moments, money
from dashboard.models import Strategy, Trade
from dashboard.moments import MICRO

COLUMNS = {
    "ids": Listed("id"),
    "strategies": Listed("strategy_id"),
    "symbols": Listed("symbol"),
    "exit_reasons": Listed("exit_reason"),
    "directions": Listed("direction"),
    "tags": Listed(AsText("tags")),
    "user_tags": Listed(AsText("user_tags")),
    "asset_classes": Listed("asset_class"),
    "signal_types": Listed("signal_type"),
    "entered": Listed(AsMicros(Coalesce("entry_time", "exit_time"))),
    "exited": Listed(AsMicros(F("exit_time"))),
    "net_pnl": Exact("net_pnl"),
    "fees": Exact("fees"),
    "entry_prices": Exact("entry_price"),
    "sizes": Exact("size"),
    "initial_stops": Exact("initial_stop_loss"),
    "pnl_pcts": Exact("pnl_pct"),
}


@dataclass(frozen=True)
class Closed:
    """n closed trades, by the moment of their close, then by id.

    `net_pnl` and `fees` are exact, fees not known are 0; `entered` and `exited` are microseconds UTC, `durations`
    seconds, `r_multiples` NaN where the initial risk is unknown, `pnl_pcts` where it was not reported; `tags` and
    `user_tags` are codes of JSON lists.
    """

    ids: Ints
    strategies: Names
    symbols: Names
    exit_reasons: Names
    directions: Names
    tags: Names
    user_tags: Names
    asset_classes: Names
    signal_types: Names
    entered: Ints
    exited: Ints
    net_pnl: Money
    fees: Money
    entry_prices: Floats
    sizes: Floats
    initial_stops: Floats
    pnl_pcts: Floats

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
    def stakes(self) -> Floats:
        """What each was worth at entry."""
        return self.entry_prices * self.sizes

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
    NOTHING, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, NOTHING, NOTHING,
    Money.of([]), Money.of([]), np.empty(0), np.empty(0), np.empty(0), np.empty(0),
)  # fmt: skip


def closed_load(which: Q) -> dict[int, Closed]:
    """The closed trades that match, by account id."""
    found = Trade.objects.filter(which, status="closed").order_by("account_id").values("account_id")
    rows = list(found.annotate(**{f"all_{name}": column for name, column in COLUMNS.items()}))
    strategies = {row["account_id"]: Names.of(listed(row["all_strategies"])) for row in rows}
    keys = {key for each in strategies.values() for key in each.names}
    names = dict(Strategy.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}
    return {row["account_id"]: in_columns(row, strategies[row["account_id"]].named(names)) for row in rows}


def in_columns(row: dict[str, Any], strategies: Names) -> Closed:
    whole = Closed(
        ids=np.array(listed(row["all_ids"]), dtype=np.int64),
        strategies=strategies,
        symbols=Names.of(listed(row["all_symbols"])),
        exit_reasons=Names.of(listed(row["all_exit_reasons"])),
        directions=Names.of(listed(row["all_directions"])),
        tags=Names.of(listed(row["all_tags"])),
        user_tags=Names.of(listed(row["all_user_tags"])),
        asset_classes=Names.of(listed(row["all_asset_classes"])),
        signal_types=Names.of(listed(row["all_signal_types"])),
        entered=moments(listed(row["all_entered"])),
        exited=moments(listed(row["all_exited"])),
        net_pnl=money(row["all_net_pnl"]),
        fees=money(row["all_fees"]),
        entry_prices=floats(row["all_entry_prices"]),
        sizes=floats(row["all_sizes"]),
        initial_stops=floats(row["all_initial_stops"]),
        pnl_pcts=floats(row["all_pnl_pcts"]),
    )
    return whole[np.lexsort((whole.ids, whole.exited))]
