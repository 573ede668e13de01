"""Say whether the audit log is whole."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.models import Account, AuditEntry
from dashboard.services.audit import audit_faults

SHOWN = 20


class Command(BaseCommand):
    help = "Check the chains of the audit log: that no entry is missing or was changed."

    def handle(self, **options: Any) -> None:
        wrong = [account for account in (None, *Account.objects.order_by("slug")) if not self.whole(account)]
        if wrong:
            raise CommandError(f"{len(wrong)} chains are not whole.")

    def whole(self, account: Account | None) -> bool:
        """Judge one chain. Its newest hash is told because only a copy of it shows that the newest were taken away."""
        name = account.slug if account else "installation"
        faults = list(audit_faults(account))
        for fault in faults[:SHOWN]:
            self.stdout.write(f"{name}: {fault}")
        last = AuditEntry.objects.filter(account=account).order_by("-number").first()
        head = f", newest {last.hash}" if last else ""
        count = last.number if last else 0
        self.stdout.write(f"{name}: {count} entries, {'broken' if faults else 'whole'}{head}")
        return not faults
