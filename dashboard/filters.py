"""Which rows an address asks for. What a filter takes is read strictly; the API, its documentation, the exports and the
pages use the same ones."""

import json
from decimal import Decimal
from typing import Any, Self

from django import forms
from django.db import connection
from django.db.models import Model, Q, QuerySet, Value
from django.db.models.functions import StrIndex
from django_filters import Filter, FilterSet

from analytics.risk import RISK_LEVELS
from dashboard.columns import AsText
from dashboard.models import Account, Alert, Annotation, AuditEntry, Portfolio, StrategyPerformance, Trade
from dashboard.reading import Reader, Unreadable, choice, moment, money, text
from dashboard.selectors.parts import at_risk

Rows = QuerySet[Any]


class Given(forms.Field):
    """What an address gives for one name: all its values, because one that is given twice is refused."""

    widget = forms.SelectMultiple

    def __init__(self, *, read: Reader, many: bool, **options: Any) -> None:
        super().__init__(**options)
        self.read, self.many = read, many

    def clean(self, value: Any) -> Any:
        values = [value] if isinstance(value, str) else value or []
        if len(values) > 1 and not self.many:
            raise forms.ValidationError("Give it once.")
        try:
            found = [self.read(text) for text in values]
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from None
        return found if self.many else found[0] if found else None


class By(Filter):
    """A filter that reads its text by `read`; `many` may be given several times, and any of them suffices."""

    field_class = Given

    def __init__(self, read: Reader, about: str, *, field: str | None = None, many: bool = False, **options: Any):
        lookup = options.pop("lookup", "in" if many else "exact")
        super().__init__(field, lookup, read=read, many=many, help_text=about, **options)


class Stretch(forms.Form):
    def clean(self) -> dict[str, Any]:
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        if start is not None and end is not None and end < start:
            self.add_error("end", "Must not be before start.")
        return self.cleaned_data


class Filters(FilterSet):
    """The rows of one account that match."""

    class Meta:
        form = Stretch

    model: type[Model]
    account: Account

    def __init__(self, given: Any, rows: Rows) -> None:
        # A form of all filters would cost more than the query: only those that are given are built.
        self.base_filters = {name: each for name, each in self.declared_filters.items() if name in given}
        super().__init__(given, rows)

    @classmethod
    def of(cls, account: Account, given: Any) -> Self:
        found = cls(given, cls.rows(account))
        found.account = account
        return found

    @classmethod
    def rows(cls, account: Account) -> Rows:
        return cls.model._default_manager.filter(account=account)

    def refused(self) -> dict[str, list[str]]:
        """Why, by name."""
        return {name: [str(message) for message in messages] for name, messages in self.errors.items()}

    @property
    def key(self) -> str:
        """What a cursor through these rows must agree with; empty where nothing is filtered."""
        given = [(name, str(value)) for name, value in self.form.cleaned_data.items() if value not in (None, [])]
        return repr(given) if given else ""


def tagged(rows: Rows, name: str, tag: str) -> Rows:
    # Not LIKE, which is blind to case on SQLite.
    stored = Value(json.dumps(tag, ensure_ascii=connection.vendor == "sqlite"))
    places = {f"in_{column}": StrIndex(AsText(column), stored) for column in ("tags", "user_tags")}
    return rows.alias(**places).filter(Q(in_tags__gt=0) | Q(in_user_tags__gt=0))


def resulting(rows: Rows, name: str, outcome: str) -> Rows:
    comparison = {"win": "net_pnl__gt", "loss": "net_pnl__lt", "breakeven": "net_pnl"}[outcome]
    return rows.filter(status="closed", **{comparison: Decimal(0)})


def traded_since(rows: Rows, name: str, start: Any) -> Rows:
    return rows.filter(Q(exit_time__gte=start) | Q(exit_time__isnull=True, entry_time__gte=start))


def traded_until(rows: Rows, name: str, end: Any) -> Rows:
    return rows.filter(Q(exit_time__lte=end) | Q(exit_time__isnull=True, entry_time__lte=end))


