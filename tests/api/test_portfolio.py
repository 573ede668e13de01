"""Snapshots and cash flows over the API."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from dashboard.models import CashFlow, Portfolio
from tests.api.conftest import Caller
from tests.api.samples import closed, flow, portfolio, position

pytestmark = pytest.mark.django_db
FULL = portfolio(
    cash_balance="400.5",
    margin_used="0",
    margin_available="-1",
    daily_change="3",
    daily_change_pct="0.3",
    total_pnl="50",
    total_pnl_pct="5",
    realized_pnl="40",
    unrealized_pnl="10",
    positions=[position(leverage="2", stop_loss="90", liquidation_price="50", asset_class="crypto", strategy="Trend")],
    bot="alpha",
)


def test_a_snapshot_comes_back_as_it_was_sent(bot: Caller) -> None:
    assert bot.get("portfolio") is None
    made = bot.post("portfolio", FULL, status=201)
    row = bot.get("portfolio")
    assert row == made["item"] == bot.get("events")["events"][-1]["d"]
    for name, value in FULL.items():
        if name not in ("positions", "timestamp", "bot"):
            assert row[name] == Decimal(value), name
    sent = FULL["positions"][0]
    texts = {"symbol", "direction", "asset_class", "strategy"}
    assert row["positions"] == [{name: text if name in texts else Decimal(text) for name, text in sent.items()}]
    assert [event["type"] for event in bot.get("events")["events"]] == ["bot_status", "portfolio_update"]


def test_same_is_duplicate_and_other_is_updated(bot: Caller) -> None:
    first = bot.post("portfolio", FULL)
    assert bot.post("portfolio", FULL, status=200)["status"] == "duplicate"
    shifted = {**FULL, "timestamp": "2026-01-02T12:00:00+02:00", "total_value": "1000.0"}
    assert bot.post("portfolio", shifted)["status"] == "duplicate"
    changed = bot.post("portfolio", {**FULL, "total_value": "1001"}, status=200)
    assert changed["status"] == "updated" and changed["seq"] == first["seq"] + 1
    # A snapshot is whole: what a later one of the same moment leaves out is not known.
    assert bot.post("portfolio", portfolio())["item"]["cash_balance"] is None
    assert Portfolio.objects.count() == 1


def test_a_list_names_each_snapshot_by_its_number(bot: Caller) -> None:
    bodies = [portfolio(), portfolio(timestamp="2026-01-03T10:00:00Z"), portfolio(total_value="NaN"), portfolio()]
    answer = bot.post("portfolio", bodies)
    assert [item["status"] for item in answer["items"]] == ["created", "created", "invalid", "duplicate"]
    numbers = dict(Portfolio.objects.values_list("timestamp__day", "pk"))
    assert [item["id"] for item in answer["items"]] == [numbers[2], numbers[3], None, numbers[2]]
    assert answer["summary"]["created"] == 2 and bot.get("events")["head"] == 2


def test_the_last_of_one_moment_counts(bot: Caller) -> None:
    answer = bot.post("portfolio", [portfolio(), portfolio(total_value="7"), portfolio(total_value="9")])
    assert [item["status"] for item in answer["items"]] == ["created", "updated", "updated"]
    assert len({item["id"] for item in answer["items"]}) == 1
    assert bot.get("portfolio")["total_value"] == 9


@pytest.mark.parametrize("together", [True, False])
def test_daily_change_is_what_was_not_deposited(bot: Caller, together: bool) -> None:
    """However the snapshots are sent."""
    values = {
        "2026-01-01T23:00:00Z": 1000,
        "2026-01-02T10:00:00Z": 1130,
        "2026-01-02T23:00:00Z": 1100,
        "2026-01-03T01:00:00Z": 1111,
    }
    bot.post("cashflows", flow())
    bodies = [portfolio(timestamp=at, total_value=value) for at, value in values.items()]
    for body in [bodies] if together else bodies:
        bot.post("portfolio", body)
    rows = bot.get("portfolio/history")["snapshots"]
    assert [row["daily_change"] for row in rows] == [11, 0, 30, None]
    assert [row["daily_change_pct"] for row in rows] == [1, 0, 3, None]


def test_a_flow_told_late_or_moved_changes_the_days_it_touches(bot: Caller) -> None:
    bot.post("portfolio", [portfolio(timestamp=f"2026-01-0{day}T10:00:00Z", total_value=1000) for day in (1, 2, 3)])

    def changes() -> list[Any]:
        return [row["daily_change"] for row in bot.get("portfolio/history")["snapshots"]]

    assert changes() == [0, 0, None]
    made = bot.post("cashflows", flow(), status=201)
    assert changes() == [0, -100, None]
    bot.post("cashflows", flow(timestamp="2026-01-03T09:00:00Z"))
    assert changes() == [-100, 0, None]
    event = bot.get("events")["events"][-1]
    assert event["type"] == "portfolio_update" and event["d"] == bot.get("portfolio")
    bot.post("cashflows", flow(timestamp="2026-01-03T09:00:00Z", kind="fee"))
    assert changes() == [0, 0, None]
    assert CashFlow.objects.count() == 1 and made["seq"] == 4


def test_a_snapshot_told_late_changes_what_the_next_day_began_with(bot: Caller) -> None:
    def changes() -> list[Any]:
        return [row["daily_change"] for row in bot.get("portfolio/history")["snapshots"]]

    days = {"01T23": 1000, "05T10": 1050, "05T11": 1060, "06T10": 1100}
    bot.post("portfolio", [portfolio(timestamp=f"2026-01-{at}:00:00Z", total_value=days[at]) for at in days])
    bot.post("portfolio", portfolio(timestamp="2026-01-05T12:00:00Z", total_value=1070, daily_change=7))
    assert changes() == [30, 7, 60, 50, None]
    bot.post("portfolio", portfolio(timestamp="2026-01-03T23:00:00Z", total_value=1020))  # the last before the 5th
    assert changes() == [30, 7, 40, 30, 20, None]
    bot.post("portfolio", portfolio(timestamp="2026-01-03T12:00:00Z", total_value=9))  # nobody's beginning
    assert changes() == [30, 7, 40, 30, 20, -991, None]
    before = bot.get("events")["head"]
    late = [portfolio(timestamp=f"2026-01-0{day}T23:30:00Z", total_value=1000 + day) for day in (5, 3)]
    made = bot.post("portfolio", late)
    assert changes() == [95, 2, 7, 57, 47, 3, 20, -991, None]
    assert [item["seq"] - before for item in made["items"]] == [2, 1]
    told = bot.get(f"events?since={before + 2}")["events"]
    assert [event["d"] for event in told] == [bot.get("portfolio")]
    bot.post("portfolio", portfolio(timestamp="2026-01-03T23:30:00Z", total_value=1050))
    assert changes() == [95, -45, 7, 10, 0, 50, 20, -991, None]


def test_cash_flows(bot: Caller) -> None:
    made = bot.post("cashflows", flow(note="first"), status=201)
    assert made["item"] == {"id": made["item"]["id"], **flow(note="first", amount=100)}
    assert bot.post("cashflows", flow(note="first"))["status"] == "duplicate"
    assert bot.post("cashflows", flow())["status"] == "updated"
    assert bot.get("events")["events"][0] == {**bot.get("events")["events"][0], "type": "cashflow", "d": made["item"]}
    out = bot.post(
        "cashflows",
        [
            flow(flow_id="w1", kind="withdrawal", amount="5"),
            flow(flow_id="w2", kind="withdrawal", amount="-5"),
            flow(flow_id="d", amount="-5"),
            flow(flow_id="z", kind="funding", amount="0"),
        ],
    )
    assert [item["status"] for item in out["items"]] == ["created", "created", "invalid", "invalid"]
    assert [item["flow_id"] for item in out["items"]] == ["w1", "w2", "d", "z"]
    assert set(CashFlow.objects.filter(kind="withdrawal").values_list("amount", flat=True)) == {Decimal(-5)}


def test_history_page_by_page(bot: Caller) -> None:
    bot.post("portfolio", [portfolio(timestamp=f"2026-01-0{day}T10:00:00Z", total_value=day) for day in range(1, 8)])
    query = "portfolio/history?limit=2&start=2026-01-02T10:00:00Z&end=2026-01-06T10:00:00Z"
    seen, page = [], bot.get(query)
    assert (page["count"], page["start"], page["end"]) == (2, "2026-01-05T10:00:00Z", "2026-01-06T10:00:00Z")
    while True:
        seen += [row["total_value"] for row in page["snapshots"]]
        if not page["has_more"]:
            break
        bot.post("portfolio", portfolio(timestamp=f"2026-01-06T10:00:0{len(seen)}Z"))
        page = bot.get(f"{query}&cursor={page['next_cursor']}")
    assert seen == [6, 5, 4, 3, 2] and page["next_cursor"] is None


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("portfolio?x=1", "x"),
        ("portfolio/history?limit=1001", "limit"),
        ("portfolio/history?offset=1", "offset"),
        ("portfolio/history?cursor=abc", "cursor"),
        ("portfolio/history?start=yesterday", "start"),
        ("portfolio/equity?days=0", "days"),
        ("portfolio/equity?days=7&start=2026-01-01T00:00:00Z", "days"),
        ("portfolio/equity?points=5001", "points"),
        ("portfolio/equity?points=9", "points"),
        ("portfolio/equity?start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z", "end"),
        ("portfolio/history?end=%00", "end"),
    ],
)
def test_bad_parameters_are_named(bot: Caller, path: str, field: str) -> None:
    assert list(bot.refused(400, "GET", path)["fields"]) == [field]


def test_a_history_cursor_belongs_to_its_bounds(bot: Caller) -> None:
    bot.post("portfolio", [portfolio(timestamp=f"2026-01-0{day}T10:00:00Z") for day in (1, 2, 3)])
    cursor = bot.get("portfolio/history?limit=1")["next_cursor"]
    for query in (f"start=2026-01-01T00:00:00Z&cursor={cursor}", f"cursor={cursor}x"):
        assert list(bot.refused(400, "GET", f"portfolio/history?limit=1&{query}")["fields"]) == ["cursor"]


def test_equity(bot: Caller) -> None:
    empty = bot.get("portfolio/equity")
    assert empty["timestamps"] == [] and empty["return_pct"] is None and empty["start_value"] is None
    bot.post(
        "portfolio",
        [
            portfolio(timestamp=f"2026-01-0{day}T10:00:00Z", total_value=value)
            for day, value in ((1, 1000), (2, 1200), (3, 900), (4, 1000))
        ],
    )
    bot.post("cashflows", flow(timestamp="2026-01-04T09:00:00Z", amount="100"))
    found = bot.get("portfolio/equity")
    assert found["equity"] == [1000, 1200, 900, 1000] and found["timestamps"][0] == "2026-01-01T10:00:00Z"
    assert [float(fall) for fall in found["drawdown"]] == pytest.approx([0, 0, -0.25, -0.25])
    assert (found["start_value"], found["end_value"]) == (1000, 1000)
    assert float(found["return_pct"]) == pytest.approx(-10)
    part = bot.get("portfolio/equity?start=2026-01-02T00:00:00Z&end=2026-01-03T23:00:00Z")
    assert part["equity"] == [1200, 900]
    with time_machine.travel("2026-01-05T00:00:00Z", tick=False):
        assert bot.get("portfolio/equity?days=2")["equity"] == [900, 1000]


def test_equity_is_thinned_without_losing_an_extreme(bot: Caller) -> None:
    values = [1000 + number % 7 for number in range(400)]
    values[123], values[321] = 10, 99_999
    bot.post(
        "portfolio",
        [
            portfolio(timestamp=f"2026-01-01T{n // 60:02}:{n % 60:02}:00Z", total_value=value)
            for n, value in enumerate(values)
        ],
    )
    found = bot.get("portfolio/equity?points=20")
    assert len(found["equity"]) <= 22 and {10, 99_999} <= set(found["equity"])
    assert float(min(found["drawdown"])) == pytest.approx(10 / 1006 - 1)


def test_without_snapshots_the_curve_comes_from_trades(bot: Caller, account: Any) -> None:
    account.initial_capital = Decimal(100)
    account.save()
    bot.post("trades", [closed(), closed(trade_id="t-2", exit_time="2026-01-02T12:00:00Z", net_pnl="-60")])
    found = bot.get("portfolio/equity")
    assert (found["source"], found["equity"]) == ("trades", [100, 120, 60])


def test_nothing_is_stored_of_a_refused_list(bot: Caller, stored: Callable[[], dict[str, int]]) -> None:
    before = stored()
    bad = {"total_value": "1", "timestamp": "2026-01-01T00:00:00"}
    assert list(bot.refused(400, "POST", "portfolio?atomic=true", [FULL, bad])["fields"]) == ["1.timestamp"]
    assert list(bot.refused(400, "POST", "cashflows?atomic=true", [flow(), flow(kind="gift")])["fields"]) == ["1.kind"]
    assert stored() == before


def test_a_change_without_room_in_its_column_is_unknown_and_refuses_nothing(bot: Caller) -> None:
    most, tiny = "9" * 18, "0.000000000000000001"
    bot.post("portfolio", portfolio(timestamp="2026-01-01T10:00:00Z", total_value=tiny))
    row = bot.post("portfolio", portfolio(total_value=most))["item"]
    assert row["daily_change"] == Decimal("9" * 17 + "8." + "9" * 18) and row["daily_change_pct"] is None
    bot.post(
        "cashflows", [flow(kind="withdrawal", amount=most), flow(flow_id="f-2", kind="adjustment", amount=f"-{most}")]
    )
    assert bot.get("portfolio")["daily_change"] is None
    for path in ("accounts", "snapshot", "portfolio/equity", "portfolio/history"):
        bot.get(path)
