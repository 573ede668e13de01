"""Which accounts, and which one is meant."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from dashboard.models import Account, Membership
from tests.api.conftest import Caller
from tests.api.samples import alert, closed, portfolio, trade

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]


def test_one_line_for_each_of_mine(bot: Caller, owner: User, other_account: Account, person: Person) -> None:
    third = Account.objects.create(slug="third", name="Third", kind="paper")
    Membership.objects.create(user=owner, account=third, role="viewer")
    bot.post("trades", [closed(net_pnl="5"), trade(trade_id="t-2", net_pnl="2.5")])
    bot.post("portfolio", portfolio(total_value="1000.10"))
    bot.post("alerts", alert())
    bot.post("heartbeat", {"bot": "alpha", "state": "running"})
    found = person(owner).get("accounts")
    assert found["count"] == 2
    main, paper = found["accounts"]
    assert (main["slug"], main["name"], main["kind"], main["currency"], main["role"]) == (
        "main",
        "Main",
        "live",
        "USDT",
        "owner",
    )
    assert (main["value"], main["total_pnl"], main["open_trades"]) == (Decimal("1000.1"), Decimal("7.5"), 1)
    assert (main["bots"], main["running"], main["active_alerts"]) == (1, 1, 1)
    assert (paper["slug"], paper["role"], paper["value"], paper["bots"]) == ("third", "viewer", None, 0)


def test_a_key_sees_its_account_alone(program: Callable[..., Caller], other_account: Account) -> None:
    found = program("read").get("accounts")
    assert [(row["slug"], row["role"]) for row in found["accounts"]] == [("main", "viewer")]
    assert program("write").get("accounts")["accounts"][0]["role"] == "operator"
    assert program("ingest").refused(403, "GET", "accounts")["code"] == "forbidden"
    assert program("read").refused(404, "GET", "accounts?account=other")["code"] == "not_found"


def test_several_accounts_have_to_be_named(owner: User, other_account: Account, person: Person) -> None:
    hand = person(owner)
    assert hand.get("events")["account"] == "main"
    Membership.objects.create(user=owner, account=other_account, role="viewer")
    assert hand.refused(400, "GET", "events")["code"] == "account_required"
    assert hand.get("events?account=other")["account"] == "other"
    hand.refused(403, "POST", "trades?account=other", trade())
    assert hand.get("snapshot?account=main")["account"]["role"] == "owner"


@pytest.mark.parametrize("slug", ["other", "nothing", "", "MAIN", "main ", "..", "m%61in2", "'", "é", "x" * 500])
def test_what_is_not_yours_is_not_there(
    owner: User, bot: Caller, other_account: Account, person: Person, slug: str
) -> None:
    for caller in (person(owner), bot):
        assert caller.refused(404, "GET", f"events?account={slug}")["code"] == "not_found"


def test_somebody_without_an_account(stranger: User, person: Person) -> None:
    assert person(stranger).get("accounts") == {"accounts": [], "count": 0}
    person(stranger).refused(404, "GET", "snapshot")