def holding(rows: Rows, name: str, text: str) -> Rows:
    columns = ("trade_id", "symbol", "strategy__name", "exit_reason", "notes")
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__icontains": text})
    return rows.filter(found)


class TradeFilters(Filters):
    model = Trade

    symbol = By(text(100), "The symbol, as reported.")
    strategy = By(text(100), "Name of a strategy; several may be given.", field="strategy__name", many=True)
    status = By(choice(*Trade.Status.values), "How far the trade is.")
    direction = By(choice(*Trade.Direction.values), "Which side was taken.")
    asset_class = By(choice(*Trade.AssetClass.values), "What kind of asset was traded.")
    risk_level = By(
        choice(*RISK_LEVELS),
        "How risky its strategy is, by its whole past; several may be given.",
        many=True,
        method="at_risk",
    )
    exit_reason = By(text(255), "Why it was closed, as reported.")
    tag = By(text(100), "A tag of the bot or of a person.", method=tagged)
    trade_id = By(text(100), "The producer's own name of the trade.")
    start = By(moment, "Closed at this moment or later; open trades: opened.", method=traded_since)
    end = By(moment, "Closed at this moment or before; open trades: opened.", method=traded_until)
    min_pnl = By(money, "Net result of at least this.", field="net_pnl", lookup="gte")
    max_pnl = By(money, "Net result of at most this.", field="net_pnl", lookup="lte")
    outcome = By(choice("win", "loss", "breakeven"), "Closed with this result.", method=resulting)
    signal_type = By(choice(*Trade.SignalType.values), "What gave the signal.")
    search = By(text(100), "Text in trade_id, symbol, strategy, exit reason or notes.", method=holding)

    def at_risk(self, rows: Rows, name: str, levels: list[str]) -> Rows:
        return rows.filter(strategy__name__in=at_risk(self.account, levels))


class PortfolioFilters(Filters):
    model = Portfolio

    start = By(moment, "Taken at this moment or later.", field="timestamp", lookup="gte")
    end = By(moment, "Taken at this moment or before.", field="timestamp", lookup="lte")


class PerformanceFilters(Filters):
    model = StrategyPerformance

    strategy = By(text(100), "Name of a strategy; several may be given.", field="strategy__name", many=True)
    period = By(choice(*StrategyPerformance.Period.values), "How long the stretches are.")
    start = By(moment, "Begun at this moment or later.", field="timestamp", lookup="gte")
    end = By(moment, "Begun at this moment or before.", field="timestamp", lookup="lte")

    @classmethod
    def rows(cls, account: Account) -> Rows:
        return StrategyPerformance.objects.filter(strategy__account=account)


class AlertFilters(Filters):
    model = Alert

    type = By(choice(*Alert.Type.values), "What it is about.")
    severity = By(choice(*Alert.Severity.values), "How bad it is.")
    status = By(choice(*Alert.Status.values), "How far it was dealt with.")
    strategy = By(text(100), "Name of a strategy; several may be given.", field="strategy__name", many=True)
    start = By(moment, "Raised at this moment or later.", field="created_at", lookup="gte")
    end = By(moment, "Raised at this moment or before.", field="created_at", lookup="lte")


class ChartFilters(Filters):
    model = Annotation

    type = By(choice(*Annotation.Type.values), "What it is about.")
    start = By(moment, "Stands at this moment or later.", field="date", lookup="gte")
    end = By(moment, "Stands at this moment or before.", field="date", lookup="lte")


class AnnotationFilters(ChartFilters):
    chart_id = By(text(100), "The chart that it stands on.")


class AuditFilters(Filters):
    model = AuditEntry

    action = By(text(50), "What was done, as `key.create`.")
    actor = By(text(200), "Who did it, as `user:ada`.")
    start = By(moment, "Done at this moment or later.", field="at", lookup="gte")
    end = By(moment, "Done at this moment or before.", field="at", lookup="lte")
