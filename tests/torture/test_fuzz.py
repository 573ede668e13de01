"""A short form of the fuzz run; the long one is `make fuzz`."""

from tests.server import Server
from tests.torture.fuzz import BOUNDED, run


def test_generated_requests_are_answered_as_documented(server: Server) -> None:
    found = run(server, examples=5, seed=1, phases=BOUNDED)
    assert found.faults == {}
    assert found.cases > 300
