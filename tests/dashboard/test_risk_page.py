"""Risk: every figure of the API with its limit in words, the worst falls, and what the address asks for."""

import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics.report import RiskMetrics
from dashboard.models import Account, MarketData, Portfolio, Strategy, Trade
from dashboard.selectors.book import shelf
from dashboard.templatetags.figures import fixed
from tests.dashboard.test_pages import add_trade

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, 22, tzinfo=UTC)
VALUES = (1000, 1010, 990, 1005, 1020, 950, 980, 1030, 1015)


@pytest.fixture
def mine(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def valued(account: Account) -> Account:
    """Nine days with two drawdowns that were made good and one that was not."""
    for day, value in enumerate(VALUES):
        Portfolio.objects.create(account=account, timestamp=START + timedelta(days=day), total_value=Decimal(value))
    return account


def text(client: Client, query: str = "") -> str:
    answer = client.get(f"/a/main/risk{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def metric(page: str, name: str) -> tuple[str, str]:
    """The value and what stands beside it."""
    row = re.search(rf'<tr id="metric-{name}"[^>]*>(.*?)</tr>', page, re.DOTALL)
    assert row is not None
    cells = [
        unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row[1], re.DOTALL)
    ]
    return cells[0], cells[1]


def source(page: str, chart: str) -> str:
    found = re.search(rf'id="chart-{chart}".*?data-source="([^"]*)"', page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def figures(client: Client, query: str = "") -> dict[str, Any]:
    return client.get(f"/api/risk/metrics?account=main{query}").json()["data"]


def test_every_metric_has_its_row_its_meaning_and_its_definition(mine: Client, account: Account) -> None:
    page = text(mine)
    named = re.findall(r'<tr id="metric-(\w+)"[^>]*><th scope="row" title="[^"]{20,}">[^<]+</th>', page)
    assert sorted(named) == sorted({each.name for each in fields(RiskMetrics)} - {"periods", "start", "end"})
    assert {metric(page, name)[0] for name in named} == {"–"}
    assert all(metric(page, name)[1] for name in named)
    assert "The value has not fallen below a peak" in page and "No strategy has a limit yet" in page


def test_the_figures_are_those_of_the_api(mine: Client, valued: Account) -> None:
    page, answer = text(mine), figures(mine)
    assert answer["sharpe_ratio"] is not None
    assert metric(page, "sharpe_ratio")[0] == fixed(answer["sharpe_ratio"], 2)
    for name in ("total_return", "max_drawdown", "var_95", "cvar_95"):
        assert metric(page, name)[0] == fixed(answer[name] * 100, 2, signed=True) + "\u202f%"
    assert metric(page, "var_95")[1] == fixed(answer["var_95_money"], 2, signed=True) + " USDT"
    assert metric(page, "beta") == ("–", "move per move of the benchmark")


def test_a_period_is_that_of_figures_charts_and_falls(mine: Client, valued: Account) -> None:
    query = "start=2026-01-04&end=2026-01-08"
    page = text(mine, f"?{query}")
    window = "&start=2026-01-04T00:00:00Z&end=2026-01-08T23:59:59.999999Z"
    assert (
        metric(page, "total_return")[0]
        == fixed(figures(mine, window)["total_return"] * 100, 2, signed=True) + "\u202f%"
    )
    for chart in ("underwater", "distribution", "montecarlo", "correlation", "rolling-sharpe", "rolling-volatility"):
        address = source(page, chart)
        assert "start=2026-01-04" in address
        assert mine.get(address).status_code == 200


def test_the_worst_falls_are_listed_deepest_first(mine: Client, valued: Account) -> None:
    part = text(mine).partition('id="worst-title"')[2].partition("</table>")[0]
    rows = re.findall(r"<tr[^>]* data-row.*?</tr>", part, re.DOTALL)
    depths = [re.sub(r"<[^>]+>", "", re.findall(r'<td class="n net">(.*?)</td>', row)[0]) for row in rows]
    assert depths == ["−6.86", "−1.98", "−1.46"]
    assert "not yet" in rows[2] and "not yet" not in rows[0]


@pytest.mark.parametrize(("allowed", "said"), [("5", "Outside"), ("60", "Within")])
def test_a_strategy_is_held_against_its_own_limits(mine: Client, account: Account, allowed: str, said: str) -> None:
    for number, result in enumerate((-50, 30, -60, 20, -40)):
        add_trade(account, number, entry_time=START, exit_time=START + timedelta(days=number), net_pnl=Decimal(result))
    Strategy.objects.update(allocated_capital=1000, max_drawdown=Decimal(allowed), max_daily_loss=Decimal(1))
    page = text(mine, "?strategy=Trend")
    assert metric(page, "max_drawdown") == ("−10.00\u202f%", f"−{fixed(allowed, 2)}\u202f% {said}")
    assert metric(page, "var_95")[1] == "−1.00 Outside"
    assert "Within" not in metric(page, "volatility")[1]
    whole = text(mine)
    assert metric(whole, "max_drawdown")[1] == "of the peak, at day ends"
    listed = whole.partition('id="limits-title"')[2].partition("</table>")[0]
    assert listed.count(said) == (1 if said == "Outside" else 2)  # nothing was lost today


def test_what_a_strategy_holds_is_held_against_its_limit(mine: Client, account: Account) -> None:
    add_trade(account, 1, status="open", exit_price=None, exit_time=None, size=Decimal(3), entry_price=Decimal(50))
    Strategy.objects.update(max_position_size=Decimal("149.99"), max_drawdown=Decimal(10))
    listed = text(mine).partition('id="limits-title"')[2].partition("</table>")[0]
    rows = [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip()
        for row in re.findall(r"<tr[^>]*>.*?</tr>", listed, re.DOTALL)[1:]
    ]
    assert rows == ["Trend Max drawdown – −10.00 % Unknown", "Trend Largest position 150.00 149.99 Outside"]


def test_a_benchmark_is_one_that_is_stored(mine: Client, valued: Account) -> None:
    assert "needs stored candles" in text(mine)
    for day, price in enumerate((100, 102, 99, 101, 104, 98, 100, 103, 104)):
        prices = dict.fromkeys(("open", "high", "low", "close"), price)
        moment = START.replace(hour=0) + timedelta(days=day)
        MarketData.objects.create(
            account=valued, symbol="SPX", exchange="x", timeframe="1d", timestamp=moment, volume=0, **prices
        )
    assert 'href="?benchmark=SPX&amp;exchange=x"' in text(mine)
    page = text(mine, "?benchmark=SPX&exchange=x")
    answer = figures(mine, "&benchmark=SPX&exchange=x")
    assert metric(page, "beta")[0] == fixed(answer["beta"], 2)
    assert "benchmark=SPX" in page.partition('data-part="periods"')[2].partition("</nav>")[0]
    assert metric(text(mine, "?benchmark=DAX&exchange=x"), "beta")[0] == "–"


def test_what_the_address_asks_for_in_vain_is_let_go(mine: Client, valued: Account) -> None:
    page = text(mine, "?by=colour&span=7&strategy=None&period=decade&benchmark=%00&page=x&symbol=BTC")
    assert "by=symbol" in source(page, "correlation")
    assert "window=10" in source(page, "rolling-sharpe")
    page = text(mine, "?by=strategy&span=90")
    assert "by=strategy" in source(page, "correlation") and "window=90" in source(page, "rolling-sharpe")


def test_masked_money_leaves_the_percentages(mine: Client, valued: Account) -> None:
    mine.patch("/api/me/preferences", {"privacy": True}, content_type="application/json")
    page = text(mine)
    assert metric(page, "var_95")[1].startswith("•••")
    assert metric(page, "var_95")[0].startswith("−")


def test_the_page_costs_the_same_for_a_few_rows_and_for_many(mine: Client, valued: Account) -> None:
    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            add_trade(valued, number, strategy=f"s{number % 40}", symbol=f"S{number % 40}/USDT")
        Strategy.objects.update(max_drawdown=Decimal(10), allocated_capital=Decimal(100))

    def cost() -> int:
        shelf.books.clear()
        with CaptureQueriesContext(connection) as captured:
            text(mine)
        return len(captured)

    fill(0, 2)
    text(mine)
    few = cost()
    fill(2, 80)
    assert cost() == few
    assert Trade.objects.count() == 80
