"""A bot says that it is alive."""

from collections.abc import Callable

import pytest
import time_machine

from dashboard.models import Account, Beat, Bot
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db


def beat(**changes: object) -> dict[str, object]:
    return {"bot": "alpha", "state": "running", **changes}


def test_only_a_change_of_state_is_logged(bot: Caller) -> None:
    first = bot.post("heartbeat", beat(version="1.0", open_positions=3, lag_ms=20, message="warm"), status=201)
    assert first["status"] == "created" and first["seq"] == 1
    assert bot.get("events")["events"][0]["d"] == first["item"]
    again = bot.post("heartbeat", beat(), status=200)
    assert (again["status"], again["seq"]) == ("updated", None)
    assert again["item"]["version"] == "1.0" and again["item"]["open_positions"] == 3 and again["item"]["message"] == ""
    paused = bot.post("heartbeat", beat(state="paused"))
    assert paused["seq"] == 2 and bot.get("events")["head"] == 2
    assert bot.get("snapshot")["bots"][0]["state"] == "paused" and Bot.objects.count() == 1


def test_beats_are_counted_in_slots_of_five_minutes(bot: Caller) -> None:
    for time in ("10:00:01", "10:04:59", "10:05:00"):
        with time_machine.travel(f"2026-01-01T{time}Z", tick=False):
            last = bot.post("heartbeat", beat())["item"]
    assert last["last_seen"] == "2026-01-01T10:05:00Z"
    assert list(Beat.objects.order_by("slot").values_list("count", flat=True)) == [2, 1]
    with time_machine.travel("2026-01-01T10:06:00Z", tick=False):
        assert bot.get("snapshot")["bots"][0]["beats"][-3:] == [0, 2, 1]
    with time_machine.travel("2026-01-09T10:06:00Z", tick=False):
        bot.post("heartbeat", beat())
    assert Beat.objects.count() == 1


def test_a_heartbeat_ends_cached_answers(bot: Caller) -> None:
    with time_machine.travel("2026-01-01T10:00:00Z", tick=False) as clock:
        bot.post("heartbeat", beat())
        bot.get("snapshot")
        etag = bot.response["ETag"]
        bot.send("GET", "snapshot", if_none_match=etag)
        assert bot.response.status_code == 304
        clock.shift(1)
        bot.post("heartbeat", beat())
        assert bot.get("snapshot", if_none_match=etag)["bots"][0]["last_seen"] == "2026-01-01T10:00:01Z"


def test_a_key_of_a_bot_beats_for_it_alone(program: Callable[..., Caller], account: Account) -> None:
    alpha = program("ingest", bot=Bot.objects.create(account=account, name="alpha"))
    assert list(alpha.refused(400, "POST", "heartbeat", beat(bot="beta"))["fields"]) == ["bot"]
    answer = alpha.post("heartbeat", beat())
    assert answer["status"] == "updated" and answer["item"]["state"] == "running" and Bot.objects.count() == 1


def test_a_bot_that_trades_is_known_before_it_beats(bot: Caller) -> None:
    Bot.objects.create(account=Account.objects.get(), name="alpha")
    row = bot.get("snapshot")["bots"][0]
    assert (row["state"], row["last_seen"], sum(row["beats"])) == ("unknown", None, 0)
