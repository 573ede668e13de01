"""/api/analytics: what each chart draws, column by column."""

from typing import Any
from zoneinfo import ZoneInfo

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.periods import PERIODS
from api.errors import Invalid
from api.params import Param, Params
from api.schema import answers
from api.schema.operation import documented
from api.schema.shapes import shape_of
from api.views import AccountViewSet
from api.windows import (
    AgainstParams,
    LimitedParams,
    PartParams,
    RatedParams,
    WindowParams,
    against_of,
    asked_part,
    compared,
    window_of,
    zone,
)
from dashboard.filters import TradeFilters
from dashboard.reading import choice, moment, text, whole
from dashboard.selectors.allocation import HELD_BY, Allocation, allocation_chart
from dashboard.selectors.asset import asset
from dashboard.selectors.breakdowns import (
    Hours,
    Sankey,
    Steps,
    closed_matching,
    hours_chart,
    sankey_chart,
    waterfall_chart,
)
from dashboard.selectors.charts import (
    Monthly,
    Returns,
    Rolling,
    ValueLine,
    monthly_chart,
    returns_chart,
    rolling_chart,
    value_chart,
)
from dashboard.selectors.distribution import BOXED_BY, Distribution, Paths, distribution_chart, monte_carlo_chart
from dashboard.selectors.drawdowns import Underwater, drawdown_chart
from dashboard.selectors.marks import Excursions, Signals, excursions_chart, signals_chart
from dashboard.selectors.moment import Moment, moment_chart
from dashboard.selectors.performance import RiskReturn, risk_return

CHARTS = (
    "returns", "equity", "rolling", "monthly", "drawdowns", "distribution", "montecarlo", "waterfall", "sankey",
    "hours", "mae-mfe", "signals", "allocation", "moment", "asset", "risk-return",
)  # fmt: skip
MOST_DRAWN = 4_000_000
LAST_YEAR = 2200


class ReturnsParams(WindowParams, AgainstParams, LimitedParams):
    period = Param(choice(*PERIODS), "What a bar stands for.", default="daily")


class ValueParams(WindowParams, AgainstParams, LimitedParams):
    sma = Param(whole(2, 1000), "Give the moving average of so many days as well.")


class RollingParams(WindowParams, RatedParams, LimitedParams):
    window = Param(whole(2, 1000), "How many days each figure looks back.", default=30)


class DrawdownParams(WindowParams):
    points = Param(whole(10, 5000), "How many points to give at most; every visible extreme stays.", default=1000)
    count = Param(whole(0, 100), "How many of the worst drawdowns to describe.", default=10)


class DistributionParams(WindowParams):
    period = Param(choice("daily", "weekly"), "Which returns are counted.", default="daily")
    bins = Param(whole(1, 100), "How many bars; else by the rule of Freedman and Diaconis.")
    group_by = Param(choice(*BOXED_BY), "A box plot for each of these.")


class MonteCarloParams(WindowParams):
    paths = Param(whole(10, 5000), "How many paths.", default=1000)
    horizon = Param(whole(1, 3650), "How many days a path has.", default=365)
    block = Param(whole(1, 365), "Mean number of days that stay together; else the cube root of their number.")
    seed = Param(whole(0, 10**9), "The same seed gives the same paths.", default=0)

    def check(self, clean: dict[str, int]) -> None:
        super().check(clean)
        if clean["paths"] * clean["horizon"] > MOST_DRAWN:
            raise Invalid({"paths": [f"Paths times horizon must be at most {MOST_DRAWN}."]})


class SankeyParams(Params):
    measure = Param(choice("net_pnl", "trades"), "What the width of a band stands for.", default="net_pnl")


class HoursParams(Params):
    by = Param(choice("exit", "entry"), "Which moment of a trade counts.", default="exit")
    timezone = Param(zone(), "Whose clock is read.", default=ZoneInfo("UTC"))


class AllocationParams(PartParams):
    group_by = Param(choice(*HELD_BY), "What the parts are gathered by.", default="asset_class")
    limit = Param(whole(1, 500), "How many of the largest parts to give at most.", default=100)


class RiskReturnParams(WindowParams):
    limit = Param(whole(1, 200), "How many of the most traded strategies to give at most.", default=50)


class SignalParams(WindowParams):
    symbol = Param(text(100), "Whose candles the marks are for.", required=True)
    limit = Param(whole(1, 1000), "How many of the newest marks to give at most.", default=200)


class MomentParams(WindowParams, AgainstParams):
    at = Param(moment, "The moment; the last one of a day stands for the whole day.", required=True)
    span = Param(whole(2, 1000), "How many days Sharpe and volatility look back.", default=30)

    def check(self, clean: dict[str, Any]) -> None:
        super().check(clean)
        if clean["at"].year >= LAST_YEAR:
            raise Invalid({"at": [f"Must be before {LAST_YEAR}."]})


class AssetParams(Params):
    symbol = Param(text(100), "The symbol, as reported.", required=True)


