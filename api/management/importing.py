"""What the import commands have in common: the run, its progress and its report."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import CommandError

from api.imports import Report
from dashboard.importers.files import BadFile
from dashboard.management.accounts import AccountCommand
from dashboard.models import ImportRun
from dashboard.services.imports import import_begin, import_note

PROGRESS_EVERY = 0.2  # seconds


class ImportCommand(AccountCommand):
    """A command that records files; `kind` names the import and `unit` what a row is."""

    kind = ""
    unit = "trades"

    def load(self, path: Path, run: ImportRun, report: Report, options: dict[str, Any]) -> Iterator[int]:
        """Record one file into `report`, yielding the rows done so far. Raises BadFile."""
        raise NotImplementedError

    def handle(self, **options: Any) -> None:
        account = self.account(options)
        paths = [Path(name) for name in options["files"]]
        began = monotonic()
        run = import_begin(account=account, kind=self.kind, files=[printable(path) for path in paths])
        self.stdout.write(f"Import {run.pk} into {account}; take it back with undo_import {run.pk}.")
        reports = []
        for path in paths:
            report = Report(printable(path))
            reports.append(report)
            try:
                self.follow(report, self.load(path, run, report, options))
            except BadFile as error:
                report.error = str(error)
            import_note(run, {"files": [report.kept() for report in reports]})
            self.tell(report)
        rows = sum(report.rows for report in reports)
        self.stderr.write(f"Import {run.pk}: {rows} {self.unit} in {monotonic() - began:.1f} s", style_func=str)
        if failed := [report.file for report in reports if report.error]:
            raise CommandError(f"Not imported, or not to the end: {', '.join(failed)}.")

    def follow(self, report: Report, steps: Iterator[int]) -> None:
        """Run an import to its end; on a terminal, show how far it is."""
        live, shown = self.stderr.isatty(), 0.0
        for rows in steps:
            if live and monotonic() - shown > PROGRESS_EVERY:
                shown = monotonic()
                self.stderr.write(f"\r{report.file}: {rows} {self.unit}", ending="", style_func=str)
                self.stderr.flush()
        if shown:
            self.stderr.write("\r\x1b[K", ending="", style_func=str)

    def tell(self, report: Report) -> None:
        figures = [f"{report.created} created", f"{report.updated} updated", f"{report.skipped} skipped (known)"]
        figures += [f"{report.stale} skipped (older than what is stored)"] if report.stale else []
        figures += [f"{len(report.rejected)} rejected"]
        figures += [f"{report.rounded} numbers rounded to 18 decimals"] if report.rounded else []
        self.stdout.write(f"{report.file}: {', '.join(figures)}")
        for row, reason in report.rejected:
            self.stdout.write(f"  {row}: {reason}")
        if report.error:
            self.stdout.write(f"  {report.file} {report.error}")


def printable(path: Path) -> str:
    return path.name.encode("utf-8", "replace").decode()
