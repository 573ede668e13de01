"""A spool that is full, locked, damaged or not to be had: counted and told, and the bot goes on."""

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from botv2_client import Client
from tests.client.conftest import MakeClient, open_trade, wait_until
from tests.client.fake import FakeBotV2, breaks

SMALL = 1024 * 1024


@contextmanager
def locked(spool: Path) -> Iterator[None]:
    """Another program writes to the spool and does not end."""
    with closing(sqlite3.connect(spool, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_locked_spool_keeps_reports_waiting_in_order(
    fake: FakeBotV2, make_client: MakeClient, spool: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_client(fake)
    open_trade(client, "t-0")
    assert client.flush()
    with locked(spool):
        began = time.monotonic()
        assert not open_trade(client, "t-1")
        assert not client.trade_update("t-1", stop_loss=63_000)
        assert not client.trade_close("t-1", exit_price=64_100)
        assert time.monotonic() - began < 5
        assert client.stats().held == 3
        assert not client.flush(0.2)
    assert client.flush(30)
    reports = fake.items("trades")
    assert [(item["trade_id"], item["status"]) for item in reports[1:]] == [("t-1", "open")] * 2 + [("t-1", "closed")]
    assert reports[-1]["symbol"] == "BTC/USDT"
    assert "locked" in caplog.text
    assert client.stats().held == 0
    assert open_trade(client, "t-2")


def test_an_answer_is_not_forgotten_while_the_spool_is_locked(
    fake: FakeBotV2, make_client: MakeClient, spool: Path
) -> None:
    client = make_client(fake)
    entered, leave = threading.Event(), threading.Event()

    def slow(request: httpx.Request) -> httpx.Response:
        entered.set()
        leave.wait(10)
        items = [{"index": 0, "status": "created", "errors": {}}]
        return httpx.Response(200, json={"success": True, "data": {"items": items}})

    fake.script.append(slow)
    open_trade(client, "t-1")
    assert entered.wait(10)
    with locked(spool):
        leave.set()
        time.sleep(0.3)
    assert client.flush(30)
    assert len(fake.requests) == 1


def test_when_the_spool_fills_up_candles_give_way_and_trades_stay(
    fake: FakeBotV2, make_client: MakeClient, spool: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fake.always = breaks
    client = make_client(fake, spool_limit=2 * SMALL)
    for number in range(300):
        open_trade(client, f"t-{number}", extra={"note": "x" * 500})
        minute = f"2026-01-{1 + number // 60:02}T00:{number % 60:02}"
        client.candles("BTC/USDT", "1m", [[f"{minute}:{second:02}Z", 1, 1, 1, 1, 1] for second in range(20)])
        client.snapshot(number)
        time.sleep(0.01)
    wait_until(lambda: client.stats().held == 0)
    assert spool.stat().st_size <= 2 * SMALL
    dropped = client.stats().dropped
    assert set(dropped) <= {"candle", "snapshot"} and dropped["candle"] > 1000
    assert "the spool fills up" in caplog.text
    fake.always = None
    assert client.flush(60)
    assert {item["trade_id"] for item in fake.items("trades")} == {f"t-{number}" for number in range(300)}


def test_when_nothing_can_give_way_what_is_dropped_is_told(
    fake: FakeBotV2, make_client: MakeClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botv2_client.spool.HELD", 20)
    fake.always = breaks
    client = make_client(fake, spool_limit=SMALL)
    said = 0
    while not client.stats().dropped:
        open_trade(client, f"t-{said}", extra={"note": "x" * 5000})
        said += 1
        assert said < 1000
    dropped = client.stats().dropped
    assert dropped == {"trade": 1}
    assert "dropped 1 trade" in caplog.text
    fake.always = None
    assert client.flush(60)
    assert len({item["trade_id"] for item in fake.items("trades")}) == said - 1


FULL_DISK = """
import resource, sys, time
from botv2_client import Client

_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
client = Client(sys.argv[1], "bv2_nobody", spool=sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, most))
kept = [client.trade_open(f"t-{n}", symbol="X", direction="long", size=1, entry_price=1) for n in range(1000)]
before = client.stats()
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
deadline = time.monotonic() + 30
while client.stats().held and time.monotonic() < deadline:
    time.sleep(0.1)
after = client.stats()
print(any(kept), all(kept), before.queued + before.held, before.held > 0, after.queued, after.held, after.dropped)
"""


def test_a_disk_that_is_full_for_a_while_loses_nothing(spool: Path, free_address: str) -> None:
    command = [sys.executable, "-c", FULL_DISK, free_address, str(spool)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "False", "1000", "True", "1000", "0", "{}"]
    assert "takes nothing" in done.stderr


def test_a_damaged_spool_is_kept_aside(
    fake: FakeBotV2, make_client: MakeClient, spool: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool.write_bytes(b"this is not a database" * 100)
    client = make_client(fake)
    assert open_trade(client, "t-1")
    assert client.flush()
    (aside,) = spool.parent.glob("bot.spool.damaged-*")
    assert aside.read_bytes().startswith(b"this is not")
    assert "is damaged" in caplog.text


def test_a_spool_that_cannot_be_made_yet_is_made_later(
    fake: FakeBotV2, make_client: MakeClient, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "folder"
    in_the_way.write_text("a file")
    client = make_client(fake, spool=in_the_way / "bot.spool")
    assert not open_trade(client, "t-1")
    assert not client.trade_close("t-1", exit_price=64_100)
    assert "cannot be opened" in (client.stats().last_error or "")
    assert client.stats().held == 2
    in_the_way.unlink()
    assert client.flush(30)
    assert [item["status"] for item in fake.items("trades")] == ["open", "closed"]


def test_a_closed_client_says_what_it_does_not_take(fake: FakeBotV2, make_client: MakeClient) -> None:
    client = make_client(fake)
    assert client.close()
    assert client.close()
    assert not client.heartbeat()
    assert client.stats().dropped == {"heartbeat": 1}
    with client:
        assert client.flush()


def test_only_its_owner_may_read_a_spool_and_the_key_is_not_in_it(
    fake: FakeBotV2, make_client: MakeClient, spool: Path
) -> None:
    client = make_client(fake)
    open_trade(client, "t-1")
    for file in spool.parent.glob("bot.spool*"):
        assert file.stat().st_mode & 0o077 == 0, file
        assert b"bv2_fake" not in file.read_bytes()


NOT_SO = [
    ("botv2.example", "bv2_x"),
    ("ftp://botv2.example", "bv2_x"),
    ("http://", "bv2_x"),
    ("https://botv2.example", ""),
    ("https://botv2.example", "bv2_x\nHost: y"),
]


@pytest.mark.parametrize(("url", "key"), NOT_SO)
def test_what_cannot_be_an_address_or_a_key_is_refused_at_once(spool: Path, url: str, key: str) -> None:
    with pytest.raises(ValueError, match=r"^(url|key) is"):
        Client(url, key, spool=spool)
