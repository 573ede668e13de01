"""How fast the numbers are: `python -m benchmarks.analytics`.

Each row is one task on the same data in one run: ours, the NumPy floor (the shortest code that gives the figures,
without checks and without a NaN policy) and quantstats or empyrical where they can do it, pandas where quantstats only
calls that. Medians of --repeat runs, in milliseconds of one thread; each row first shows that ours and the floor agree.
Goals: at most twice the floor, and ten times as fast as quantstats. Where the floor itself is not ten times as fast, no
code in NumPy is; that is said instead. Ends with 1 if a goal is missed.
"""

import argparse
import itertools
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded

import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from statistics import NormalDist
from typing import Any

import numpy as np

from analytics.benchmark import relation
from analytics.correlation import correlation_matrix
from analytics.downsample import m4
from analytics.money import Money
from analytics.montecarlo import monte_carlo
from analytics.report import risk_metrics
from analytics.returns import DAY
from analytics.rolling import rolling_beta, rolling_sharpe
from analytics.trades import grouped_statistics, trade_statistics

POINTS, TRADES, STRATEGIES, DAYS, PATHS, WINDOW, GROUPS, PIXELS = 105_000, 100_000, 200, 1_000, 1_000, 288, 8, 1_000
PPY = 365 * 288.0
FLOOR_GOAL, QUANTSTATS_GOAL = 2.0, 10.0
Task = Callable[[], Any]


@dataclass(frozen=True)
class Row:
    """One task and who can do it."""

    name: str
    ours: Task
    floor: Task
    quantstats: Task | None = None
    empyrical: Task | None = None
    agree: Callable[[Any, Any], bool] = lambda ours, floor: bool(np.allclose(ours, floor, rtol=1e-9, equal_nan=True))


def floor_metrics(times: Any, r: Any, b: Any, pnl: Any, trials: Any) -> list[float]:
    """The risk metrics in the order of RiskMetrics, from `total_return` to `deflated_sharpe`."""
    n, year = r.size, PPY**0.5
    index = np.concatenate(([1.0], np.cumprod(1.0 + r)))
    falls = index / np.maximum.accumulate(index) - 1.0
    trough = int(falls.argmin())
    up = falls == 0
    peak, after = trough - int(up[trough::-1].argmax()), int(up[trough:].argmax())
    end = trough + after if after else n
    mean, deviation = r.mean(), r.std(ddof=1)
    below = np.minimum(r, 0.0)
    downside = (below * below).mean() ** 0.5
    cagr = index[-1] ** (PPY / n) - 1
    a05, a01 = n * (1 - 0.95), n * (1 - 0.99)
    k05, k01 = int(a05), int(a01)
    at = [(n - 1) * (1 - 0.95), (n - 1) * (1 - 0.99), (n - 1) * 0.05, (n - 1) * 0.95]
    ordered = np.partition(r, sorted({k05, k01, *(int(p) for p in at), *(int(p) + 1 for p in at)}))
    q05, q01, low, high = (ordered[int(p)] + (ordered[int(p) + 1] - ordered[int(p)]) * (p - int(p)) for p in at)
    c05 = (ordered[:k05].sum() + (a05 - k05) * ordered[k05]) / a05
    c01 = (ordered[:k01].sum() + (a01 - k01) * ordered[k01]) / a01
    x, y, active = r - mean, b - b.mean(), r - b
    xx, yy, xy = (x * x).mean(), (y * y).mean(), (x * y).mean()
    beta = xy / yy
    squares = x * x
    skew, kurt = (squares * x).mean() / xx**1.5, (squares * squares).mean() / xx**2 - 3
    worth = np.concatenate(([0.0], np.cumsum(pnl)))
    wins, losses = pnl[pnl > 0], pnl[pnl < 0]
    won = wins.size / (wins.size + losses.size)
    error = active.std(ddof=1)
    known, normal, e = trials.size, NormalDist(), 0.5772156649015329
    luck = trials.std(ddof=1) * ((1 - e) * normal.inv_cdf(1 - 1 / known) + e * normal.inv_cdf(1 - 1 / (known * np.e)))
    sharpe = mean / deviation
    scale = ((n - 1) / (1 - skew * sharpe + (kurt + 2) / 4 * sharpe**2)) ** 0.5
    return [
        index[-1] - 1, cagr, deviation * year, downside * year, sharpe * year, mean / downside * year,
        cagr / -falls[trough], falls[trough], falls[-1], (times[end] - times[peak]) / DAY,
        (times[end] - times[trough]) / DAY if after else np.nan, q05, q01, c05, c01, beta,
        (1 + mean - beta * b.mean()) ** PPY - 1, xy / (xx * yy) ** 0.5, error * year, active.mean() / error * year,
        wins.sum() / -losses.sum(), worth[-1] / -(worth - np.maximum.accumulate(worth)).min(),
        (falls[1:] * falls[1:]).mean() ** 0.5, np.maximum(r, 0.0).sum() / -below.sum(), abs(high) / abs(low),
        skew, kurt, won - (1 - won) * -losses.mean() / wins.mean(), normal.cdf(sharpe * scale),
        normal.cdf((sharpe - luck / year) * scale),
    ]  # fmt: skip


