"""`manage.py doctor`: each thing that can break is found, and what to do is said."""

import json
import secrets
import shutil
import stat
from collections import namedtuple
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from botv2.doctor import Finding, State, data, machine
from botv2.env import read_config
from dashboard.models import Account, AuditEntry
from dashboard.services.audit import COMMAND, audit_write
from realtime.log import broken_streams, publish
from realtime.models import Event, Pulse, Stream
from realtime.standing import WORKER, pulse
from tests.server import Server

Usage = namedtuple("Usage", "total used free")


def worst(check: Callable[[], Any]) -> Finding:
    """The worst finding of a check."""
    order = list(State)
    return max(check(), key=lambda finding: order.index(finding.state))


def doctor(*only: str) -> tuple[list[dict[str, str]], int]:
    out, code = StringIO(), 0
    try:
        call_command("doctor", "--json", "--only", *only, stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return json.loads(out.getvalue()), code


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir(mode=0o700)
    return settings.DATA_DIR


def fill(account: Account, events: int = 3) -> Stream:
    from django.db import transaction

    with transaction.atomic():
        publish(account.stream_key, [("alert", b"{}")] * events)
    return Stream.objects.get(key=account.stream_key)


@pytest.mark.django_db
def test_a_sound_installation(account: Account) -> None:
    fill(account)
    pulse(WORKER, timezone.now())
    found, code = doctor("log", "worker", "audit", "clock", "database")
    assert code == 0
    assert {row["check"] for row in found if row["state"] == "ok"} == {"log", "worker", "audit", "clock", "database"}
    assert all(row["todo"] for row in found if row["state"] != "ok")


@pytest.mark.django_db
def test_a_failure_is_told_to_persons_and_by_the_exit_code(account: Account) -> None:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--only", "worker", stdout=out, no_color=True)
    assert ended.value.code == 1
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("failure  worker") and "never" in lines[0]
    assert "> Start `manage.py work`" in lines[1]


@pytest.mark.django_db
@pytest.mark.parametrize("broken", ["first", "middle", "last", "head"])
def test_missing_events(account: Account, other_account: Account, broken: str) -> None:
    fill(other_account)
    stream = fill(account)
    if broken == "head":
        Stream.objects.filter(pk=stream.pk).update(head=4)
    else:
        Event.objects.filter(stream=stream, seq={"first": 1, "middle": 2, "last": 3}[broken]).delete()
    assert list(broken_streams()) == [account.stream_key]
    finding = worst(data.of_log)
    assert finding.state is State.FAILURE and finding.said.startswith("main: ") and "backup" in finding.todo


@pytest.mark.django_db
def test_events_that_were_purged_are_not_missing(account: Account) -> None:
    stream = fill(account)
    Event.objects.filter(stream=stream, seq=1).delete()
    Stream.objects.filter(pk=stream.pk).update(floor=2)
    assert broken_streams() == {}


@pytest.mark.django_db
def test_a_worker_that_stopped_and_one_that_cannot_keep_up(account: Account) -> None:
    from realtime.models import Cursor

    Pulse.objects.create(name=WORKER, at=timezone.now() - timedelta(minutes=5))
    assert "300 s ago" in worst(data.of_worker).said
    pulse(WORKER, timezone.now())
    assert worst(data.of_worker).state is State.OK
    stream = fill(account)
    Cursor.objects.create(name="rollups", stream=stream, epoch=stream.epoch, seq=0)
    Stream.objects.filter(pk=stream.pk).update(head=20_000)
    finding = worst(data.of_worker)
    assert finding.state is State.WARNING and "20000 events behind" in finding.said


@pytest.mark.django_db
def test_a_clock_that_was_ahead(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = fill(account)
    assert worst(data.of_clock).state is State.OK
    Event.objects.filter(stream=stream, seq=3).update(created_at=timezone.now() + timedelta(hours=1))
    finding = worst(data.of_clock)
    assert finding.state is State.FAILURE and "from the future" in finding.said


@pytest.mark.django_db
def test_a_database_that_is_not_migrated_or_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'realtime'")
    assert worst(data.of_database).todo == "Run `manage.py migrate`."

    def gone(query: str) -> None:
        raise OSError("no route\nto host")

    monkeypatch.setattr(data, "ask", gone)
    found, code = doctor("database")
    assert code == 1 and found[0]["said"] == "OSError: no route to host" and found[0]["todo"]


@pytest.mark.django_db
def test_a_changed_audit_entry(account: Account) -> None:
    audit_write(account=account, actor=COMMAND, action="x", target="y", at=timezone.now())
    assert worst(data.of_audit).state is State.OK
    with suppress(Exception):
        AuditEntry.objects.update(action="z")
    finding = worst(data.of_audit)
    assert finding.state is State.FAILURE and "was changed" in finding.said


@pytest.mark.layer
def test_the_layer_passes_a_hint_on_or_redis_is_gone(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert worst(data.of_layer).state is State.OK
    settings.REDIS_URL = "redis://127.0.0.1:1"

    async def gone() -> float:
        raise ConnectionRefusedError("no Redis")

    monkeypatch.setattr(data, "round_trip", gone)
    finding = worst(data.of_layer)
    assert finding.state is State.FAILURE and "REDIS_URL" in finding.todo and "Nothing is lost" in finding.todo


def test_settings_that_are_wrong(settings: Any, tmp_path: Path) -> None:
    good = {"SECRET_KEY": secrets.token_urlsafe(48), "KEY_PEPPER": secrets.token_urlsafe(48)}
    settings.CONFIG = read_config({**good, "PORT": "eighty", "BOTV2_DATA": str(tmp_path)}, env_file=tmp_path / "none")
    assert "botv2.E001" in worst(machine.of_settings).said
    settings.CONFIG = read_config({**good, "BOTV2_DATA": str(tmp_path)}, env_file=tmp_path / "none")
    settings.REDIS_URL = ""
    assert worst(machine.of_settings).state is State.OK
    settings.DEBUG = True
    assert worst(machine.of_settings).said == "DEBUG is on."
    settings.DEBUG = False
    settings.SITE_SECURE = True
    assert "TRUSTED_PROXIES" in worst(machine.of_settings).todo
    settings.REDIS_URL = "redis://redis.internal:6379"
    assert "requirepass" in worst(machine.of_settings).todo
    settings.REDIS_URL, settings.SITE_SECURE = "redis://:word@redis.internal:6379", False
    assert worst(machine.of_settings).state is State.OK


def test_files_that_others_can_read(folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.os, "geteuid", lambda: 1000)
    secret = folder / "secrets.env"
    secret.write_text("SECRET_KEY=x")
    secret.chmod(0o600)
    assert worst(machine.of_files).state is State.OK
    secret.chmod(0o640)
    assert worst(machine.of_files).todo == f"chmod 600 {secret}"
    secret.chmod(0o600)
    folder.chmod(0o777)
    assert worst(machine.of_files).todo == f"chmod 700 {folder}"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o777
    shutil.rmtree(folder)
    assert worst(machine.of_files).state is State.FAILURE
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(machine.os, "geteuid", lambda: 0)
    assert worst(machine.of_files).said == "This runs as root."


def test_a_disk_that_is_full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "SLOW_SYNC", 60)
    for total, free, state in ((100, 50, State.OK), (1000, 20, State.WARNING), (100, 0.5, State.FAILURE)):
        size = Usage(int(total * 1024**3), 0, int(free * 1024**3))
        monkeypatch.setattr(machine.shutil, "disk_usage", lambda path, size=size: size)
        assert worst(machine.of_disk).state is state
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "body", "state", "todo"),
    [
        (200, {"status": "ok"}, State.OK, ""),
        (200, {"status": "degraded"}, State.WARNING, "Start Redis"),
        (503, {}, State.FAILURE, "see `database`"),
        (502, {}, State.FAILURE, "come from nginx"),
    ],
)
def test_the_site_from_outside(
    monkeypatch: pytest.MonkeyPatch, status: int, body: Any, state: State, todo: str
) -> None:
    monkeypatch.setattr(machine.httpx, "get", lambda url, **options: httpx.Response(status, json=body))
    finding = worst(machine.of_site)
    assert finding.state is state and todo in finding.todo


def test_a_running_server_and_one_that_stopped(server: Server) -> None:
    found = json.loads(server.manage("doctor", "--json", "--only", "site", "worker", "log", "layer", "database"))
    assert {row["check"]: row["state"] for row in found if row["state"] != "warning"} == dict.fromkeys(
        ("database", "log", "layer", "worker", "site"), "ok"
    )
    with pytest.raises(AssertionError, match="cannot be reached"):
        server.manage("doctor", "--only", "site", SITE_URL="http://127.0.0.1:1")
