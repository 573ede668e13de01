"""Trades over the API: recorded, versioned, annotated."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from dashboard.models import Account, Bot, Strategy, Trade
from tests.api.conftest import Caller
from tests.api.samples import closed, trade

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]


def test_open_update_close_is_one_trade(bot: Caller) -> None:
    opened = bot.post("trades", trade(stop_loss="95"), status=201)
    moved = bot.post("trades", trade(stop_loss="98", highest_price="107"), status=200)
    done = bot.post("trades", closed(fees="1", exit_reason="roi"), status=200)
    assert [each["status"] for each in (opened, moved, done)] == ["created", "updated", "updated"]
    assert len({each["item"]["id"] for each in (opened, moved, done)}) == 1
    assert [each["item"]["rev"] for each in (opened, moved, done)] == [1, 2, 3]
    # The strategy is announced before the trade that names it.
    assert [each["seq"] for each in (opened, moved, done)] == [2, 3, 4]
    item = done["item"]
    assert item["initial_stop_loss"] == 95 and item["stop_loss"] == 98 and item["highest_price"] == 107
    assert item["duration_seconds"] == 7200 and item["strategy"] == "unassigned"
    assert item["net_pnl"] == 19 and item["r_multiple"] == Decimal("1.9")
    assert bot.get(f"trades/{item['id']}") == {**item, "excursions_from": None}
    assert bot.get("trades")["trades"] == [item]


def test_events_equal_the_rows(bot: Caller) -> None:
    for body in (trade(strategy="Trend", bot="alpha"), trade(stop_loss="98"), closed()):
        answer = bot.post("trades", body)
        event = bot.get(f"events?since={answer['seq'] - 1}")["events"][0]
        assert event["type"] == "trade_executed"
        change = event["d"].pop("change")
        row = bot.get(f"trades/{answer['item']['id']}")
        assert row.pop("excursions_from") is None
        assert event["d"] == answer["item"] == row
    assert change == "closed"
    changes = [event["d"].get("change") for event in bot.get("events")["events"]]
    assert changes == [None, None, "opened", "updated", "closed"]


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        # without rev: same content is a duplicate, other content applies, a closed trade never reopens
        ([trade(), trade()], ["created", "duplicate"]),
        ([trade(), trade(size=2), trade(size="2.0")], ["created", "duplicate", "duplicate"]),
        ([trade(), trade(take_profit="120")], ["created", "updated"]),
        ([trade(take_profit="120"), trade()], ["created", "duplicate"]),
        ([closed(), trade()], ["created", "stale"]),
        ([closed(), closed(), trade(status="pending")], ["created", "duplicate", "stale"]),
        ([trade(), trade(status="cancelled"), trade()], ["created", "updated", "stale"]),
        ([trade(status="pending", entry_price=None, entry_time=None), trade()], ["created", "updated"]),
        # with rev: higher applies, equal is duplicate or conflict, lower is stale
        ([trade(rev=5), trade(rev=5)], ["created", "duplicate"]),
        ([trade(rev=5), trade(rev=5, size="3")], ["created", "conflict"]),
        ([trade(rev=5), trade(rev=4, size="3")], ["created", "stale"]),
        ([trade(rev=5), trade(rev=9, size="3")], ["created", "updated"]),
        ([trade(rev=5), trade(rev=9)], ["created", "updated"]),
        ([closed(rev=5), trade(rev=6)], ["created", "updated"]),
        ([trade(rev=5), trade()], ["created", "duplicate"]),
        ([trade(rev=5), trade(size="3"), trade(rev=6, size="4")], ["created", "updated", "conflict"]),
        ([trade(rev=5), trade(size="3"), trade(rev=7, size="4")], ["created", "updated", "updated"]),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_versions(bot: Caller, reports: list[Any], expected: list[str], together: bool) -> None:
    if together:
        items = bot.post("trades", reports)["items"]
    else:
        items = [bot.post("trades", [report])["items"][0] for report in reports]
    assert [item["status"] for item in items] == expected
    assert all((item["seq"] is None) == (item["status"] not in ("created", "updated")) for item in items)
    assert all(("rev" in item["errors"]) == (item["status"] == "conflict") for item in items)
    seqs = [item["seq"] for item in items if item["seq"]]
    assert seqs == sorted(set(seqs)) and bot.get("events")["head"] == max(seqs)


def test_a_single_conflict_is_refused_by_name_and_a_single_stale_shows_what_is_stored(bot: Caller) -> None:
    bot.post("trades", closed(rev=5))
    assert list(bot.refused(400, "POST", "trades", closed(rev=5, size="3"))["fields"]) == ["rev"]
    stale = bot.post("trades", trade(rev=4), status=200)
    assert stale["status"] == "stale" and stale["seq"] is None and stale["item"]["status"] == "closed"


def test_a_higher_rev_takes_a_close_back(bot: Caller) -> None:
    bot.post("trades", closed(rev=1, net_pnl="5", exit_reason="roi"))
    item = bot.post("trades", trade(rev=2))["item"]
    assert item["status"] == "open" and item["rev"] == 2
    assert all(item[name] is None for name in ("exit_price", "exit_time", "exit_reason", "net_pnl", "duration_seconds"))
    assert bot.post("trades", closed(rev=3))["item"]["net_pnl"] == 20


def test_an_absent_field_keeps_its_value(bot: Caller) -> None:
    given = {
        "leverage": "3",
        "take_profit": "130",
        "tags": ["a"],
        "extra": {"k": 1},
        "signal_type": "ai",
        "bot": "alpha",
    }
    bot.post("trades", trade(strategy="Trend", **given))
    item = bot.post("trades", closed())["item"]
    assert {name: item[name] for name in given} == {**given, "leverage": 3, "take_profit": 130}
    assert item["strategy"] == "Trend"
    null = bot.post("trades", {**closed(), "leverage": None, "tags": None, "strategy": None})
    assert null["status"] == "duplicate"


@pytest.mark.parametrize(
    ("given", "net", "gross"),
    [
        ({"net_pnl": "7"}, 7, None),
        ({"net_pnl": "7", "fees": "1"}, 7, 8),
        ({"net_pnl": "7", "fees": "1", "slippage": "0.5", "funding": "0.25"}, 7, Decimal("8.25")),
        ({"pnl": "9", "fees": "1", "slippage": "0.5", "funding": "0.25"}, Decimal("7.75"), 9),
        ({"pnl": "9"}, 9, 9),
        ({"pnl": "9", "net_pnl": "1"}, 1, 9),
        ({}, 20, None),
        ({"fees": "1", "funding": "-2"}, 17, 20),
        ({"direction": "short", "fees": "0"}, -20, -20),
    ],
)
def test_money_of_a_closed_trade(bot: Caller, given: dict[str, Any], net: Any, gross: Any) -> None:
    item = bot.post("trades", closed(**given))["item"]
    assert (item["net_pnl"], item["pnl"]) == (net, gross)


def test_derived_money_is_exact_to_the_last_digit(bot: Caller) -> None:
    """Python's own operators round to 28 digits; money has 36."""
    large, tiny = Decimal("123456789012345678.000000000000000001"), Decimal("0.000000000000000001")
    item = bot.post(
        "trades", closed(pnl=large, fees=tiny, slippage="-1.000000000000000003", funding=large.copy_negate())
    )["item"]
    assert item["net_pnl"] == Decimal("1.000000000000000002")
    short = closed(trade_id="s", direction="short", entry_price=tiny, exit_price=large, size="1", fees="0")
    assert bot.post("trades", short)["item"]["net_pnl"] == Decimal("-123456789012345678")
    out = {"flow_id": "w", "timestamp": "2026-01-02T00:00:00Z", "amount": large, "kind": "withdrawal"}
    assert bot.post("cashflows", out)["item"]["amount"] == Decimal("-123456789012345678.000000000000000001")
    bot.post("portfolio", {"timestamp": "2026-01-01T00:00:00Z", "total_value": large})
    after = bot.post("portfolio", {"timestamp": "2026-01-02T01:00:00Z", "total_value": tiny})["item"]
    assert (after["daily_change"], after["daily_change_pct"]) == (tiny, 0)


