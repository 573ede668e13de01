"""All alerts an account ever had: filtered, page by page, with who dealt with them and when."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User

from dashboard.models import Account
from tests.api.conftest import Caller
from tests.api.samples import alert

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]


@pytest.fixture
def raised(bot: Caller, operator: User, person: Person) -> Caller:
    """Five alerts, a day apart: the second acknowledged, the third resolved."""
    bot.post("strategies", {"name": "Trend"})
    details: list[dict[str, Any]] = [
        {},
        {"severity": "critical"},
        {"type": "system"},
        {"strategy": "Trend"},
        {"type": "trade", "severity": "info"},
    ]
    for day, more in enumerate(details, start=1):
        with time_machine.travel(f"2026-01-0{day}T10:00:00Z", tick=False):
            bot.post("alerts", alert(title=f"{day}", **more))
    hand = person(operator)
    with time_machine.travel("2026-01-06T10:00:00Z", tick=False):
        for title, action in (("2", "acknowledge"), ("3", "resolve")):
            pk = next(row["id"] for row in bot.get("alerts")["alerts"] if row["title"] == title)
            hand.post(f"alerts/{pk}/{action}", None)
    return bot


def titles(found: dict[str, Any]) -> str:
    return "".join(row["title"] for row in found["alerts"])


def test_it_holds_what_is_no_longer_active(raised: Caller) -> None:
    assert titles(raised.get("alerts")) == "5421"
    history = raised.get("alerts/history")
    assert titles(history) == "54321" and history["total"] == 5
    done, seen = history["alerts"][2], history["alerts"][3]
    assert (done["status"], done["resolved_by"], done["resolved_at"]) == (
        "resolved",
        "operator",
        "2026-01-06T10:00:00Z",
    )
    assert (seen["status"], seen["acknowledged_by"], seen["resolved_at"]) == ("acknowledged", "operator", None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=risk", "421"),
        ("severity=critical", "2"),
        ("status=resolved", "3"),
        ("status=acknowledged", "2"),
        ("status=active", "541"),
        ("strategy=Trend", "4"),
        ("strategy=None", ""),
        ("start=2026-01-04T10:00:00Z", "54"),
        ("end=2026-01-02T10:00:00Z", "21"),
        ("start=2026-01-02T00:00:00Z&end=2026-01-04T00:00:00Z&type=system", "3"),
        ("limit=2", "54"),
        ("limit=2&offset=4", "1"),
    ],
)
def test_filters(raised: Caller, query: str, expected: str) -> None:
    assert titles(raised.get(f"alerts/history?{query}")) == expected
    if "offset" not in query:
        assert titles(raised.get(f"alerts?{query}")) == expected.replace("3", "")


@pytest.mark.parametrize("path", ["alerts", "alerts/history"])
def test_a_cursor_is_stable_while_alerts_arrive(bot: Caller, path: str) -> None:
    bot.post("alerts", [alert(title=f"{n}", dedupe_key=f"{n}") for n in range(5)])
    first = bot.get(f"{path}?limit=2")
    bot.post("alerts", [alert(title="new"), alert(title="0", dedupe_key="0", severity="error")])
    rest = bot.get(f"{path}?limit=3&cursor={first['next_cursor']}")
    assert titles(first) + titles(rest) == "43210" and rest["next_cursor"] is None


def test_a_cursor_belongs_to_its_list_and_filters(bot: Caller) -> None:
    bot.post("alerts", [alert(title=f"{n}") for n in range(5)])
    cursor = bot.get("alerts/history?limit=2")["next_cursor"]
    broken = f"{cursor[:-5]}{'B' if cursor[-5] == 'A' else 'A'}{cursor[-4:]}"
    for path in (
        f"alerts?cursor={cursor}",
        f"alerts/history?type=risk&cursor={cursor}",
        f"alerts/history?cursor={broken}",
        f"trades?ordering=-entry_time&cursor={cursor}",
    ):
        assert list(bot.refused(400, "GET", path)["fields"]) == ["cursor"]
    assert titles(bot.get(f"alerts/history?limit=2&cursor={cursor}")) == "21"


BAD = "severity=loud status=gone type= strategy= start=2026-01-01 end=1 limit=1001 offset=-1 offset=1&cursor=x x=1"


@pytest.mark.parametrize("query", [*BAD.split(), "type=risk&type=trade"])
def test_bad_parameters_are_named(bot: Caller, query: str) -> None:
    for path in ("alerts", "alerts/history"):
        assert list(bot.refused(400, "GET", f"{path}?{query}")["fields"]) == [query.partition("=")[0]]


def test_an_unchanged_history_answers_304(raised: Caller) -> None:
    with time_machine.travel("2026-01-07T12:00:00Z", tick=False):
        raised.get("alerts/history")
        etag = raised.response["ETag"]
        raised.send("GET", "alerts/history", if_none_match=etag)
        assert raised.response.status_code == 304
        raised.post("alerts", alert())
        assert len(raised.get("alerts/history", if_none_match=etag)["alerts"]) == 6


def test_alerts_of_another_account_are_not_there(raised: Caller, program: Any, other_account: Account) -> None:
    assert program(of=other_account).get("alerts/history")["alerts"] == []
