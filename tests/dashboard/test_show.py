"""Closer looks as pages: what each says, that its figures are those of the API, and what is not there."""

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
from django.utils import timezone

from dashboard.models import Account, Alert, Annotation, CashFlow, MarketData, Membership, Portfolio, Strategy, Trade
from dashboard.services.preferences import preferences_change
from dashboard.templatetags.figures import fixed
from tests.conftest import member
from tests.dashboard.test_pages import add_trade

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 1, 5, tzinfo=UTC)
SYMBOL = "BTC/USDT:USDT"


@pytest.fixture
def mine(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def book(account: Account) -> dict[str, Any]:
    """Ten days of values and trades of two strategies, with a candle, a deposit, a remark and an alert on the fifth."""
    for day in range(10):
        at = DAY + timedelta(days=day - 4, hours=20)
        Portfolio.objects.create(account=account, timestamp=at, total_value=Decimal(1000 + (day * 37) % 60))
        for number, name in enumerate(("Trend", "Range")):
            add_trade(
                account, 2 * day + number, strategy=name, symbol=SYMBOL, net_pnl=Decimal((day * 7 + number) % 9 - 3),
                entry_time=at - timedelta(hours=6), exit_time=at - timedelta(hours=2 - number),
                entry_price=Decimal(100), exit_price=Decimal(101), lowest_price=Decimal("98.5"),
                highest_price=Decimal(103), initial_stop_loss=Decimal(97), pnl_pct=Decimal(1),
            )  # fmt: skip
    Strategy.objects.filter(account=account).update(allocated_capital=Decimal(500))
    Strategy.objects.filter(account=account, name="Trend").update(max_drawdown=Decimal("0.5"))
    MarketData.objects.bulk_create(
        MarketData(account=account, symbol=SYMBOL, exchange="", timeframe="1h", timestamp=DAY + timedelta(hours=hour),
                   open=100, high=104, low=97, close=101, volume=5)
        for hour in range(24)
    )  # fmt: skip
    flow = {"flow_id": "f", "kind": "deposit", "note": "top-up"}
    CashFlow.objects.create(account=account, timestamp=DAY + timedelta(hours=3), amount=Decimal(50), **flow)
    stamps = {"created_at": DAY, "updated_at": DAY}
    note = Annotation.objects.create(
        account=account, chart_id="equity", date=DAY + timedelta(hours=9), text="<b>Fed</b> day", type="news", **stamps
    )
    kind = {"type": "risk", "severity": "warning", "title": "Near the limit"}
    Alert.objects.create(account=account, created_at=DAY + timedelta(hours=10), **kind)
    return {
        "note": note.pk,
        "trade": Trade.objects.get(trade_id="t-8").pk,
        **{each.name: each.pk for each in Strategy.objects.all()},
    }


def text(client: Client, path: str) -> str:
    answer = client.get(f"/a/main/show/{path}")
    assert answer.status_code == 200, path
    return answer.content.decode()


def facts(page: str) -> dict[str, str]:
    """What stands at the right, and the result that leads."""
    body = page[page.index('class="facts"') :].split("<footer")[0]
    pairs = re.findall(r"<dt[^>]*>(.*?)</dt><dd[^>]*>(.*?)</dd>", body, re.DOTALL)
    found = {plain(name): plain(value) for name, value in pairs}
    led = re.search(r'class="show-result">(.*?)</p>', page, re.DOTALL)
    return {**found, "result": plain(led[1]) if led else ""}


def plain(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def data(client: Client, page: str) -> Any:
    """What the JSON of a closer look holds."""
    found = re.search(r'href="(/api/[^"]+)" download="([^"]+\.json)"', page)
    assert found is not None
    assert "/" not in found[2]
    answer = client.get(unescape(found[1]))
    assert answer.status_code == 200, unescape(found[1])
    return answer.json()["data"]


def percent(value: Any, *, signed: bool = True) -> str:
    return f"{fixed(Decimal(str(value)), 2, signed=signed)} %"


def test_a_strategy_and_its_json_agree(mine: Client, book: dict[str, Any]) -> None:
    page = text(mine, f"strategy/{book['Trend']}")
    row = data(mine, page)
    assert (row["name"], row["max_drawdown"]) == ("Trend", 0.5)
    stats = mine.get("/api/trades/stats?account=main&strategy=Trend").json()["data"]
    found = facts(page)
    assert found["result"].startswith(fixed(Decimal(str(stats["total_pnl"])), 2, signed=True))
    assert found["Trades"] == str(stats["total_trades"]) == "10"
    assert found["Profit factor"] == fixed(stats["profit_factor"], 2)
    assert 'data-kind="value"' in page and 'data-kind="underwater"' in page
    assert len(re.findall(r'<tr tabindex="0" data-row="\d+"', page)) == 8
    assert "Outside" in page or "Within" in page


def test_a_strategy_without_a_capital_shows_money(mine: Client, account: Account, book: dict[str, Any]) -> None:
    Strategy.objects.filter(pk=book["Range"]).update(allocated_capital=None)
    page = text(mine, f"strategy/{book['Range']}")
    assert 'data-kind="earned"' in page and 'data-kind="value"' not in page
    assert "none set" in page


def test_a_strategy_obeys_the_time_of_the_page(mine: Client, book: dict[str, Any]) -> None:
    page = text(mine, f"strategy/{book['Trend']}?start=2026-01-05&end=2026-01-05")
    assert facts(page)["Trades"] == "1"


METRICS = ("total_return", "exposure", "sharpe_ratio", "omega_ratio", "profit_factor", "max_drawdown", "volatility",
           "var_95", "kurtosis", "beta", "tracking_error")  # fmt: skip


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_and_its_json_agree(mine: Client, book: dict[str, Any], name: str) -> None:
    page = text(mine, f"metric/{name}")
    value, found = data(mine, page)[name], facts(page)
    written = ["–"] if value is None else [fixed(value, 2), fixed(value, 2, signed=True)]
    if value is not None:
        written += [percent(value * 100), percent(value * 100, signed=False)]
    assert found["result"].startswith(tuple(written))
    assert found["All"] and found["Days a year"] == "365"
    [source] = [unescape(each) for each in re.findall(r'id="chart-show-metric".*?data-source="([^"]*)"', page)]
    assert mine.get(source).status_code == 200


def test_a_metric_shows_who_keeps_its_limit(mine: Client, book: dict[str, Any]) -> None:
    page = text(mine, "metric/max_drawdown")
    assert f'data-show-key="strategy-{book["Trend"]}"' in page
    assert f'data-show-key="strategy-{book["Range"]}"' not in page
    assert "Limits of strategies" not in text(mine, "metric/omega_ratio")


def test_a_metric_obeys_the_filters_of_the_page(mine: Client, book: dict[str, Any]) -> None:
    page = text(mine, f"metric/sharpe_ratio?strategy=Trend&start=2026-01-03&benchmark={SYMBOL}&exchange=")
    row = data(mine, page)
    assert row["benchmark"] == SYMBOL and row["source"] == "trades"
    assert facts(page)["result"] == fixed(row["sharpe_ratio"], 2)
    assert facts(page)["Benchmark"] == SYMBOL


def test_a_day_and_its_json_agree(mine: Client, book: dict[str, Any]) -> None:
    page = text(mine, "moment/2026-01-05")
    seen, found = data(mine, page), facts(page)
    standing = seen["standing"]
    assert found["result"].startswith(f"{fixed(Decimal(str(standing['value'])), 2)} USDT")
    assert found["Return of the day"] == percent(standing["day_return"] * 100)
    assert found["Drawdown"] == percent(standing["drawdown"] * 100)
    assert found["Trades closed"].startswith("2")
    returns = mine.get("/api/analytics/returns?account=main").json()["data"]
    assert standing["day_return"] == returns["returns"][returns["dates"].index("2026-01-05")]
    assert standing["net_pnl"] == returns["net_pnl"][returns["dates"].index("2026-01-05")]
    falls = mine.get("/api/analytics/drawdowns?account=main").json()["data"]
    assert standing["drawdown"] == falls["drawdown"][falls["timestamps"].index("2026-01-05T20:00:00Z")]
    assert [seen[name]["total"] for name in ("closed", "opened", "flows", "annotations", "alerts")] == [2, 2, 1, 1, 1]
    for said in ("top-up", "&lt;b&gt;Fed&lt;/b&gt; day", "Near the limit"):
        assert said in page
    assert 'data-previous="moment-2026-01-04"' in page and 'href="/a/main/show/moment/2026-01-06"' in page


def test_the_first_and_the_last_day_have_one_neighbour(mine: Client, book: dict[str, Any]) -> None:
    assert "data-previous" not in text(mine, "moment/2026-01-01")
    assert "data-next" not in text(mine, "moment/2026-01-10")


def test_a_moment_has_the_value_of_that_moment(mine: Client, book: dict[str, Any]) -> None:
    before, at = (facts(text(mine, f"moment/2026-01-05T{clock}Z"))["result"] for clock in ("19:59:59", "20:00:00"))
    assert (before.split()[0], at.split()[0]) == ("1,051.00", "1,028.00")


def test_a_moment_of_strategies_is_theirs(mine: Client, book: dict[str, Any]) -> None:
    page = text(mine, f"moment/2026-01-05/{book['Trend']}")
    seen = data(mine, page)
    assert seen["closed"]["total"] == 1 and seen["closed"]["rows"][0]["strategy"] == "Trend"
    curve = mine.get("/api/analytics/equity?account=main&strategy=Trend").json()["data"]
    assert seen["standing"]["value"] == curve["equity"][curve["dates"].index("2026-01-05")]
    both = text(mine, f"moment/2026-01-05/{book['Trend']},{book['Range']}")
    assert 'data-kind="comparison"' in both and "By strategy" in both


def test_an_asset_and_its_json_agree(mine: Client, account: Account, book: dict[str, Any]) -> None:
    add_trade(account, 99, symbol=SYMBOL, status="open", exit_price=None, exit_time=None, net_pnl=Decimal("3.5"))
    page = text(mine, f"asset/{SYMBOL}")
    row, found = data(mine, page), facts(page)
    assert found["result"].startswith("+3.50") and row["unrealized_pnl"] == 3.5
    assert found["Long"] == fixed(Decimal(str(row["long"])), 2) == "91.50"
    assert found["Exposure"] == f"{fixed(row['exposure_pct'], 1)} %"
    assert found["Net P&L"] == fixed(Decimal(str(row["statistics"]["total_pnl"])), 2, signed=True)
    assert (
        row["statistics"] | {"groups": []} == mine.get(f"/api/trades/stats?account=main&symbol={SYMBOL}").json()["data"]
    )
    assert f'data-show-key="strategy-{book["Range"]}"' in page
    assert 'id="chart-show-price"' in page


def test_positions_of_snapshots_win_over_open_trades(mine: Client, account: Account, book: dict[str, Any]) -> None:
    held = {"symbol": SYMBOL, "direction": "short", "size": "2", "entry_price": "100", "mark_price": "98",
            "value": "-196", "unrealized_pnl": "4", "strategy": "Trend"}  # fmt: skip
    Portfolio.objects.create(account=account, timestamp=timezone.now(), total_value=1000, positions=[held])
    page = text(mine, f"asset/{SYMBOL}")
    row = data(mine, page)
    assert (row["source"], row["short"], row["exposure_pct"]) == ("snapshots", 196, pytest.approx(19.6))
    assert facts(page)["result"].startswith("+4.00")


@pytest.mark.parametrize(("action", "kind"), [("entry", "Buy"), ("exit", "Sell")])
def test_a_signal_and_its_json_agree(mine: Client, book: dict[str, Any], action: str, kind: str) -> None:
    page = text(mine, f"signal/{book['trade']}/{action}")
    marks = data(mine, page)
    place = next(n for n, trade in enumerate(marks["trades"]) if trade == book["trade"])
    assert marks["actions"][place] == action
    found = facts(page)
    assert found["What"] == kind and found["result"].startswith(fixed(marks["prices"][place], 2))
    assert ("Initial stop" in found) == (action == "entry")


def test_signals_are_in_the_order_of_time(mine: Client, book: dict[str, Any]) -> None:
    first = Trade.objects.get(trade_id="t-0").pk
    name, seen = f"signal-{first}/entry", []
    while name:
        seen.append(name)
        found = re.search(r'data-next="([^"]+)"', text(mine, name.replace("-", "/", 1)))
        name = found[1] if found else ""
    marks = mine.get(f"/api/analytics/signals?account=main&symbol={SYMBOL}").json()["data"]
    assert seen == [f"signal-{trade}/{action}" for trade, action in zip(marks["trades"], marks["actions"], strict=True)]
    back = re.search(r'data-previous="([^"]+)"', text(mine, seen[-1].replace("-", "/", 1)))
    assert back is not None and back[1] == seen[-2]


def test_an_annotation_and_its_json_agree(mine: Client, book: dict[str, Any]) -> None:
    page = text(mine, f"annotation/{book['note']}")
    [row] = data(mine, page)["annotations"]
    assert row["id"] == book["note"] and "&lt;b&gt;Fed&lt;/b&gt; day" in page and "<b>Fed</b>" not in page
    assert facts(page)["Chart"] == "Equity" and facts(page)["Trades closed"].startswith("2")


@pytest.mark.parametrize(("role", "author", "may"), [
    ("owner", None, True), ("owner", "operator", True), ("operator", "operator", True), ("operator", "owner", False),
    ("operator", None, True), ("viewer", None, False),
])  # fmt: skip
def test_who_may_change_an_annotation(
    request: Any, client: Client, book: dict[str, Any], role: str, author: str | None, may: bool
) -> None:
    written = None if author is None else request.getfixturevalue(author)
    Annotation.objects.update(author=written)
    client.force_login(request.getfixturevalue(role))
    page = text(client, f"annotation/{book['note']}")
    assert (("data-note-edit" in page), ("data-note-delete" in page)) == (may, may)


def test_a_comparison_and_its_json_agree(mine: Client, book: dict[str, Any]) -> None:
    page = text(mine, f"comparison/{book['Range']},{book['Trend']}")
    found = {each["strategy"]["name"]: each["performance"] for each in data(mine, page)["strategies"]}
    assert list(found) == ["Range", "Trend"]
    row = re.search(r'<th scope="row">Net P&amp;L.*?</tr>', page, re.DOTALL)
    assert row is not None
    values = [plain(cell) for cell in re.findall(r'<td class="n">(.*?)</td>', row[0])]
    assert values == [fixed(Decimal(str(each["total_pnl"])), 2, signed=True) for each in found.values()]
    assert "comparison.csv" in page


def test_a_trade_marks_what_it_is_about(mine: Client, book: dict[str, Any]) -> None:
    page = text(mine, f"trade/{book['trade']}")
    focus = unescape(re.search(r'data-focus="([^"]*)"', page)[1])  # type: ignore[index]
    for part in ('"kind":"entry"', '"kind":"exit"', '"name":"MAE"', '"price":98.5', '"name":"MFE"'):
        assert part in focus
    timeframes = page[page.index('data-part="switch-show-price"') :].split("</nav>")[0]
    assert re.findall(r">(\w+)</a>", timeframes) == ["1h", "4h", "1d", "1w"]
    other = text(mine, f"trade/{book['trade']}?timeframe=4h")
    assert "timeframe=4h&amp;limit" in other


NOWHERE = ("strategy/999999", "strategy/99999999999999999999", "metric/nothing", "moment/yesterday",
           "moment/2026-13-01",
           "moment/2026-01-05/999999", "moment/2026-01-05/x", "moment/2026-01-05/1,", "asset/NOTHING", "asset/%00",
           "asset/" + "x" * 101, "signal/999999/entry", "signal/{trade}/stop", "annotation/999999",
           "comparison/{Trend}",
           "comparison/{Trend},999999", "comparison/{Trend},{Trend}", "comparison/1,2,3,4,5,6,7,8,9", "trade/999999",
           "moment/9999-12-31", "moment/1969-12-31", "moment/2026-01-05T00:00:00")  # fmt: skip


@pytest.mark.parametrize("path", NOWHERE)
def test_what_is_not_there_is_told(mine: Client, book: dict[str, Any], path: str) -> None:
    answer = mine.get(f"/a/main/show/{path.format(**book)}")
    assert answer.status_code == 404 and b"data-refused" in answer.content


def test_what_is_of_another_account_is_not_there(client: Client, book: dict[str, Any], other_account: Account) -> None:
    client.force_login(member(other_account, Membership.Role.OWNER, "foreign"))
    ids = f"{book['Trend']},{book['Range']}"
    theirs = ("strategy/{Trend}", "trade/{trade}", "signal/{trade}/entry", "annotation/{note}", f"asset/{SYMBOL}")
    for path in (*(each.format(**book) for each in theirs), f"comparison/{ids}", f"moment/2026-01-05/{ids}"):
        assert client.get(f"/a/other/show/{path}").status_code == 404, path
    assert facts(client.get("/a/other/show/moment/2026-01-05").content.decode())["Trades closed"] == "0"


EVERY = ("strategy/{Trend}", "metric/var_95", "moment/2026-01-05", "moment/2026-01-05/{Trend}", f"asset/{SYMBOL}",
         "signal/{trade}/exit", "annotation/{note}", "comparison/{Trend},{Range}", "trade/{trade}")  # fmt: skip


@pytest.mark.parametrize("path", EVERY)
def test_money_is_hidden_where_the_person_hides_it(mine: Client, owner: User, book: dict[str, Any], path: str) -> None:
    def body() -> str:
        page = text(mine, path.format(**book))
        return plain(page[page.index('<article class="show') : page.index("<footer")])

    shown = body()
    preferences_change(user=owner, values={"privacy": True})
    hidden = body()
    assert "•••" not in shown and "•••" in hidden
    money = re.findall(r"\S+(?= USDT)|(?<=Net )[+−][\d.]+|(?<=Net of these )[+−][\d.]+", shown)
    assert all(each not in hidden for each in money if each[-1].isdigit())


@pytest.mark.parametrize("path", EVERY)
def test_more_rows_cost_no_more_queries(mine: Client, account: Account, book: dict[str, Any], path: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            text(mine, path.format(**book))
        return len(found)

    text(mine, path.format(**book))
    few = queries()
    for number in range(100, 140):
        at = DAY + timedelta(minutes=number)
        add_trade(account, number, strategy=f"s{number}", symbol=SYMBOL, entry_time=at, exit_time=at)
        stamps = {"date": at, "created_at": at, "updated_at": at}
        Annotation.objects.create(account=account, chart_id="equity", text=f"{number}", **stamps)
    text(mine, path.format(**book))
    assert queries() <= few


def test_what_stands_beside_stands_there_once(mine: Client, book: dict[str, Any]) -> None:
    text = mine.get("/a/main/show/metric/sharpe_ratio").content.decode()
    assert len(re.findall(r"<body [^<>]*>", text)) == 1
    assert text.count("<h2>What it is of</h2>") == 1


def test_a_time_that_goes_without_saying_is_told_to_closer_looks(mine: Client, account: Account) -> None:
    for hours in (1, 0):
        at = timezone.now().replace(day=1, hour=0, minute=0) + timedelta(hours=hours)
        Portfolio.objects.create(account=account, timestamp=at, total_value=Decimal(1000))
    assert b'data-usual-period="month"' in mine.get("/a/main/").content
    assert b"data-usual-period" not in mine.get("/a/main/risk").content


def test_the_first_value_may_come_between_two_reads(mine: Client, account: Account) -> None:
    """The curve is kept by the position of the log, the newest value is read anew."""
    assert mine.get("/a/main/").status_code == 200
    Portfolio.objects.create(account=account, timestamp=timezone.now(), total_value=Decimal(1000))
    assert mine.get("/api/snapshot?account=main").json()["data"]["summary"]["total_pnl_pct"] is None
