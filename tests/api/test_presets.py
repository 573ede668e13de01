"""Filters that a person keeps under a name."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from dashboard.models import Account, FilterPreset, Membership
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]
LOSERS = {"page": "trades", "name": "Losers", "filters": {"outcome": "loss", "strategy": ["a", "b"]}}


@pytest.fixture
def hand(owner: User, person: Person) -> Caller:
    return person(owner)


def names(caller: Caller, query: str = "") -> list[str]:
    return [row["name"] for row in caller.get(f"presets{query}")["presets"]]


def test_a_preset_is_kept_renamed_changed_and_forgotten(hand: Caller) -> None:
    made = hand.post("presets", LOSERS, status=201)
    assert made == {"id": made["id"], "created_at": made["created_at"], **LOSERS}
    found = hand.send("PATCH", f"presets/{made['id']}", {"name": "Lost"})["data"]
    assert found == {**made, "name": "Lost"}
    found = hand.send("PATCH", f"presets/{made['id']}", {"filters": {"status": "open"}})["data"]
    assert (found["name"], found["filters"]) == ("Lost", {"status": "open"})
    assert hand.get("presets?page=trades")["presets"] == [found]
    hand.send("DELETE", f"presets/{made['id']}")
    assert hand.response.status_code == 204 and not FilterPreset.objects.exists()
    hand.refused(404, "DELETE", f"presets/{made['id']}")


def test_they_are_of_one_person_account_and_page(
    hand: Caller, owner: User, viewer: User, person: Person, other_account: Account
) -> None:
    Membership.objects.create(user=owner, account=other_account, role="viewer")
    number = hand.post("presets?account=main", LOSERS)["id"]
    hand.post("presets?account=main", {**LOSERS, "page": "alerts"})
    hand.post("presets?account=other", {**LOSERS, "name": "Elsewhere"})
    guest = person(viewer)
    guest.post("presets", {**LOSERS, "name": "Mine"})
    assert names(guest) == ["Mine"]
    assert names(hand, "?account=main") == ["Losers", "Losers"]
    assert names(hand, "?account=main&page=trades") == ["Losers"]
    assert names(hand, "?account=other") == ["Elsewhere"]
    for method, body in (("PATCH", {"name": "x"}), ("DELETE", None)):
        guest.refused(404, method, f"presets/{number}", body)
        hand.refused(404, method, f"presets/{number}?account=other", body)


def test_names_are_not_given_twice(hand: Caller) -> None:
    hand.post("presets", LOSERS)
    other = hand.post("presets", {**LOSERS, "name": "Other"})
    assert list(hand.refused(400, "POST", "presets", LOSERS)["fields"]) == ["name"]
    assert list(hand.refused(400, "PATCH", f"presets/{other['id']}", {"name": "Losers"})["fields"]) == ["name"]
    hand.send("PATCH", f"presets/{other['id']}", {"name": "Other"})
    assert hand.response.status_code == 200


def test_there_are_fifty_for_a_page(hand: Caller) -> None:
    for number in range(FilterPreset.MOST):
        hand.post("presets", {**LOSERS, "name": f"n{number}"})
    assert list(hand.refused(400, "POST", "presets", LOSERS)["fields"]) == ["page"]
    hand.post("presets", {**LOSERS, "page": "alerts"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("page", "Trades"), ("page", ""), ("page", "a/b"), ("page", 1), ("name", ""), ("name", " "),
        ("name", "x" * 101),
        ("name", "a\x00"), ("filters", []), ("filters", {"a": {"b": "c"}}), ("filters", {"a": 1}), ("filters", None),
        ("colour", "red"),
    ],
)  # fmt: skip
def test_anything_else_is_refused(hand: Caller, field: str, value: Any) -> None:
    assert list(hand.refused(400, "POST", "presets", {**LOSERS, field: value})["fields"]) == [field]
    assert not FilterPreset.objects.exists()


def test_a_repeated_request_makes_one(hand: Caller) -> None:
    first = hand.post("presets", LOSERS, idempotency_key="once")
    assert hand.post("presets", LOSERS, idempotency_key="once") == first
    assert FilterPreset.objects.count() == 1


def test_they_go_with_the_person(hand: Caller, owner: User) -> None:
    hand.post("presets", LOSERS)
    owner.delete()
    assert not FilterPreset.objects.exists()
