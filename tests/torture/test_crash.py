"""A short form of the crash run; the long one is `make torture`."""

import pytest

from tests.settings import POSTGRES
from tests.torture.crash import run


@pytest.mark.layer
def test_two_kills_lose_nothing() -> None:
    found = run(kills=2, postgres=POSTGRES)
    assert found["faults"] == []
    assert found["acknowledged_changes"] > 20
    assert found["events_seen"] == found["events"]
