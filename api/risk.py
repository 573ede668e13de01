"""/api/risk"""

from typing import Any

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.params import Param
from api.schema import answers
from api.schema.operation import documented
from api.schema.shapes import shape_of
from api.views import AccountViewSet
from api.windows import RatedParams, WindowParams, against_of, compared, rate, window_of
from dashboard.reading import choice, whole
from dashboard.selectors.risk import Correlation, correlation, risk


class RiskParams(WindowParams, RatedParams):
    minimum = Param(rate(), "Yearly minimum acceptable return as a fraction.", default=0.0)


class CorrelationParams(WindowParams):
    period = Param(choice("daily", "weekly"), "Which returns are compared.", default="daily")
    by = Param(choice("strategy", "symbol"), "What is compared.", default="strategy")
    limit = Param(whole(1, 200), "How many of the most traded to give at most.", default=50)


class RiskViewSet(AccountViewSet):
    """How risky an account is, and which of its parts move together."""

    @documented(answers.RISK, params=RiskParams)
    @action(detail=False)
    def metrics(self, request: Request) -> Response:
        """Every figure of risk over the days that begin in the window."""
        params = self.params(RiskParams)

        def answer() -> dict[str, Any]:
            return compared(lambda: risk(self.account, window_of(self.account, params), against_of(params)))

        return self.cached(answer, market=params["benchmark"] is not None)

    @documented(shape_of(Correlation), params=CorrelationParams)
    @action(detail=False)
    def correlation(self, request: Request) -> Response:
        """Which strategies or symbols move together."""
        params = self.params(CorrelationParams)
        chosen = params["by"], params["period"], params["limit"]
        return self.cached(lambda: correlation(self.account, window_of(self.account, params), *chosen))
