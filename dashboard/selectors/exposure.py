"""How much of an account's value stands in what, by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from dashboard.fields import EXACT
from dashboard.models import Account
from dashboard.selectors.allocation import Holding, holdings
from dashboard.selectors.equity import account_equity
from dashboard.selectors.series import Part

ZERO = Decimal(0)


class Sided(Protocol):
    """A position: which side it is on, and its size in money."""

    @property
    def direction(self) -> str: ...

    @property
    def value(self) -> Decimal | None: ...


@dataclass(frozen=True)
class Exposed:
    """A group of positions: the money in it on each side, and its size in percent of the account's value."""

    name: str | None
    long: Decimal
    short: Decimal
    positions: int
    percent: float | None

    @property
    def size(self) -> Decimal:
        return EXACT.add(self.long, self.short)


@dataclass(frozen=True)
class Exposure:
    """All positions of a part whose value is known, and the same by asset class and by symbol, the largest first."""

    source: str | None
    total: Exposed
    by_asset_class: list[Exposed]
    by_symbol: list[Exposed]


def exposure(account: Account, part: Part) -> Exposure:
    latest, source, held = holdings(account, part)
    equity = account_equity(account)
    value = latest.total_value if latest is not None else equity.last if len(equity) else None
    known = [each for each in held if each.value is not None]
    return Exposure(
        source=source,
        total=exposed(None, known, value),
        by_asset_class=by(known, lambda each: each.asset_class, value),
        by_symbol=by(known, lambda each: each.symbol, value),
    )


def by(held: Sequence[Holding], name: Callable[[Holding], str | None], value: Decimal | None) -> list[Exposed]:
    groups: dict[str | None, list[Holding]] = {}
    for each in held:
        groups.setdefault(name(each), []).append(each)
    found = [exposed(each, group, value) for each, group in groups.items()]
    return sorted(found, key=lambda each: (-each.size, each.name or ""))


def exposed(name: str | None, held: Sequence[Sided], value: Decimal | None) -> Exposed:
    sides: dict[str, Any] = {"long": ZERO, "short": ZERO}
    for each in held:
        sides[each.direction] = EXACT.add(sides[each.direction], each.value or ZERO)
    size = EXACT.add(sides["long"], sides["short"])
    percent = float(size / value * 100) if value is not None and value > 0 else None
    return Exposed(name, sides["long"], sides["short"], len(held), percent)
