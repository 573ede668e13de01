"""All risk metrics of one series of returns, for the price of one pass over it."""

import math
from dataclasses import dataclass

import numpy as np

from analytics.benchmark import Relation, align, relation
from analytics.checks import ROUNDING, FloatArray, InputError, IntArray, check, check_times, ratio
from analytics.drawdown import Drawdown, deepest, drawdown_series
from analytics.positions import time_in_market
from analytics.ratios import per_period, reward, shortfall, spread
from analytics.returns import check_periods, compounded, wealth_index
from analytics.risk import omega_of, shape, tails, ulcer_of
from analytics.significance import confidence, luck
from analytics.trades import kelly, profit_factor, recovery_factor

UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class RiskMetrics:
    """The names are those on the wire, each is defined by the function given. NaN where undefined.

    Attributes
    ----------
    total_return, cagr : float
        returns.total_return, returns.cagr.
    volatility, downside_volatility, sharpe_ratio, sortino_ratio, calmar_ratio : float
        The functions of ratios.
    max_drawdown, current_drawdown : float
        drawdown.max_drawdown and current_drawdown of the wealth index.
    drawdown_duration_days, recovery_days : float
        Of the deepest drawdown, as in drawdown.Drawdown; NaN where there is no fall.
    var_95, var_99, cvar_95, cvar_99 : float
        risk.value_at_risk, risk.conditional_value_at_risk.
    beta, alpha, correlation, tracking_error, information_ratio : float
        The functions of benchmark, over the periods that both have; NaN without a benchmark.
    profit_factor, recovery_factor, kelly : float
        The functions of trades; NaN without trades.
    ulcer_index, omega_ratio, tail_ratio, skewness, kurtosis : float
        The functions of risk.
    probabilistic_sharpe, deflated_sharpe : float
        The functions of significance, against a true Sharpe ratio of 0 and against the luck of the best trial.
    exposure : float
        positions.time_in_market; NaN without positions.
    periods : int
        Number of returns.
    start, end : int or None
        Begin of the first and end of the last period, microseconds since 1970 UTC; None without returns.
    """

    total_return: float
    cagr: float
    volatility: float
    downside_volatility: float
    sharpe_ratio: float
    sortino_ratio: float
    calmar_ratio: float
    max_drawdown: float
    current_drawdown: float
    drawdown_duration_days: float
    recovery_days: float
    var_95: float
    var_99: float
    cvar_95: float
    cvar_99: float
    beta: float
    alpha: float
    correlation: float
    tracking_error: float
    information_ratio: float
    profit_factor: float
    recovery_factor: float
    ulcer_index: float
    omega_ratio: float
    tail_ratio: float
    skewness: float
    kurtosis: float
    kelly: float
    probabilistic_sharpe: float
    deflated_sharpe: float
    exposure: float
    periods: int
    start: int | None
    end: int | None


