"""POST /api/accounts and DELETE /api/accounts/{slug}: made by a person, removed by an owner who types its name."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.models import Account, AuditEntry, Membership, SecurityNotice
from dashboard.rollups.follow import rollups_follow
from dashboard.services import removal
from dashboard.services.access import MOST_OWNED, account_create
from realtime.models import Event, Stream
from tests.api.conftest import Caller, with_key
from tests.api.samples import alert, annotation, candles, closed, flow, portfolio, trade
from tests.dashboard.commands import run

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]


@pytest.fixture
def hand(owner: User, person: Person) -> Caller:
    return person(owner)


def test_a_person_makes_an_account_and_owns_it(stranger: User, person: Person) -> None:
    hand = person(stranger)
    body = {"slug": "perps-1", "name": "Perps", "kind": "paper", "exchange": "binance", "currency": "USDC",
            "periods_per_year": 252, "initial_capital": "1000.5"}  # fmt: skip
    made = hand.post("accounts", body, status=201)
    assert made == {**body, "initial_capital": Decimal("1000.5")}
    (line,) = hand.get("accounts")["accounts"]
    assert (line["slug"], line["role"]) == ("perps-1", "owner")
    entry = AuditEntry.objects.get(action="account.create")
    assert (entry.actor, entry.target) == ("user:stranger", "account:perps-1")
    assert hand.get("events?account=perps-1")["head"] == 0


def test_the_slug_is_enough(hand: Caller) -> None:
    made = hand.post("accounts", {"slug": "second", "kind": None}, status=201)
    assert (made["name"], made["kind"], made["currency"], made["initial_capital"]) == ("second", "live", "USDT", None)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "slug"),
        ({"slug": "main"}, "slug"),
        ({"slug": "Main"}, "slug"),
        ({"slug": "-a"}, "slug"),
        ({"slug": "a b"}, "slug"),
        ({"slug": "a\n"}, "slug"),
        ({"slug": "a" * 51}, "slug"),
        ({"slug": None}, "slug"),
        ({"slug": "new", "kind": "demo"}, "kind"),
        ({"slug": "new", "initial_capital": 0}, "initial_capital"),
        ({"slug": "new", "owner": "viewer"}, "owner"),
    ],
)
def test_what_cannot_be_made(hand: Caller, body: dict[str, Any], name: str) -> None:
    assert name in hand.refused(400, "POST", "accounts", body)["fields"]
    assert Account.objects.count() == 1


def test_one_person_owns_so_many_and_no_more(hand: Caller, owner: User) -> None:
    for number in range(MOST_OWNED - 1):
        other = Account.objects.create(slug=f"a{number}", name="n")
        Membership.objects.create(user=owner, account=other, role="owner")
    assert list(hand.refused(400, "POST", "accounts", {"slug": "new"})["fields"]) == ["slug"]


def test_removal_asks_for_the_name_and_the_password(hand: Caller) -> None:
    for body in ({}, {"name": "main"}, {"name": ""}, {"name": "Main", "sure": True}):
        hand.refused(400, "DELETE", "accounts/main", body)
    session = hand.client.session
    session["confirmed_at"] = 0
    session.save()
    assert hand.refused(403, "DELETE", "accounts/main", {"name": "Main"})["code"] == "password_needed"
    assert Account.objects.filter(slug="main").exists()


@pytest.fixture
def full(account: Account, bot: Caller, owner: User, person: Person) -> Account:
    """Rows of every kind that a bot and people make."""
    hand = person(owner)
    bot.post("heartbeat", {"bot": "alpha", "state": "running"})
    bot.post("trades", [closed(trade_id=f"c{n}", strategy="Trend", bot="alpha") for n in range(9)])
    bot.post("trades", trade(strategy="Trend"))
    bot.post("portfolio", [portfolio(), portfolio(timestamp="2026-01-03T10:00:00Z")])
    bot.post("cashflows", flow())
    bot.post("alerts", alert(trade_id="t-1", strategy="Trend"))
    bot.post("annotations", annotation())
    bot.post("market/BTC/USDT/ohlcv", candles())
    hand.post("invitations", {"role": "viewer"}, status=201)
    hand.send("DELETE", f"trades/{hand.get('trades?trade_id=c0')['trades'][0]['id']}")
    rollups_follow(account)
    return account


def test_a_removed_account_is_gone_at_once_and_then_for_good(
    full: Account, owner: User, viewer: User, person: Person, make_key: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand, program = person(owner), Caller(with_key(make_key(full)))
    other = account_create(slug="other")
    hand.post("keys?account=main", {"name": "told of", "scopes": ["read"]}, status=201)
    assert SecurityNotice.objects.filter(account=full).exists()
    kept = rows()
    hand.send("DELETE", "accounts/main", {"name": "Main"})
    assert hand.response.status_code == 204
    assert hand.get("accounts")["accounts"] == [] == person(viewer).get("accounts")["accounts"]
    hand.refused(404, "GET", "trades?account=main")
    hand.refused(404, "DELETE", "accounts/main", {"name": "Main"})
    program.refused(401, "POST", "trades", trade(trade_id="late"))
    entry = AuditEntry.objects.get(action="account.remove")
    assert (entry.account, entry.actor, entry.target) == (None, "user:owner", "account:main")
    assert entry.before is not None and entry.before["name"] == "Main"
    hand.post("accounts", {"slug": "main", "name": "Again"}, status=201)

    monkeypatch.setattr(removal, "CHUNK", 4)
    monkeypatch.setattr(removal, "PAUSE", 0)
    assert removal.accounts_erase(most=10) == 0
    with CaptureQueriesContext(connection) as captured:
        assert "1 removed accounts are gone for good" in run("purge")
    assert not [query["sql"] for query in captured if query["sql"].count(",") > 200]
    assert not Account.objects.filter(pk=full.pk).exists()
    assert not Stream.objects.filter(key=full.stream_key).exists() and not Event.objects.exists()
    assert Account.objects.filter(slug="main", name="Again").exists() and Account.objects.filter(pk=other.pk).exists()
    assert {name for name, count in rows().items() if count} <= {
        "Account", "AuditEntry", "Membership", "Stream", "PersonSession", "SecurityNotice"}  # fmt: skip
    # What people were told of themselves, as of a new device, stays theirs.
    assert not SecurityNotice.objects.exclude(account=None).exists()
    assert kept["Trade"] == 9 and kept["StrategyPerformance"] == 3
    assert "gone for good" not in run("purge")


def rows() -> dict[str, int]:
    models = [*apps.get_app_config("dashboard").get_models(), *apps.get_app_config("realtime").get_models()]
    return {model.__name__: model._default_manager.count() for model in models}


def test_the_demo_account_is_removed_like_any_other(owner: User, hand: Caller) -> None:
    demo = account_create(slug="demo", name="Demo", kind="demo", owner=owner)
    hand.send("DELETE", "accounts/demo", {"name": "Demo"})
    assert hand.response.status_code == 204
    run("purge")
    assert not Account.objects.filter(pk=demo.pk).exists()
    assert [line["slug"] for line in hand.get("accounts")["accounts"]] == ["main"]
