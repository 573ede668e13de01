"""Our figures beside those of empyrical, quantstats, scipy and pandas on real returns.

`python -m tests.analytics.agreement` prints metric x library x data set x largest difference. Where a library's
definition is another, `why` says which, and the library's figure is checked against that other formula written out: so
it is shown to be a difference of definition and not of arithmetic.
"""

import gzip
import json
import math
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from analytics import benchmark, drawdown, ratios, returns, risk, rolling, significance, trades
from analytics.checks import FloatArray
from analytics.correlation import correlation_matrix
from analytics.distribution import histogram
from analytics.returns import DAY

ROOT = Path(__file__).resolve().parents[2]
BACKTESTS = ("supertrend_762", "macd_156", "reinforced_average_143", "sample_160")
DATA_SETS = ("pyfolio", "sp500", *BACKTESTS)
WINDOW = 21
TOLERANCE = 1e-10
Figure = Callable[["Series"], Any]


def shared_folder() -> Path:
    return Path(os.environ.get("BOTV2_SHARED") or ROOT.parent / "shared") / "data"


@dataclass(frozen=True)
class Series:
    """Daily returns, a benchmark on the same dates, and the same as pandas' Series for the libraries."""

    r: FloatArray
    b: FloatArray
    ppy: int

    @property
    def index(self) -> Any:
        import pandas as pd

        return pd.date_range("2000-01-03", periods=self.r.size)

    @property
    def rs(self) -> Any:
        import pandas as pd

        return pd.Series(self.r, self.index, name="r")

    @property
    def bs(self) -> Any:
        import pandas as pd

        return pd.Series(self.b, self.index, name="b")


def _table(path: Path) -> tuple[list[str], FloatArray]:
    with gzip.open(path, "rt") as file:
        rows = [line.strip().split(",") for line in file if line[:1].isdigit()]
    return [row[0][:10] for row in rows], np.array([float(row[1]) for row in rows])


@cache
def series(name: str) -> Series:
    """Return the daily returns of a data set and what they are held against."""
    folder = shared_folder()
    days, closes = _table(folder / "portfolio" / "sp500_index_1d.csv.gz")
    market = dict(zip(days[1:], closes[1:] / closes[:-1] - 1, strict=True))
    if name == "sp500":
        values = np.array(list(market.values()))
        return Series(values, np.roll(values, 1) * 0.5 + values * 0.7, 252)
    if name == "pyfolio":
        dates, values = _table(folder / "portfolio" / "pyfolio_test_returns.csv.gz")
        common = [place for place, day in enumerate(dates) if day in market]
        return Series(values[common], np.array([market[dates[place]] for place in common]), 252)
    values = backtest_returns(folder, name)
    beside = backtest_returns(folder, BACKTESTS[BACKTESTS.index(name) - 1])
    return Series(values, np.resize(beside, values.size), 365)


