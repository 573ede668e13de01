"""backup and restore: consistent beside a writer, all or nothing, and every reader begins again."""

import json
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from dashboard.models import Account, Trade
from dashboard.services.access import account_create
from dashboard.services.trades import trades_record
from realtime.log import position, publish, read
from realtime.models import Event
from tests.dashboard.commands import head, run
from tests.server import Server

pytestmark = pytest.mark.django_db(transaction=True)

sqlite_only = pytest.mark.skipif(connection.vendor != "sqlite", reason="opens the database file")
SIZE = Decimal("123456789012345678.123456789012345678")


@pytest.fixture
def book() -> Account:
    return account_create(slug="main")


def record(account: Account, *names: str) -> None:
    items = [
        {"trade_id": name, "symbol": "X", "direction": "long", "size": SIZE, "status": "pending"} for name in names
    ]
    trades_record(account=account, items=items, now=timezone.now())


def state() -> dict[str, Any]:
    """All that a restore brings back, but for the epochs."""
    return {
        "trades": list(Trade.objects.order_by("id").values()),
        "events": list(Event.objects.order_by("id").values()),
        "accounts": list(Account.objects.order_by("id").values()),
        "users": list(User.objects.order_by("id").values()),
        "heads": {account.slug: head(account) for account in Account.objects.all()},
    }


def test_restore_brings_back_the_state_of_the_backup(book: Account, tmp_path: Path) -> None:
    User.objects.create_user("ann")
    record(book, "a", "b")
    before, epoch = state(), position(book.stream_key).epoch
    said = run("backup", tmp_path / "b")
    assert f"{(tmp_path / 'b').stat().st_size:,} bytes" in said
    record(book, "c")
    account_create(slug="later")
    User.objects.all().delete()
    said = run("restore", tmp_path / "b")
    assert state() == before
    assert position(book.stream_key).epoch != epoch
    assert "1 accounts, 2 trades, 3 events" in said and "main: log at 3" in said
    assert Trade.objects.get(trade_id="a").size == SIZE
    record(book, "d")  # new rows take new numbers and keys
    assert [row.seq for row in read(book.stream_key, 0, 10)] == [1, 2, 3, 4]
    account_create(slug="another")


def test_a_backup_beside_a_writer_is_of_one_moment(book: Account, tmp_path: Path) -> None:
    stop, errors = threading.Event(), []

    def write() -> None:
        try:
            number = 0
            while not stop.is_set():
                number += 1
                record(book, f"w{number}a", f"w{number}b")
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while Trade.objects.count() < 20:
            pass
        for number in range(3):
            run("backup", tmp_path / str(number))
    finally:
        stop.set()
        writer.join()
    assert not errors
    written = head(book)
    heads = []
    for number in range(3):
        run("restore", tmp_path / str(number))
        at = position(book.stream_key)
        assert Trade.objects.count() == at.head - 1  # the first event announced the strategy
        assert Trade.objects.count() % 2 == 0  # transactions are whole
        assert [row.seq for row in read(book.stream_key, 0, 10**6)] == list(range(1, at.head + 1))
        heads.append(at.head)
    assert heads == sorted(heads) and heads[0] > 20 and heads[-1] <= written


def test_a_restore_beside_a_writer_and_open_connections(book: Account, tmp_path: Path) -> None:
    """Whoever is connected sees the restored rows at once, and writes go on from there without a gap."""
    record(book, "kept")
    run("backup", tmp_path / "b")
    record(book, *(f"gone{number}" for number in range(50)))
    seen: list[int] = []
    stop, restored, errors = threading.Event(), threading.Event(), []

    def work() -> None:
        number = 0
        try:
            while not stop.is_set():
                number += 1
                record(book, f"n{number}")
                if restored.is_set():
                    seen.append(Trade.objects.filter(trade_id__startswith="gone").count())
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        run("restore", tmp_path / "b")
        restored.set()
        while len(seen) < 3 and worker.is_alive():
            pass
    finally:
        stop.set()
        worker.join()
    assert not errors
    assert set(seen) == {0}
    assert Trade.objects.filter(trade_id="kept").exists()
    rows = read(book.stream_key, 0, 10**6)
    assert [row.seq for row in rows] == list(range(1, head(book) + 1))
    assert Trade.objects.count() == len(rows) - 1


