"""Exports through a real server: piece by piece, whole or visibly broken off."""

import json
import socket
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.api.samples import trade
from tests.server import Server

TRADES, BATCH = 600, 50
RENAME = "from django.db import connection; connection.cursor().execute('ALTER TABLE {} RENAME TO {}')"


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    """Speaks for an account whose trades are nine megabytes: three chunks, each more than its socket takes at once."""
    code = (
        "from django.utils import timezone; from dashboard.services.access import account_create;"
        "from dashboard.services.keys import key_create; a = account_create(slug='exports');"
        "print(key_create(account=a, scopes=['read', 'ingest'], now=timezone.now())[1])"
    )
    token = server.manage("shell", "-v0", "-c", code).strip()
    headers = {"Authorization": f"Bearer {token}"}
    small = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)])
    with httpx.Client(base_url=server.url, headers=headers, transport=small, timeout=60) as found:
        for first in range(0, TRADES, BATCH):
            batch = [trade(trade_id=f"t-{n}", extra={"log": "x" * 15_000}) for n in range(first, first + BATCH)]
            assert found.post("/api/trades", json=batch).json()["data"]["summary"]["created"] == BATCH
        yield found


@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_an_export_arrives_whole(client: httpx.Client, coding: str) -> None:
    answer = client.get("/api/export/trades?format=json", headers={"Accept-Encoding": coding})
    assert answer.headers.get("Content-Encoding", "identity") == coding and "Content-Length" not in answer.headers
    assert [row["trade_id"] for row in json.loads(answer.content)["trades"]] == [f"t-{n}" for n in range(TRADES)]


@pytest.fixture
def rename(server: Server) -> Iterator[Callable[[str, str], None]]:
    """Rename a table of the database under the running server; afterwards it has its name again."""
    done: list[tuple[str, str]] = []

    def change(table: str, name: str) -> None:
        server.manage("shell", "-v0", "-c", RENAME.format(table, name))
        done.append((name, table))

    yield change
    for name, table in list(done):
        change(name, table)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_an_error_in_the_middle_breaks_it_off(
    client: httpx.Client, rename: Callable[[str, str], None], form: str
) -> None:
    """The server is a chunk ahead of what the socket takes, so the table is gone before it comes to the third."""
    with client.stream("GET", f"/api/export/trades?format={form}", headers={"Accept-Encoding": "identity"}) as answer:
        parts = answer.iter_raw()
        assert answer.status_code == 200 and next(parts)
        rename("dashboard_trade", "away")
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            list(parts)


def test_who_goes_away_makes_room(client: httpx.Client) -> None:
    path = "/api/export/trades?format=json"
    with client.stream("GET", path) as first, client.stream("GET", path) as second:
        assert (first.status_code, second.status_code) == (200, 200)
        refused = client.get(path)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    deadline = time.monotonic() + 20
    while client.get(path).status_code != 200:
        assert time.monotonic() < deadline, "the exports that were given up still count"
        time.sleep(0.2)
