import math
import statistics

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.checks import FloatArray, InputError
from analytics.ratios import sharpe
from analytics.significance import confidence, deflated_sharpe, luck, probabilistic_sharpe

series = st.lists(st.floats(-0.3, 0.3), min_size=3, max_size=60).map(np.array)
trials = st.lists(st.floats(-3, 3), min_size=2, max_size=50)


def phi(value: float) -> float:
    return 0.5 * (1 + math.erf(value / math.sqrt(2)))


def slow_probability(returns: list[float], threshold: float) -> float:
    n, mean = len(returns), statistics.fmean(returns)
    ratio, deviation = mean / statistics.stdev(returns), statistics.pstdev(returns)
    third = statistics.fmean(((r - mean) / deviation) ** 3 for r in returns)
    fourth = statistics.fmean(((r - mean) / deviation) ** 4 for r in returns)
    return phi((ratio - threshold) * math.sqrt(n - 1) / math.sqrt(1 - third * ratio + (fourth - 1) / 4 * ratio**2))


def test_the_numbers_of_the_paper() -> None:
    """Bailey & Lopez de Prado (2014), the example: 100 trials whose annualised Sharpe ratios have variance 1/2, five
    years of 250 days, 2.5 with skewness -3 and kurtosis 10. They print 0.1132 a day and 0.9004."""
    tried = np.tile([1.0, -1.0], 50)
    tried *= math.sqrt(0.5) / np.std(tried, ddof=1)
    threshold = luck(tried)
    assert threshold / math.sqrt(250) == pytest.approx(0.1132, abs=5e-5)
    assert confidence(2.5, threshold, 1250, (-3.0, 7.0), 250) == pytest.approx(0.9004, abs=5e-5)


@given(series, st.floats(-2, 2))
def test_equals_the_formula(returns: FloatArray, threshold: float) -> None:
    assume(np.std(returns) > 1e-3)
    found = probabilistic_sharpe(returns, 365, threshold)
    assert found == pytest.approx(slow_probability(returns.tolist(), threshold / math.sqrt(365)), abs=1e-9)
    assert 0 <= found <= 1


@given(series, trials)
def test_luck_takes_away(returns: FloatArray, tried: list[float]) -> None:
    assume(np.std(returns) > 1e-3)
    known = np.array(tried)
    assert deflated_sharpe(returns, 365, known) <= probabilistic_sharpe(returns, 365) + 1e-12
    assert deflated_sharpe(returns, 365, known) == probabilistic_sharpe(returns, 365, luck(known))
    assert luck(np.append(known, np.nan)) == luck(known)
    assert deflated_sharpe(returns, 365, known[:1]) == probabilistic_sharpe(returns, 365)


@given(series, st.floats(0.1, 10), st.integers(0, 2**32 - 1))
def test_scale_and_permutation(returns: FloatArray, scale: float, seed: int) -> None:
    assume(np.std(returns) > 1e-3)
    shuffled = np.random.default_rng(seed).permutation(returns) * scale
    assert probabilistic_sharpe(shuffled, 365) == pytest.approx(probabilistic_sharpe(returns, 365), abs=1e-6)
    own = sharpe(returns, 365)
    assert probabilistic_sharpe(returns, 365, own) == pytest.approx(0.5, abs=1e-9)
    mirrored = probabilistic_sharpe(-returns, 365)
    assert mirrored == pytest.approx(1 - probabilistic_sharpe(returns, 365), abs=1e-6)


@given(trials, st.floats(0.1, 10), st.floats(-3, 3))
def test_luck_grows_with_spread_and_number(tried: list[float], scale: float, shift: float) -> None:
    known = np.array(tried)
    assert luck(known * scale + shift) == pytest.approx(scale * luck(known), abs=1e-9)
    assume(np.std(known) > 1e-3)
    twice = np.concatenate((known, known))
    assert luck(twice) / np.std(twice, ddof=1) > luck(known) / np.std(known, ddof=1)


def test_luck_is_what_the_best_of_many_reaches() -> None:
    drawn = np.random.default_rng(5).normal(size=(4000, 50))
    assert np.mean([luck(row) for row in drawn]) == pytest.approx(drawn.max(axis=1).mean(), rel=0.02)


@pytest.mark.parametrize("returns", [[], [0.1], [0.1] * 9])
def test_without_a_sharpe_ratio_there_is_no_confidence(returns: list[float]) -> None:
    assert math.isnan(probabilistic_sharpe(np.array(returns), 365))
    assert math.isnan(deflated_sharpe(np.array(returns), 365, np.ones(3)))


@pytest.mark.parametrize("tried", [[], [math.nan], [math.nan] * 3])
def test_without_trials_there_is_no_luck(tried: list[float]) -> None:
    assert math.isnan(luck(np.array(tried)))
    assert math.isnan(deflated_sharpe(np.array([0.1, 0.2, -0.1]), 365, np.array(tried)))


def test_refuses_what_is_no_ratio() -> None:
    returns = np.array([0.1, 0.2])
    for threshold in (math.nan, math.inf):
        with pytest.raises(InputError):
            probabilistic_sharpe(returns, 365, threshold)
    with pytest.raises(InputError):
        deflated_sharpe(returns, 365, np.array([math.inf]))
    with pytest.raises(InputError):
        probabilistic_sharpe(returns, 365, 0.0, -1.0)
