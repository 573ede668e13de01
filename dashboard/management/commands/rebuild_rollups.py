"""`manage.py rebuild_rollups`: build performance and risk rows from nothing and say whether they were right."""

from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from dashboard import wire
from dashboard.models import Account, RiskMetrics, StrategyPerformance
from dashboard.rollups.follow import NAME, rollups_follow
from realtime.models import Cursor


class Command(BaseCommand):
    help = "Rebuild performance and risk rows from trades, snapshots and cash flows, and compare with what was stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", help="Only this account; all by default.")

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = Account.objects.order_by("slug")
        if options["account"]:
            accounts = accounts.filter(slug=options["account"])
            if not accounts:
                raise CommandError(f"There is no account {options['account']}.")
        wrong = 0
        for account in accounts:
            known = Cursor.objects.filter(name=NAME, stream__key=account.stream_key).exists()
            rollups_follow(account)
            before = rows_of(account)
            Cursor.objects.filter(name=NAME, stream__key=account.stream_key).delete()
            rollups_follow(account)
            after = rows_of(account)
            same = before == after
            wrong += known and not same
            verdict = "equal to the stored ones" if same else "different from the stored ones, which are replaced"
            self.stdout.write(f"{account.slug}: {len(after)} rows, {verdict}")
        if wrong:
            raise CommandError(f"{wrong} accounts had rows that differed.")


def rows_of(account: Account) -> list[dict[str, Any]]:
    """Every rollup row of the account, in one order."""
    performance = StrategyPerformance.objects.filter(strategy__account=account)
    rows = performance.order_by("strategy__name", "period", "timestamp").values_list(
        "strategy__name", *wire.PERFORMANCE.select
    )
    found = [{"strategy": name, **wire.PERFORMANCE.row(values)} for name, *values in rows]
    return found + wire.RISK.rows(RiskMetrics.objects.filter(account=account).order_by("timestamp"))
