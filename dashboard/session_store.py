"""Sessions in the database that end after twelve hours without a request, and thirty days after the sign-in.

The cookie lasts as long as a session may; when it ends is decided by its row, which sockets are held to as well.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

IDLE = timedelta(hours=12)
LONGEST = timedelta(seconds=settings.SESSION_COOKIE_AGE)
BEGUN_AT = "begun_at"


def ends_at(session: Any, now: datetime) -> datetime:
    """When a session that is used now ends, unless it is used again before."""
    begun = session.get(BEGUN_AT)
    last = now + LONGEST if begun is None else datetime.fromtimestamp(begun, tz=UTC) + LONGEST
    return min(now + IDLE, last)


class SessionStore(DatabaseStore):
    def create_model_instance(self, data: dict[str, Any]) -> Any:
        made: Any = super().create_model_instance(data)
        made.expire_date = min(made.expire_date, ends_at(data, timezone.now()))
        return made