def backtest_returns(folder: Path, name: str) -> FloatArray:
    """Return the daily returns of a backtest's equity: the starting balance and the closed trades."""
    with gzip.open(folder / "freqtrade_backtests" / f"{name}.json.gz") as file:
        (found,) = json.load(file)["strategy"].values()
    closed = sorted(found["trades"], key=lambda trade: trade["close_timestamp"])
    days = [int(trade["close_timestamp"]) * 1000 // DAY for trade in closed]
    first, last = int(found["backtest_start_ts"]) * 1000 // DAY, int(found["backtest_end_ts"]) * 1000 // DAY
    daily = np.bincount(np.array(days) - first, [float(trade["profit_abs"]) for trade in closed], last - first + 1)
    times = np.arange(first - 1, last + 1) * DAY
    equity = found["starting_balance"] + np.concatenate(([0.0], np.cumsum(daily)))
    none = np.empty(0, np.int64)
    return returns.daily_returns(times, equity, none, np.empty(0)).values


@dataclass(frozen=True)
class Pair:
    """One metric of ours beside one library's.

    `same` turns ours into the library's where that is only a matter of unit; `other` is the library's own definition,
    written out, and `why` says how it differs.
    """

    metric: str
    library: str
    ours: Figure
    theirs: Figure
    other: Figure | None = None
    why: str = ""


def pairs() -> Iterator[Pair]:
    yield from same_definition()
    yield from other_definition()


def same_definition() -> Iterator[Pair]:
    import empyrical as em
    import quantstats.stats as qs
    import scipy.stats

    index = lambda s: returns.wealth_index(s.r)  # noqa: E731
    known = np.array([0.3, -0.4, 1.1, 2.0])
    tables: list[tuple[str, Figure, dict[str, Figure]]] = [
        ("total_return", lambda s: returns.total_return(s.r),
         {"empyrical": lambda s: em.cum_returns_final(s.r), "quantstats": lambda s: qs.comp(s.rs)}),
        ("cagr", lambda s: returns.cagr(s.r, s.ppy),
         {"empyrical": lambda s: em.cagr(s.r, annualization=s.ppy),
          "quantstats": lambda s: qs.cagr(s.rs, periods=s.ppy)}),
        ("volatility", lambda s: ratios.volatility(s.r, s.ppy),
         {"empyrical": lambda s: em.annual_volatility(s.r, annualization=s.ppy),
          "quantstats": lambda s: qs.volatility(s.rs, periods=s.ppy)}),
        ("downside_volatility", lambda s: ratios.downside_volatility(s.r, s.ppy),
         {"empyrical": lambda s: em.downside_risk(s.r, annualization=s.ppy)}),
        ("sharpe_ratio", lambda s: ratios.sharpe(s.r, s.ppy),
         {"empyrical": lambda s: em.sharpe_ratio(s.r, annualization=s.ppy),
          "quantstats": lambda s: qs.sharpe(s.rs, periods=s.ppy)}),
        ("sharpe_ratio at 5 %", lambda s: ratios.sharpe(s.r, s.ppy, 0.05),
         {"quantstats": lambda s: qs.sharpe(s.rs, rf=0.05, periods=s.ppy)}),
        ("sortino_ratio", lambda s: ratios.sortino(s.r, s.ppy),
         {"empyrical": lambda s: em.sortino_ratio(s.r, annualization=s.ppy),
          "quantstats": lambda s: qs.sortino(s.rs, periods=s.ppy)}),
        ("calmar_ratio", lambda s: ratios.calmar(s.r, s.ppy),
         {"empyrical": lambda s: em.calmar_ratio(s.r, annualization=s.ppy),
          "quantstats": lambda s: qs.calmar(s.rs, periods=s.ppy)}),
        ("max_drawdown", lambda s: drawdown.max_drawdown(index(s)),
         {"empyrical": lambda s: em.max_drawdown(s.r), "quantstats": lambda s: qs.max_drawdown(s.rs)}),
        ("underwater series", lambda s: drawdown.drawdown_series(index(s))[1:],
         {"quantstats": lambda s: qs.to_drawdown_series(s.rs).to_numpy()}),
        ("var_95", lambda s: risk.value_at_risk(s.r), {"empyrical": lambda s: em.value_at_risk(s.r)}),
        ("var_99", lambda s: risk.value_at_risk(s.r, 0.99), {"empyrical": lambda s: em.value_at_risk(s.r, 0.01)}),
        ("beta", lambda s: benchmark.beta(s.r, s.b),
         {"empyrical": lambda s: em.beta(s.rs, s.bs), "quantstats": lambda s: qs.greeks(s.rs, s.bs, s.ppy)["beta"],
          "scipy": lambda s: scipy.stats.linregress(s.b, s.r).slope}),
        ("alpha", lambda s: benchmark.alpha(s.r, s.b, s.ppy),
         {"empyrical": lambda s: em.alpha(s.rs, s.bs, annualization=s.ppy),
          "scipy": lambda s: (1 + scipy.stats.linregress(s.b, s.r).intercept) ** s.ppy - 1}),
        ("correlation", lambda s: benchmark.correlation(s.r, s.b),
         {"scipy": lambda s: scipy.stats.pearsonr(s.r, s.b).statistic, "pandas": lambda s: s.rs.corr(s.bs)}),
        ("tracking_error", lambda s: benchmark.tracking_error(s.r, s.b, s.ppy),
         {"pandas": lambda s: (s.rs - s.bs).std() * s.ppy**0.5}),
        ("information_ratio per period", lambda s: benchmark.information_ratio(s.r, s.b, 1),
         {"empyrical": lambda s: em.excess_sharpe(s.r, s.b), "quantstats": lambda s: qs.information_ratio(s.rs, s.bs)}),
        ("omega_ratio", lambda s: risk.omega(s.r, s.ppy),
         {"empyrical": lambda s: em.omega_ratio(s.r, annualization=s.ppy),
          "quantstats": lambda s: qs.omega(s.rs, periods=s.ppy)}),
        ("tail_ratio", lambda s: risk.tail_ratio(s.r),
         {"empyrical": lambda s: em.tail_ratio(s.r), "quantstats": lambda s: qs.tail_ratio(s.rs)}),
        ("skewness", lambda s: risk.skewness(s.r), {"scipy": lambda s: scipy.stats.skew(s.r)}),
        ("kurtosis", lambda s: risk.kurtosis(s.r), {"scipy": lambda s: scipy.stats.kurtosis(s.r)}),
        ("profit_factor (of returns)", lambda s: trades.profit_factor(s.r),
         {"quantstats": lambda s: qs.profit_factor(s.rs)}),
        ("kelly (of returns)", lambda s: trades.kelly(s.r), {"quantstats": lambda s: qs.kelly_criterion(s.rs)}),
        ("probabilistic_sharpe", lambda s: significance.probabilistic_sharpe(s.r, s.ppy),
         {"scipy": lambda s: psr(scipy.stats.norm.cdf, s.r, scipy.stats.skew(s.r),
                                 scipy.stats.kurtosis(s.r, fisher=False))}),
        ("deflated_sharpe", lambda s: significance.deflated_sharpe(s.r, s.ppy, known),
         {"scipy": lambda s: psr(scipy.stats.norm.cdf, s.r, scipy.stats.skew(s.r),
                                 scipy.stats.kurtosis(s.r, fisher=False),
                                 scipy_luck(known, scipy.stats.norm.ppf) / s.ppy**0.5)}),
        ("rolling volatility", lambda s: rolling.rolling_volatility(s.r, WINDOW, s.ppy)[WINDOW - 1:],
         {"pandas": lambda s: (s.rs.rolling(WINDOW).std() * s.ppy**0.5).to_numpy()[WINDOW - 1:],
          "empyrical": lambda s: np.array([em.annual_volatility(s.r[i:i + WINDOW], annualization=s.ppy)
                                           for i in range(s.r.size - WINDOW + 1)])}),
        ("rolling sharpe", lambda s: rolling.rolling_sharpe(s.r, WINDOW, s.ppy)[WINDOW - 1:],
         {"empyrical": lambda s: em.roll_sharpe_ratio(s.r, window=WINDOW, annualization=s.ppy)}),
        ("rolling beta", lambda s: rolling.rolling_beta(s.r, s.b, WINDOW)[WINDOW - 1:],
         {"empyrical": lambda s: em.roll_beta(s.rs, s.bs, window=WINDOW).to_numpy()}),
        ("correlation matrix", lambda s: correlation_matrix(gaps(s)).correlations,
         {"pandas": lambda s: frame(s).corr(min_periods=20).to_numpy()}),
        ("histogram", lambda s: histogram(s.r, 20).counts,
         {"scipy": lambda s: scipy.stats.binned_statistic(s.r, s.r, "count", 20).statistic}),
    ]  # fmt: skip
    for metric, ours, libraries in tables:
        for library, theirs in libraries.items():
            yield Pair(metric, library, ours, theirs)


def other_definition() -> Iterator[Pair]:
    import empyrical as em
    import quantstats.stats as qs
    import scipy.stats

    yield Pair(
        "cvar_95", "empyrical", lambda s: risk.conditional_value_at_risk(s.r),
        lambda s: em.conditional_value_at_risk(s.r),
        lambda s: float(np.sort(s.r)[: int((s.r.size - 1) * 0.05) + 1].mean()),
        "mean of the worst int(0.05 (n - 1)) + 1 returns, each whole; ours weights the one at the boundary",
    )  # fmt: skip
    yield Pair(
        "cvar_95", "quantstats", lambda s: risk.conditional_value_at_risk(s.r), lambda s: qs.cvar(s.rs),
        lambda s: s.r.mean() - s.r.std(ddof=1) * scipy.stats.norm.pdf(scipy.stats.norm.ppf(0.05)) / 0.05,
        "tail mean of a normal distribution of that mean and spread; ours is of the returns themselves",
    )  # fmt: skip
    yield Pair(
        "cvar_95", "quantstats historical", lambda s: risk.conditional_value_at_risk(s.r),
        lambda s: qs.cvar(s.rs, method="historical"), lambda s: float(s.r[s.r <= np.quantile(s.r, 0.05)].mean()),
        "mean of the returns at or below the VaR, each whole; ours weights the one at the boundary",
    )  # fmt: skip
    yield Pair(
        "var_95", "quantstats", lambda s: risk.value_at_risk(s.r), lambda s: qs.var(s.rs),
        lambda s: normal_var(s.r, scipy.stats.norm.ppf),
        "quantile of a normal distribution of that mean and spread; ours is of the returns themselves",
    )  # fmt: skip
    yield Pair(
        "sharpe_ratio at 5 %", "empyrical", lambda s: ratios.sharpe(s.r, s.ppy, 0.05),
        lambda s: em.sharpe_ratio(s.r, risk_free=0.05 / s.ppy, annualization=s.ppy),
        lambda s: (s.r - 0.05 / s.ppy).mean() / (s.r - 0.05 / s.ppy).std(ddof=1) * s.ppy**0.5,
        "takes a rate per period, here 5 % divided; ours compounds to 5 % a year",
    )  # fmt: skip
    yield Pair(
        "alpha", "quantstats", lambda s: benchmark.alpha(s.r, s.b, s.ppy),
        lambda s: qs.greeks(s.rs, s.bs, s.ppy)["alpha"],
        lambda s: (s.r.mean() - benchmark.beta(s.r, s.b) * s.b.mean()) * s.ppy,
        "annualised by multiplication; ours compounds",
    )  # fmt: skip
    yield Pair(
        "ulcer_index", "quantstats", lambda s: risk.ulcer_index(s.r), lambda s: qs.ulcer_index(s.rs),
        lambda s: math.sqrt((drawdown.drawdown_series(returns.wealth_index(s.r)) ** 2).sum() / (s.r.size - 1)),
        "divides by n - 1; ours is the mean of n, as published",
    )  # fmt: skip
    yield Pair(
        "skewness", "quantstats", lambda s: risk.skewness(s.r), lambda s: qs.skew(s.rs),
        lambda s: scipy.stats.skew(s.r, bias=False),
        "adjusted Fisher-Pearson estimator G1; ours is g1, which the probabilistic Sharpe ratio is defined with",
    )  # fmt: skip
    yield Pair(
        "kurtosis", "quantstats", lambda s: risk.kurtosis(s.r), lambda s: qs.kurtosis(s.rs),
        lambda s: scipy.stats.kurtosis(s.r, bias=False),
        "adjusted estimator G2; ours is g2, which the probabilistic Sharpe ratio is defined with",
    )  # fmt: skip
    yield Pair(
        "probabilistic_sharpe", "quantstats", lambda s: significance.probabilistic_sharpe(s.r, s.ppy),
        lambda s: qs.probabilistic_sharpe_ratio(s.rs, periods=s.ppy),
        lambda s: psr(scipy.stats.norm.cdf, s.r, scipy.stats.skew(s.r, bias=False),
                      scipy.stats.kurtosis(s.r, bias=False) + 3),
        "the same formula with the adjusted estimators G1 and G2; ours with g1 and g2",
    )  # fmt: skip


def psr(cdf: Callable[[float], float], r: FloatArray, third: float, fourth: float, threshold: float = 0.0) -> float:
    """The formula of Bailey & Lopez de Prado (2012), all per period; `fourth` is the kurtosis that is 3 if normal."""
    found = r.mean() / r.std(ddof=1)
    spread = math.sqrt(1 - third * found + (fourth - 1) / 4 * found**2)
    return cdf((found - threshold) * math.sqrt(r.size - 1) / spread)


def scipy_luck(known: FloatArray, ppf: Callable[[float], float]) -> float:
    euler = 0.577215664901532860606512090082
    best = (1 - euler) * ppf(1 - 1 / known.size) + euler * ppf(1 - 1 / (known.size * math.e))
    return float(known.std(ddof=1) * best)


def normal_var(r: FloatArray, ppf: Callable[..., float]) -> float:
    return ppf(1 - 0.95, r.mean(), r.std(ddof=1))


def frame(s: Series) -> Any:
    import pandas as pd

    return pd.DataFrame(gaps(s))


def gaps(s: Series) -> FloatArray:
    """Three columns with gaps in different places."""
    table = np.column_stack((s.r, s.b, s.r**2))
    table[::7, 0] = table[3::5, 1] = np.nan
    return table


def difference(ours: Any, theirs: Any) -> float:
    """The largest difference relative to the larger of both; of figures of a series relative to the largest of all."""
    one, other = (np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in (ours, theirs))
    if one.shape != other.shape or not np.array_equal(np.isnan(one), np.isnan(other)):
        return math.inf
    scale = np.nanmax(np.abs(np.concatenate((one, other))), initial=0.0)
    return float(np.nanmax(np.abs(one - other), initial=0.0) / scale) if scale else 0.0


def main() -> int:
    warnings.simplefilter("ignore")  # the libraries' own
    if not shared_folder().is_dir():
        print("no shared data: set BOTV2_SHARED to the folder that holds data/", file=sys.stderr)
        return 2
    worst = 0.0
    print(f"| metric | library | {' | '.join(DATA_SETS)} | largest | definition |")
    print(f"|---|---|{'--:|' * (len(DATA_SETS) + 1)}---|")
    for pair in pairs():
        found = []
        for name in DATA_SETS:
            data = series(name)
            theirs = pair.theirs(data)
            found.append(difference(pair.ours(data), theirs))
            if pair.other is not None:
                worst = max(worst, difference(pair.other(data), theirs))
            else:
                worst = max(worst, found[-1])
        cells = " | ".join(f"{each:.0e}" if each else "0" for each in (*found, max(found)))
        print(f"| {pair.metric} | {pair.library} | {cells} | {pair.why or 'the same'} |")
    print(f"\nLargest difference where the definition is the same, or to the library's own written out: {worst:.1e}")
    return 0 if worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
