"""The figures of risk in words: what each is called, how it is written, and what it means.

`docs/metrics.md` defines them; the definitions here say the same to somebody who reads a page.
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Metric(NamedTuple):
    """A figure of /api/risk/metrics. Kinds in percent are of fractions; `limit` names the strategy's limit for it."""

    name: str
    title: Text
    kind: str
    meaning: Text
    definition: Text
    limit: str = ""


class Group(NamedTuple):
    name: str
    title: Text
    metrics: tuple[Metric, ...]


RETURN = (
    Metric(
        "total_return", _("Total return"), "signed-percent", _("over the whole range"),
        _("All daily returns compounded; money put in or taken out is neither profit nor loss."),
    ),
    Metric(
        "cagr", _("Return a year"), "signed-percent", _("compounded (CAGR)"),
        _("The yearly rate that compounds to the total return."),
    ),
    Metric(
        "exposure", _("Time in the market"), "percent", _("of the range"),
        _("Share of the time with at least one position open."),
    ),
    Metric(
        "kelly", _("Kelly"), "signed-percent", _("of the capital to risk a trade"),
        _("Win share minus loss share divided by the payoff ratio, of trades. Negative: do not bet."),
    ),
)  # fmt: skip
RATIOS = (
    Metric(
        "sharpe_ratio", _("Sharpe"), "number-2", _("return / volatility, a year"),
        _("Mean daily return above the risk-free rate divided by its standard deviation, annualised."),
    ),
    Metric(
        "sortino_ratio", _("Sortino"), "number-2", _("return / downside, a year"),
        _("As Sharpe, but divided by the deviation of the days below the minimum return, over all days."),
    ),
    Metric(
        "calmar_ratio", _("Calmar"), "number-2", _("yearly return / max drawdown"),
        _("Return a year divided by the depth of the deepest drawdown."),
    ),
    Metric(
        "omega_ratio", _("Omega"), "number-2", _("days up / days down, in size"),
        _("Sum of the returns above the minimum divided by the sum of those below it. Above 1 is a gain."),
    ),
    Metric(
        "profit_factor", _("Profit factor"), "number-2", _("wins / losses of trades"),
        _("Gross wins divided by gross losses of closed trades, after all costs."),
    ),
    Metric(
        "recovery_factor", _("Recovery factor"), "number-2", _("net profit / deepest fall"),
        _("Net profit of trades divided by the deepest fall of their running sum in money."),
    ),
    Metric(
        "probabilistic_sharpe", _("Probabilistic Sharpe"), "percent", _("chance that Sharpe is above 0"),
        _("Probability that the true Sharpe ratio is above 0, given the number of days, skewness and kurtosis."),
    ),
    Metric(
        "deflated_sharpe", _("Deflated Sharpe"), "percent", _("chance that it beats luck"),
        _("Probability that the true Sharpe ratio is above what the best of all strategies tried reaches by luck."),
    ),
)  # fmt: skip
RISK = (
    Metric(
        "volatility", _("Volatility"), "percent", _("a year"),
        _("Standard deviation of the daily returns, annualised."),
    ),
    Metric(
        "downside_volatility", _("Downside volatility"), "percent", _("a year, days below the minimum"),
        _("Root mean square of what daily returns fall short of the minimum by, over all days, annualised."),
    ),
    Metric(
        "max_drawdown", _("Max drawdown"), "signed-percent", _("of the peak, at day ends"),
        _("Deepest fall from a running peak, by the values at the ends of days. Within a day it may be deeper."),
        "max_drawdown",
    ),
    Metric(
        "current_drawdown", _("Drawdown now"), "signed-percent", _("of the peak, at day ends"),
        _("The fall from the peak at the end of the last day."), "max_drawdown",
    ),
    Metric(
        "drawdown_duration_days", _("Drawdown duration"), "number-1", _("days, peak to recovery"),
        _("Days of the deepest drawdown from its peak to its recovery, or to now while it lasts."),
    ),
    Metric(
        "recovery_days", _("Recovery time"), "number-1", _("days, trough to recovery"),
        _("Days of the deepest drawdown from its trough to its recovery; unknown while it lasts."),
    ),
    Metric(
        "ulcer_index", _("Ulcer index"), "percent", _("depth and length of falls"),
        _("Root mean square of the drawdowns at the end of each day."),
    ),
)  # fmt: skip
TAIL = (
    Metric(
        "var_95", _("VaR 95, 1 day"), "signed-percent", _("one day in 20 is worse"),
        _("5 % quantile of the daily returns. In money: of the last value in the range."), "max_daily_loss",
    ),
    Metric(
        "var_99", _("VaR 99, 1 day"), "signed-percent", _("one day in 100 is worse"),
        _("1 % quantile of the daily returns. In money: of the last value in the range."), "max_daily_loss",
    ),
    Metric(
        "cvar_95", _("CVaR 95, 1 day"), "signed-percent", _("mean of the worst 5 %"),
        _("Mean of the worst 5 % of the daily returns, the one at the boundary weighted with its part."),
        "max_daily_loss",
    ),
    Metric(
        "cvar_99", _("CVaR 99, 1 day"), "signed-percent", _("mean of the worst 1 %"),
        _("Mean of the worst 1 % of the daily returns, the one at the boundary weighted with its part."),
        "max_daily_loss",
    ),
    Metric(
        "tail_ratio", _("Tail ratio"), "number-2", _("best 5 % / worst 5 %"),
        _("Size of the 95 % quantile divided by that of the 5 % quantile of the daily returns."),
    ),
    Metric(
        "skewness", _("Skewness"), "signed-number-2", _("below 0: losses reach further"),
        _("Third standardised moment of the daily returns."),
    ),
    Metric(
        "kurtosis", _("Kurtosis"), "signed-number-2", _("above 0: fatter tails than normal"),
        _("Fourth standardised moment of the daily returns minus 3: 0 for a normal distribution."),
    ),
)  # fmt: skip
BENCHMARK = (
    Metric(
        "beta", _("Beta"), "number-2", _("move per move of the benchmark"),
        _("Covariance with the benchmark divided by its variance, on the days both have."),
    ),
    Metric(
        "alpha", _("Alpha"), "signed-percent", _("a year, beyond the benchmark"),
        _("Mean daily return that beta does not explain, compounded over a year."),
    ),
    Metric(
        "correlation", _("Correlation"), "signed-number-2", _("with the benchmark"),
        _("Pearson's coefficient of the daily returns and the benchmark's."),
    ),
    Metric(
        "tracking_error", _("Tracking error"), "percent", _("a year"),
        _("Standard deviation of the difference to the benchmark, annualised."),
    ),
    Metric(
        "information_ratio", _("Information ratio"), "number-2", _("difference / tracking error"),
        _("Mean difference to the benchmark divided by its standard deviation, annualised."),
    ),
)  # fmt: skip

GROUPS = (
    Group("return", _("Return"), RETURN),
    Group("ratio", _("Ratios"), RATIOS),
    Group("risk", _("Risk"), RISK),
    Group("tail", _("Tails"), TAIL),
    Group("benchmark", _("Benchmark"), BENCHMARK),
)