def risk_metrics(
    timestamps: IntArray,
    returns: FloatArray,
    periods_per_year: float,
    *,
    risk_free: float = 0.0,
    minimum: float = 0.0,
    benchmark: tuple[IntArray, FloatArray] | None = None,
    net_pnl: FloatArray | None = None,
    positions: tuple[IntArray, IntArray] | None = None,
    trial_sharpes: FloatArray | None = None,
) -> RiskMetrics:
    """Return every risk metric.

    Parameters
    ----------
    timestamps : ndarray of int64, shape (n + 1,), or (0,) for n = 0
        Begin of the first period and end of each, microseconds since 1970 UTC, strictly ascending.
    returns : ndarray, shape (n,)
        Fractions per period, each at least -1.
    periods_per_year : float
        Above zero: 365 for markets that never close, 252 for exchanges with sessions.
    risk_free, minimum : float
        Annual, fractions above -1: for Sharpe and alpha; minimum acceptable return for Sortino, downside and Omega.
    benchmark : (ndarray of int64, ndarray), shapes (m,), optional
        End of each of its periods, as above, and its returns.
    net_pnl : ndarray, shape (k,), optional
        Of closed trades, in closing order.
    positions : (ndarray of int64, ndarray of int64), optional
        When each position was opened and closed, as in `time_in_market`.
    trial_sharpes : ndarray, optional
        As in `deflated_sharpe`.

    Raises
    ------
    InputError
        As in the functions named in RiskMetrics.
    """
    check_periods(periods_per_year)
    values = check(returns, "returns", at_least=-1.0)
    n = values.size
    times = check_times(timestamps, "timestamps", size=n + 1 if n or np.size(timestamps) else 0)
    if (times[1:] == times[:-1]).any():
        raise InputError("timestamps must not repeat")
    excess, beyond = (values - per_period(rate, periods_per_year) if rate else values for rate in (risk_free, minimum))
    deviation, below = spread(values), shortfall(beyond)
    sharpe = reward(excess, deviation, periods_per_year)
    year = math.sqrt(periods_per_year)
    ends, form = tails(values), shape(values)
    beside = _beside(times, values, benchmark, periods_per_year, risk_free)
    pnl = check(np.empty(0) if net_pnl is None else net_pnl, "net_pnl")
    known = n > 0
    threshold = UNKNOWN if trial_sharpes is None else luck(trial_sharpes)
    grown = _Growth.of(times, values)
    cagr = compounded(grown.final - 1.0, periods_per_year / max(n, 1))
    return RiskMetrics(
        total_return=grown.final - 1.0,
        cagr=cagr,
        volatility=deviation * year,
        downside_volatility=below * year,
        sharpe_ratio=sharpe,
        sortino_ratio=reward(beyond, below, periods_per_year),
        calmar_ratio=ratio(cagr, -grown.depth) if n > 1 and grown.depth < -ROUNDING else UNKNOWN,
        max_drawdown=grown.depth,
        current_drawdown=grown.current,
        drawdown_duration_days=grown.fall.duration_days if grown.fall else UNKNOWN,
        recovery_days=grown.fall.recovery_days if grown.fall else UNKNOWN,
        var_95=ends.value_at_risk[0],
        var_99=ends.value_at_risk[1],
        cvar_95=ends.conditional[0],
        cvar_99=ends.conditional[1],
        beta=beside.beta,
        alpha=beside.alpha,
        correlation=beside.correlation,
        tracking_error=beside.tracking_error,
        information_ratio=beside.information_ratio,
        profit_factor=profit_factor(pnl),
        recovery_factor=recovery_factor(pnl),
        ulcer_index=grown.ulcer if n > 1 else UNKNOWN,
        omega_ratio=omega_of(beyond),
        tail_ratio=ends.ratio,
        skewness=form[0],
        kurtosis=form[1],
        kelly=kelly(pnl),
        probabilistic_sharpe=confidence(sharpe, 0.0, n, form, periods_per_year),
        deflated_sharpe=confidence(sharpe, threshold, n, form, periods_per_year),
        exposure=time_in_market(*positions, int(times[0]), int(times[-1])) if positions and known else UNKNOWN,
        periods=n,
        start=int(times[0]) if known else None,
        end=int(times[-1]) if known else None,
    )


@dataclass(frozen=True, slots=True)
class _Growth:
    """What the wealth index says."""

    final: float
    depth: float
    current: float
    ulcer: float
    fall: Drawdown | None

    @classmethod
    def of(cls, times: IntArray, values: FloatArray) -> "_Growth":
        index = wealth_index(values)
        if not values.size or not np.isfinite(index).all():
            return cls(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, None)
        falls = drawdown_series(index)
        fall = deepest(falls, times)
        depth = fall.depth if fall else float(falls.min())
        return cls(float(index[-1]), depth, float(falls[-1]), ulcer_of(falls), fall)


def _beside(
    times: IntArray,
    values: FloatArray,
    benchmark: tuple[IntArray, FloatArray] | None,
    periods_per_year: float,
    risk_free: float,
) -> Relation:
    if benchmark is None:
        return relation(np.empty(0), np.empty(0), periods_per_year)
    other = check(benchmark[1], "benchmark", size=len(benchmark[0]))
    own_at, other_at = align(times[1:], benchmark[0])
    return relation(values[own_at], other[other_at], periods_per_year, risk_free)
