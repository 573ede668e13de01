"""Token buckets: who asks too often is told when to come back."""

from collections.abc import Callable
from typing import Any

import pytest

from dashboard.buckets import MAX_BUCKETS, Buckets, SharedBuckets, buckets
from tests.api.conftest import Caller
from tests.api.samples import trade


def test_a_bucket_empties_and_fills_again() -> None:
    found = Buckets()
    assert [found.take("k", 2, 3, 100.0) for _ in range(3)] == [0, 0, 0]
    assert found.take("k", 2, 3, 100.0) == 0.5
    assert found.take("other", 2, 3, 100.0) == 0
    assert found.take("k", 2, 3, 100.5) == 0
    assert found.take("k", 2, 3, 100.5) > 0
    assert [found.take("k", 2, 3, 1000.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert found.take("k", 2, 3, 999.0) == 0.5  # a clock that goes back gives nothing away


def test_buckets_are_bounded_and_the_least_used_go_first() -> None:
    found = Buckets()
    for number in range(MAX_BUCKETS + 10):
        found.take(str(number), 1, 1, 1.0)
        found.take("mine", 1, 10**6, 1.0)
    assert len(found.levels) == MAX_BUCKETS and "mine" in found.levels and "0" not in found.levels


@pytest.mark.django_db
@pytest.mark.parametrize(("setting", "method"), [("THROTTLE_READ", "GET"), ("THROTTLE_INGEST", "POST")])
def test_too_often_answers_429_for_this_key_alone(
    program: Callable[..., Caller], settings: Any, setting: str, method: str, stored: Callable[[], dict[str, int]]
) -> None:
    setattr(settings, setting, (0.05, 3))
    mine, other = program(), program()
    body = {"bot": "a", "state": "running"} if method == "POST" else None
    path = "heartbeat" if method == "POST" else "trades"
    for _ in range(3):
        mine.send(method, path, body)
        assert mine.response.status_code < 300
    before = stored()
    error = mine.refused(429, method, path, body)
    assert error["code"] == "throttled" and 1 <= int(mine.response["Retry-After"]) <= 20
    assert stored() == before
    other.send(method, path, body)
    assert other.response.status_code < 300
    unlike = ("GET", "trades", None) if method == "POST" else ("POST", "trades", trade())
    mine.send(*unlike)
    assert mine.response.status_code < 300  # reads and writes have a bucket each


@pytest.mark.layer
def test_a_silent_redis_costs_once_and_each_process_counts_for_itself() -> None:
    dead = SharedBuckets("redis://127.0.0.1:1/0", Buckets())
    assert [dead.take("k", 1, 2, 5.0) for _ in range(3)] == [0, 0, 1]
    assert dead.silent_until > 0


@pytest.mark.layer
def test_redis_counts_for_all_processes(settings: Any) -> None:
    if not isinstance(buckets, SharedBuckets):
        pytest.skip("this run has no Redis")
    here, there = (SharedBuckets(settings.REDIS_URL, Buckets()) for _ in range(2))
    here.client.delete("botv2:bucket:test-shared")
    assert [each.take("test-shared", 0.01, 2, 0) for each in (here, there)] == [0, 0]
    assert 90 < here.take("test-shared", 0.01, 2, 0) <= 100
