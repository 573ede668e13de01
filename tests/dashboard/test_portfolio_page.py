"""Portfolio: what is held, what it is exposed to, and the money that came and went."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.models import Account, CashFlow, Portfolio, Strategy
from dashboard.selectors.book import shelf
from tests.api.samples import position
from tests.dashboard.test_pages import add_trade

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 2, 10, tzinfo=UTC)


@pytest.fixture
def mine(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def hold(account: Account, *positions: dict[str, Any], **values: Any) -> None:
    fields = {"total_value": Decimal(1000), "timestamp": NOW, "positions": list(positions), **values}
    Portfolio.objects.create(account=account, **fields)


def flows(account: Account, first: int, last: int) -> None:
    for number in range(first, last):
        CashFlow.objects.create(
            account=account, flow_id=f"f{number}", timestamp=NOW + timedelta(hours=number), amount=Decimal(number + 1),
            kind="deposit", note=f"<b>{number}</b>",
        )  # fmt: skip


def text(client: Client, query: str = "") -> str:
    answer = client.get(f"/a/main/portfolio{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def rows(page: str, table: str) -> list[str]:
    """The rows of a list in words, without its template."""
    part = page.partition(table)[2].partition("</tbody>")[0].rpartition("</template>")[2]
    found = re.findall(r"<tr[^>]* data-row.*?</tr>", part, re.DOTALL)
    return [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", row))).strip() for row in found]


def exposed(page: str) -> list[str]:
    part = page.partition('id="exposed-title"')[2].partition("</section>")[0]
    return [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip()
        for row in re.findall(r"<li[^>]*>.*?</li>", part, re.DOTALL)
    ]


def source(page: str, chart: str) -> str:
    found = re.search(rf'id="chart-{chart}".*?data-source="([^"]*)"', page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def test_an_account_that_holds_nothing_says_what_to_do(mine: Client, account: Account) -> None:
    page = text(mine)
    assert rows(page, 'data-rows="positions"') == []
    for sentence in ("Nothing is held", "Appears with the first open position", "No deposit or withdrawal"):
        assert sentence in page


def test_positions_are_those_of_the_latest_snapshot(mine: Client, account: Account) -> None:
    hold(account, position(symbol="XRP/USDT"), timestamp=NOW - timedelta(hours=1))
    short = position(
        symbol="ETH/USDT:USDT",
        direction="short",
        value="-299",
        unrealized_pnl="-2.5",
        asset_class="crypto",
        strategy="Trend",
    )
    hold(account, position(value="101.00"), short)
    found = rows(text(mine), 'data-rows="positions"')
    assert [re.sub("[\u2007 ]+", " ", row) for row in found] == [
        "BTC USDT Long 1 100.00 101.00 – 101.00 +1.00",
        "ETH USDT perp Trend Short 1 100.00 101.00 – −299.00 −2.50",
    ]


def test_exposure_is_in_percent_of_the_accounts_value_and_by_side(mine: Client, account: Account) -> None:
    short = position(symbol="ETH/USDT", direction="short", value="-300", asset_class="crypto")
    hold(account, position(value="100", asset_class="crypto"), position(value="50"), short)
    page = text(mine)
    assert exposed(page) == [
        "Crypto 400.00 40.0 %",
        "Not known 50.00 5.0 %",
        "ETH 300.00 30.0 %",
        "BTC 150.00 15.0 %",
    ]
    part = page.partition('id="exposed-title"')[2].partition("</section>")[0]
    assert "Long 150.00" in part and "Short 300.00" in part and "45.0\u202f%" in part
    assert re.findall(r'<rect class="(\w+)" x="[\d.]+%" width="([\d.]+)%"', part)[:2] == [
        ("long", "25.000"),
        ("short", "75.000"),
    ]


def test_open_trades_stand_in_where_no_snapshot_lists_positions(mine: Client, account: Account) -> None:
    add_trade(account, 1, status="open", exit_price=None, exit_time=None, size=Decimal(2), entry_price=Decimal(50))
    page = text(mine)
    assert exposed(page) == ["Not known 100.00 –", "ETC 100.00 –"]
    assert "open trades, no snapshot lists positions" in page
    assert len(rows(page, 'data-rows="open_trades"')) == 1


def test_many_symbols_are_cut_and_counted(mine: Client, account: Account) -> None:
    hold(account, *(position(symbol=f"S{number}/USDT", value=str(100 + number)) for number in range(14)))
    page = text(mine)
    assert [row.split()[0] for row in exposed(page)][1:] == [f"S{number}" for number in range(13, 3, -1)]
    assert "4 smaller ones not shown" in page


def test_cash_flows_come_newest_first_and_page_by_page(mine: Client, account: Account) -> None:
    flows(account, 0, 13)
    page = text(mine)
    found = rows(page, "flows-title")
    assert len(found) == 12 and "+13.00" in found[0] and "Deposit" in found[0]
    assert "<b>12</b>" in found[0] and "&lt;b&gt;12" in page
    assert 'rel="next" href="?page=2"' in page and 'rel="prev"' not in page
    second = text(mine, "?page=2&by=symbol")
    assert ["+1.00" in row for row in rows(second, "flows-title")] == [True]
    assert 'rel="prev" href="?by=symbol"' in second and 'rel="next"' not in second
    assert rows(text(mine, "?page=999999"), "flows-title") == []


def test_charts_ask_for_the_group_and_the_time_of_the_address(mine: Client, account: Account) -> None:
    hold(account, position(value="100"))
    page = text(mine, "?by=strategy&start=2026-01-01&end=2026-01-05")
    assert "group_by=strategy" in source(page, "treemap") and source(page, "treemap") == source(page, "sunburst")
    assert "start=2026-01-01" in source(page, "waterfall") and "start=2026-01-01" in source(page, "equity")
    assert {mine.get(source(page, chart)).status_code for chart in ("treemap", "waterfall", "equity")} == {200}
    assert "group_by=asset_class" in source(text(mine, "?by=colour"), "treemap")


def test_masked_money_leaves_the_percentages(mine: Client, account: Account) -> None:
    hold(account, position(value="100"))
    mine.patch("/api/me/preferences", {"privacy": True}, content_type="application/json")
    assert exposed(text(mine)) == ["Not known ••• 10.0 %", "BTC ••• 10.0 %"]


def test_the_page_costs_the_same_for_a_few_rows_and_for_many(mine: Client, account: Account) -> None:
    def cost() -> int:
        shelf.books.clear()
        with CaptureQueriesContext(connection) as captured:
            text(mine)
        return len(captured)

    hold(account, position())
    flows(account, 0, 2)
    text(mine)
    few = cost()
    hold(account, *(position(symbol=f"S{number}/USDT") for number in range(60)), timestamp=NOW + timedelta(hours=1))
    flows(account, 2, 60)
    assert cost() == few


def test_filters_choose_what_is_held_and_what_the_charts_ask_for(mine: Client, account: Account) -> None:
    for name in ("Trend", "Range"):
        Strategy.objects.create(account=account, name=name)
    short = position(symbol="ETH/USDT", direction="short", value="-300", unrealized_pnl="-2.5", asset_class="crypto")
    hold(account, position(value="100", strategy="Trend", unrealized_pnl="1"), {**short, "strategy": "Range"})
    page = text(mine, "?strategy=Range")
    assert [row.split()[0] for row in rows(page, 'data-rows="positions"')] == ["ETH"]
    assert exposed(page) == ["Crypto 300.00 30.0 %", "ETH 300.00 30.0 %"]
    assert re.search(r"Open P&amp;L.*?−2\.50", page, re.DOTALL)
    for chart in ("treemap", "sunburst", "waterfall", "equity"):
        assert "strategy=Range" in source(page, chart)
    held = mine.get(source(page, "treemap")).json()["data"]
    assert (held["parts"]["symbols"], held["groups"]["values"]) == (["ETH/USDT"], [300])
    assert [row.split()[0] for row in rows(text(mine, "?asset_class=crypto"), 'data-rows="positions"')] == ["ETH"]
    assert [row.split()[0] for row in rows(text(mine, "?symbol=BTC/USDT"), 'data-rows="positions"')] == ["BTC"]


def test_what_no_position_fits_is_said_with_the_way_back(mine: Client, account: Account) -> None:
    hold(account, position(value="100", asset_class="crypto"))
    page = text(mine, "?asset_class=forex&by=symbol")
    assert rows(page, 'data-rows="positions"') == [] and exposed(page) == []
    assert "Nothing that is held fits the filters." in page and "Nothing is held." not in page
    assert '<a class="link" href="?by=symbol">Show all positions</a>' in page


def test_the_time_chooses_cash_flows_and_the_sum(mine: Client, account: Account) -> None:
    flows(account, 0, 3)
    add_trade(account, 1, net_pnl=Decimal(5))
    page = text(mine, "?start=2026-01-02T11:00:00%2B00:00&end=2026-01-02T11:30:00%2B00:00")
    assert ["+2.00" in row for row in rows(page, "flows-title")] == [True]
    assert re.search(r"Total P&amp;L.*?summary.total_pnl[^>]*>0\.00<", page, re.DOTALL)
    assert "No money came or went in the time chosen." in text(mine, "?start=2027-01-01")


def test_open_trades_that_stand_in_are_those_of_the_filters(mine: Client, account: Account) -> None:
    entered = {"status": "open", "exit_price": None, "exit_time": None, "entry_price": Decimal(50)}
    add_trade(account, 1, symbol="BTC/USDT", **entered)
    add_trade(account, 2, symbol="ETH/USDT", **entered)
    page = text(mine, "?symbol=ETH/USDT")
    assert [row.split()[0] for row in rows(page, 'data-rows="open_trades"')] == ["ETH"]
    assert "open trades that fit the filters" in page
