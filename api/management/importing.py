"""What the import commands have in common: the run, its progress and its report."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from api.imports import Report
from dashboard.importers.files import BadFile
from dashboard.management.accounts import AccountCommand
from dashboard.models import ImportRun
from dashboard.services.imports import AlreadyUndone, import_begin, import_end, import_note

PROGRESS_EVERY = 0.2  # seconds
NOTED_EVERY = 5.0


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
        names = [printable(path) for path in paths]
        run = import_begin(account=account, kind=self.kind, files=names)
        self.stdout.write(f"Import {run.pk} into {account}; take it back with undo_import {run.pk}.")
        reports: list[Report] = []
        try:
            for path in paths:
                self.record(path, run, reports, options)
        except AlreadyUndone:
            raise CommandError(f"Import {run.pk} was undone while it stood still; the rest is not imported.") from None
        finally:
            import_end(run)
        rows = sum(report.rows for report in reports)
        self.stderr.write(f"Import {run.pk}: {rows} {self.unit} in {monotonic() - began:.1f} s", style_func=str)
        if failed := [report.file for report in reports if report.error]:
            raise CommandError(f"Not imported, or not to the end: {', '.join(failed)}.")

    def record(self, path: Path, run: ImportRun, reports: list[Report], options: dict[str, Any]) -> None:
        report = Report(printable(path))
        reports.append(report)
        try:
            self.follow(run, report, self.load(path, run, report, options))
        except BadFile as error:
            report.error = str(error)
        import_note(run, timezone.now(), [report.kept() for report in reports])
        self.tell(report)

    def follow(self, run: ImportRun, report: Report, steps: Iterator[int]) -> None:
        """Run an import to its end, saying that it runs; on a terminal, show how far it is."""
        live, shown, noted = self.stderr.isatty(), 0.0, monotonic()
        for rows in steps:
            if monotonic() - noted > NOTED_EVERY:
                noted = monotonic()
                import_note(run, timezone.now())
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
