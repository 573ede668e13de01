"""One remark: what was written, by whom and of when, and what else happened on that day."""

from datetime import UTC, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from dashboard import wire
from dashboard.fields import dumps
from dashboard.market_page import chart_id_of
from dashboard.models import Account, Annotation, Trade
from dashboard.page_filters import written
from dashboard.pages import frame
from dashboard.risk_page import SPANS
from dashboard.selectors.benchmark import Against
from dashboard.selectors.market import symbols
from dashboard.selectors.moment import moment_chart
from dashboard.selectors.series import Part, Window
from dashboard.show.closer import Look, closer, source
from dashboard.show.moment import curve_around, percents
from dashboard.show.prices import prices
from dashboard.words import WORDS, word


@login_required
def annotation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    context = frame(request, slug, "overview")
    account, now = context["account"], context["now"]
    found = get_object_or_404(Annotation.objects.select_related("author"), account=account, pk=pk)
    row = wire.ANNOTATION.instance(found)
    symbol = symbol_of(account, found.chart_id)
    at = written(found.date)
    part = Part(None, symbol)
    seen = moment_chart(account, Window(part), found.date, SPANS[1], Against())
    before, after = beside(account, found)
    mine = context["operates"] and (context["is_owner"] or found.author_id in (None, request.user.pk))
    return closer(
        request,
        context,
        Look(
            "annotation",
            str(pk),
            source(account, f"annotations/{found.chart_id}", start=at, end=at),
            "annotation trade_executed",
            None,
            f"annotation-{before}" if before else None,
            f"annotation-{after}" if after else None,
        ),
        annotation=row,
        chart_title=symbol or title(found.chart_id),
        symbol=symbol,
        seen=seen,
        standing=seen.standing,
        percents=percents(seen.standing),
        day_key=f"{found.date.astimezone(UTC):%Y-%m-%d}",
        prices=prices(account, symbol, found.date, min(found.date + timedelta(minutes=5), now), request.GET)
        if symbol
        else None,
        curve=curve_around(account, seen, {}) | {"chart_id": found.chart_id},
        focus={"marks": [{"at": found.date, "title": word("annotation", found.type), "kind": "note"}]},
        changeable=dumps(row).decode() if mine else None,
    )


def title(chart_id: str) -> str:
    return word("drawn", chart_id) if chart_id in WORDS["drawn"] else _("Chart %s") % chart_id


def symbol_of(account: Account, chart_id: str) -> str | None:
    """Whose candles an annotation stands on; None for other charts."""
    if not chart_id.startswith("market:"):
        return None
    traded = Trade.objects.filter(account=account).order_by("symbol").values_list("symbol", flat=True).distinct()
    known = [*(row["symbol"] for row in symbols(account)), *traded]
    return next((symbol for symbol in known if chart_id_of(symbol) == chart_id), None)


def beside(account: Account, found: Annotation) -> tuple[int | None, int | None]:
    """The annotations of the same chart before and after this one."""
    rows = Annotation.objects.filter(account=account, chart_id=found.chart_id)
    earlier = rows.filter(date__lt=found.date) | rows.filter(date=found.date, pk__lt=found.pk)
    later = rows.filter(date__gt=found.date) | rows.filter(date=found.date, pk__gt=found.pk)
    before, after = earlier.order_by("-date", "-pk"), later.order_by("date", "pk")
    return before.values_list("pk", flat=True).first(), after.values_list("pk", flat=True).first()
