"""The event log over plain HTTP."""

from collections.abc import Callable

import pytest

from dashboard.models import Account
from realtime.log import change_epoch
from realtime.models import Event, Stream
from tests.api.conftest import Caller
from tests.api.samples import trade

pytestmark = pytest.mark.django_db


def test_page_by_page(bot: Caller) -> None:
    empty = bot.get("events")
    assert (empty["account"], empty["head"], empty["events"]) == ("main", 0, [])
    bot.post("trades", [trade(trade_id=f"t-{number}") for number in range(9)])
    seen: list[int] = []
    while page := bot.get(f"events?since={seen[-1] if seen else 0}&limit=4")["events"]:
        seen += [event["s"] for event in page]
    assert seen == list(range(1, 11)) and bot.get("events")["head"] == 10
    assert bot.get("events?since=1000000000000000")["events"] == []
    event = bot.get("events?since=9")["events"][0]
    assert set(event) == {"s", "type", "at", "d"} and event["at"].endswith("Z")
    assert event["d"]["trade_id"] == "t-8" and event["d"]["size"] == 2


def test_they_equal_the_stored_rows(bot: Caller, account: Account) -> None:
    bot.post("trades", trade(size="0.100000000000000001"))
    stored = Event.objects.get(stream__key=account.stream_key, seq=2)
    bot.send("GET", "events")
    assert b'"d":%s}' % stored.data.encode() in bot.response.content
    assert '"size":0.100000000000000001' in stored.data


def test_a_new_epoch_and_a_purged_beginning_are_told(bot: Caller, account: Account) -> None:
    bot.post("trades", [trade(trade_id=f"t-{number}") for number in range(3)])
    before = bot.get("events")
    etag = bot.response["ETag"]
    change_epoch(account.stream_key)
    after = bot.get("events", if_none_match=etag)
    assert after["epoch"] != before["epoch"] and after["events"] == before["events"]
    Event.objects.filter(stream__key=account.stream_key, seq__lte=2).delete()
    Stream.objects.filter(key=account.stream_key).update(floor=3)
    found = bot.get("events?limit=5")
    assert found["floor"] == 3 and [event["s"] for event in found["events"]] == [3, 4]


@pytest.mark.parametrize("query", ["since=-1", "since=x", "since=10000000000000001", "limit=1001", "limit=0", "epoch=x",
                                   "since=1&since=2"])  # fmt: skip
def test_bad_parameters_are_named(bot: Caller, query: str) -> None:
    assert list(bot.refused(400, "GET", f"events?{query}")["fields"]) == [query.partition("=")[0]]


def test_only_of_my_account(bot: Caller, program: Callable[..., Caller], other_account: Account) -> None:
    bot.post("trades", trade())
    stranger = program(of=other_account)
    assert stranger.get("events")["events"] == []
    stranger.refused(404, "GET", "events?account=main")
