"""Imports, newest first."""

from datetime import datetime
from typing import Any

from dashboard import wire
from dashboard.models import Account, ImportRun
from dashboard.selectors.paging import Page, page
from dashboard.services.imports import is_running

COUNTS = ("created", "updated", "skipped", "rejected_count")


def imports_page(account: Account, **place: Any) -> Page:
    """One page of imports, without the rows they rejected. Raises BadCursor."""
    found = page(ImportRun.objects.filter(account=account), wire.IMPORT, "imports", ordering="-id", **place)
    for row in found.rows:
        for file in row["result"].get("files", []):
            file.pop("rejected", None)
    return found


def import_lines(account: Account, now: datetime, most: int) -> list[dict[str, Any]]:
    """The last imports, each with the sums over its files and how it stands."""
    runs = ImportRun.objects.filter(account=account).order_by("-id")[:most]
    return [import_line(run, now) for run in runs]


def import_line(run: ImportRun, now: datetime) -> dict[str, Any]:
    files = run.result.get("files", [])
    undone = run.result.get("undone", {})
    return {
        **wire.IMPORT.instance(run),
        **{name: sum(file.get(name, 0) for file in files) for name in COUNTS},
        "errors": [file["error"] for file in files if file.get("error")],
        "running": is_running(run, now),
        "undone": undone.get("trades", 0) + undone.get("candles", 0),
    }