def floor_relation(r: Any, b: Any) -> list[float]:
    x, y, active = r - r.mean(), b - b.mean(), r - b
    xx, yy, xy, error = (x * x).mean(), (y * y).mean(), (x * y).mean(), active.std(ddof=1)
    beta = xy / yy
    return [beta, (1 + r.mean() - beta * b.mean()) ** PPY - 1, xy / (xx * yy) ** 0.5, error * PPY**0.5,
            active.mean() / error * PPY**0.5]  # fmt: skip


def floor_trades(units: Any, seconds: Any, groups: Any, count: int) -> list[tuple[Any, ...]]:
    """Sums, counts, extremes, runs and mean duration of each group, of whole units in 64 bits: exact, as all fit."""
    order = np.argsort(groups, kind="stable")
    units, seconds, bounds = units[order], seconds[order], np.searchsorted(groups[order], np.arange(count + 1))
    found = []
    for begin, end in itertools.pairwise(bounds):
        part = units[begin:end]
        won, lost = part > 0, part < 0
        wins, losses = part[won], part[lost]
        runs = []
        for flags in (won, ~won):
            edges = np.flatnonzero(np.diff(flags, prepend=False, append=False))
            runs.append((edges[1::2] - edges[::2]).max())
        figures = (wins.sum(), losses.sum(), wins.size, losses.size, wins.max(), losses.min(), *runs)
        found.append((*map(int, figures), seconds[begin:end].mean()))
    return found


def same_trades(ours: Any, floor: list[tuple[Any, ...]]) -> bool:
    mine = [
        (s.gross_wins * 10**8, s.gross_losses * 10**8, s.winning_trades, s.losing_trades, s.largest_win * 10**8,
         s.largest_loss * 10**8, s.max_consecutive_wins, s.max_consecutive_losses, s.avg_duration_seconds)
        for s in (ours if isinstance(ours, list) else [ours])
    ]  # fmt: skip
    return all(
        one[:-1] == other[:-1] and np.isclose(one[-1], other[-1]) for one, other in zip(mine, floor, strict=True)
    )


def floor_rolling(r: Any) -> Any:
    sums, squares = (np.concatenate(([0.0], np.cumsum(values))) for values in (r, r * r))
    total = sums[WINDOW:] - sums[:-WINDOW]
    variance = (squares[WINDOW:] - squares[:-WINDOW] - total * total / WINDOW) / (WINDOW - 1)
    return total / WINDOW / np.sqrt(variance) * PPY**0.5