class AnalyticsViewSet(AccountViewSet):
    """Figures over trades and snapshots, as charts need them."""

    @documented(shape_of(Returns), params=ReturnsParams)
    @action(detail=False)
    def returns(self, request: Request) -> Response:
        """Returns by period."""
        params = self.params(ReturnsParams)

        def answer() -> Returns:
            chosen = params["period"], against_of(params), params["limit"]
            return compared(lambda: returns_chart(self.account, window_of(self.account, params), *chosen))

        return self.cached(answer, market=params["benchmark"] is not None)

    @documented(shape_of(ValueLine), params=ValueParams)
    @action(detail=False)
    def equity(self, request: Request) -> Response:
        """The value at the end of each day."""
        params = self.params(ValueParams)

        def answer() -> ValueLine:
            chosen = params["sma"], against_of(params), params["limit"]
            return compared(lambda: value_chart(self.account, window_of(self.account, params), *chosen))

        return self.cached(answer, market=params["benchmark"] is not None)

    @documented(shape_of(Rolling), params=RollingParams)
    @action(detail=False)
    def rolling(self, request: Request) -> Response:
        """Sharpe ratio, volatility and beta of the last days, day by day."""
        params = self.params(RollingParams)

        def answer() -> Rolling:
            chosen = params["window"], against_of(params), params["limit"]
            return compared(lambda: rolling_chart(self.account, window_of(self.account, params), *chosen))

        return self.cached(answer, market=params["benchmark"] is not None)

    @documented(shape_of(Monthly), params=WindowParams)
    @action(detail=False)
    def monthly(self, request: Request) -> Response:
        """Returns and results by month."""
        params = self.params(WindowParams)
        return self.cached(lambda: monthly_chart(self.account, window_of(self.account, params)))

    @documented(shape_of(Underwater), params=DrawdownParams)
    @action(detail=False)
    def drawdowns(self, request: Request) -> Response:
        """How far below its peak the value was, and the worst falls."""
        params = self.params(DrawdownParams)
        chosen = params["points"], params["count"]
        return self.cached(lambda: drawdown_chart(self.account, window_of(self.account, params), *chosen))

    @documented(shape_of(Distribution), params=DistributionParams)
    @action(detail=False)
    def distribution(self, request: Request) -> Response:
        """How often which return came."""
        params = self.params(DistributionParams)
        chosen = params["period"], params["bins"], params["group_by"]
        return self.cached(lambda: distribution_chart(self.account, window_of(self.account, params), *chosen))

    @documented(shape_of(Paths), params=MonteCarloParams)
    @action(detail=False)
    def montecarlo(self, request: Request) -> Response:
        """Where the value may go, by drawing from its own days."""
        params = self.params(MonteCarloParams)
        chosen = {name: params[name] for name in ("paths", "horizon", "block", "seed")}
        return self.cached(lambda: monte_carlo_chart(self.account, window_of(self.account, params), **chosen))

    @documented(shape_of(Steps), params=WindowParams)
    @action(detail=False)
    def waterfall(self, request: Request) -> Response:
        """From the beginning to the end in steps."""
        params = self.params(WindowParams)
        return self.cached(lambda: waterfall_chart(self.account, window_of(self.account, params)))

    @documented(shape_of(Sankey), params=SankeyParams, filters=TradeFilters)
    @action(detail=False)
    def sankey(self, request: Request) -> Response:
        """From strategies over symbols to results."""
        params, wanted = self.filtered(SankeyParams, TradeFilters)

        def answer() -> Sankey:
            closed = closed_matching(self.account, wanted.qs, wanted.key)
            return sankey_chart(closed, params["measure"])

        return self.cached(answer)

    @documented(shape_of(Hours), params=HoursParams, filters=TradeFilters)
    @action(detail=False)
    def hours(self, request: Request) -> Response:
        """Results by weekday and hour."""
        params, wanted = self.filtered(HoursParams, TradeFilters)

        def answer() -> Hours:
            closed = closed_matching(self.account, wanted.qs, wanted.key)
            return hours_chart(closed, params["by"], params["timezone"])

        return self.cached(answer)

    @documented(shape_of(Excursions), params=LimitedParams, filters=TradeFilters)
    @action(detail=False)
    def mae_mfe(self, request: Request) -> Response:
        """How far trades went against and for the account before they closed."""
        params, wanted = self.filtered(LimitedParams, TradeFilters)
        return self.cached(lambda: excursions_chart(wanted.qs, params["limit"]))

    @documented(shape_of(Signals), params=SignalParams)
    @action(detail=False)
    def signals(self, request: Request) -> Response:
        """Entries and exits on the candles of a symbol."""
        params = self.params(SignalParams)
        return self.cached(lambda: signals_chart(self.account, window_of(self.account, params), params["limit"]))

    @documented(shape_of(Allocation), params=AllocationParams)
    @action(detail=False)
    def allocation(self, request: Request) -> Response:
        """What the value is made of."""
        params = self.params(AllocationParams)

        def answer() -> Allocation:
            part = asked_part(self.account, params)
            return allocation_chart(self.account, part, params["group_by"], params["limit"])

        return self.cached(answer)

    @documented(answers.MOMENT_OF, params=MomentParams)
    @action(detail=False)
    def moment(self, request: Request) -> Response:
        """What was known at a moment, how its day went, and what happened on it."""
        params = self.params(MomentParams)

        def answer() -> Moment:
            window, against = window_of(self.account, params), against_of(params)
            return compared(lambda: moment_chart(self.account, window, params["at"], params["span"], against))

        return self.cached(answer, market=params["benchmark"] is not None)

    @documented(answers.ASSET, params=AssetParams)
    @action(detail=False)
    def asset(self, request: Request) -> Response:
        """What is held of a symbol, and what its trades came to."""
        params = self.params(AssetParams)
        return self.cached(lambda: asset(self.account, params["symbol"]))

    @documented(shape_of(RiskReturn), params=RiskReturnParams)
    @action(detail=False)
    def risk_return(self, request: Request) -> Response:
        """Return beside risk for each strategy."""
        params = self.params(RiskReturnParams)
        return self.cached(lambda: risk_return(self.account, window_of(self.account, params), params["limit"]))
