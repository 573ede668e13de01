"""What a page needs to start, and that events keep it true."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from dashboard.models import Account
from dashboard.selectors import overview
from tests.api.conftest import Caller
from tests.api.samples import alert, annotation, closed, flow, portfolio, position, trade

pytestmark = pytest.mark.django_db
# Names of lists of a snapshot, by the event type that changes them, with the name of the row's identity.
LISTS = {
    "strategy_update": ("strategies", "id"),
    "bot_status": ("bots", "id"),
    "alert": ("alerts", "id"),
    "annotation": ("annotations", "id"),
}


def rows_of(snapshot: dict[str, Any]) -> dict[str, Any]:
    """The rows of a snapshot by identity, without what is counted over rows and what ticks."""
    found: dict[str, Any] = {
        name: {row[key]: {k: v for k, v in row.items() if k != "beats"} for row in snapshot[name]}
        for name, key in LISTS.values()
    }
    trades = snapshot["open_trades"] + snapshot["recent_trades"]
    return found | {"portfolio": snapshot["portfolio"], "trades": {row["id"]: row for row in trades}}


def moment(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["timestamp"])


def apply(rows: dict[str, Any], event: dict[str, Any]) -> None:
    """What a page does with an event: put the whole row in the place of the old one."""
    row = dict(event["d"])
    change = row.pop("change", None)
    if event["type"] == "portfolio_update":
        if rows["portfolio"] is None or moment(row) >= moment(rows["portfolio"]):
            rows["portfolio"] = row
    elif event["type"] == "trade_executed":
        rows["trades"].pop(row["id"], None)
        if row["status"] in ("open", "closed") and change != "deleted":
            rows["trades"][row["id"]] = row
    elif event["type"] in LISTS:
        name, key = LISTS[event["type"]]
        rows[name].pop(row[key], None)
        if change != "deleted" and row.get("status") != "resolved":
            rows[name][row[key]] = row
    else:
        assert event["type"] == "cashflow"


REPORTS: list[tuple[str, Any]] = [
    ("trades", trade(strategy="Trend", bot="alpha", stop_loss="90", extra={"a": [1.5]})),
    ("trades", [trade(trade_id="t-2"), trade(trade_id="t-3", status="pending", entry_price=None, entry_time=None), {}]),
    ("trades", [trade(trade_id="t-2", highest_price="120"), closed(fees="1.10")]),
    ("trades", [trade(trade_id="t-3"), trade(trade_id="t-3", status="cancelled"), closed(rev=9), trade(rev=10)]),
    ("portfolio", portfolio(positions=[position()], bot="beta")),
    ("portfolio", [portfolio(timestamp="2026-01-01T10:00:00Z"), portfolio(timestamp="2026-01-03T10:00:00Z")]),
    ("portfolio", portfolio(timestamp="2026-01-03T10:00:00.5Z", total_value="1000.50")),
    ("cashflows", flow(timestamp="2026-01-03T10:00:00Z")),
    ("strategies", [{"name": "Grid", "parameters": {"n": 1}}, {"name": "Trend", "max_drawdown": "10"}]),
    ("alerts", [alert(strategy="Trend", trade_id="t-1", dedupe_key="k"), alert()]),
    ("alerts", alert(dedupe_key="k", severity="error")),
    ("annotations", [annotation(), annotation(text="b", color="red"), annotation()]),
    ("annotations/import", [annotation(), annotation(text="c")]),
    ("heartbeat", {"bot": "alpha", "state": "running"}),
    ("heartbeat", {"bot": "alpha", "state": "error", "message": "lost the exchange"}),
]


def test_old_snapshot_and_events_make_the_new_snapshot(
    bot: Caller, operator: Any, owner: Any, person: Callable[..., Caller]
) -> None:
    old = bot.get("snapshot")
    steps: list[Callable[[], Any]] = [partial(bot.post, path, body) for path, body in REPORTS]
    hand = person(operator)

    def first(name: str) -> int:
        return int(min(row["id"] for row in old[name]))

    steps += [
        lambda: hand.send("PATCH", f"trades/{first('open_trades')}", {"notes": "n"}),
        lambda: hand.send("PATCH", f"strategies/{first('strategies')}", {"enabled": False}),
        lambda: hand.post(f"alerts/{first('alerts')}/acknowledge", None),
        lambda: hand.post(f"alerts/{first('alerts')}/resolve", None),
        lambda: bot.send("PATCH", f"annotations/{first('annotations')}", {"text": "other"}),
        lambda: bot.send("DELETE", f"annotations/{first('annotations')}"),
        lambda: bot.post("alerts", alert(trade_id="t-2")),
        lambda: person(owner).send("DELETE", f"trades/{first('open_trades')}"),
        lambda: bot.post("portfolio", portfolio(timestamp="2026-01-02T23:00:00Z")),
    ]
    seen = set()
    for step in steps:
        rows = rows_of(old)
        step()
        for event in bot.get(f"events?since={old['seq']}&limit=1000")["events"]:
            seen.add(event["type"])
            apply(rows, event)
        old = bot.get("snapshot")
        assert rows == rows_of(old)
    assert seen == {*LISTS, "trade_executed", "portfolio_update", "cashflow"}


def test_what_it_holds(bot: Caller, account: Account) -> None:
    empty = bot.get("snapshot")
    assert set(empty) == {
        "account", "epoch", "seq", "server_time", "portfolio", "summary", "strategies", "open_trades", "recent_trades",
        "alerts", "annotations", "bots",
    }  # fmt: skip
    assert empty["account"]["slug"] == "main" and empty["account"]["role"] == "operator" and empty["seq"] == 0
    assert empty["portfolio"] is None and empty["open_trades"] == [] and empty["summary"]["open_trades"] == 0
    bot.post("trades", [trade(), *[closed(trade_id=f"c-{number}") for number in range(60)]])
    full = bot.get("snapshot")
    assert len(full["recent_trades"]) == 50 and len(full["open_trades"]) == 1
    assert full["seq"] == 62 == bot.get("events")["head"] and full["epoch"] == empty["epoch"]
    assert (
        bot.get("snapshot?trades=0")["recent_trades"] == []
        and len(bot.get("snapshot?trades=1000")["recent_trades"]) == 60
    )
    for query in ("trades=1001", "trades=x", "since=1"):
        assert list(bot.refused(400, "GET", f"snapshot?{query}")["fields"]) == [query.partition("=")[0]]


def test_figures_count_the_open_trades_that_are_not_shown_too(bot: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    bot.post("portfolio", portfolio(total_pnl="50", total_pnl_pct="0"))
    for number, direction in enumerate(("long", "long", "short")):
        bot.post("trades", trade(trade_id=f"t-{number}", direction=direction))
    monkeypatch.setattr(overview, "OPEN_TRADES", 1)
    found = bot.get("snapshot")
    assert (len(found["open_trades"]), found["summary"]["open_trades"]) == (1, 3)
    assert found["summary"]["exposure"] == {"long_pct": 40, "short_pct": 20, "cash_pct": 40}
    assert found["summary"]["total_pnl_pct"] == 0  # as reported, although the result is not


def test_its_number_is_read_before_its_rows(bot: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is committed while the rows are read is in the rows and comes again as an event."""
    read = overview.AccountRows

    def read_later(*args: Any) -> Any:
        monkeypatch.setattr(overview, "AccountRows", read)
        bot.post("trades", trade())
        return read(*args)

    monkeypatch.setattr(overview, "AccountRows", read_later)
    found = bot.get("snapshot")
    assert found["seq"] == 0 and len(found["open_trades"]) == 1
