"""The audit log: whole, in order, shown to owners, and broken where somebody touched it."""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.db import connection, transaction
from django.utils import timezone

from dashboard.models import Account, AuditEntry, Membership
from dashboard.services.audit import COMMAND, audit_write
from dashboard.services.members import member_set
from tests.api.conftest import Caller
from tests.dashboard.commands import run

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]


@pytest.fixture
def hand(owner: User, person: Person) -> Caller:
    return person(owner)


def act(account: Account | None, **values: Any) -> AuditEntry:
    fields = {"action": "test.act", "target": "t", "at": timezone.now(), "actor": COMMAND, **values}
    return audit_write(account=account, **fields)


@pytest.fixture
def chain(account: Account) -> list[AuditEntry]:
    values = [{"size": Decimal("0.50"), "at": timezone.now()}, None, [1, "é", {"ratio": 1e22, "nan": float("nan")}]]
    return [act(account, before=value, after={"n": number}) for number, value in enumerate(values)]


def test_a_chain_is_whole(chain: list[AuditEntry], account: Account) -> None:
    assert [entry.number for entry in chain] == [1, 2, 3]
    assert [entry.previous_hash for entry in chain] == ["", chain[0].hash, chain[1].hash]
    told = run("verify_audit").splitlines()
    assert f"main: 3 entries, whole, newest {chain[2].hash}" in told
    first: Any = AuditEntry.objects.get(number=1, account=account)
    assert first.before["size"] == "0.5"


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "user:somebody"},
        {"action": "key.create"},
        {"target": "x"},
        {"at": timezone.now()},
        {"address": "10.0.0.1"},
        {"request_id": "x"},
        {"before": {"size": "0.51"}},
        {"after": {"n": 5}},
        {"hash": "0" * 64},
        {"previous_hash": ""},
        {"number": 7},
    ],
)
def test_a_changed_entry_shows(chain: list[AuditEntry], account: Account, change: dict[str, Any]) -> None:
    AuditEntry.objects.filter(number=2).update(**change)
    with pytest.raises(CommandError, match="1 chains are not whole"):
        run("verify_audit")


def test_a_missing_entry_shows(chain: list[AuditEntry], account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    AuditEntry.objects.filter(number=2).delete()
    with pytest.raises(CommandError):
        run("verify_audit")
    AuditEntry.objects.filter(number=3).update(number=2)
    with pytest.raises(CommandError):
        run("verify_audit")


def test_a_forged_entry_shows(chain: list[AuditEntry], account: Account) -> None:
    """Its own hash may be right; that of the next does not follow."""
    AuditEntry.objects.filter(number=2).delete()
    last = AuditEntry.objects.get(number=3)
    AuditEntry.objects.filter(number=3).delete()
    act(account, target="forged")
    last.pk = None
    last.save(force_insert=True)
    with pytest.raises(CommandError):
        run("verify_audit")


def test_each_account_and_the_installation_have_a_chain_of_their_own(
    chain: list[AuditEntry], other_account: Account
) -> None:
    assert act(other_account).number == act(None).number == 1
    assert act(None).number == 2
    told = run("verify_audit")
    assert "installation: 2 entries, whole" in told and "other: 1 entries, whole" in told


def test_an_entry_goes_back_with_its_act(account: Account) -> None:
    with transaction.atomic():
        act(account)
        transaction.set_rollback(True)
    assert act(account).number == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_keep_the_chains_whole(account: Account) -> None:
    def work(index: int) -> None:
        try:
            for _ in range(5):
                act(account if index % 2 else None)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(index,)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = run("verify_audit")
    assert "installation: 15 entries, whole" in told and "main: 15 entries, whole" in told


def test_an_owner_reads_it_newest_first(hand: Caller, chain: list[AuditEntry], account: Account) -> None:
    listed = hand.get("audit?limit=2")
    assert [row["number"] for row in listed["entries"]] == [3, 2] and listed["total"] == 3
    assert listed["entries"][0]["hash"] == chain[2].hash and listed["entries"][1]["after"] == {"n": 1}
    act(account)
    rest = hand.get(f"audit?limit=2&cursor={listed['next_cursor']}")
    assert [row["number"] for row in rest["entries"]] == [1] and rest["has_more"] is False


def test_it_is_filtered(hand: Caller, account: Account, viewer: User) -> None:
    act(account)
    member_set(account=account, user=viewer, role="operator", now=timezone.now())
    assert [row["target"] for row in hand.get("audit?action=member.change")["entries"]] == ["user:viewer"]
    assert hand.get("audit?actor=command")["total"] == 2
    at = hand.get("audit")["entries"][0]["at"]
    assert [row["action"] for row in hand.get(f"audit?start={at}")["entries"]] == ["member.change"]
    assert hand.get("audit?end=2026-01-01T00:00:00Z")["entries"] == []
    for query in (
        "action=",
        "start=today",
        "limit=0",
        "cursor=x",
        "target=t",
        "start=2026-02-01T00:00:00Z&end=2026-01-01T00:00:00Z",
    ):
        assert hand.refused(400, "GET", f"audit?{query}")["code"] == "invalid"


def test_only_owners_read_their_own(
    chain: list[AuditEntry], operator: User, person: Person, program: Callable[..., Caller], other_account: Account
) -> None:
    person(operator).refused(403, "GET", "audit")
    program().refused(403, "GET", "audit")
    Membership.objects.update(account=other_account, role="owner")
    assert person(operator).get("audit")["entries"] == []


def test_settings_of_strategies_are_noted_with_what_they_were(
    bot: Caller, operator: User, person: Person, account: Account
) -> None:
    pk = bot.post("strategies", {"name": "Trend", "max_daily_loss": "100.25"})["item"]["id"]
    change = {"enabled": False, "max_daily_loss": "50.5", "description": ""}
    person(operator).send("PATCH", f"strategies/{pk}", change)
    bot.send("PATCH", f"strategies/{pk}", {"enabled": False})
    (entry,) = AuditEntry.objects.filter(action="strategy.change")
    assert (entry.target, entry.actor) == ("strategy:Trend", "user:operator")
    assert entry.before == {"enabled": True, "max_daily_loss": "100.25"}
    assert entry.after == {"enabled": False, "max_daily_loss": "50.5"}
    bot.send("PATCH", f"strategies/{pk}", {"enabled": True})
    assert AuditEntry.objects.latest("pk").actor.startswith("key:")
    assert "whole" in run("verify_audit")
