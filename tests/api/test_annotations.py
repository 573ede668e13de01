"""Annotations over the API: read by chart, written by people, imported, told to every open screen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from dashboard.models import Account, Annotation, AuditEntry, Membership
from tests.api.conftest import Caller
from tests.api.samples import annotation
from tests.conftest import member

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]


@pytest.fixture
def hand(operator: User, person: Person) -> Caller:
    return person(operator)


def test_one_comes_back_as_it_was_sent(hand: Caller) -> None:
    body = annotation(type="news", color="#ff8800", icon="flag")
    made = hand.post("annotations", body, status=201)
    row = made["item"]
    assert {name: row[name] for name in body} == body
    assert row["author"] == "operator" and row["created_at"] == row["updated_at"]
    found = hand.get("annotations/equity")
    assert found["annotations"] == [row] and (found["count"], found["total"], found["has_more"]) == (1, 1, False)
    event = hand.get("events")["events"][-1]
    assert (event["s"], event["type"], event["d"]) == (made["seq"], "annotation", {**row, "change": "created"})
    assert hand.get("snapshot")["annotations"] == [row]
    plain = hand.post("annotations", annotation(text="short"))["item"]
    assert (plain["color"], plain["icon"]) == ("", "")


def test_a_chart_is_read_by_its_name(hand: Caller) -> None:
    hand.post("annotations", [annotation(date=f"2026-01-0{day}T00:00:00Z", text=f"{day}") for day in (1, 3, 2, 4)])
    hand.post("annotations", [annotation(chart_id=name) for name in ("17", "price:BTC-USDT", "Equity", "import.x")])

    def texts(query: str) -> str:
        return "".join(row["text"] for row in hand.get(f"annotations/equity?{query}")["annotations"])

    assert texts("") == "4321"
    assert texts("start=2026-01-02T00:00:00Z&end=2026-01-03T00:00:00Z") == "32"
    assert texts("limit=2") == "43" and texts("limit=2&offset=2") == "21" and texts("type=trade") == ""
    for name in ("17", "price:BTC-USDT", "Equity", "import.x"):
        assert hand.get(f"annotations/{name}")["count"] == 1
    assert hand.get("annotations/nothing") == {
        "annotations": [], "count": 0, "total": 0, "limit": 100, "offset": 0, "has_more": False, "next_cursor": None,
    }  # fmt: skip
    for query in (
        "limit=1001",
        "start=x",
        "chart_id=a",
        "cursor=x",
        "end=2026-01-01T00:00:00Z&start=2026-01-02T00:00:00Z",
    ):
        refusal = hand.refused(400, "GET", f"annotations/equity?{query}")
        assert list(refusal["fields"]) == [query.partition("=")[0]]


def test_page_by_page_while_rows_arrive(hand: Caller) -> None:
    same = [annotation(text=f"{n}") for n in range(5)]
    hand.post("annotations", same)
    first = hand.get("annotations/equity?limit=2")
    hand.post("annotations", [annotation(text="new"), annotation(text="newest", date="2026-01-03T00:00:00Z")])
    rest = hand.get(f"annotations/equity?cursor={first['next_cursor']}")
    assert [row["text"] for row in first["annotations"] + rest["annotations"]] == ["4", "3", "2", "1", "0"]
    hand.refused(400, "GET", f"annotations/other?cursor={first['next_cursor']}")


def test_the_same_text_at_the_same_time_is_the_same_annotation(hand: Caller, owner: User, person: Person) -> None:
    made = hand.post("annotations", annotation(), status=201)["item"]
    again = person(owner).post("annotations", annotation(type="news", date="2026-01-02T10:00:00+01:00"), status=200)
    assert (again["status"], again["seq"], again["item"]) == ("duplicate", None, made)
    for other in (annotation(chart_id="b"), annotation(text="b"), annotation(date="2026-01-02T09:00:01Z")):
        assert hand.post("annotations", other)["status"] == "created"


def test_a_change_is_told_and_dated(hand: Caller) -> None:
    row = hand.post("annotations", annotation(color="#ff8800"))["item"]
    path = f"annotations/{row['id']}"
    changed = hand.send("PATCH", path, {"text": "other", "color": "", "date": "2026-01-05T00:00:00Z"})["data"]
    assert (changed["text"], changed["color"], changed["date"]) == ("other", "", "2026-01-05T00:00:00Z")
    assert changed["updated_at"] > row["updated_at"] and changed["created_at"] == row["created_at"]
    event = hand.get("events")["events"][-1]
    assert (event["type"], event["d"]) == ("annotation", {**changed, "change": "updated"})
    assert hand.send("PATCH", path, {"text": "other", "color": None})["data"] == changed
    assert hand.get("events")["head"] == event["s"]


def test_a_deletion_is_told_and_written_down(hand: Caller) -> None:
    row = hand.post("annotations", annotation())["item"]
    assert hand.send("DELETE", f"annotations/{row['id']}") is None and hand.response.status_code == 204
    assert hand.get("annotations/equity")["annotations"] == hand.get("snapshot")["annotations"] == []
    assert hand.get("events")["events"][-1]["d"] == {**row, "change": "deleted"}
    entry = AuditEntry.objects.filter(action="annotation.delete").get()
    assert (entry.action, entry.target) == ("annotation.delete", f"annotation:{row['id']}")
    assert entry.before is not None and entry.before["text"] == row["text"]
    hand.refused(404, "DELETE", f"annotations/{row['id']}")


def test_what_a_person_wrote_is_that_persons_and_the_owners(
    hand: Caller, account: Account, owner: User, person: Person, bot: Caller
) -> None:
    mine = hand.post("annotations", annotation())["item"]["id"]
    other = person(member(account, Membership.Role.OPERATOR, "colleague"))
    for caller in (other, bot):
        assert "author" in caller.refused(403, "PATCH", f"annotations/{mine}", {"text": "x"})["message"]
        caller.refused(403, "DELETE", f"annotations/{mine}")
    assert person(owner).send("PATCH", f"annotations/{mine}", {"text": "checked"})["data"]["author"] == "operator"
    programs = bot.post("annotations", annotation(text="by a program"))["item"]
    assert programs["author"] is None
    assert other.send("PATCH", f"annotations/{programs['id']}", {"text": "seen"})["data"]["text"] == "seen"
    assert person(owner).send("DELETE", f"annotations/{mine}") is None


def test_a_list_is_imported_once(hand: Caller, person: Person, owner: User) -> None:
    body = [annotation(text=f"{n}") for n in (1, 2, 1)] + [annotation(type="gossip"), {}, annotation(text="3", id=7)]
    answer = hand.post("annotations/import", body, status=200)
    assert answer["summary"] == {"created": 3, "updated": 0, "duplicate": 1, "stale": 0, "conflict": 0, "invalid": 2}
    assert [item["status"] for item in answer["items"]] == [
        "created", "created", "duplicate", "invalid", "invalid", "created",
    ]  # fmt: skip
    assert sorted(answer["items"][4]["errors"]) == ["chart_id", "date", "text", "type"]
    assert answer["items"][0]["id"] == answer["items"][2]["id"] and Annotation.objects.count() == 3
    head = hand.get("events")["head"]
    again = person(owner).post("annotations/import", {"annotations": body[:3]})
    assert again["summary"]["duplicate"] == 3 and hand.get("events")["head"] == head == 3


def test_what_was_read_can_be_imported(hand: Caller, program: Any, other_account: Account) -> None:
    """The form of an export: what the server decides itself is taken along and decided anew."""
    hand.post("annotations", [annotation(text=f"{n}", color="red", icon="flag") for n in range(3)])
    rows = hand.get("annotations/equity")["annotations"]
    other = program(of=other_account)
    assert other.post("annotations/import", {"annotations": rows})["summary"]["created"] == 3
    kept = ("chart_id", "date", "text", "type", "color", "icon")
    copied = other.get("annotations/equity")["annotations"]
    assert sorted(row["text"] for row in copied) == ["0", "1", "2"] and {row["author"] for row in copied} == {None}
    assert {tuple(row[name] for name in kept) for row in copied} == {tuple(row[name] for name in kept) for row in rows}
    assert hand.post("annotations/import", {"annotations": rows})["summary"]["duplicate"] == 3


@pytest.mark.parametrize("body", [None, {}, {"annotations": {}}, {"annotations": [], "x": 1}, "x", 5, annotation()])
def test_an_import_is_a_list(hand: Caller, body: Any) -> None:
    assert list(hand.refused(400, "POST", "annotations/import", body)["fields"]) == ["annotations"]


def test_an_import_may_be_all_or_nothing(hand: Caller, stored: Callable[[], Any]) -> None:
    before = stored()
    error = hand.refused(400, "POST", "annotations/import?atomic=true", [annotation(), annotation(text="")])
    assert list(error["fields"]) == ["1.text"]
    hand.refused(400, "POST", "annotations/import", [annotation(text=f"{n}") for n in range(501)])
    hand.refused(400, "POST", "annotations/import", [])
    assert stored() == before


def test_the_first_answer_is_given_again(hand: Caller) -> None:
    row = hand.post("annotations", annotation(), idempotency_key="k")["item"]
    path = f"annotations/{row['id']}"
    for _ in range(2):
        hand.send("PATCH", path, {"text": "b"}, idempotency_key="p")
        assert hand.post("annotations", annotation(), status=201, idempotency_key="k")["item"] == row
    for _ in range(2):
        assert hand.send("DELETE", path, idempotency_key="d") is None and hand.response.status_code == 204
    assert hand.response["Idempotency-Replayed"] == "true" and hand.get("events")["head"] == 3


@pytest.mark.parametrize("key", ["equity", "0", "00", "999999999999999", "9" * 16, "-1", "1.0", "import"])
def test_changing_goes_by_number(hand: Caller, key: str) -> None:
    hand.post("annotations", annotation())
    for method in ("PATCH", "DELETE"):
        hand.send(method, f"annotations/{key}", b"{}")
        assert hand.response.status_code == (405 if key == "import" else 404)
    assert Annotation.objects.count() == 1


def test_annotations_of_another_account_are_not_there(hand: Caller, program: Any, other_account: Account) -> None:
    pk = hand.post("annotations", annotation())["item"]["id"]
    stranger = program(of=other_account)
    stranger.refused(404, "PATCH", f"annotations/{pk}", {"text": "x"})
    stranger.refused(404, "DELETE", f"annotations/{pk}")
    assert stranger.get("annotations/equity")["annotations"] == [] and Annotation.objects.count() == 1
