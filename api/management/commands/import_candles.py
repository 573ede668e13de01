"""Import the candles of one symbol from a CSV file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rest_framework.exceptions import ValidationError

from api.fields import Text
from api.imports import Report, import_candles
from api.inputs import IDENT, IDENT_SAYS, SYMBOL, SYMBOL_SAYS
from api.management.importing import ImportCommand
from dashboard.importers import candles
from dashboard.models import ImportRun
from dashboard.timeframes import TIMEFRAMES

RULES = {"symbol": Text(100, pattern=SYMBOL, say=SYMBOL_SAYS), "exchange": Text(100, pattern=IDENT, say=IDENT_SAYS)}


class Command(ImportCommand):
    help = "Import candles from CSV (.csv, .csv.gz) with the columns date, open, high, low, close, volume."
    kind = "candles"
    unit = "candles"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs=1, metavar="FILE")
        parser.add_argument("--symbol", required=True, help="As the trades name it: BTC/USDT.")
        parser.add_argument("--timeframe", required=True, choices=list(TIMEFRAMES))
        parser.add_argument("--exchange", help="Default: the account's.")

    def handle(self, **options: Any) -> None:
        for name, rule in RULES.items():
            try:
                if options[name] is not None:
                    rule.to_internal_value(options[name])
            except ValidationError as error:
                raise CommandError(f"--{name}: {error.detail[0]}") from None  # type: ignore[index]
        super().handle(**options)

    def load(self, path: Path, run: ImportRun, report: Report, options: dict[str, Any]) -> Iterator[int]:
        exchange = run.account.exchange if options["exchange"] is None else options["exchange"]
        place = {"symbol": options["symbol"], "exchange": exchange, "timeframe": options["timeframe"]}
        return import_candles(run, candles.read(path), report, **place)