def floor_rolling_beta(r: Any, b: Any) -> Any:
    x, y, xy, yy = (np.concatenate(([0.0], np.cumsum(values))) for values in (r, b, r * b, b * b))
    dx, dy, dxy, dyy = (sums[WINDOW:] - sums[:-WINDOW] for sums in (x, y, xy, yy))
    return (dxy - dx * dy / WINDOW) / (dyy - dy * dy / WINDOW)


def floor_gaps(table: Any) -> Any:
    mask = (~np.isnan(table)).astype(float)
    filled = np.nan_to_num(table)
    counts, sums, squares = mask.T @ mask, filled.T @ mask, (filled * filled).T @ mask
    spread = squares - sums * sums / counts
    return (filled.T @ filled - sums * sums.T / counts) / np.sqrt(spread * spread.T)


def floor_paths(r: Any) -> Any:
    """As many draws, products and running peaks as the bootstrap needs."""
    rng, block = np.random.default_rng(1), r.size ** (1 / 3)
    begins = rng.random((PATHS, r.size)) < 1 / block
    begins[:, 0] = True
    at = np.flatnonzero(begins)
    origin = rng.integers(r.size, size=at.size) - at
    rows = (np.repeat(origin, np.diff(at, append=begins.size)) + np.arange(begins.size)) % r.size
    worth = np.cumprod(1.0 + r[rows.reshape(begins.shape)], axis=1)
    falls = (worth / np.maximum(np.maximum.accumulate(worth, axis=1), 1.0)).min(axis=1) - 1.0
    return np.percentile(worth[:, -1], (5, 25, 50, 75, 95)), np.percentile(falls, (5, 25, 50, 75, 95))


