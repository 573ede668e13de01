"""What is wrong with a running installation, and what to do about it.

Each check is a function that yields findings; one that raises is a finding itself. Nothing is changed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum


class State(Enum):
    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True)
class Finding:
    """`said` is what was found, `todo` what to do about it, nothing if all is well."""

    check: str
    state: State
    said: str
    todo: str = ""


Check = Callable[[], Iterator[Finding]]


def examine(checks: dict[str, Check]) -> Iterator[Finding]:
    for name, check in checks.items():
        try:
            yield from check()
        except Exception as error:  # the broken part may fail in any way of its library
            said = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
            yield Finding(name, State.FAILURE, said, "See to what the message names, then run doctor again.")


def ok(check: str, said: str) -> Finding:
    return Finding(check, State.OK, said)


def warning(check: str, said: str, todo: str) -> Finding:
    return Finding(check, State.WARNING, said, todo)


def failure(check: str, said: str, todo: str) -> Finding:
    return Finding(check, State.FAILURE, said, todo)
