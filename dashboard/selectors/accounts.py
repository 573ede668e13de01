"""The accounts of a person or a program, each with the few figures that say how it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from dashboard import wire
from dashboard.fields import EXACT
from dashboard.models import Account, Alert, Bot, Membership, Portfolio, Trade
from dashboard.selectors.equity import Equity, equities, risk_figures


def memberships_of(user: Any) -> QuerySet[Membership]:
    """The person's memberships with their accounts, by slug."""
    return Membership.objects.filter(user=user).select_related("account").order_by("account__slug")


def account_home(user: Any) -> Account | None:
    """The account a person sees first: the one a bot reported to last, else the oldest."""
    mine = Account.objects.visible_to(user).annotate(seen=Max("bots__last_seen"))
    reported = mine.filter(seen__isnull=False).order_by("-seen").first()
    return reported or mine.order_by("id").first()


def account_lines(found: Sequence[tuple[Account, str]], now: datetime) -> list[dict[str, Any]]:
    """One line for each account and the role in it, in a number of queries that does not grow with them."""
    accounts = [account for account, _ in found]
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    values = equities(accounts)
    results = trade_results(accounts, today)
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
            **money(latest.get(account.pk), values[account.pk], results[account.pk], today),
            **wire.pick(risk_figures(account, values[account.pk]), ["max_drawdown_pct", "current_drawdown_pct"]),
            "open_trades": results[account.pk].open_trades,
            **bots.get(account.pk, nobody),
            "active_alerts": alert_counts.get(account.pk, 0),
        }
        for account, role in found
    ]


@dataclass
class Results:
    """What an account's trades came to."""

    closed: Decimal = Decimal(0)
    closed_today: Decimal = Decimal(0)
    unrealized: Decimal = Decimal(0)
    open_trades: int = 0


def trade_results(accounts: Sequence[Account], today: datetime) -> dict[int, Results]:
    found = {account.pk: Results() for account in accounts}
    rows = Trade.objects.filter(account__in=accounts, status__in=["open", "closed"]).order_by()
    for key, status, at, net_pnl in rows.values_list("account_id", "status", "exit_time", "net_pnl").iterator(2000):
        result, amount = found[key], net_pnl or Decimal(0)
        if status == "open":
            result.open_trades += 1
            result.unrealized = EXACT.add(result.unrealized, amount)
        else:
            result.closed = EXACT.add(result.closed, amount)
            if at >= today:
                result.closed_today = EXACT.add(result.closed_today, amount)
    return found


def latest_snapshots(accounts: Sequence[Account]) -> dict[int, Portfolio]:
    newest = Portfolio.objects.filter(account=OuterRef("pk")).order_by("-timestamp").values("pk")[:1]
    keys = Account.objects.filter(pk__in=[account.pk for account in accounts]).annotate(newest=Subquery(newest))
    rows = Portfolio.objects.filter(pk__in=keys.values("newest"))
    return {row.account_id: row for row in rows}


def money(latest: Portfolio | None, equity: Equity, results: Results, today: datetime) -> dict[str, Any]:
    traded = EXACT.add(results.closed, results.unrealized)
    if latest is not None:
        return {
            "value": latest.total_value,
            "daily_change": latest.daily_change if latest.timestamp >= today else Decimal(0),
            "total_pnl": traded if latest.total_pnl is None else latest.total_pnl,
        }
    return {
        "value": EXACT.add(equity.values[-1], results.unrealized) if equity.values else None,
        "daily_change": EXACT.add(results.closed_today, results.unrealized) if equity.values else None,
        "total_pnl": traded if equity.values or results.open_trades else None,
    }
