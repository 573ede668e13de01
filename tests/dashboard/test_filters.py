"""What pages are filtered by: pills, parts of an account, the time of the figures, and the filters of last time."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analytics.risk import DRAWDOWN_BOUNDS, RISK_LEVELS, VOLATILITY_BOUNDS, risk_level
from botv2.env import ROOT
from dashboard.models import Account, Preferences, Strategy
from dashboard.templatetags.figures import Setting, write
from tests.api.conftest import Caller, with_key
from tests.api.samples import closed, trade
from tests.api.series import day, post_closes, post_results, post_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def hand(client: Client, owner: User) -> Caller:
    """The owner, who reads pages and API with one session."""
    client.force_login(owner)
    return Caller(client)  # type: ignore[arg-type]


@pytest.fixture
def bot(make_key: Any, account: Account) -> Caller:
    return Caller(with_key(make_key(account)))


def page(hand: Caller, route: str, query: str = "") -> str:
    response = hand.client.get(reverse(route, args=["main"]) + query)
    assert response.status_code == 200
    return response.content.decode()


def bound(text: str, path: str) -> str:
    """The figure that a page prints for `path`."""
    found = re.search(rf'data-bind="{re.escape(path)}"[^>]*>([^<]*)<', text)
    assert found, path
    return found[1]


def pill_names(text: str) -> list[str]:
    return re.findall(r'<details class="menu-host" id="pill-([a-z_]+)"', text)


def listed(text: str) -> int:
    return len(re.findall(r'<tr tabindex="0" data-row="\d+">', text))


@pytest.fixture
def traded(bot: Caller, account: Account) -> None:
    """A calm and a wild strategy over twelve days, of two kinds of asset, and one open trade."""
    for name in ("Calm", "Wild"):
        Strategy.objects.create(account=account, name=name, allocated_capital=Decimal(1000))
    post_results(bot, [1, -1] * 6, strategy="Calm", asset_class="crypto", exit_reason="roi", tags=["slow"])
    post_results(
        bot, [150, -120] * 6, strategy="Wild", symbol="GOLD", asset_class="commodities", signal_type="ai", notes=None
    )
    bot.post("trades", trade(trade_id="open", strategy="Wild", symbol="GOLD", asset_class="commodities", net_pnl="7.5"))


def test_the_levels_of_risk_are_what_the_page_of_metrics_says() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (?:below )?(\d+) %[^|]*\| (?:below )?(\d+) %", (ROOT / "docs/metrics.md").read_text(), re.M
    )
    assert [name for name, _, _ in rows] == list(RISK_LEVELS)
    told = [(int(first) / 100, int(second) / 100) for _, first, second in rows]
    assert told[:3] == list(zip(VOLATILITY_BOUNDS, DRAWDOWN_BOUNDS, strict=True)) and told[3] == told[2]
    nan = float("nan")
    for (volatility, drawdown), level in {
        (0.0, 0.0): "low",
        (0.0999, -0.0499): "low",
        (0.1, 0.0): "medium",
        (0.0, -0.15): "high",
        (0.5, 0.0): "extreme",
        (0.01, -0.31): "extreme",
        (0.3, nan): "high",
        (nan, -0.1): "medium",
    }.items():
        assert risk_level(volatility, drawdown) == level, (volatility, drawdown)
    assert risk_level(nan, nan) is None


def test_a_level_of_risk_means_the_same_in_lists_figures_charts_and_pages(
    bot: Caller, hand: Caller, traded: None
) -> None:
    for level, name in (("low", "Calm"), ("extreme", "Wild")):
        query = f"risk_level={level}"
        assert {row["strategy"] for row in bot.get(f"trades?{query}")["trades"]} == {name}
        assert bot.get(f"trades/stats?{query}")["total_pnl"] == bot.get(f"trades/stats?strategy={name}")["total_pnl"]
        assert bot.get(f"analytics/returns?{query}") == bot.get(f"analytics/returns?strategy={name}")
        assert bot.get(f"analytics/risk-return?{query}")["strategies"] == [name]
        assert name in page(hand, "strategies", f"?{query}")
        assert listed(page(hand, "trades", f"?{query}")) == bot.get(f"trades?{query}")["total"]
    assert bot.get("trades?risk_level=low&risk_level=extreme")["total"] == 25
    assert bot.get("trades?risk_level=medium")["total"] == bot.get("analytics/returns?risk_level=medium")["total"] == 0
    assert list(bot.refused(400, "GET", "trades?risk_level=huge")["fields"]) == ["risk_level"]


def test_a_part_without_trades_is_empty_and_not_the_whole(bot: Caller, hand: Caller, traded: None) -> None:
    assert bot.get("snapshot?risk_level=medium")["summary"]["total_trades"] == 0
    assert bot.get("snapshot?strategy=Calm&risk_level=extreme")["summary"]["total_trades"] == 0
    assert "No strategy fits these filters" in page(hand, "strategies", "?risk_level=medium")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("asset_class=commodities", 13),
        ("exit_reason=roi", 12),
        ("signal_type=ai", 12),
        ("tag=slow", 12),
        ("search=gol", 13),
        ("search=nothing-like-it", 0),
        ("min_pnl=1", 13),
        ("max_pnl=-1", 12),
        ("min_pnl=-1&max_pnl=1", 12),
        ("outcome=win&risk_level=extreme", 6),
        ("status=pending", 0),
        ("min_pnl=1e3&asset_class=stones&tag=&risk_level=x", 25),
    ],
)
def test_trades_by_every_filter(bot: Caller, hand: Caller, traded: None, query: str, count: int) -> None:
    assert listed(page(hand, "trades", f"?{query}")) == count
    if "stones" not in query:
        assert bot.get(f"trades?{query}")["total"] == count


def test_pills_are_those_that_something_answers_to(bot: Caller, hand: Caller, traded: None) -> None:
    assert pill_names(page(hand, "trades")) == [
        "status", "strategy", "risk_level", "asset_class", "symbol", "direction", "min_pnl", "exit_reason",
        "signal_type", "tag", "search",
    ]  # fmt: skip
    assert pill_names(page(hand, "overview")) == ["strategy", "risk_level", "asset_class", "symbol"]
    assert pill_names(page(hand, "strategies")) == ["risk_level", "asset_class", "symbol", "min_pnl"]
    assert pill_names(page(hand, "portfolio")) == ["strategy", "risk_level", "asset_class", "symbol"]
    text = page(hand, "trades", "?status=closed&min_pnl=-2&risk_level=low&risk_level=extreme")
    assert re.search(r"P&amp;L <b>≥ -2</b>", text) and re.search(r"Risk <b>Low, Extreme</b>", text)
    assert 'href="?status=closed&amp;risk_level=low&amp;risk_level=extreme" aria-label="Clear P&amp;L"' in text
    assert 'href="?reset">Reset all' in text and "Reset all" not in page(hand, "trades")


def test_an_account_without_kinds_of_assets_is_not_asked_for_one(bot: Caller, hand: Caller) -> None:
    bot.post("trades", closed())
    assert not {"asset_class", "signal_type", "tag", "exit_reason"} & set(pill_names(page(hand, "trades")))


def test_strategies_by_what_they_made(hand: Caller, traded: None) -> None:
    for query, names in {
        "min_pnl=1": ["Wild"],
        "max_pnl=0": ["Calm"],
        "min_pnl=-5&max_pnl=500": ["Calm", "Wild"],
    }.items():
        text = page(hand, "strategies", f"?{query}")
        shown = [name for name in ("Calm", "Wild") if re.search(rf"<a [^>]*>{name}</a>", text)]
        assert shown == names, query
        assert all(f"strategy={name}" in text for name in names)


def test_strategies_stand_in_the_order_of_their_risk(hand: Caller, account: Account, traded: None) -> None:
    Strategy.objects.create(account=account, name="Idle")
    for query, order in {
        "ordering=risk_level": [("Calm", "Low"), ("Wild", "Extreme"), ("Idle", "")],
        "ordering=-risk_level": [("Wild", "Extreme"), ("Calm", "Low"), ("Idle", "")],
    }.items():
        rows = re.findall(r"<tr[^>]* data-row.*?</tr>", page(hand, "strategies", f"?{query}"), re.DOTALL)
        found = [re.search(r">(\w+)</a>.*?<td class=\"rl\">(?:<span[^>]*>)?(\w*)<", row, re.DOTALL) for row in rows]
        assert [match.groups() for match in found if match] == order, query


SINCE = "?start=2026-01-05&end=2026-01-08"
API = f"start={day(4)}&end=2026-01-08T23:59:59.999999Z"


@pytest.mark.parametrize("part", ["", "strategy=Wild", "asset_class=crypto", "risk_level=low", "symbol=GOLD"])
def test_the_overview_says_what_the_api_says_of_the_same_time_and_part(
    bot: Caller, hand: Caller, account: Account, traded: None, part: str
) -> None:
    post_values(bot, [1000 + 3 * number - number % 4 for number in range(12)], hour=20)
    text = page(hand, "overview", f"{SINCE}&{part}")
    summary = bot.get(f"snapshot?{API}&{part}")["summary"]
    stats = bot.get(f"trades/stats?{API}&status=closed&{part}")
    risk = bot.get(f"risk/metrics?{API}&{part}")
    setting = Setting(2, timezone.now())
    for name in (
        "win_rate",
        "winning_trades",
        "losing_trades",
        "profit_factor",
        "expectancy",
        "total_fees",
        "total_trades",
    ):
        assert summary[name] == stats[name], name
    assert summary["total_pnl"] == summary["waterfall"]["realised"] == stats["total_pnl"]
    assert summary["waterfall"]["open"] == 0, "the time ended before now"
    assert summary["sharpe_ratio"] == risk["sharpe_ratio"]
    assert sum(row["net_pnl"] for row in summary["by_symbol"]) == stats["total_pnl"]
    days = bot.get(f"analytics/returns?{API}&{part}")
    told = dict(zip(summary["daily"]["dates"], summary["daily"]["net_pnl"], strict=True))
    assert list(told) == ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"]
    assert {date: told[date] for date in days["dates"]} == dict(zip(days["dates"], days["net_pnl"], strict=True))
    for path, kind in {
        "total_pnl": "signed-money",
        "win_rate": "number-1",
        "sharpe_ratio": "number-2",
        "current_drawdown_pct": "signed-percent",
    }.items():
        assert bound(text, f"summary.{path}") == write(kind, summary[path], setting), path
    assert "5 Jan – 8 Jan" in text
    # What is now is of the whole account, whatever is chosen.
    whole = bot.get("snapshot")["summary"]
    for name in ("value", "daily_change", "exposure", "all_open_trades"):
        assert summary[name] == whole[name], name
    assert len(bot.get(f"snapshot?{part}")["open_trades"]) == (
        0 if part in ("asset_class=crypto", "risk_level=low") else 1
    )


def test_the_page_says_what_its_figures_cover(bot: Caller, hand: Caller, traded: None) -> None:
    assert "all time" in page(hand, "overview", "?period=all")
    assert re.search(r"since 1 \w{3}", page(hand, "overview", "?period=month&strategy=Wild"))


def test_today_shows_closed_open_and_sum_in_one_row(bot: Caller, hand: Caller) -> None:
    now = timezone.now()
    opened, left = (now.replace(hour=0, minute=0, second=0, microsecond=at).isoformat() for at in (0, 1))
    bot.post("trades", closed(trade_id="a", net_pnl="2.25", entry_time=opened, exit_time=left))
    bot.post("trades", trade(trade_id="b", net_pnl="-0.75", entry_time=opened))
    row = re.search(r'<tr data-row="today">.*?</tr>', page(hand, "overview"), re.S)
    assert row is not None
    assert [bound(row[0], name) for name in ("trades", "closed_pnl", "open_pnl", "total_pnl")] == [
        "1",
        "+2.25",
        "−0.75",
        "+1.50",
    ]


def test_the_curve_has_a_benchmark_and_follows_the_part(bot: Caller, hand: Caller, traded: None) -> None:
    post_values(bot, [1000, 1010, 1005, 1020], hour=0)
    post_closes(bot, [50, 55, 44, 66])
    found = bot.get("portfolio/equity?benchmark=SPX")
    # A daily candle is known once its day is over: at midnight of the next one.
    assert [None if each is None else float(each) for each in found["benchmark"]] == [None, 1000, 1100, 880]
    assert bot.get("portfolio/equity")["benchmark"] is None
    assert bot.refused(400, "GET", "portfolio/equity?benchmark=NONE")["fields"].keys() == {"benchmark"}
    text = page(hand, "overview", "?period=all&benchmark=SPX&exchange=")
    assert re.search(r'data-source="/api/portfolio/equity\?[^"]*benchmark=SPX', text) and "Benchmark <b>SPX</b>" in text
    assert 'data-shows="average"' in text
    assert 'data-shows="average"' not in page(hand, "overview", "?period=all&average=off")
    own = bot.get("portfolio/equity?strategy=Wild")
    assert (own["start_value"], own["end_value"]) == (1000, 1180)


def test_a_page_without_parameters_shows_the_filters_of_last_time(
    hand: Caller, owner: User, account: Account, traded: None
) -> None:
    Preferences.objects.create(
        user=owner, chosen={"filters": {"main/trades": {"status": ["closed"], "strategy": ["Calm"]}}}
    )
    bare = hand.client.get(reverse("trades", args=["main"]))
    assert (bare.status_code, bare["Location"]) == (302, "/a/main/trades?status=closed&strategy=Calm")
    assert listed(page(hand, "trades", "?status=open")) == 1, "an address with parameters wins"
    assert listed(page(hand, "trades", "?reset")) == 25
    assert 'data-remembers="main/trades"' in page(hand, "trades", "?reset")
    assert hand.client.get(reverse("strategies", args=["main"])).status_code == 200, "of another page"


def test_filters_are_those_of_the_person_and_the_account(
    client: Client, viewer: User, owner: User, account: Account
) -> None:
    Preferences.objects.create(
        user=owner, chosen={"filters": {"main/trades": {"status": "open"}, "other/risk": {"span": "30"}}}
    )
    client.force_login(viewer)
    assert client.get(reverse("trades", args=["main"])).status_code == 200
    client.force_login(owner)
    assert client.get(reverse("risk", args=["main"])).status_code == 200


def column_heads(text: str) -> list[str]:
    head = re.search(r'<table class="trades.*?</thead>', text, re.S)
    assert head is not None
    return [re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in re.findall(r"<th [^>]*>.*?</th>", head[0], re.S)][1:]


def test_columns_are_chosen_and_stand_in_their_order(hand: Caller, owner: User, traded: None) -> None:
    usual = column_heads(page(hand, "trades"))
    assert usual == [
        "Symbol", "Strategy", "Side", "Stake", "Entry", "Exit", "Held", "Low – entry – exit – high", "Fees", "R",
        "Return %", "Net", "Exit by", "Tags",
    ]  # fmt: skip
    hand.send("PATCH", "me/preferences", {"columns": {"trades": ["net", "mae", "side", "gone"]}})
    text = page(hand, "trades")
    assert column_heads(text) == ["Symbol", "Side", "MAE %", "Net"]
    assert listed(text) == 25 and '<table class="trades cards chosen"' in text


def test_the_sums_below_the_table_are_those_of_the_api(bot: Caller, hand: Caller, traded: None) -> None:
    text = page(hand, "trades", "?strategy=Wild")
    columns = bot.get("trades/stats?strategy=Wild")["columns"]
    setting = Setting(2, timezone.now())
    assert columns["net_pnl"] == {"total": 180, "average": 15, "lowest": -120, "highest": 150}
    assert columns["stake"]["average"] == 200 and columns["r_multiple"] == dict.fromkeys(columns["stake"])
    for path, kind in {
        "net_pnl.total": "signed-money",
        "net_pnl.lowest": "signed-money",
        "net_pnl.highest": "signed-money",
        "stake.average": "money",
        "duration_seconds.average": "span",
        "fees.total": "money-3",
    }.items():
        column, part = path.split(".")
        assert bound(text, f"stats.columns.{path}") == write(kind, columns[column][part], setting), path


def test_the_page_exports_what_it_shows(hand: Caller, traded: None) -> None:
    text = page(hand, "trades", "?strategy=Wild&status=closed&min_pnl=0")
    (source,) = re.findall(r'href="(/api/export/trades\?[^"]*format=json[^"]*)"', text)
    response: Any = hand.client.get(source.replace("&amp;", "&"))
    found = json.loads(b"".join(response.streaming_content), parse_float=Decimal)
    assert len(found["trades"]) == listed(text) == 6
    assert found["about"]["filter strategy"] == "Wild" and found["about"]["account"] == "main"
    assert found["summary"]["total"]["net_pnl"] == 900 and found["summary"]["counted"] == 6


def test_the_sankey_says_what_flows_through_each_node(bot: Caller, traded: None) -> None:
    found = bot.get("analytics/sankey?risk_level=extreme")
    nodes = dict(
        zip(zip(found["nodes"]["levels"], found["nodes"]["names"], strict=True), found["nodes"]["values"], strict=True)
    )
    assert nodes == {(0, "capital"): 1620, (1, "Wild"): 1620, (2, "GOLD"): 1620, (3, "wins"): 900, (3, "losses"): 720}
    assert bot.get("analytics/sankey?measure=trades")["nodes"]["values"][0] == 24
