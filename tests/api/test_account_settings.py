"""PATCH /api/accounts/{slug}: noted, announced, and followed by every figure that begins with it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from dashboard.models import Account, AuditEntry, RiskMetrics
from dashboard.rollups.follow import rollups_follow
from tests.api.conftest import Caller
from tests.api.samples import closed
from tests.dashboard.commands import run

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]


@pytest.fixture
def hand(owner: User, person: Person) -> Caller:
    return person(owner)


def test_a_change_is_stored_announced_and_noted(hand: Caller, account: Account) -> None:
    body = {"name": "Perps", "exchange": "binance", "currency": "USDC", "initial_capital": "1000.000000000000000001"}
    row = hand.send("PATCH", "accounts/main", body)["data"]
    assert {name: row[name] for name in ("name", "exchange", "currency")} == {
        "name": "Perps", "exchange": "binance", "currency": "USDC"}  # fmt: skip
    assert row["initial_capital"] == Decimal("1000.000000000000000001") and row["kind"] == "live"
    event = hand.get("events")["events"][-1]
    assert event["type"] == "account_update"
    assert event["d"] == {**row, "change": ["name", "exchange", "currency", "initial_capital"]}
    entry = AuditEntry.objects.get(action="account.change")
    assert (entry.target, entry.actor) == ("account:main", "user:owner")
    assert entry.before == {"name": "Main", "exchange": "", "currency": "USDT", "initial_capital": None}
    assert entry.after is not None and entry.after["initial_capital"] == "1000.000000000000000001"
    line = hand.get("accounts")["accounts"][0]
    assert (line["name"], line["currency"]) == ("Perps", "USDC")


def test_null_takes_the_capital_away_and_leaves_the_rest(hand: Caller) -> None:
    hand.send("PATCH", "accounts/main", {"initial_capital": 5})
    row = hand.send("PATCH", "accounts/main", {"initial_capital": None, "name": None})["data"]
    assert row["initial_capital"] is None and row["name"] == "Main"


def test_what_is_the_same_is_neither_announced_nor_noted(hand: Caller) -> None:
    for body in ({}, {"name": "Main"}, {"periods_per_year": 365, "exchange": ""}):
        assert hand.send("PATCH", "accounts/main", body)["data"]["name"] == "Main"
    assert hand.get("events")["events"] == [] and not AuditEntry.objects.filter(action="account.change").exists()


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"name": ""}, ["name"]),
        ({"name": " "}, ["name"]),
        ({"name": "x" * 101}, ["name"]),
        ({"name": "a\ud800"}, ["name"]),
        ({"exchange": "x" * 101}, ["exchange"]),
        ({"currency": ""}, ["currency"]),
        ({"currency": "x" * 21}, ["currency"]),
        ({"initial_capital": 0}, ["initial_capital"]),
        ({"initial_capital": "-1"}, ["initial_capital"]),
        ({"initial_capital": "1e3"}, ["initial_capital"]),
        ({"initial_capital": "1" * 19}, ["initial_capital"]),
        ({"periods_per_year": 360}, ["periods_per_year"]),
        ({"periods_per_year": "365"}, ["periods_per_year"]),
        ({"slug": "other"}, ["slug"]),
        ({"kind": "demo"}, ["kind"]),
        ({"stream_key": "x", "market_version": 5}, ["market_version", "stream_key"]),
        ([], ["body"]),
    ],
)
def test_what_is_refused_leaves_nothing(
    hand: Caller, stored: Callable[[], dict[str, int]], body: Any, names: list[str]
) -> None:
    before = stored()
    sent = b'{"name": "a\\ud800"}' if body == {"name": "a\ud800"} else body
    assert sorted(hand.refused(400, "PATCH", "accounts/main", sent)["fields"]) == names
    assert stored() == before and Account.objects.get(slug="main").name == "Main"


def test_it_is_the_owners_alone(
    hand: Caller, operator: User, person: Person, program: Callable[..., Caller], other_account: Account
) -> None:
    person(operator).refused(403, "PATCH", "accounts/main", {"name": "x"})
    program().refused(403, "PATCH", "accounts/main", {"name": "x"})
    for path in ("accounts/other", "accounts/nothing", "accounts/MAIN"):
        hand.refused(404, "PATCH", path, {"name": "x"})
    assert list(hand.refused(400, "PATCH", "accounts/main?account=other", {"name": "x"})["fields"]) == ["account"]
    assert set(Account.objects.values_list("name", flat=True)) == {"Main", "Other"}


def test_the_address_names_the_account_where_there_are_several(
    hand: Caller, owner: User, other_account: Account
) -> None:
    other_account.memberships.create(user=owner, role="owner")
    assert hand.send("PATCH", "accounts/other", {"name": "Second"})["data"]["name"] == "Second"
    other_account.memberships.update(role="viewer")
    hand.refused(403, "PATCH", "accounts/other", {"name": "x"})


@pytest.mark.django_db(transaction=True)
def test_rollups_begin_anew_when_the_capital_or_the_year_changes(hand: Caller, bot: Caller, account: Account) -> None:
    hand.send("PATCH", "accounts/main", {"initial_capital": "1000"})
    for day in range(1, 6):
        times = {"entry_time": f"2026-01-0{day}T10:00:00Z", "exit_time": f"2026-01-0{day}T12:00:00Z"}
        bot.post("trades", closed(trade_id=f"t{day}", net_pnl=str(day * 10 - 25), **times))
    rollups_follow(account)

    def latest() -> RiskMetrics:
        return RiskMetrics.objects.filter(account=account).latest("timestamp")

    first = latest()
    hand.send("PATCH", "accounts/main", {"initial_capital": "2000"})
    rollups_follow(account)
    second = latest()
    assert first.total_return is not None and second.total_return is not None
    assert 0 < second.total_return < first.total_return
    assert hand.get("events?limit=1000")["events"][-1]["type"] == "risk_update"
    hand.send("PATCH", "accounts/main", {"periods_per_year": 252})
    rollups_follow(account)
    volatility = latest().volatility
    assert second.volatility is not None and volatility is not None and volatility < second.volatility
    assert "equal to the stored ones" in run("rebuild_rollups")
    kept = latest().pk
    hand.send("PATCH", "accounts/main", {"name": "Renamed"})
    rollups_follow(account)
    assert latest().pk == kept
