"""Snapshots, page by page."""

from datetime import datetime
from typing import Any

from django.core import signing

from dashboard import wire
from dashboard.models import Account, Portfolio

CURSOR_SALT = "portfolio.cursor"


def history(
    account: Account, *, start: datetime | None, end: datetime | None, limit: int, cursor: str | None
) -> dict[str, Any]:
    """Snapshots, newest first. Raises BadSignature or ValueError for a cursor of another list."""
    rows = Portfolio.objects.filter(account=account).order_by("-timestamp")
    if start is not None:
        rows = rows.filter(timestamp__gte=start)
    if end is not None:
        rows = rows.filter(timestamp__lte=end)
    bounds = [str(start), str(end)]
    if cursor is not None:
        made_for, last = signing.loads(cursor, salt=CURSOR_SALT)
        if made_for != bounds:
            raise ValueError("other bounds")
        rows = rows.filter(timestamp__lt=datetime.fromisoformat(last))
    found = wire.PORTFOLIO.rows(rows[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    return {
        "snapshots": found,
        "count": len(found),
        "start": found[-1]["timestamp"] if found else None,
        "end": found[0]["timestamp"] if found else None,
        "has_more": more,
        "next_cursor": signing.dumps([bounds, found[-1]["timestamp"].isoformat()], salt=CURSOR_SALT) if more else None,
    }
