"""Import trades from CSV files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from api.imports import COLUMNS, NEEDED, Report, import_csv
from api.management.importing import ImportCommand
from dashboard.importers import trades_csv
from dashboard.models import ImportRun


class Command(ImportCommand):
    help = "Import trades from CSV (.csv, .csv.gz) with columns named like the API's fields. See docs/importing.md."
    kind = "trades"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs="+", metavar="FILE.csv")

    def load(self, path: Path, run: ImportRun, report: Report, options: dict[str, Any]) -> Iterator[int]:
        return import_csv(run, trades_csv.read(path, known=COLUMNS, needed=NEEDED), report)