def floor_m4(values: Any) -> Any:
    """Lowest and highest of columns of equal size, whatever the times, and the ends of the max drawdown."""
    columns = (PIXELS - 2) // 4
    firsts = np.linspace(0, values.size, columns, endpoint=False, dtype=np.int64)
    rows = values[: values.size // columns * columns].reshape(columns, -1)
    peaks = np.maximum.accumulate(values)
    trough = ((values - peaks) / peaks).argmin()
    return firsts, rows.argmin(axis=1), rows.argmax(axis=1), trough, values[: trough + 1].argmax()


def rows() -> Iterator[Row]:
    import empyrical
    import pandas as pd
    import quantstats.stats as qs
    from quantstats._montecarlo import run_montecarlo

    rng = np.random.default_rng(20260101)
    b = rng.normal(1e-5, 1e-3, POINTS - 1)
    r = 0.6 * b + rng.standard_t(4, POINTS - 1) * 6e-4 + 2e-6
    times = np.arange(POINTS, dtype=np.int64) * (DAY // 288)
    equity = 10_000 * np.concatenate(([1.0], np.cumprod(1 + r)))
    dates = pd.to_datetime(times[1:], unit="us")
    series, market = pd.Series(r, dates), pd.Series(b, dates)
    units = rng.integers(-(10**10), 10**10, TRADES)
    decimals = [Decimal(int(unit)).scaleb(-8) for unit in units]
    pnl = Money.of(decimals)
    floats, seconds = units / 1e8, rng.integers(60, 86_400, TRADES).astype(float)
    groups, trials = rng.integers(0, GROUPS, TRADES), rng.normal(0, 1, GROUPS)
    table = rng.normal(0, 0.01, (DAYS, STRATEGIES)) + rng.normal(0, 0.01, (DAYS, 1))
    gaps = np.where(rng.random(table.shape) < 0.2, np.nan, table)
    daily = r[:DAYS]
    daily_series = pd.Series(daily, pd.date_range("2020-01-01", periods=DAYS))

    yield Row(
        f"all risk metrics of {POINTS:,} equity points",
        lambda: risk_metrics(times, np.diff(equity) / equity[:-1], PPY, benchmark=(times[1:], b), net_pnl=floats,
                             trial_sharpes=trials),
        lambda: floor_metrics(times, np.diff(equity) / equity[:-1], b, floats, trials),
        lambda: [qs.comp(series), qs.cagr(series, periods=int(PPY)), qs.volatility(series, periods=int(PPY)),
                 qs.sharpe(series, periods=int(PPY)), qs.sortino(series, periods=int(PPY)),
                 qs.calmar(series, periods=int(PPY)), qs.max_drawdown(series), qs.var(series),
                 qs.var(series, confidence=0.99),
                 qs.cvar(series), qs.cvar(series, confidence=0.99), qs.greeks(series, market, PPY),
                 qs.information_ratio(series, market), qs.ulcer_index(series), qs.omega(series, periods=int(PPY)),
                 qs.tail_ratio(series), qs.skew(series), qs.kurtosis(series), qs.kelly_criterion(series),
                 qs.profit_factor(series), qs.probabilistic_sharpe_ratio(series, periods=int(PPY))],
        lambda: [empyrical.cum_returns_final(r), empyrical.cagr(r, annualization=PPY),
                 empyrical.annual_volatility(r, annualization=PPY), empyrical.downside_risk(r, annualization=PPY),
                 empyrical.sharpe_ratio(r, annualization=PPY), empyrical.sortino_ratio(r, annualization=PPY),
                 empyrical.calmar_ratio(r, annualization=PPY), empyrical.max_drawdown(r),
                 empyrical.value_at_risk(r), empyrical.value_at_risk(r, 0.01),
                 empyrical.conditional_value_at_risk(r), empyrical.conditional_value_at_risk(r, 0.01),
                 empyrical.alpha_beta(series, market, annualization=PPY), empyrical.excess_sharpe(r, b),
                 empyrical.omega_ratio(r, annualization=int(PPY)), empyrical.tail_ratio(r)],
        lambda ours, floor: bool(np.allclose(list(asdict(ours).values())[:30], floor, rtol=1e-7, equal_nan=True)),
    )  # fmt: skip
    yield Row(
        f"beta, alpha, correlation, tracking error of {POINTS:,}",
        lambda: list(asdict(relation(r, b, PPY)).values()),
        lambda: floor_relation(r, b),
        lambda: qs.greeks(series, market, PPY),
        lambda: empyrical.alpha_beta(series, market, annualization=PPY),
    )
    whole = np.zeros(TRADES, np.int64)
    yield Row(
        f"{TRADES:,} Decimals to exact money, once a page",
        lambda: Money.of(decimals).floats(),
        lambda: np.fromiter(map(float, decimals), float, TRADES),
    )
    yield Row(
        f"statistics of {TRADES:,} trades, whole",
        lambda: trade_statistics(pnl, seconds),
        lambda: floor_trades(units, seconds, whole, 1),
        lambda: trade_libraries(qs, pd.Series(floats)),
        agree=same_trades,
    )
    yield Row(
        f"statistics of {TRADES:,} trades in {GROUPS} groups",
        lambda: grouped_statistics(pnl, seconds, groups, GROUPS),
        lambda: floor_trades(units, seconds, groups, GROUPS),
        lambda: [trade_libraries(qs, each) for _, each in pd.Series(floats).groupby(groups)],
        agree=same_trades,
    )
    yield Row(
        f"correlation of {STRATEGIES} strategies x {DAYS:,} days",
        lambda: correlation_matrix(table).correlations,
        lambda: np.corrcoef(table, rowvar=False),
        lambda: pd.DataFrame(table).corr(min_periods=20),
    )
    yield Row(
        "the same with a fifth of the days missing",
        lambda: correlation_matrix(gaps).correlations,
        lambda: floor_gaps(gaps),
        lambda: pd.DataFrame(gaps).corr(min_periods=20),
    )
    yield Row(
        f"rolling Sharpe over {POINTS:,} points",
        lambda: rolling_sharpe(r, WINDOW, PPY)[WINDOW - 1 :],
        lambda: floor_rolling(r),
        lambda: qs.rolling_sharpe(series, rolling_period=WINDOW, periods_per_year=int(PPY)),
        lambda: empyrical.roll_sharpe_ratio(r, window=WINDOW, annualization=PPY),
        agree=lambda ours, floor: bool(np.allclose(ours, floor, rtol=1e-6, atol=1e-6)),
    )
    yield Row(
        f"rolling beta over {POINTS:,} points",
        lambda: rolling_beta(r, b, WINDOW)[WINDOW - 1 :],
        lambda: floor_rolling_beta(r, b),
        lambda: qs.rolling_greeks(series, market, WINDOW),
        agree=lambda ours, floor: bool(np.allclose(ours, floor, rtol=1e-6, atol=1e-6)),
    )
    yield Row(
        f"{PATHS:,} Monte Carlo paths x {DAYS:,} days",
        lambda: monte_carlo(daily, np.random.default_rng(1), paths=PATHS),
        lambda: floor_paths(daily),
        lambda: run_montecarlo(daily_series, sims=PATHS),
        agree=lambda ours, floor: bool(np.allclose(ours.terminal, floor[0], rtol=0.05)
                                       and np.allclose(ours.drawdown, floor[1], rtol=0.2)),
    )  # fmt: skip
    yield Row(
        f"M4 of {POINTS:,} points to {PIXELS:,}",
        lambda: m4(times, equity, PIXELS),
        lambda: floor_m4(equity),
        agree=lambda ours, floor: set(ours.tolist()) >= {0, POINTS - 1, int(equity.argmin()), int(equity.argmax())},
    )


def trade_libraries(qs: Any, pnl: Any) -> list[Any]:
    """What quantstats says of a series of P&L; it knows no streaks by close and no exact sums."""
    return [qs.win_rate(pnl), qs.avg_win(pnl), qs.avg_loss(pnl), qs.payoff_ratio(pnl), qs.profit_factor(pnl),
            qs.expected_return(pnl), qs.consecutive_wins(pnl), qs.consecutive_losses(pnl), qs.best(pnl),
            qs.worst(pnl)]  # fmt: skip


def median(task: Task, repeat: int) -> float:
    """Milliseconds; a task that takes seconds is run fewer times."""
    taken: list[float] = []
    while len(taken) < repeat and sum(taken) < 3.0:
        begin = time.perf_counter()
        task()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=15)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # the libraries' own
    print("| task | ours ms | floor ms | x floor | quantstats ms | faster | empyrical ms | faster |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    missed: list[str] = []
    beyond: list[str] = []
    for row in rows():
        if not row.agree(row.ours(), row.floor()):
            print(f"{row.name}: ours and the floor disagree", file=sys.stderr)
            return 1
        ours, floor = median(row.ours, options.repeat), median(row.floor, options.repeat)
        others = [None if task is None else median(task, options.repeat) for task in (row.quantstats, row.empyrical)]
        cells = ["- | -" if other is None else f"{other:,.1f} | {other / ours:,.1f}" for other in others]
        print(f"| {row.name} | {ours:.2f} | {floor:.2f} | {ours / floor:.2f} | {' | '.join(cells)} |", flush=True)
        if ours > FLOOR_GOAL * floor:
            missed.append(f"{row.name}: {ours / floor:.2f} times the floor")
        if others[0] is not None and others[0] < QUANTSTATS_GOAL * ours:
            reach = others[0] / floor
            note = f"{row.name}: {others[0] / ours:.1f} times as fast as quantstats"
            if reach < QUANTSTATS_GOAL:
                beyond.append(f"{note}, the floor {reach:.1f} times")
            else:
                missed.append(note)
    for note in beyond:
        print(f"Out of NumPy's reach: {note}")
    print("\nGoals met." if not missed else "\nMissed: " + "; ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
