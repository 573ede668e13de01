"""The event log: numbers, order, epochs, deletion."""

import json
import random
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from realtime import log
from realtime.models import Event, Stream

KEY = "some-key"

pytestmark = pytest.mark.django_db(transaction=True)


def publish(count: int = 1, **options: object) -> int:
    with transaction.atomic():
        return log.publish(KEY, [("trade_executed", b'{"n":1}')] * count, **options)  # type: ignore[arg-type]


def numbers() -> list[int]:
    return [row.seq for row in log.read(KEY, 0, 100_000)]


def test_numbers_start_at_one_and_have_no_gap() -> None:
    assert publish(3) == 1
    assert publish(2) == 4
    assert numbers() == [1, 2, 3, 4, 5]
    assert log.position(KEY).head == 5


def test_publish_of_nothing_takes_no_number() -> None:
    assert publish(0) == 1
    assert log.position(KEY).head == 0


def test_publish_needs_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        log.publish(KEY, [("trade_executed", b"{}")])
    assert numbers() == []


def test_rollback_leaves_no_hole() -> None:
    publish()
    with transaction.atomic():
        log.publish(KEY, [("trade_executed", b"{}")] * 7)
        transaction.set_rollback(True)
    publish()
    assert numbers() == [1, 2]


def test_streams_are_numbered_apart() -> None:
    publish(3)
    with transaction.atomic():
        assert log.publish("another", [("alert", b"{}")]) == 1


def test_concurrent_writers_commit_in_order() -> None:
    """Eight threads, a fifth of their transactions rolled back; a reader by cursor meanwhile misses nothing."""
    seen: list[int] = []
    committed: list[int] = []
    done = threading.Event()
    publish()

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(15):
            try:
                with transaction.atomic():
                    count = chance.randint(1, 4)
                    first = log.publish(KEY, [("trade_executed", b"{}")] * count)
                    time.sleep(chance.random() / 500)
                    if chance.random() < 0.2:
                        raise ZeroDivisionError
                committed.extend(range(first, first + count))
            except ZeroDivisionError:
                pass
        connection.close()

    def follow() -> None:
        while True:
            last = done.is_set()
            seen.extend(row.seq for row in log.read(KEY, seen[-1] if seen else 0, 50))
            if last and seen[-1] == log.position(KEY).head:
                break
        connection.close()

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(8)]
    reader = threading.Thread(target=follow)
    for thread in [reader, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert sorted(committed) == list(range(2, len(committed) + 2)), "a number was given twice or lost"
    assert seen == list(range(1, len(committed) + 2)), "the reader missed or reordered events"


def test_row_is_encoded_as_it_goes_out() -> None:
    at = timezone.now().replace(microsecond=120)
    with transaction.atomic():
        log.publish(KEY, [("alert", '{"title":"é \\"q\\"","value":1.10}'.encode())], at=at)
    [row] = log.read(KEY, 0, 10)
    text = row.encode().decode()
    assert '"value":1.10' in text, "numbers keep their exact text"
    read = json.loads(text)
    assert read == {
        "s": 1,
        "type": "alert",
        "at": at.strftime("%Y-%m-%dT%H:%M:%S.000120Z"),
        "d": {"title": 'é "q"', "value": 1.1},
    }


def test_read_is_limited_and_keeps_to_its_epoch() -> None:
    publish(5)
    epoch = log.position(KEY).epoch
    assert [row.seq for row in log.read(KEY, 1, 2)] == [2, 3]
    assert [row.seq for row in log.read(KEY, 3, 9, epoch)] == [4, 5]
    assert log.read(KEY, 3, 9, "another") == []


def test_epoch_changes_for_one_or_all() -> None:
    log.stream_create("another")
    before = {key: log.position(key).epoch for key in (KEY, "another")}
    log.change_epoch(KEY)
    assert log.position(KEY).epoch != before[KEY]
    assert log.position("another").epoch == before["another"]
    log.change_epoch()
    assert log.position("another").epoch != before["another"]


def old(days: float) -> object:
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "KEEP_EVENTS", 10)
    monkeypatch.setattr(log, "KEEP_AT_MOST", 30)
    monkeypatch.setattr(log, "PURGE_CHUNK", 4)


def test_purge_keeps_what_is_young(small: None) -> None:
    publish(25, at=old(6.9))
    assert log.purge(timezone.now()) == 0
    assert log.position(KEY).floor == 1


def test_purge_keeps_what_is_near_the_head(small: None) -> None:
    publish(25, at=old(8))
    assert log.purge(timezone.now()) == 14
    assert numbers() == list(range(15, 26)), "an event exactly 10 behind stays"
    assert log.position(KEY).floor == 15


def test_purge_stops_at_the_first_young_event(small: None) -> None:
    publish(3, at=old(8))
    publish(1, at=old(1))
    publish(20, at=old(8))
    assert log.purge(timezone.now()) == 3
    assert log.position(KEY).floor == 4


def test_purge_beyond_the_cap_whatever_its_age(small: None) -> None:
    publish(42, at=old(1))
    assert log.purge(timezone.now()) == 12
    assert log.position(KEY).floor == 13
    assert len(numbers()) == 30


def test_purged_events_do_not_come_back(small: None) -> None:
    publish(25, at=old(8))
    log.purge(timezone.now())
    assert publish() == 26
    assert Stream.objects.get(key=KEY).head == 26
    assert Event.objects.filter(stream__key=KEY).count() == 12
