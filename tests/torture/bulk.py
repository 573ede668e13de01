"""A database of many events, and what a database holds. Runs in a server's environment: `manage.py shell`."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from dashboard.models import Account, Trade
from dashboard.rollups.follow import rollups_follow
from dashboard.services.access import account_create
from dashboard.services.trades import trades_record
from realtime.models import Event, Stream
from tests.torture.ledger import trade

SLUG = "bulk"
TRADES = 500


def fill(events: int) -> None:
    """Some trades, opened and closed, and then they and their events copied under other names."""
    account = account_create(slug=SLUG)
    for status in ("open", "closed"):
        items = [valid(trade(f"bulk-{number}", status)) for number in range(TRADES)]
        trades_record(account=account, items=items, now=timezone.now())
    stream = Stream.objects.get(key=account.stream_key)
    first = stream.head - 2 * TRADES + 1
    made = Trade.objects.of(account).aggregate(first=Min("id"), last=Max("id"))
    columns = [str(field.column) for field in Trade._meta.concrete_fields if not field.primary_key]
    given = ["replace(trade_id, 'bulk-', %s)" if name == "trade_id" else name for name in columns]
    with transaction.atomic(), connection.cursor() as cursor:
        while stream.head < events:
            name, more = f"bulk{stream.head}-", min(2 * TRADES, events - stream.head)
            cursor.execute(
                "INSERT INTO realtime_event (stream_id, seq, type, data, created_at) "
                "SELECT stream_id, seq + %s, type, replace(data, 'bulk-', %s), created_at FROM realtime_event "
                "WHERE stream_id = %s AND seq >= %s AND seq < %s",
                [stream.head + 1 - first, name, stream.pk, first, first + more],
            )
            cursor.execute(
                f"INSERT INTO dashboard_trade ({', '.join(columns)}) SELECT {', '.join(given)} FROM dashboard_trade "
                "WHERE id BETWEEN %s AND %s",
                [name, made["first"], made["last"]],
            )
            stream.head += more
        stream.save()
    rollups_follow(account)


def valid(body: dict[str, Any]) -> dict[str, Any]:
    exact = {name: Decimal(body[name]) for name in {"size", "entry_price", "exit_price", "fees"} & body.keys()}
    times = {name: datetime.fromisoformat(body[name]) for name in {"entry_time", "exit_time"} & body.keys()}
    return body | exact | times


def look(most: int) -> None:
    """Print what is there of the bulk, as a sum, and of the account that is reported to, one by one.

    Behind the events that were made the servers may have said more.
    """
    bulk, main = Account.objects.get(slug=SLUG), Account.objects.get(slug="main")
    rows = events(bulk).filter(seq__lte=most), Trade.objects.of(bulk).order_by("id").values_list()
    told: dict[str, Any] = {"bulk": [summed(each) for each in rows]}
    told["events"] = [[row[0], named(row), summed([row])[1]] for row in events(main)]
    told["trades"] = dict(Trade.objects.of(main).values_list("trade_id", "status"))
    told["head"] = Stream.objects.get(key=main.stream_key).head
    print(json.dumps(told))


def events(account: Account) -> Any:
    rows = Event.objects.filter(stream__key=account.stream_key).order_by("seq")
    return rows.values_list("seq", "type", "data", "created_at", "id")


def named(row: tuple[Any, ...]) -> list[str] | None:
    """The trade that an event tells of, and what became of it."""
    data = json.loads(row[2])
    return [data["trade_id"], data["status"]] if row[1] == "trade_executed" else None


def summed(rows: Iterable[tuple[Any, ...]]) -> tuple[int, str]:
    count, sum_ = 0, hashlib.sha256()
    for row in rows.iterator(chunk_size=5000) if hasattr(rows, "iterator") else rows:
        sum_.update(repr(row).encode())
        count += 1
    return count, sum_.hexdigest()
