"""Take an import back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from dashboard.models import ImportRun
from dashboard.services.audit import COMMAND
from dashboard.services.imports import AlreadyUndone, StillRunning, import_undo

NAMED = 20


class Command(BaseCommand):
    help = "Delete what an import created, but for what was changed since."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", type=int, help="The number that the import printed.")

    def handle(self, **options: Any) -> None:
        run = ImportRun.objects.select_related("account").filter(pk=options["id"]).first()
        if run is None:
            raise CommandError(f"There is no import {options['id']}.")
        try:
            import_undo(run=run, actor=COMMAND, now=timezone.now())
        except AlreadyUndone:
            raise CommandError(f"Import {run.pk} was undone before, {run.undone_at:%Y-%m-%d %H:%M:%S} UTC.") from None
        except StillRunning:
            raise CommandError(f"Import {run.pk} is still running, or was killed within the last minute.") from None
        undone = run.result["undone"]
        deleted = f"{undone['trades']} trades and {undone['candles']} candles deleted"
        self.stdout.write(f"Import {run.pk} of {run.account} is undone: {deleted}.")
        self.tell("changed after the import", **undone["changed_later"])
        self.tell("there before the import, which updated them", **undone["there_before"])
        if left := undone.get("candles_kept"):
            self.stdout.write(f"  {left} candles kept: there before the import, or changed after it")

    def tell(self, why: str, count: int, trade_ids: list[str]) -> None:
        if count:
            more = f" and {count - NAMED} more" if count > NAMED else ""
            self.stdout.write(f"  {count} trades kept ({why}): {', '.join(trade_ids[:NAMED])}{more}")
