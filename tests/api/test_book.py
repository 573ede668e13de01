"""Figures from columns held in memory are those of freshly read rows, and rows are read once for a page."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.selectors.book import shelf
from dashboard.services.access import account_create
from tests.api.conftest import Caller
from tests.api.samples import closed, flow, portfolio, trade

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
READS = (
    "accounts", "snapshot?trades=0", "portfolio/equity", "trades/stats?group_by=strategy", "trades/stats?group_by=tag",
    "trades/stats?group_by=hour&direction=long", "trades/stats?group_by=weekday", "trades/stats?group_by=month",
)  # fmt: skip


def figures(caller: Caller) -> list[Any]:
    found = [caller.get(path) for path in READS]
    found[1].pop("server_time")
    found[1]["summary"].pop("as_of")
    return found


def edit(chance: random.Random) -> tuple[str, Any]:
    """A new, changed, late or corrected row: what bots report in any order."""
    day = BEGIN + timedelta(minutes=chance.randrange(60 * 24 * 90))
    amount = str(Decimal(chance.randrange(-(10**12), 10**12)).scaleb(-chance.randrange(12)))
    number = chance.randrange(30)
    tags = chance.sample(["a", "b", "c"], chance.randrange(3))
    common = {"trade_id": f"t{number}", "strategy": f"s{chance.randrange(4)}", "tags": tags, "rev": chance.randrange(9)}
    left = {"entry_time": (day - timedelta(hours=2)).isoformat(), "exit_time": day.isoformat()}
    stop = {"stop_loss": "90"} if chance.random() < 0.5 else {}
    side = chance.choice(["long", "short"])
    made: list[tuple[str, Any]] = [
        ("trades", closed(**common, **left, **stop, net_pnl=amount, fees="0.1", direction=side)),
        ("trades", closed(**common, **left, net_pnl=amount)),
        ("trades", trade(**common, net_pnl=amount)),
        ("portfolio", portfolio(timestamp=day.isoformat(), total_value=str(abs(Decimal(amount)) + 1))),
        ("cashflows", flow(flow_id=f"f{number}", timestamp=day.isoformat(), amount=amount)),
    ]
    return chance.choice(made)


@pytest.mark.parametrize("seed", range(4))
def test_after_any_edits_the_figures_are_those_of_a_fresh_process(bot: Caller, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(12):
        for _ in range(chance.randrange(1, 9)):
            path, body = edit(chance)
            if path == "portfolio" and seed % 2:
                continue  # these accounts have no snapshots
            bot.send("POST", path, body)
            assert bot.response.status_code in (200, 201, 400)
        held = figures(bot)
        shelf.books.clear()
        assert held == figures(bot)


def test_what_is_held_is_bounded_and_what_was_not_asked_for_goes_first(
    program: Callable[..., Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.books.clear()
    monkeypatch.setattr("dashboard.selectors.book.HELD_ROWS", 250)
    accounts = [account_create(slug=f"a{number}") for number in range(4)]
    callers = [program("read", "ingest", of=account) for account in accounts]
    for caller in callers:
        caller.post("trades", closed())
    for number in (0, 1, 0, 2):
        assert callers[number].get("trades/stats")["total_trades"] == 1
    assert list(shelf.books) == [accounts[0].stream_key, accounts[2].stream_key]


def reads(captured: CaptureQueriesContext, table: str) -> list[str]:
    return [query["sql"] for query in captured if f'FROM "{table}"' in query["sql"] and "LIMIT" not in query["sql"]]


def test_a_page_reads_the_rows_once_and_an_unchanged_account_not_at_all(bot: Caller, owner: User) -> None:
    bot.post("trades", [closed(trade_id=f"t{n}", net_pnl=str(n - 3)) for n in range(9)])
    moments = [(datetime.now(UTC) - timedelta(hours=hours)).isoformat() for hours in range(9)]
    bot.post("portfolio", [portfolio(timestamp=at, total_value="100") for at in moments])
    client = Client()
    client.force_login(owner)
    shelf.books.clear()
    for expected in (1, 0):
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/a/main/").status_code == 200
        values = [sql for sql in reads(captured, "dashboard_portfolio") if "total_value" in sql]
        results = [sql for sql in reads(captured, "dashboard_trade") if "exit_time" in sql]
        assert (len(values), len(results)) == (expected, expected)
