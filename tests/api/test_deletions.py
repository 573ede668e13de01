"""A trade that an owner deletes: gone everywhere, told to everyone, written down, and not brought back by a retry."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.models import Account, AuditEntry, CountedTrade, DeletedTrade, StrategyPerformance, Trade
from dashboard.rollups.follow import rollups_follow
from tests.api.conftest import Caller
from tests.api.samples import alert, closed, trade

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]


@pytest.fixture
def hand(owner: User, person: Person) -> Caller:
    return person(owner)


def number(trade_id: str = "t-1") -> int:
    return Trade.objects.get(trade_id=trade_id).pk


def delete(hand: Caller, pk: int, **headers: str) -> None:
    assert hand.send("DELETE", f"trades/{pk}", **headers) is None
    assert (hand.response.status_code, hand.response.content) == (204, b"")


def test_it_is_gone_told_and_written_down(bot: Caller, hand: Caller) -> None:
    bot.post("trades", [closed(net_pnl="20"), closed(trade_id="t-2", net_pnl="-5")])
    row = bot.get(f"trades/{number()}")
    head = bot.get("events")["head"]
    delete(hand, row["id"])
    bot.refused(404, "GET", f"trades/{row['id']}")
    assert [each["trade_id"] for each in bot.get("trades")["trades"]] == ["t-2"]
    assert bot.get("trades/stats")["total_pnl"] == -5
    assert [each["trade_id"] for each in bot.get("snapshot")["recent_trades"]] == ["t-2"]
    events = bot.get(f"events?since={head}")["events"]
    row.pop("excursions_from")
    assert [(event["type"], event["d"]) for event in events] == [("trade_executed", {**row, "change": "deleted"})]
    entry = AuditEntry.objects.filter(action="trade.delete").get()
    assert (entry.actor, entry.action, entry.target) == ("user:owner", "trade.delete", "trade:t-1")
    assert entry.before is not None and entry.before["net_pnl"] == "20"
    assert entry.request_id == hand.response["X-Request-Id"]


def test_deleting_again_finds_nothing(bot: Caller, hand: Caller) -> None:
    bot.post("trades", trade())
    pk = number()
    delete(hand, pk)
    hand.refused(404, "DELETE", f"trades/{pk}")
    assert AuditEntry.objects.filter(action="trade.delete").count() == 1 and bot.get("events")["head"] == 3


def test_the_first_answer_is_given_again(bot: Caller, hand: Caller) -> None:
    bot.post("trades", trade())
    pk = number()
    for _ in range(2):
        delete(hand, pk, idempotency_key="k")
    assert (
        hand.response["Idempotency-Replayed"] == "true"
        and AuditEntry.objects.filter(action="trade.delete").count() == 1
    )


def test_a_later_report_is_stale_unless_its_rev_is_higher(bot: Caller, hand: Caller) -> None:
    bot.post("trades", trade(rev=4))
    delete(hand, number())
    head = bot.get("events")["head"]
    for late in (trade(), closed(), trade(rev=4), trade(rev=1)):
        answer = bot.post("trades", late, status=200)
        assert answer == {"status": "stale", "seq": None, "item": None}
    assert not Trade.objects.exists() and bot.get("events")["head"] == head
    back = bot.post("trades", trade(rev=5, size="7"), status=201)
    assert (back["status"], back["item"]["size"], back["item"]["rev"]) == ("created", 7, 5)
    assert not DeletedTrade.objects.exists()
    assert bot.get("events")["events"][-1]["d"] == {**back["item"], "change": "opened"}
    assert bot.post("trades", trade(size="8"))["status"] == "updated"


def test_in_a_list_each_is_judged_for_itself(bot: Caller, hand: Caller) -> None:
    bot.post("trades", [trade(rev=2), trade(trade_id="t-2", rev=2)])
    delete(hand, number())
    delete(hand, number("t-2"))
    body = [trade(), trade(trade_id="t-2", rev=3), trade(trade_id="t-3"), trade(rev=2), trade(rev=3), trade(rev=3)]
    answer = bot.post("trades", body)
    expected = ["stale", "created", "created", "stale", "created", "duplicate"]
    assert [item["status"] for item in answer["items"]] == expected
    assert answer["summary"]["stale"] == 2 and Trade.objects.count() == 3


def test_a_tombstone_is_of_one_account(bot: Caller, hand: Caller, program: Any, other_account: Account) -> None:
    bot.post("trades", trade())
    delete(hand, number())
    assert program(of=other_account).post("trades", trade(), status=201)["status"] == "created"


def test_new_trades_cost_one_query_more_however_many_they_are(bot: Caller, hand: Caller) -> None:
    bot.post("trades", [trade(trade_id=f"t-{n}") for n in range(100)])
    for n in range(5):
        delete(hand, number(f"t-{n}"))

    def asked(*numbers: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            bot.post("trades", [trade(trade_id=f"t-{n}", size="3") for n in numbers])
        return sum("dashboard_deletedtrade" in query["sql"] for query in captured)

    assert asked(*range(50, 60)) == 0
    assert asked(*range(5)) == asked(*range(200)) == 1


def test_its_alerts_stay_and_name_it_no_longer(bot: Caller, hand: Caller) -> None:
    bot.post("trades", [trade(), trade(trade_id="t-2")])
    bot.post("alerts", [alert(trade_id="t-1"), alert(trade_id="t-2")])
    delete(hand, number())
    assert [row["trade_id"] for row in bot.get("alerts")["alerts"]] == ["t-2", None]
    told = bot.get("events")["events"][-1]
    freed = next(row for row in bot.get("alerts")["alerts"] if row["trade_id"] is None)
    assert (told["type"], told["d"]) == ("alert", {**freed, "change": "updated"})


@pytest.mark.django_db(transaction=True)
def test_rollups_follow(account: Account, owner: User, person: Person, program: Any) -> None:
    bot, hand = program(), person(owner)
    bot.post("trades", [closed(net_pnl="20"), closed(trade_id="t-2", net_pnl="-5")])
    rollups_follow(account)
    daily = StrategyPerformance.objects.filter(period="daily")
    assert (daily.get().net_pnl, daily.get().total_trades) == (15, 2)
    delete(hand, number())
    rollups_follow(account)
    assert (daily.get().net_pnl, daily.get().total_trades) == (-5, 1)
    delete(hand, number("t-2"))
    rollups_follow(account)
    assert not daily.exists() and not CountedTrade.objects.exists()


def test_only_an_owner_deletes(bot: Caller, operator: User, person: Person, stored: Callable[[], Any]) -> None:
    bot.post("trades", trade())
    callers = (bot, person(operator))
    before = stored()
    for caller in callers:
        caller.refused(403, "DELETE", f"trades/{number()}")
    assert stored() == before


@pytest.mark.parametrize(
    ("path", "body", "names"),
    [("?rev=3", None, ["rev"]), ("", {"reason": "x"}, ["reason"]), ("", [], ["body"]), ("?force=true", {}, ["force"])],
)
def test_what_is_sent_along_is_refused(bot: Caller, hand: Caller, path: str, body: Any, names: list[str]) -> None:
    bot.post("trades", trade())
    assert sorted(hand.refused(400, "DELETE", f"trades/{number()}{path}", body)["fields"]) == names
    assert Trade.objects.exists()