def test_what_was_unrealised_is_not_the_result(bot: Caller) -> None:
    assert bot.post("trades", trade(net_pnl="500"))["item"]["net_pnl"] == 500
    assert bot.post("trades", closed(fees="1"))["item"]["net_pnl"] == 19


def test_costs_told_late_change_what_was_derived_but_not_what_was_reported(bot: Caller) -> None:
    bot.post("trades", closed())
    assert bot.post("trades", closed(fees="2"))["item"]["net_pnl"] == 18
    bot.post("trades", closed(trade_id="t-2", net_pnl="5"))
    assert bot.post("trades", closed(trade_id="t-2", fees="2"))["item"]["net_pnl"] == 5


def test_strategies_and_bots_are_made_and_announced_once(bot: Caller) -> None:
    bot.post("trades", [trade(strategy="Trend", bot="a"), trade(trade_id="t-2", strategy="Trend", bot="a")])
    bot.post("trades", trade(trade_id="t-3", strategy="Trend", bot="a"))
    events = bot.get("events")["events"]
    assert [event["type"] for event in events] == ["strategy_update", "bot_status", *["trade_executed"] * 3]
    assert bot.get("strategies")["strategies"] == [events[0]["d"]]


def test_refused_items_leave_nothing_behind(bot: Caller, stored: Callable[[], dict[str, int]]) -> None:
    before = stored()
    huge = closed(strategy="Never", bot="never", entry_price="1", exit_price="9" * 18, size="9" * 18)
    answer = bot.post("trades", [huge, {**trade(strategy="Never"), "size": 0}, 7])
    assert [list(item["errors"]) for item in answer["items"]] == [["net_pnl"], ["size"], ["body"]]
    assert answer["summary"] == {"created": 0, "updated": 0, "duplicate": 0, "stale": 0, "conflict": 0, "invalid": 3}
    assert list(bot.refused(400, "POST", "trades", huge)["fields"]) == ["net_pnl"]
    assert stored() == before


