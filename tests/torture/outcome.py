"""What a row of the torture suite is and what it tells."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Scale:
    """How hard to try. A run repeats itself from its seed as far as time and processes allow."""

    seed: int = 1
    short: bool = False

    def of(self, full: int, short: int) -> int:
        return short if self.short else full


@dataclass
class Outcome:
    """What was measured; the row is met when `faults` is empty."""

    figures: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, report: dict[str, Any]) -> "Outcome":
        """A report whose `faults` are its faults."""
        return cls({name: value for name, value in report.items() if name != "faults"}, list(report["faults"]))

    def want(self, kept: bool, fault: str) -> None:
        if not kept:
            self.faults.append(fault)


@dataclass(frozen=True)
class Row:
    """One figure of the suite: its number in the report, what is tried, and what must hold."""

    number: int
    name: str
    goal: str
    run: Callable[[Scale], Outcome]
