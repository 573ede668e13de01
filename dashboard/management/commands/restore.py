"""Replace the database by a backup."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.backups import BackupFailed, restore


class Command(BaseCommand):
    help = "Replace EVERYTHING in the database by the backup in FILE, while the server runs or not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)

    def handle(self, **options: Any) -> None:
        try:
            found = restore(Path(options["file"]))
        except BackupFailed as error:
            raise CommandError(f"Nothing was restored: {error}.") from None
        self.stdout.write(f"Restored: {found.accounts} accounts, {found.trades} trades, {found.events} events.")
        for slug, at in sorted(found.streams.items()):
            self.stdout.write(f"  {slug}: log at {at.head}, new epoch {at.epoch}")
        self.stdout.write("People, sessions and API keys are as they were then: revoke again what was revoked since.")
