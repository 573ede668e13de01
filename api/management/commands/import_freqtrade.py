"""Import the backtest results that freqtrade writes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from api.imports import Report, import_backtests
from api.management.importing import ImportCommand
from dashboard.importers import freqtrade
from dashboard.models import ImportRun


class Command(ImportCommand):
    help = "Import freqtrade backtest results (.json, .json.gz, .zip). See docs/importing.md."
    kind = "freqtrade"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs="+", metavar="FILE")

    def load(self, path: Path, run: ImportRun, report: Report, options: dict[str, Any]) -> Iterator[int]:
        return import_backtests(run, freqtrade.read(path), report)