def test_a_backup_replaces_a_file_only_when_complete(
    book: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "b"
    target.write_text("the last good one")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            run("backup", target)
    assert target.read_text() == "the last good one"
    run("backup", target)
    assert target.read_bytes() != b"the last good one"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_backup_refuses_places_it_cannot_write(book: Account, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="folder"):
        run("backup", tmp_path)
    with pytest.raises(CommandError, match="cannot write"):
        run("backup", tmp_path / "no" / "b")


@sqlite_only
def test_backup_refuses_to_replace_the_database(book: Account) -> None:
    with pytest.raises(CommandError, match="the database itself"):
        run("backup", connection.settings_dict["NAME"])


def damaged(content: bytes) -> bytes:
    return content[: len(content) // 2]


@pytest.mark.parametrize("kind", ["absent", "empty", "text", "other database", "half"])
def test_restore_refuses_other_files_and_keeps_everything(book: Account, tmp_path: Path, kind: str) -> None:
    record(book, "a")
    path = tmp_path / "b"
    run("backup", path)
    content = path.read_bytes()
    if kind == "absent":
        path.unlink()
    elif kind == "half":
        path.write_bytes(damaged(content))
    elif kind == "other database":
        other = b"PGDMP" if connection.vendor == "sqlite" else b"SQLite format 3\x00"
        path.write_bytes(other + content[5:])
    else:
        path.write_bytes(b"" if kind == "empty" else b"BotV2")
    before, epoch = state(), position(book.stream_key).epoch
    with pytest.raises(CommandError, match="Nothing was restored"):
        run("restore", path)
    assert state() == before and position(book.stream_key).epoch == epoch


def test_restore_refuses_a_newer_release(book: Account, tmp_path: Path) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("dashboard", "9999_from_the_future")
    run("backup", tmp_path / "b")
    recorder.record_unapplied("dashboard", "9999_from_the_future")
    record(book, "a")
    with pytest.raises(CommandError, match=r"newer release, with dashboard\.9999_from_the_future"):
        run("restore", tmp_path / "b")
    assert Trade.objects.count() == 1


def test_restore_of_an_older_release_is_migrated(book: Account, tmp_path: Path) -> None:
    """An older release is one that lacks a migration and its table: here the throttling of sign-ins."""
    recorder = MigrationRecorder(connection)
    applied = sorted(name for app, name in recorder.applied_migrations() if app == "axes")
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name.startswith("axes_")]
        assert tables
        saved, cascade = tmp_path / "now", " CASCADE" if connection.vendor == "postgresql" else ""
        run("backup", saved)
        try:
            for table in tables:
                cursor.execute(f'DROP TABLE "{table}"{cascade}')
            for name in applied:
                recorder.record_unapplied("axes", name)
            record(book, "a")
            run("backup", tmp_path / "old")
        finally:
            run("restore", saved)
    assert not Trade.objects.exists()
    run("restore", tmp_path / "old")
    with connection.cursor() as cursor:
        assert set(tables) <= set(connection.introspection.table_names(cursor))
    assert Trade.objects.count() == 1


def test_a_failing_restore_leaves_the_old_data(book: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last step before the new data is seen: if even that fails, nothing happened."""
    run("backup", tmp_path / "b")
    record(book, "a")
    before = state()
    engine = f"dashboard.backups.{'postgres' if connection.vendor == 'postgresql' else 'sqlite'}"

    def fail(**options: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(f"{engine}.change_epoch", fail)
    with pytest.raises(RuntimeError):
        run("restore", tmp_path / "b")
    assert state() == before


@sqlite_only
def test_a_backup_is_one_sound_file_that_is_not_botv2s_when_it_is_not(book: Account, tmp_path: Path) -> None:
    run("backup", tmp_path / "b")
    with closing(sqlite3.connect(tmp_path / "b")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    with closing(sqlite3.connect(tmp_path / "other")) as other:
        other.execute("CREATE TABLE notes (text)")
    with pytest.raises(CommandError, match="not a backup of BotV2"):
        run("restore", tmp_path / "other")


def test_events_that_were_never_restored_are_gone(book: Account, tmp_path: Path) -> None:
    run("backup", tmp_path / "b")
    with transaction.atomic():
        publish(book.stream_key, [("alert", b"{}")])
    run("restore", tmp_path / "b")
    assert not Event.objects.exists() and head(book) == 0


def test_a_running_server_answers_from_the_restored_data_and_resets_its_readers(
    new_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = new_server()
    server.manage("create_account", "desk")
    token = server.manage("create_api_key", "--account", "desk", "--scopes", "read,ingest").strip()
    headers = {"Authorization": f"Bearer {token}"}

    def post(name: str) -> None:
        body = {"trade_id": name, "symbol": "X", "direction": "long", "size": 1, "status": "pending"}
        assert httpx.post(f"{server.url}/api/trades", json=body, headers=headers, trust_env=False).status_code == 201

    def get(path: str) -> Any:
        return httpx.get(f"{server.url}/api/{path}", headers=headers, trust_env=False).json()["data"]

    post("a")
    server.manage("backup", str(tmp_path / "b"))
    post("b")
    now = get("snapshot")
    with connect(
        server.url.replace("http", "ws") + "/ws/v1",
        additional_headers=headers,
        subprotocols=[Subprotocol("botv2.v1")],
        proxy=None,
    ) as socket:
        subscription = {"account": "desk", "epoch": now["epoch"], "since": now["seq"]}
        socket.send(json.dumps({"t": "hello", "subs": [subscription]}))
        assert [json.loads(socket.recv(5))["t"] for _ in range(2)] == ["welcome", "live"]
        server.manage("restore", str(tmp_path / "b"))
        told = json.loads(socket.recv(5))
    after = get("snapshot")
    assert (told["t"], told["why"], told["epoch"]) == ("reset", "epoch", after["epoch"])
    assert after["epoch"] != now["epoch"] and after["seq"] == now["seq"] - 1
    assert [trade["trade_id"] for trade in get("trades")["trades"]] == ["a"]
    post("b")
    assert [event["s"] for event in get(f"events?since={after['seq']}")["events"]] == [after["seq"] + 1]