def test_a_list_stores_the_valid_and_names_the_rest(bot: Caller) -> None:
    answer = bot.post("trades", [trade(), trade(trade_id="t-2", size="-1"), trade(trade_id="t-3"), {"trade_id": 4}])
    assert answer["summary"]["created"] == 2 and answer["summary"]["invalid"] == 2
    items = answer["items"]
    assert [item["index"] for item in items] == [0, 1, 2, 3]
    assert [item["trade_id"] for item in items] == ["t-1", "t-2", "t-3", 4]
    assert [item["seq"] for item in items] == [2, None, 3, None]
    assert items[1]["errors"] == {"size": ["Must be greater than 0."]}
    assert set(items[3]["errors"]) == {"trade_id", "symbol", "direction", "size", "status"}
    assert set(Trade.objects.values_list("trade_id", flat=True)) == {"t-1", "t-3"}


@pytest.mark.parametrize("bad", [trade(trade_id="t-2", size="-1"), trade(size="3", rev=1)], ids=["invalid", "conflict"])
def test_atomic_is_all_or_nothing(bot: Caller, stored: Callable[[], dict[str, int]], bad: dict[str, Any]) -> None:
    bot.post("trades", trade(rev=1))
    before = stored()
    error = bot.refused(400, "POST", "trades?atomic=true", [trade(trade_id="t-9", strategy="New"), bad])
    assert list(error["fields"]) == ["1.rev" if "rev" in bad else "1.size"]
    assert stored() == before
    bot.post("trades?atomic=true", [trade(trade_id="t-9"), trade(rev=1)])
    assert Trade.objects.count() == 2


