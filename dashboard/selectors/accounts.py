"""The accounts of a person or a program, each with the few figures that say how it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from analytics.money import Money
from dashboard import wire
from dashboard.columns import Exact, money
from dashboard.fields import EXACT, exact_sum
from dashboard.models import Account, Alert, Bot, Membership, Portfolio, Trade
from dashboard.moments import day_of, moment_of
from dashboard.selectors.book import books
from dashboard.selectors.closed import Closed
from dashboard.selectors.equity import Equity, equities, risk_figures
from dashboard.selectors.series import WHOLE, Part
from dashboard.selectors.statistics import since

KINDS = Account.Kind.values
SUMMED = ("value", "daily_change", "total_pnl")


def memberships_of(user: Any) -> QuerySet[Membership]:
    """The person's memberships with their accounts, by slug."""
    return Membership.objects.filter(user=user).select_related("account").order_by("account__slug")


def account_lines(found: Sequence[tuple[Account, str]], now: datetime) -> list[dict[str, Any]]:
    """One line for each account and the role in it, in a number of queries that does not grow with them."""
    accounts = [account for account, _ in found]
    today = day_of(now)
    values = equities(accounts)
    held, unrealized = books(accounts), open_results(accounts)
    results = {
        key: Results.of(book.closed, since(book.closed, today).net_pnl, unrealized.get(key, Money.of([])))
        for key, book in held.items()
    }
    latest = latest_snapshots(accounts)
    nobody = {"bots": 0, "running": 0, "last_seen": None}
    bots = {
        row["account_id"]: wire.pick(dict(row), list(nobody))
        for row in Bot.objects.filter(account__in=accounts)
        .order_by()
        .values("account_id")
        .annotate(bots=Count("pk"), running=Count("pk", filter=Q(state="running")), last_seen=Max("last_seen"))
    }
    alerts = Alert.objects.filter(account__in=accounts).active().order_by()
    alert_counts = dict(alerts.values_list("account_id").annotate(Count("pk")))
    return [
        {
            **wire.ACCOUNT.instance(account),
            "role": role,
            **value_figures(latest.get(account.pk), values[account.pk], results[account.pk], today),
            **wire.pick(
                risk_figures(account, values[account.pk], values[account.pk].daily()[1]),
                ["max_drawdown_pct", "current_drawdown_pct"],
            ),
            "open_trades": results[account.pk].open_trades,
            **bots.get(account.pk, nobody),
            "active_alerts": alert_counts.get(account.pk, 0),
        }
        for account, role in found
    ]


def account_totals(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sums over accounts of one kind and currency: nothing is added across currencies, nor real to simulated."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in sorted(lines, key=lambda line: (KINDS.index(line["kind"]), line["currency"])):
        groups.setdefault((line["kind"], line["currency"]), []).append(line)
    return [
        {
            "kind": kind,
            "currency": currency,
            "accounts": len(own),
            **{name: total(own, name) for name in SUMMED},
            "open_trades": sum(line["open_trades"] for line in own),
        }
        for (kind, currency), own in groups.items()
    ]


def total(lines: Sequence[dict[str, Any]], name: str) -> Decimal | None:
    """None where no account knows its own."""
    known = [line[name] for line in lines if line[name] is not None]
    return exact_sum(known) if known else None


@dataclass(frozen=True)
class Results:
    """What an account's trades came to."""

    closed: Decimal
    closed_today: Decimal
    unrealized: Decimal
    open_trades: int
    first: datetime | None

    @property
    def total(self) -> Decimal:
        return EXACT.add(self.closed, self.unrealized)

    @classmethod
    def of(cls, closed: Closed, closed_today: Decimal, unrealized: Money) -> "Results":
        first = moment_of(int(closed.exited[0])) if len(closed) else None
        return cls(closed.net_pnl.total(), closed_today, unrealized.total(), len(unrealized), first)


def open_results(accounts: Sequence[Account], part: Part = WHOLE) -> dict[int, Money]:
    """The results so far of the open trades, by account id."""
    rows = Trade.objects.filter(account__in=accounts, status="open", **part.traits).order_by("account_id")
    found = rows.values("account_id").annotate(results=Exact("net_pnl"))
    return {row["account_id"]: money(row["results"]) for row in found}


def latest_snapshots(accounts: Sequence[Account]) -> dict[int, Portfolio]:
    newest = Portfolio.objects.filter(account=OuterRef("pk")).order_by("-timestamp").values("pk")[:1]
    keys = Account.objects.filter(pk__in=[account.pk for account in accounts]).annotate(newest=Subquery(newest))
    rows = Portfolio.objects.filter(pk__in=keys.values("newest"))
    return {row.account_id: row for row in rows}


def value_figures(latest: Portfolio | None, equity: Equity, results: Results, today: datetime) -> dict[str, Any]:
    traded = results.total
    if latest is not None:
        return {
            "value": latest.total_value,
            "daily_change": latest.daily_change if latest.timestamp >= today else Decimal(0),
            "total_pnl": traded if latest.total_pnl is None else latest.total_pnl,
        }
    return {
        "value": EXACT.add(equity.last, results.unrealized) if len(equity) else None,
        "daily_change": EXACT.add(results.closed_today, results.unrealized) if len(equity) else None,
        "total_pnl": traded if len(equity) or results.open_trades else None,
    }
