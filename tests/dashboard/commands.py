"""Running management commands as a test sees them."""

from io import StringIO
from typing import Any

from django.core.management import call_command

from dashboard.models import Account, ImportRun
from realtime.log import position


def run(name: str, *arguments: Any, **options: Any) -> str:
    """What the command prints; CommandError where it fails."""
    out = StringIO()
    call_command(name, *map(str, arguments), stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def head(account: Account) -> int:
    return position(account.stream_key).head


def last_report() -> dict[str, Any]:
    """The report of the last file of the last import."""
    return ImportRun.objects.latest("id").result["files"][-1]
