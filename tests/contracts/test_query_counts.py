"""How many queries a list costs: the same for 2 rows and for 200, and never more than the ratchet allows."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from dashboard.models import Account, Authenticator, Bot, Passkey
from dashboard.selectors.book import shelf
from dashboard.services.imports import import_begin
from dashboard.services.presets import preset_create
from tests.api.conftest import Caller
from tests.api.samples import alert, annotation, candles, closed, portfolio, position, trade

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]

# Queries of one answer, with those for the key and the ETag. Only ever lower these.
BOOK = 4  # trades, names of strategies, snapshots, flows
RATCHET = {
    "accounts": 7,
    "snapshot": 14,
    "portfolio": 4,
    "portfolio/history": 4,
    "portfolio/equity": 4,
    "trades": 5,
    "trades?cursor": 5,
    "trades?tag=x&search=t": 5,
    "trades/recent?hours=8784": 5,
    "trades/stats?group_by=strategy": 5,
    "strategies": 4,
    "market": 3,
    "market/BTC/USDT/ohlcv?timeframe=1h": 4,
    "alerts": 5,
    "alerts/history?cursor": 5,
    "annotations/equity": 5,
    "imports": 3,
    "trades/{open}": 4,
    "strategies/{strategy}/performance": 5,
    "strategies/comparison?ids={strategy}": 6,
    "risk/metrics": 6,
    "risk/metrics?benchmark=BTC/USDT": 9,
    "risk/correlation?by=symbol": 4,
    "analytics/returns": 4,
    "analytics/equity?strategy=s0": 5,
    "analytics/rolling?benchmark=BTC/USDT": 7,
    "analytics/monthly": 4,
    "analytics/drawdowns": 4,
    "analytics/distribution?group_by=strategy": 6,
    "analytics/montecarlo": 4,
    "analytics/waterfall": 6,
    "analytics/sankey?direction=long": 5,
    "analytics/hours": 4,
    "analytics/mae-mfe": 5,
    "analytics/signals?symbol=BTC/USDT": 5,
    "analytics/allocation": 4,
    "analytics/moment?at=2026-01-01T12:00:00Z": 14,
    "analytics/asset?symbol=BTC/USDT": 8,
    "analytics/risk-return": 5,
    "analytics/sankey?risk_level=low": 6,
    "snapshot?strategy=s0&start=2026-01-01T00:00:00Z": 16,
    "events": 5,
}


def fill(bot: Caller, account: Account, first: int, last: int) -> None:
    numbers = range(first, last)
    bot.post("trades", [trade(trade_id=f"o{n}", strategy=f"s{n}", bot=f"b{n}", tags=["x"]) for n in numbers])
    bot.post("trades", [closed(trade_id=f"c{n}", strategy=f"s{n}", bot=f"b{n}") for n in numbers])
    bot.post(
        "portfolio",
        [
            portfolio(
                timestamp=f"2026-01-{1 + n % 2:02}T{n % 24:02}:{n % 60:02}:{n // 100:02}Z",
                total_value=1000 + n,
                bot=f"b{n}",
                positions=[position()],
            )
            for n in numbers
        ],
    )
    bot.post("alerts", [alert(strategy=f"s{n}", trade_id=f"o{n}") for n in numbers])
    bot.post("annotations", [annotation(text=f"{n}") for n in numbers])
    for n in numbers:
        import_begin(account=account, kind="csv", files=[f"{n}.csv"])
    bot.post(
        "market/BTC/USDT/ohlcv",
        candles(*[[f"2026-01-{1 + n // 24:02}T{n % 24:02}:00:00Z", 1, 2, 1, 2, 3] for n in numbers]),
    )


def queries(bot: Caller, path: str) -> int:
    if path.endswith("?cursor"):
        path = f"{path.removesuffix('cursor')}limit=1"
        path += f"&cursor={bot.get(path)['next_cursor']}"
    if path == "trades/{open}":
        path = f"trades/{bot.get('trades?status=open&ordering=id&limit=1')['trades'][0]['id']}"
    if "{strategy}" in path:
        path = path.format(strategy=bot.get("strategies")["strategies"][0]["id"])
    with CaptureQueriesContext(connection) as captured:
        bot.get(path)
    return len(captured)


def test_lists_cost_the_same_for_two_rows_and_for_two_hundred(bot: Caller, account: Account) -> None:
    fill(bot, account, 0, 2)
    few = counted(bot)
    fill(bot, account, 2, 200)
    assert Bot.objects.count() == 200
    assert counted(bot) == few
    assert few == RATCHET | {"snapshot, of a new process": RATCHET["snapshot"] + BOOK}


def counted(bot: Caller) -> dict[str, int]:
    """The queries of each read when the account's rows are held, and of one that has to load them."""
    shelf.books.clear()
    first = queries(bot, "snapshot")
    return {"snapshot, of a new process": first} | {path: queries(bot, path) for path in RATCHET}


# The same for what belongs to a person, with the queries for the session and who it is.
OF_PERSON = {"me/preferences": 3, "me/sessions": 3, "me/factors": 5, "presets?page=trades": 5}


def test_lists_of_a_person_cost_the_same_for_any_length(owner: User, account: Account, person: Person) -> None:
    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            client = APIClient()
            client.force_login(owner)
            now, name = timezone.now(), f"n{number}"
            Authenticator.objects.create(user=owner, name=name, secret="", last_step=0, created_at=now)
            Passkey.objects.create(user=owner, name=name, credential_id=name, credential=b"", created_at=now)
            preset_create(account=account, user=owner, page="trades", name=name, filters={}, now=now)

    def cost() -> dict[str, int]:
        return {path: queries(caller, path) for path in OF_PERSON}

    caller = person(owner)
    fill(0, 2)
    caller.get("me")  # notes that the session was seen
    few = cost()
    fill(2, 40)
    assert cost() == few == OF_PERSON


@pytest.mark.parametrize(
    ("path", "make"),
    [
        ("trades", lambda n, size: trade(trade_id=f"t{n}", strategy=f"s{n % 3}", bot="b", size=size)),
        (
            "portfolio",
            lambda n, size: portfolio(timestamp=f"2026-01-01T00:{n // 60:02}:{n % 60:02}Z", total_value=size, bot="b"),
        ),
        ("annotations/import", lambda n, size: annotation(text=f"{n} {size}")),
    ],
)
def test_writes_of_a_list_cost_the_same_for_any_length(
    bot: Caller, path: str, make: Callable[[int, int], object]
) -> None:
    bot.post(path, [make(n, 1) for n in range(200)])

    def cost(length: int, size: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            bot.post(path, [make(n, size) for n in range(length)])
        return len([query for query in captured if "INSERT" not in query["sql"]])

    assert cost(3, 2) == cost(200, 3)  # changed
    assert cost(3, 3) == cost(200, 3)  # duplicates
