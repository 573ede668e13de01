"""What an account holds right now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from analytics.breakdown import allocation
from dashboard.fields import EXACT, OutOfRange, exact_sum, round_exact
from dashboard.models import Account, Portfolio, Trade
from dashboard.selectors.series import WHOLE, Part

HELD_BY = ("asset_class", "strategy", "direction", "symbol")


@dataclass(frozen=True)
class Holding:
    """One position: its size in money whatever its side, and what it has earned so far."""

    symbol: str
    direction: str
    asset_class: str | None
    strategy: str | None
    value: Decimal | None
    unrealized_pnl: Decimal | None


@dataclass(frozen=True)
class Groups:
    names: list[str | None]
    values: list[Decimal]
    shares: list[float]


@dataclass(frozen=True)
class Parts:
    """The largest positions, those of one symbol and side in a group as one."""

    groups: list[str | None]
    symbols: list[str]
    directions: list[str]
    values: list[Decimal]
    shares: list[float]
    unrealized_pnl: list[Decimal | None]
    total: int


@dataclass(frozen=True)
class Allocation:
    """Positions of the latest snapshot, or open trades at their entry prices; shares are fractions of all positions.
    A position whose value is not known is left out, a group that is not known is null."""

    source: str | None
    timestamp: datetime | None
    value: Decimal | None
    cash: Decimal | None
    group_by: str
    groups: Groups
    parts: Parts


def allocation_chart(account: Account, part: Part, group_by: str, limit: int) -> Allocation:
    latest, source, held = holdings(account, part)
    known = [each for each in held if each.value is not None]
    return Allocation(
        source=source,
        timestamp=None if latest is None else latest.timestamp,
        value=None if latest is None else latest.total_value,
        cash=None if latest is None else latest.cash_balance,
        group_by=group_by,
        groups=groups(known, group_by),
        parts=parts(known, group_by, limit),
    )


def holdings(account: Account, part: Part = WHOLE) -> tuple[Portfolio | None, str | None, list[Holding]]:
    """The latest snapshot, where the positions are from, and the positions of the part."""
    latest = Portfolio.objects.filter(account=account).order_by("-timestamp").first()
    if latest is not None and latest.positions:
        return latest, "snapshots", [reported(position) for position in held_by(part, latest.positions)]
    held = list(opened(account, part))
    return latest, "trades" if held else None, held


def held_by(part: Part, positions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those positions of a snapshot that are of the part."""
    return [each for each in positions if part.holds(each.get("strategy"), each["symbol"], each.get("asset_class"))]


def reported(position: dict[str, Any]) -> Holding:
    return Holding(
        position["symbol"],
        position["direction"],
        position.get("asset_class"),
        position.get("strategy"),
        Decimal(position["value"]).copy_abs(),
        Decimal(position["unrealized_pnl"]),
    )


def opened(account: Account, part: Part) -> Iterable[Holding]:
    rows = Trade.objects.filter(account=account, status="open", **part.traits).order_by("id")
    columns = ("symbol", "direction", "asset_class", "strategy__name", "size", "entry_price", "net_pnl")
    for symbol, direction, asset_class, strategy, size, price, net_pnl in rows.values_list(*columns).iterator(2000):
        yield Holding(symbol, direction, asset_class, strategy, worth(size, price), net_pnl)


def worth(size: Decimal, price: Decimal | None) -> Decimal | None:
    """What a position cost; None where that is not known or not a sum of money that can be."""
    try:
        return None if price is None else round_exact(EXACT.multiply(size, price))
    except OutOfRange:
        return None


def groups(held: Sequence[Holding], group_by: str) -> Groups:
    found = allocation([getattr(each, group_by) for each in held], amounts(held))
    return Groups([each.name for each in found], [each.value for each in found], [each.share for each in found])  # type: ignore[misc]


def parts(held: Sequence[Holding], group_by: str, limit: int) -> Parts:
    earned: dict[Any, list[Decimal | None]] = {}
    names = [(getattr(each, group_by), each.symbol, each.direction) for each in held]
    for name, each in zip(names, held, strict=True):
        earned.setdefault(name, []).append(each.unrealized_pnl)
    found = allocation(names, amounts(held))
    shown: list[Any] = [each.name for each in found[:limit]]
    return Parts(
        groups=[group for group, _, _ in shown],
        symbols=[symbol for _, symbol, _ in shown],
        directions=[direction for _, _, direction in shown],
        values=[each.value for each in found[:limit]],
        shares=[each.share for each in found[:limit]],
        unrealized_pnl=[None if set(earned[name]) == {None} else exact_sum(earned[name]) for name in shown],
        total=len(found),
    )


def amounts(held: Sequence[Holding]) -> list[Decimal]:
    return [each.value for each in held if each.value is not None]
