"""How far below its peak an account was, and its deepest falls."""

from dataclasses import dataclass
from datetime import datetime

from analytics.downsample import m4
from analytics.drawdown import drawdown_count, drawdown_series, worst_drawdowns
from dashboard.models import Account
from dashboard.moments import moment_of
from dashboard.selectors.series import Window, series_of


@dataclass(frozen=True)
class Worst:
    """The deepest drawdowns, deepest first: a recovery is null while one lasts, its duration then counts until now."""

    depths: list[float]
    peaks: list[datetime]
    troughs: list[datetime]
    recoveries: list[datetime | None]
    duration_days: list[float]
    recovery_days: list[float]
    total: int


@dataclass(frozen=True)
class Underwater:
    """Fractions below the running peak, deposits and withdrawals taken out; every visible extreme is among them."""

    source: str | None
    timestamps: list[datetime]
    drawdown: list[float]
    max_drawdown: float | None
    current_drawdown: float | None
    worst: Worst


def drawdown_chart(account: Account, window: Window, points: int, count: int) -> Underwater:
    equity = series_of(account, window.part, window.end).since(window.start).equity
    curve, times = equity.curve, equity.times
    if curve is None:
        return Underwater(equity.source, [], [], None, None, Worst([], [], [], [], [], [], 0))
    falls = drawdown_series(curve)
    chosen = m4(times, falls, points)

    def at(place: int) -> datetime:
        return moment_of(int(times[place]))

    worst = worst_drawdowns(curve, times, count)
    return Underwater(
        source=equity.source,
        timestamps=[at(place) for place in chosen.tolist()],
        drawdown=falls[chosen].tolist(),
        max_drawdown=float(falls.min()),
        current_drawdown=float(falls[-1]),
        worst=Worst(
            depths=[each.depth for each in worst],
            peaks=[at(each.peak) for each in worst],
            troughs=[at(each.trough) for each in worst],
            recoveries=[None if each.recovery is None else at(each.recovery) for each in worst],
            duration_days=[each.duration_days for each in worst],
            recovery_days=[each.recovery_days for each in worst],
            total=drawdown_count(curve),
        ),
    )
