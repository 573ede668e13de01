"""Write a backup of the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.backups import BackupFailed, backup


class Command(BaseCommand):
    help = "Write a consistent backup of the whole database to FILE, while the server runs or not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="Replaced at once when the backup is complete.")

    def handle(self, **options: Any) -> None:
        path = Path(options["file"])
        try:
            size = backup(path)
        except BackupFailed as error:
            raise CommandError(f"No backup was made: {error}.") from None
        self.stdout.write(f"Backup written to {path}, {size:,} bytes. secrets.env is not in it: keep that file apart.")
