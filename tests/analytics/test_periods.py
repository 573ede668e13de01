from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.checks import InputError
from analytics.periods import PERIODS, by_period, period_starts
from analytics.returns import Daily

EPOCH = date(1970, 1, 1)
FIRSTS = {
    "daily": lambda day: day,
    "weekly": lambda day: day - timedelta(days=day.weekday()),
    "monthly": lambda day: day.replace(day=1),
}
dailies = st.dictionaries(st.integers(-800, 30_000), st.floats(-1, 3), max_size=60).map(
    lambda found: Daily(
        np.array(sorted(found), dtype=np.int64), np.array([found[day] for day in sorted(found)], dtype=float)
    )
)


@given(dailies, st.sampled_from(PERIODS))
def test_equal_the_calendar(daily: Daily, period: str) -> None:
    wanted: dict[int, float] = {}
    for day, value in zip(daily.days.tolist(), daily.values.tolist(), strict=True):
        first = (FIRSTS[period](EPOCH + timedelta(days=day)) - EPOCH).days
        wanted[first] = (1 + wanted.get(first, 0.0)) * (1 + value) - 1
    found = by_period(daily, period)
    assert found.days.tolist() == list(wanted)
    assert found.values.tolist() == pytest.approx(list(wanted.values()))
    assert np.array_equal(period_starts(found.days, period), found.days)


def test_a_period_beyond_doubles_is_left_out() -> None:
    found = by_period(Daily(np.array([4, 5, 12]), np.array([1e300, 1e300, 0.5])), "weekly")
    assert (found.days.tolist(), found.values.tolist()) == ([11], [0.5])


def test_refuses_what_does_not_fit() -> None:
    days, values = np.array([1, 2]), np.array([0.1, 0.2])
    for call in (
        lambda: by_period(Daily(days, values), "yearly"),
        lambda: by_period(Daily(days[::-1], values), "weekly"),
        lambda: by_period(Daily(days, values[:1]), "weekly"),
        lambda: by_period(Daily(days, values - 2), "weekly"),
        lambda: by_period(Daily(days, values * np.nan), "daily"),
        lambda: period_starts(values, "weekly"),
    ):
        with pytest.raises(InputError):
            call()
