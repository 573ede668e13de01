"""What a page compares the account with: a symbol whose candles are stored, chosen in the address."""

from typing import Any

from django.http import QueryDict

from dashboard.models import Account
from dashboard.page_filters import PageFilters
from dashboard.pills import Pill, choice
from dashboard.selectors.benchmark import Against
from dashboard.selectors.market import symbols
from dashboard.timeframes import finer
from dashboard.words import word

DAILY = {"1d", *finer("1d")}
Benchmarks = list[tuple[str, str]]  # symbol and exchange


def benchmarks_of(account: Account) -> Benchmarks:
    """Those that have candles of a day or less."""
    return [(row["symbol"], row["exchange"]) for row in symbols(account) if DAILY & {*row["timeframes"]}]


class ComparedFilters(PageFilters):
    """The filters of a page, with its benchmark."""

    def __init__(self, query: QueryDict, strategies: list[str], benchmarks: Benchmarks, *, period: str = "all") -> None:
        super().__init__(query, strategies, period=period)
        self.benchmarks = benchmarks
        wanted = query.get("benchmark", ""), query.get("exchange", "")
        self.benchmark = wanted if wanted in benchmarks else None

    def parameters(self, **changes: Any) -> dict[str, Any]:
        return super().parameters(**self.compared | changes)

    @property
    def compared(self) -> dict[str, str]:
        """The benchmark in the parameters of the API."""
        return {} if self.benchmark is None else dict(zip(("benchmark", "exchange"), self.benchmark, strict=True))

    @property
    def active(self) -> bool:
        return super().active or self.benchmark is not None

    @property
    def against(self) -> Against:
        return Against() if self.benchmark is None else Against(*self.benchmark)


def benchmark_pill(asked: ComparedFilters) -> list[Pill]:
    """What the account can be compared with; none where no candles are stored."""
    several = len({symbol for symbol, _ in asked.benchmarks}) < len(asked.benchmarks)
    found = {
        "name": "benchmark",
        "title": word("chart", "benchmark"),
        "value": asked.benchmark[0] if asked.benchmark else "",
        "clear": asked.link(benchmark=None, exchange=None),
        "choices": [
            choice(
                f"{symbol} · {exchange}" if several and exchange else symbol,
                (symbol, exchange) == asked.benchmark,
                asked.link(benchmark=symbol, exchange=exchange),
            )
            for symbol, exchange in asked.benchmarks
        ],
    }
    return [found] if asked.benchmarks else []
