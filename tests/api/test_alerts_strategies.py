"""Alerts and strategies over the API: bots raise and register, people decide."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from dashboard.models import Account, Alert, AuditEntry, Strategy
from tests.api.conftest import Caller
from tests.api.samples import alert, trade

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]


def test_an_alert_comes_back_as_it_was_sent(bot: Caller) -> None:
    bot.post("trades", trade(strategy="Trend"))
    body = alert(message="at 80 %", strategy="Trend", trade_id="t-1", dedupe_key="margin", data={"level": 80})
    made = bot.post("alerts", body, status=201)
    row = bot.get("alerts")["alerts"][0]
    assert row == made["item"] and {name: row[name] for name in body} == body
    assert row["status"] == "active" and row["acknowledged_by"] is None
    assert bot.get("events")["events"][-1]["d"] == {**row, "change": "created"}


def test_one_alert_for_one_cause(bot: Caller, operator: User, person: Person) -> None:
    first = bot.post("alerts", alert(dedupe_key="k"))
    assert bot.post("alerts", alert(dedupe_key="k"), status=200)["status"] == "duplicate"
    worse = bot.post("alerts", alert(dedupe_key="k", severity="critical"))
    assert worse["status"] == "updated" and worse["item"]["id"] == first["item"]["id"]
    assert bot.post("alerts", [alert(), alert()])["summary"]["created"] == 2  # without a key each is another
    person(operator).post(f"alerts/{first['item']['id']}/resolve", None)
    assert bot.post("alerts", alert(dedupe_key="k"))["status"] == "created"
    assert bot.post("alerts", [alert(dedupe_key="n"), alert(dedupe_key="n")])["summary"] == {
        "created": 1, "updated": 0, "duplicate": 1, "stale": 0, "conflict": 0, "invalid": 0}  # fmt: skip


def test_an_alert_may_only_name_what_is_there(bot: Caller, stored: Callable[[], dict[str, int]]) -> None:
    before = stored()
    bad = alert(strategy="Nothing", trade_id="none")
    assert set(bot.refused(400, "POST", "alerts", bad)["fields"]) == {"strategy", "trade_id"}
    answer = bot.post("alerts", [bad, alert(trade_id="none"), alert(type="gossip")])
    assert [list(item["errors"]) for item in answer["items"]] == [["strategy", "trade_id"], ["trade_id"], ["type"]]
    assert set(bot.refused(400, "POST", "alerts?atomic=true", [alert(), bad])["fields"]) == {"1.strategy", "1.trade_id"}
    assert stored() == before


def test_state_only_moves_forward_and_says_who_and_when(bot: Caller, operator: User, person: Person) -> None:
    pk = bot.post("alerts", alert())["item"]["id"]
    hand = person(operator)
    seen = hand.post(f"alerts/{pk}/acknowledge", None, status=200)
    assert (seen["status"], seen["acknowledged_by"]) == ("acknowledged", "operator") and seen["acknowledged_at"]
    assert bot.get("events")["events"][-1]["d"] == {**seen, "change": "acknowledged"}
    head = bot.get("events")["head"]
    assert hand.post(f"alerts/{pk}/acknowledge", {}) == seen and bot.get("events")["head"] == head
    done = hand.post(f"alerts/{pk}/resolve", None)
    assert (done["status"], done["resolved_by"], done["acknowledged_at"]) == (
        "resolved",
        "operator",
        seen["acknowledged_at"],
    )
    assert list(hand.refused(400, "POST", f"alerts/{pk}/acknowledge")["fields"]) == ["status"]
    assert bot.get("alerts")["alerts"] == []
    assert list(hand.refused(400, "POST", f"alerts/{pk}/resolve", {"by": "me"})["fields"]) == ["by"]


def test_alerts_are_filtered_and_paged(bot: Caller) -> None:
    bot.post("strategies", {"name": "Trend"})
    bot.post(
        "alerts",
        [alert(title="1"), alert(title="2", severity="info"), alert(title="3", type="system", strategy="Trend")],
    )
    for query, expected in (("", "321"), ("severity=info", "2"), ("type=system", "3"), ("strategy=Trend", "3"),
                            ("limit=2", "32"), ("limit=2&offset=2", "1"), ("strategy=None", "")):  # fmt: skip
        assert "".join(row["title"] for row in bot.get(f"alerts?{query}")["alerts"]) == expected, query
    assert bot.get("alerts?limit=2")["has_more"] and bot.get("alerts")["total"] == 3
    for query in ("severity=loud", "limit=1001", "x=1", "offset=-1", "type=risk&type=trade"):
        assert list(bot.refused(400, "GET", f"alerts?{query}")["fields"]) == [query.partition("=")[0]]


def test_alerts_of_another_account_are_not_there(bot: Caller, program: Any, other_account: Account) -> None:
    pk = bot.post("alerts", alert())["item"]["id"]
    stranger = program(of=other_account)
    for action in ("acknowledge", "resolve"):
        stranger.refused(404, "POST", f"alerts/{pk}/{action}")
    assert Alert.objects.get().status == "active" and stranger.get("alerts")["alerts"] == []


def test_strategies_are_registered_and_changed(bot: Caller) -> None:
    body = {"name": "Trend", "description": "follows", "parameters": {"fast": 12}, "max_drawdown": "20.5"}
    made = bot.post("strategies", body, status=201)
    assert made["item"]["enabled"] is True and made["item"]["parameters"] == {"fast": 12}
    assert bot.post("strategies", body)["status"] == "duplicate"
    assert bot.post("strategies", {"name": "Trend"})["status"] == "duplicate"
    changed = bot.post("strategies", {"name": "Trend", "parameters": {"fast": 13}})
    assert changed["status"] == "updated" and changed["item"]["description"] == "follows"
    assert bot.get("events")["events"][-1]["d"] == changed["item"] == bot.get(f"strategies/{changed['item']['id']}")
    answer = bot.post("strategies", [{"name": "B"}, {"name": "A"}, {"name": "B", "max_daily_loss": 5}, {"name": ""}])
    assert [item["status"] for item in answer["items"]] == ["created", "created", "updated", "invalid"]
    listed = bot.get("strategies")
    assert [row["name"] for row in listed["strategies"]] == ["A", "B", "Trend"] and listed["count"] == 3


def test_the_owners_wish_is_not_the_bots(bot: Caller, operator: User, person: Person, program: Any) -> None:
    pk = bot.post("strategies", {"name": "Trend"})["item"]["id"]
    row = person(operator).send("PATCH", f"strategies/{pk}", {"enabled": False, "max_daily_loss": "100"})["data"]
    assert row["enabled"] is False and row["max_daily_loss"] == 100
    assert bot.get("events")["events"][-1]["d"] == row == bot.get(f"strategies/{pk}")
    assert list(bot.refused(400, "POST", "strategies", {"name": "Trend", "enabled": True})["fields"]) == ["enabled"]
    for field, value in (("name", "Other"), ("enabled", 1), ("max_drawdown", "0"), ("id", 5), ("parameters", [])):
        assert list(bot.refused(400, "PATCH", f"strategies/{pk}", {field: value})["fields"]) == [field]
    bot.post("trades", trade(strategy="Trend"))  # ingest never refuses because of it
    assert Strategy.objects.get().enabled is False


def test_a_limit_is_taken_away_by_a_person_but_not_by_silence(bot: Caller, operator: User, person: Person) -> None:
    limits = {"max_position_size": "5", "max_daily_loss": "100", "max_drawdown": "20", "allocated_capital": "1000"}
    pk = bot.post("strategies", {"name": "Trend", "description": "follows", **limits})["item"]["id"]
    hand = person(operator)
    silent = dict.fromkeys(limits)
    assert bot.post("strategies", {"name": "Trend", **silent})["status"] == "duplicate"
    row = hand.send("PATCH", f"strategies/{pk}", {"max_daily_loss": None, "description": None})["data"]
    assert (row["max_daily_loss"], row["max_drawdown"], row["description"]) == (None, 20, "follows")
    row = hand.send("PATCH", f"strategies/{pk}", silent)["data"]
    assert {name: row[name] for name in limits} == silent
    assert bot.get("events")["events"][-1]["d"] == row == bot.get(f"strategies/{pk}")
    head = bot.get("events")["head"]
    assert hand.send("PATCH", f"strategies/{pk}", {"max_drawdown": None})["data"] == row
    assert bot.get("events")["head"] == head
    assert bot.post("strategies", {"name": "Trend", "max_drawdown": "30"})["item"]["max_drawdown"] == 30
    entry = AuditEntry.objects.filter(action="strategy.change").latest("id")
    assert entry.actor.startswith("key:"), "a limit that a bot moves is noted as well"
    assert (entry.before, entry.after) == ({"max_drawdown": None}, {"max_drawdown": "30"})


def test_strategies_of_another_account_are_not_there(bot: Caller, program: Any, other_account: Account) -> None:
    pk = bot.post("strategies", {"name": "Trend"})["item"]["id"]
    stranger = program(of=other_account)
    stranger.refused(404, "GET", f"strategies/{pk}")
    stranger.refused(404, "PATCH", f"strategies/{pk}", {"enabled": False})
    assert stranger.get("strategies") == {"strategies": [], "count": 0}
    assert Strategy.objects.get().enabled is True
