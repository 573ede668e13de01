"""Ours beside the libraries; the table is `python -m tests.analytics.agreement`."""

import warnings
from pathlib import Path

import pytest

from tests.analytics.agreement import DATA_SETS, TOLERANCE, Pair, difference, pairs, series


@pytest.fixture(scope="module")
def every_pair(shared_data: Path) -> list[Pair]:
    """Not at import: the libraries take seconds to load."""
    pytest.importorskip("empyrical")
    pytest.importorskip("quantstats")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(pairs())


@pytest.mark.parametrize("name", DATA_SETS)
@pytest.mark.filterwarnings("ignore")  # the libraries' own
def test_equal_where_the_definition_is_the_same(every_pair: list[Pair], name: str) -> None:
    data = series(name)
    found = {
        f"{pair.metric}, {pair.library}": difference(pair.ours(data), pair.theirs(data))
        for pair in every_pair
        if pair.other is None
    }
    assert len(found) >= 45
    assert {pair: each for pair, each in found.items() if each > TOLERANCE} == {}


@pytest.mark.parametrize("name", DATA_SETS)
@pytest.mark.filterwarnings("ignore")
def test_where_a_library_differs_it_is_by_the_definition_named(every_pair: list[Pair], name: str) -> None:
    data = series(name)
    for pair in every_pair:
        if pair.other is not None:
            theirs = pair.theirs(data)
            assert pair.why
            assert difference(pair.other(data), theirs) <= TOLERANCE, f"{pair.metric}, {pair.library}: not so any more"
            assert difference(pair.ours(data), theirs) > TOLERANCE, f"{pair.metric}, {pair.library}: agrees now"
