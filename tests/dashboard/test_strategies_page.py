"""Strategies: the table and its order, the comparison in the address, who may change what, one strategy alone."""

import csv
import re
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.models import Account, Strategy
from dashboard.selectors.book import shelf
from tests.dashboard.test_pages import add_trade

pytestmark = pytest.mark.django_db
DAY_MINUTES = 24 * 60


@pytest.fixture
def mine(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def closed(account: Account, minutes_ago: int, **values: Any) -> None:
    begun = timezone.now() - timedelta(minutes=minutes_ago + 60)
    add_trade(account, minutes_ago, entry_time=begun, **values)


@pytest.fixture
def found(account: Account) -> dict[str, Strategy]:
    """Trend won on capital, Range lost on capital, Idle has neither capital nor trades."""
    for number, result in enumerate((10, -4, 6)):
        closed(account, 1 + number * DAY_MINUTES, strategy="Trend", net_pnl=Decimal(result))
    for number, result in enumerate((-3, 1)):
        closed(account, 2 + number * DAY_MINUTES, strategy="Range", net_pnl=Decimal(result), symbol="LTC/USDT")
    add_trade(account, 3, strategy="Range", status="open", exit_price=None, exit_time=None, net_pnl=Decimal("0.5"))
    Strategy.objects.filter(account=account).update(allocated_capital=Decimal(1000))
    Strategy.objects.create(account=account, name="Idle")
    return {each.name: each for each in Strategy.objects.filter(account=account)}


def text(client: Client, path: str = "") -> str:
    answer = client.get(f"/a/main/strategies{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def names(page: str, table: str = "table-strategies") -> list[str]:
    body = re.search(rf'<table class="{table}">.*?</table>', page, re.DOTALL)
    assert body is not None
    return re.findall(r'<th scope="row" class="sym"><a [^>]*>([^<]+)</a>', body[0])


def cell(page: str, name: str, column: str) -> str:
    row = next(row for row in re.findall(r"<tr[^>]* data-row.*?</tr>", page, re.DOTALL) if f">{name}</a>" in row)
    found = re.search(rf'<td class="n {column}"[^>]*>(.*?)</td>', row, re.DOTALL)
    assert found is not None
    return re.sub(r"<[^>]+>", "", found[1])


def sources(page: str) -> dict[str, str]:
    """What each kind of chart asks the API."""
    return dict(re.findall(r'data-kind="([^"]+)"[^>]*? data-source="([^"]+)"', page))


def test_an_account_without_strategies_says_what_to_do(mine: Client, account: Account) -> None:
    page = text(mine)
    assert "No strategy yet" in page and "Connect a bot" in page and 'data-kind="' not in page


def test_the_table_shows_what_each_came_to(mine: Client, found: dict[str, Strategy]) -> None:
    page = text(mine)
    assert names(page) == ["Trend", "Idle", "Range"]
    assert cell(page, "Trend", "net") == "+12.00" and cell(page, "Range", "net") == "−2.00"
    assert cell(page, "Trend", "wr") == "66.7" and cell(page, "Trend", "pf") == "4.00"
    assert cell(page, "Range", "op") == "1" and cell(page, "Range", "xp") == "91.50"
    assert cell(page, "Idle", "sh") == "–" and cell(page, "Idle", "tr") == "0"
    assert page.count('class="spark-area"') == 2
    assert "3 strategies" in page and re.search(r"<tfoot>.*\+10\.00", page, re.DOTALL)


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("?ordering=name", ["Idle", "Range", "Trend"]),
        ("?ordering=-total_trades", ["Trend", "Range", "Idle"]),
        ("?ordering=profit_factor", ["Range", "Trend", "Idle"]),  # unknown comes last either way
        ("?ordering=-profit_factor", ["Trend", "Range", "Idle"]),
        ("?ordering=nonsense", ["Trend", "Idle", "Range"]),
    ],
)
def test_the_order_is_in_the_address(mine: Client, found: dict[str, Strategy], query: str, order: list[str]) -> None:
    assert names(text(mine, query)) == order


def test_the_figures_are_of_the_time_in_the_address(mine: Client, found: dict[str, Strategy]) -> None:
    assert cell(text(mine, "?start=2020-01-01&end=2020-02-01"), "Trend", "tr") == "0"
    page = text(mine, "?period=today")
    assert "start=" in sources(page)["risk_return"]


def test_two_stand_beside_each_other(mine: Client, found: dict[str, Strategy]) -> None:
    one, two = found["Trend"].pk, found["Range"].pk
    page = text(mine, f"?compare={two},{one}")
    assert sources(page)["comparison"].endswith(f"strategies/comparison?account=main&amp;ids={two}%2C{one}")
    assert names(page, "compared") == ["Trend", "Range"]
    assert names(text(mine, f"?compare={one},{two}&by=total_pnl"), "compared") == ["Range", "Trend"]
    assert 'data-kind="comparison-equity"' in text(mine, f"?compare={one},{two}&view=equity")


