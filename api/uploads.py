"""Files that people bring in the browser: read as on the command line, judged first where that is asked for."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils import timezone

from api.imports import COLUMNS, NEEDED, Report, import_backtests, import_candles, import_csv
from dashboard.fields import plain
from dashboard.importers import candles, freqtrade, trades_csv
from dashboard.importers.files import BadFile
from dashboard.models import Account, ImportRun
from dashboard.services.audit import Actor, audit_write
from dashboard.services.imports import AlreadyUndone, import_begin, import_end, import_note

KINDS = ("freqtrade", "trades", "candles")
NOTED_EVERY = 1.0  # seconds


def steps(run: ImportRun, path: Path, report: Report, place: dict[str, str]) -> Iterator[int]:
    """Record a file by its kind; yield the rows done so far. `place` says whose candles. Raises BadFile."""
    if run.kind == "freqtrade":
        return import_backtests(run, freqtrade.read(path), report)
    if run.kind == "trades":
        return import_csv(run, trades_csv.read(path, known=COLUMNS, needed=NEEDED), report)
    return import_candles(run, candles.read(path), report, **place)


def file_import(
    *, account: Account, actor: Actor, kind: str, name: str, path: Path, place: dict[str, str]
) -> ImportRun:
    """Import a file; how far it is can be read from the run meanwhile."""
    with transaction.atomic():
        run = import_begin(account=account, kind=kind, files=[name])
        after = {"kind": kind, "files": [name]}
        audit_write(account=account, actor=actor, action="import.begin", target=f"import:{run.pk}", after=after,
                    at=run.created_at)  # fmt: skip
    report, noted = Report(name), monotonic()
    try:
        with suppress(AlreadyUndone):
            try:
                for _ in steps(run, path, report, place):
                    if monotonic() - noted > NOTED_EVERY:
                        noted = monotonic()
                        import_note(run, timezone.now(), [report.kept()])
            except BadFile as error:
                report.error = str(error)
            import_note(run, timezone.now(), [report.kept()])
    finally:
        import_end(run)
    return run


def file_preview(
    *, account: Account, now: datetime, kind: str, name: str, path: Path, place: dict[str, str]
) -> dict[str, Any]:
    """What importing the file would do, and its first rows. Nothing of it stays."""
    run, report = ImportRun(account=account, kind=kind, created_at=now), Report(name)
    try:
        for _ in steps(run, path, report, place):
            pass
    except BadFile as error:
        report.error = str(error)
    rows = [{column: cell(value) for column, value in row.items() if not nested(value)} for row in report.first]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return {**report.kept(), "columns": columns, "first": [[row.get(column) for column in columns] for row in rows]}


def nested(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value))


def cell(value: Any) -> str | None:
    """A value as one reads it in a file; None for none."""
    if isinstance(value, list):
        return " ".join(map(str, value)) or None
    return None if value is None else plain(value) if isinstance(value, Decimal) else str(value)