def test_500_items_are_one_request(bot: Caller) -> None:
    items = [trade(trade_id=f"t-{number}", size=number + 1) for number in range(500)]
    answer = bot.post("trades", items)
    assert answer["summary"]["created"] == 500
    assert [item["seq"] for item in answer["items"]] == list(range(2, 502))
    assert bot.post("trades", items)["summary"]["duplicate"] == 500


def test_a_key_of_a_bot_reports_for_it_alone(program: Callable[..., Caller], account: Account) -> None:
    alpha = program("ingest", "read", bot=Bot.objects.create(account=account, name="alpha"))
    assert alpha.post("trades", trade())["item"]["bot"] == "alpha"
    assert list(alpha.refused(400, "POST", "trades", trade(bot="beta"))["fields"]) == ["bot"]
    answer = alpha.post("trades", [trade(trade_id="t-2", bot="beta"), trade(trade_id="t-3", bot="alpha")])
    assert [item["status"] for item in answer["items"]] == ["invalid", "created"]
    assert Bot.objects.count() == 1


def test_people_annotate_and_bots_do_not_touch_it(bot: Caller, operator: User, person: Person) -> None:
    made = bot.post("trades", trade(tags=["bots"]))["item"]
    hand = person(operator)
    row = hand.send("PATCH", f"trades/{made['id']}", {"notes": "late entry", "user_tags": ["fomo", "fomo"]})["data"]
    assert row == {**made, "notes": "late entry", "user_tags": ["fomo"]}
    event = bot.get("events")["events"][-1]
    assert event["d"] == {**row, "change": "updated"}
    head = bot.get("events")["head"]
    assert hand.send("PATCH", f"trades/{made['id']}", {"notes": "late entry"})["data"] == row
    assert bot.get("events")["head"] == head
    after = bot.post("trades", trade(tags=["other"], take_profit="120"))["item"]
    assert (after["notes"], after["user_tags"], after["tags"]) == ("late entry", ["fomo"], ["other"])
    assert list(hand.refused(400, "PATCH", f"trades/{made['id']}", {"size": 5})["fields"]) == ["size"]
    assert list(bot.refused(400, "POST", "trades", trade(notes="mine"))["fields"]) == ["notes"]


def test_fills_and_extra_come_back_exact(bot: Caller) -> None:
    fill = {
        "fill_id": "f1",
        "side": "buy",
        "price": "0.000000000000000001",
        "size": "123456789012345678",
        "fee": "-0.5",
        "time": "2026-01-01T10:00:00.5+02:00",
    }
    extra = {"deep": [1, {"x": Decimal("1.10")}], "text": "ü 'quoted' \"", "none": None, "big": 123456789012345678}
    item = bot.post("trades", trade(fills=[fill, {**fill, "fill_id": "f2"}], extra=extra))["item"]
    stored = bot.get(f"trades/{item['id']}")
    assert stored["fills"][0] == {
        **fill,
        "price": Decimal(fill["price"]),
        "size": int(fill["size"]),
        "fee": Decimal("-0.5"),
        "time": "2026-01-01T08:00:00.500000Z",
    }
    assert stored["extra"] == extra
    assert bot.post("trades", trade(fills=[fill, {**fill, "fill_id": "f2"}], extra=extra))["status"] == "duplicate"


def test_the_producers_name_is_of_its_account(
    bot: Caller, program: Callable[..., Caller], other_account: Account
) -> None:
    bot.post("trades", trade())
    other = program(of=other_account)
    assert other.post("trades", trade(size="9"), status=201)["item"]["size"] == 9
    assert other.get("events")["head"] == 2 and Strategy.objects.count() == 2
    assert bot.get("trades?trade_id=t-1")["trades"][0]["size"] == 2
