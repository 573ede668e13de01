"""/api/strategies/{id}/performance and /api/strategies/comparison"""

from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Invalid
from api.params import Param, Params, Range
from api.schema import answers, entities
from api.schema.operation import documented
from api.views import AccountViewSet
from api.windows import ids
from dashboard.models import Strategy, StrategyPerformance
from dashboard.reading import choice, whole
from dashboard.selectors.performance import Comparison, UnknownStrategy, comparison, performance_rows


class PerformanceParams(Params):
    days = Param(whole(1, 36_600), "How far to look back.")
    period = Param(choice(*StrategyPerformance.Period.values), "What a row stands for.", default="daily")
    limit = Param(whole(1, 5000), "How many of the newest rows to give at most.", default=1000)


class ComparisonParams(Range):
    ids = Param(ids(), "Numbers of 1 to 20 strategies, as in 1,2,3.", required=True)
    points = Param(whole(100, 5000), "How many days to give at most; every visible extreme stays.", default=1000)


class PerformanceViewSet(AccountViewSet):
    """How strategies did, alone and beside each other."""

    @documented(answers.counted("performance", entities.PERFORMANCE), params=PerformanceParams)
    @action(detail=True)
    def performance(self, request: Request, pk: int) -> Response:
        """How a strategy did, period by period."""
        params = self.params(PerformanceParams)
        strategy = get_object_or_404(Strategy.objects.filter(account=self.account), pk=pk)
        since = None if params["days"] is None else timezone.now() - timedelta(days=params["days"])

        def answer() -> dict[str, Any]:
            rows = performance_rows(strategy, params["period"], since, params["limit"])
            return {"performance": rows, "count": len(rows)}

        return self.cached(answer)

    @documented(answers.COMPARISON, params=ComparisonParams)
    @action(detail=False)
    def comparison(self, request: Request) -> Response:
        """Strategies beside each other on common days."""
        params = self.params(ComparisonParams)

        def answer() -> Comparison:
            try:
                return comparison(self.account, params["ids"], params["start"], params["end"], params["points"])
            except UnknownStrategy as error:
                raise Invalid({"ids": [f"There is no strategy {error}."]}) from None

        return self.cached(answer)
