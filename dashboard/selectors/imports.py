"""Imports, newest first."""

from typing import Any

from dashboard import wire
from dashboard.models import Account, ImportRun
from dashboard.selectors.paging import Page, page


def imports_page(account: Account, **place: Any) -> Page:
    """One page of imports, without the rows they rejected. Raises BadCursor."""
    found = page(ImportRun.objects.filter(account=account), wire.IMPORT, "imports", ordering="-id", **place)
    for row in found.rows:
        for file in row["result"].get("files", []):
            file.pop("rejected", None)
    return found