@pytest.mark.parametrize("query", ["?compare=", "?compare=999999", "?compare=x,-1,1e9", "?compare=٣"])
def test_what_is_not_there_is_not_compared(mine: Client, found: dict[str, Strategy], query: str) -> None:
    assert "comparison" not in sources(text(mine, query))


def test_one_alone_is_not_a_comparison(mine: Client, found: dict[str, Strategy]) -> None:
    assert "Choose another one" in text(mine, f"?compare={found['Trend'].pk}")


def test_the_comparison_as_a_file_has_every_digit(mine: Client, account: Account, found: dict[str, Strategy]) -> None:
    Strategy.objects.filter(pk=found["Range"].pk).update(name="=1+1")
    shelf.books.clear()
    add_trade(account, 5, strategy="Trend", net_pnl=Decimal("0.000000000000000001"))
    shelf.books.clear()
    answer = mine.get(f"/a/main/strategies/comparison.csv?compare={found['Trend'].pk},{found['Range'].pk}")
    assert answer["Content-Disposition"] == 'attachment; filename="main-strategies.csv"'
    head, first, second = csv.reader(StringIO(answer.content.decode("utf-8-sig")))
    assert dict(zip(head, first, strict=True))["total_pnl"] == "12.000000000000000001"
    assert (first[0], second[0]) == ("Trend", "'=1+1")


def test_only_operators_change_strategies(
    client: Client, viewer: User, operator: User, found: dict[str, Strategy]
) -> None:
    pk = found["Trend"].pk
    client.force_login(viewer)
    for path in (f"?edit={pk}", f"/{pk}?edit={pk}"):
        page = text(client, path)
        assert "data-switch" not in page and "edit=" not in page and 'data-dialog="strategy"' not in page
    client.force_login(operator)
    for path in (f"?edit={pk}", f"/{pk}?edit={pk}"):
        page = text(client, path)
        assert "data-switch" in page and f'data-strategy="{pk}"' in page


def test_the_dialog_shows_limits_and_parameters_with_every_digit(mine: Client, found: dict[str, Strategy]) -> None:
    each = found["Idle"]
    each.max_daily_loss, each.parameters = Decimal("0.100000000000000001"), {"step": Decimal("1.000000000000000000001")}
    each.save()
    page = text(mine, f"?edit={each.pk}")
    assert 'value="0.100000000000000001"' in page and "1.000000000000000000001" in page
    assert 'data-dialog="strategy"' not in text(mine, "?edit=999")


def test_one_strategy_shows_its_own_figures(mine: Client, account: Account, found: dict[str, Strategy]) -> None:
    page = text(mine, f"/{found['Range'].pk}")
    assert "<h1>Range</h1>" in page and "−2.00" in page and "ETC" not in page.split('data-part="by-symbol"')[1]
    asked = sources(page)
    assert set(asked) == {"value", "underwater", "returns", "monthly", "calendar", "hours", "excursions"}
    assert all("strategy=Range" in source for source in asked.values())
    assert "/a/main/trades?strategy=Range&amp;status=closed" in page
    assert re.search(
        r'class="by-weekday".*?<th scope="row" title="\d">(Mon|Tue|Wed|Thu|Fri|Sat|Sun)</th>', page, re.DOTALL
    )


def test_without_a_capital_it_shows_money(mine: Client, account: Account, found: dict[str, Strategy]) -> None:
    Strategy.objects.filter(pk=found["Trend"].pk).update(allocated_capital=None)
    page = text(mine, f"/{found['Trend'].pk}")
    assert "Its capital is not known" in page and 'data-kind="earned"' in page and 'data-kind="underwater"' not in page
    assert "Set the capital" in page


def test_a_strategy_of_another_account_is_not_there(mine: Client, account: Account, other_account: Account) -> None:
    foreign = Strategy.objects.create(account=other_account, name="Foreign")
    for pk in (foreign.pk, 10**12, 10**30):
        assert mine.get(f"/a/main/strategies/{pk}").status_code == 404
    assert "Foreign" not in text(mine, f"?compare={foreign.pk}&edit={foreign.pk}")


@pytest.mark.parametrize("path", ["", "?compare={first},{second}", "/{first}"])
def test_the_queries_do_not_grow_with_the_strategies(
    mine: Client, account: Account, found: dict[str, Strategy], path: str
) -> None:
    first, second = found["Trend"].pk, found["Range"].pk

    def queries() -> int:
        shelf.books.clear()
        with CaptureQueriesContext(connection) as captured:
            text(mine, path.format(first=first, second=second))
        return len(captured)

    queries()  # the first one opens the session
    few = queries()
    for number in range(30):
        closed(account, 10_000 + number, strategy=f"s{number}")
    assert queries() == few
