"""Where the money came from and went to, and single trades as marks, over the API. Sums are exact."""

from decimal import Decimal
from typing import Any

import pytest

from dashboard.models import Account
from dashboard.selectors import breakdowns
from tests.api.conftest import Caller
from tests.api.samples import closed, flow, portfolio, position, trade
from tests.api.series import day, post_results, post_values

pytestmark = pytest.mark.django_db
TINY = Decimal("0.000000000000000001")


def steps(found: dict[str, Any]) -> dict[str, Decimal]:
    return {name: value for name, value in zip(found["names"], found["values"], strict=True) if value}


def test_a_waterfall_between_snapshots(bot: Caller) -> None:
    post_values(bot, [1000, 1010, 1130])
    bot.post(
        "trades",
        [
            closed(trade_id="before", entry_time=day(0, 1), exit_time=day(0, 2), net_pnl="500"),
            closed(trade_id="a", entry_time=day(0, 13), exit_time=day(1, 1), net_pnl="50", fees="2", funding="-0.25"),
            closed(trade_id="b", entry_time=day(0, 13), exit_time=day(2, 12), net_pnl="-20", fees="1", slippage="0.5"),
            closed(trade_id="after", entry_time=day(2, 13), exit_time=day(2, 14), net_pnl="500"),
        ],
    )
    bot.post(
        "cashflows",
        [
            flow(flow_id="at the first value", timestamp=day(0, 12), amount="5000"),
            flow(flow_id="in", timestamp=day(1, 1), amount="150"),
            flow(flow_id="out", timestamp=day(1, 2), amount="-50", kind="withdrawal"),
            flow(flow_id="fee", timestamp=day(1, 2), amount="-3", kind="fee"),
        ],
    )
    found = bot.get("analytics/waterfall")
    assert steps(found) == {
        "start": 1000, "trades": Decimal("33.75"), "fees": -3, "slippage": Decimal("-0.5"), "funding": Decimal("-0.25"),
        "deposits": 100, "end": 1130,
    }  # fmt: skip
    assert found["total_trades"] == 2 and (found["start"], found["end"]) == (day(0, 12), day(2, 12))
    assert found["begins"][1] == 1000 and found["ends"][0] == 1000 and found["ends"][-2:] == [1130, 1130]
    part = bot.get(f"analytics/waterfall?start={day(2)}")
    assert steps(part) == {
        "start": 1010, "trades": Decimal("-18.5"), "fees": -1, "slippage": Decimal("-0.5"), "other": 140, "end": 1130,
    }  # fmt: skip


def test_a_waterfall_of_trades_agrees_with_their_statistics(bot: Caller) -> None:
    bot.post("strategies", [{"name": "A", "allocated_capital": 100}, {"name": "B", "allocated_capital": 50}])
    post_results(bot, ["10.000000000000000001", "-3", "0"], strategy="A", fees="0.1")
    post_results(bot, ["5", "5"], strategy="B", symbol="X", slippage="1")
    for query in ("", f"start={day(1)}", f"end={day(0, 13)}", "strategy=A", f"strategy=B&start={day(1)}", "symbol=X"):
        found, stats = bot.get(f"analytics/waterfall?{query}"), bot.get(f"trades/stats?{query}")
        bars = dict(zip(found["names"], found["values"], strict=True))
        assert bars["end"] - bars["start"] == stats["total_pnl"], query
        assert bars["fees"] == -stats["total_fees"] and bars["other"] == 0
        assert found["total_trades"] == stats["total_trades"] and found["source"] == "trades"
        assert bars["trades"] + bars["fees"] + bars["slippage"] == stats["total_pnl"]
    assert dict(zip(found["names"], found["values"], strict=True))["start"] == 150
    bot.post("trades", closed(trade_id="poor", strategy="C", net_pnl="7"))
    assert steps(bot.get("analytics/waterfall?strategy=C")) == {"trades": 7, "end": 7}


def test_amounts_beyond_18_digits(bot: Caller) -> None:
    post_results(bot, ["9" * 18, "9" * 18, "9" * 18])
    assert bot.get("analytics/waterfall")["values"][-1] == 3 * (10**18 - 1)
    assert bot.get("analytics/sankey")["links"]["values"][0] == 3 * (10**18 - 1)
    assert bot.get("analytics/returns")["net_pnl"] == [10**18 - 1] * 3


def test_sankey(bot: Caller) -> None:
    post_results(bot, ["1.000000000000000001", "-2", "0"], strategy="A", symbol="X")
    post_results(bot, ["4"], strategy="B", symbol="X")
    found = bot.get("analytics/sankey")
    nodes = list(zip(found["nodes"]["levels"], found["nodes"]["names"], strict=True))
    links = found["links"]
    bands = {
        (nodes[source], nodes[target]): value
        for source, target, value in zip(links["sources"], links["targets"], links["values"], strict=True)
    }
    assert bands == {
        ((0, "capital"), (1, "A")): 3 + TINY,
        ((0, "capital"), (1, "B")): 4,
        ((1, "A"), (2, "X")): 3 + TINY,
        ((1, "B"), (2, "X")): 4,
        ((2, "X"), (3, "wins")): 5 + TINY,
        ((2, "X"), (3, "losses")): 2,
    }
    by_count = bot.get("analytics/sankey?measure=trades&strategy=A")
    assert by_count["links"]["values"] == [3, 3, 1, 1, 1] and "breakeven" in by_count["nodes"]["names"]
    assert by_count["total_trades"] == 3


def test_the_rest_of_many_symbols_is_one_node(bot: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breakdowns, "MOST_NODES", 2)
    for symbol, count in (("A", 3), ("B", 2), ("C", 1), ("D", 1)):
        post_results(bot, [1] * count, symbol=symbol)
    nodes = bot.get("analytics/sankey")["nodes"]
    assert [name for level, name in zip(nodes["levels"], nodes["names"], strict=True) if level == 2] == ["A", "B", None]


def test_hours(bot: Caller) -> None:
    bot.post(
        "trades",
        [
            closed(trade_id="a", entry_time=day(0, 10), exit_time=day(0, 23.5), net_pnl="0.1"),  # a Thursday
            closed(trade_id="b", entry_time=day(0, 10), exit_time=day(7, 23), net_pnl="0.2"),
            closed(trade_id="c", entry_time=day(180, 10), exit_time=day(180, 11), net_pnl="-1"),  # Tuesday, in summer
        ],
    )
    found = bot.get("analytics/hours")
    assert found["timezone"] == "UTC" and found["trades"][3][23] == 2 == found["winning_trades"][3][23]
    assert found["net_pnl"][3][23] == Decimal("0.3") and found["winning_trades"][1][11] == 0
    assert sum(map(sum, found["trades"])) == 3
    berlin = bot.get("analytics/hours?timezone=Europe/Berlin")
    assert berlin["trades"][4][0] == 2 and berlin["trades"][1][13] == 1
    assert bot.get("analytics/hours?timezone=Asia/Kathmandu")["trades"][4][5] == 1
    assert bot.get("analytics/hours?by=entry")["trades"][3][10] == 2
    assert bot.get("analytics/hours?outcome=loss")["trades"][1][11] == 1
    for group in bot.get("trades/stats?group_by=hour")["groups"]:
        assert sum(row[int(group["name"])] for row in found["net_pnl"]) == group["total_pnl"]


def test_allocation_of_reported_positions(bot: Caller) -> None:
    bot.post(
        "portfolio",
        portfolio(
            cash_balance="250",
            positions=[
                position(value="100", asset_class="crypto", unrealized_pnl="1"),
                position(symbol="ETH/USDT", value="-200", direction="short", asset_class="crypto", unrealized_pnl="-3"),
                position(symbol="AAPL", value="50.5", asset_class="stocks"),
                position(symbol="Z", value="49.5"),
            ],
        ),
    )
    found = bot.get("analytics/allocation")
    assert (found["source"], found["value"], found["cash"]) == ("snapshots", 1000, 250)
    assert found["groups"]["names"] == ["crypto", "stocks", None] and found["groups"]["values"] == [
        300,
        Decimal("50.5"),
        Decimal("49.5"),
    ]
    assert [float(share) for share in found["groups"]["shares"]] == [0.75, 0.12625, 0.12375]
    parts = found["parts"]
    assert parts["symbols"] == ["ETH/USDT", "BTC/USDT", "AAPL", "Z"] and parts["unrealized_pnl"] == [-3, 1, 1, 1]
    assert parts["directions"][0] == "short" and parts["groups"] == ["crypto", "crypto", "stocks", None]
    few = bot.get("analytics/allocation?limit=1&group_by=direction")
    assert few["parts"]["symbols"] == ["BTC/USDT"] or few["parts"]["symbols"] == ["ETH/USDT"]
    assert few["parts"]["total"] == 4 and few["groups"]["names"] == ["long", "short"]


def test_allocation_of_open_trades(bot: Caller) -> None:
    bot.post(
        "trades",
        [
            trade(trade_id="a", size="0.1", entry_price="30000.5", strategy="A", net_pnl="5"),
            trade(trade_id="b", size="2", entry_price="100", strategy="B"),
            trade(trade_id="c", size="1", entry_price="10", strategy="A", net_pnl="-1"),
            trade(trade_id="huge", size="9" * 18, entry_price="9" * 18),
            closed(trade_id="gone"),
        ],
    )
    found = bot.get("analytics/allocation?group_by=strategy")
    assert found["source"] == "trades" and found["groups"]["names"] == ["A", "B"]
    assert found["groups"]["values"] == [Decimal("3010.05"), 200]
    assert found["parts"]["unrealized_pnl"] == [4, None]


SIGNALS = [
    closed(trade_id="a", entry_time=day(0, 1), exit_time=day(0, 2), exit_reason="roi", net_pnl="3"),
    closed(trade_id="b", entry_time=day(0, 3), exit_time=day(0, 4), exit_reason="trailing_stop_loss"),
    closed(trade_id="c", direction="short", entry_time=day(0, 5), exit_time=day(0, 6), exit_reason="exit_signal"),
    closed(trade_id="d", entry_time=day(0, 7), exit_time=day(0, 8), exit_price="90", stop_loss="91", take_profit="120"),
    closed(
        trade_id="e", direction="short", entry_time=day(0, 9), exit_time=day(0, 10), exit_price="80", take_profit="80"
    ),
    trade(trade_id="f", entry_time=day(0, 11), stop_loss="95"),
    trade(trade_id="g", status="cancelled", entry_time=day(0, 12)),
    trade(trade_id="h", status="pending", entry_time=None, entry_price=None),
    trade(trade_id="i", symbol="ETH/USDT"),
]  # fmt: skip


def test_signals(bot: Caller) -> None:
    bot.post("trades", SIGNALS)
    found = bot.get("analytics/signals?symbol=BTC/USDT")
    assert found["kinds"] == [
        "buy", "take_profit", "buy", "stop_loss", "sell", "buy", "buy", "stop_loss", "sell", "take_profit", "buy",
        "signal",
    ]  # fmt: skip
    assert found["timestamps"] == [day(0, hour) for hour in range(1, 13)] and found["has_more"] is False
    assert found["actions"][:2] == ["entry", "exit"] and found["net_pnl"][:2] == [None, 3]
    assert found["stop_losses"][6] == 91 and found["stop_losses"][7] is None and found["take_profits"][6] == 120
    newest = bot.get("analytics/signals?symbol=BTC/USDT&limit=3")
    assert newest["kinds"] == found["kinds"][-3:] and newest["has_more"] is True
    part = bot.get(f"analytics/signals?symbol=BTC/USDT&start={day(0, 4)}&end={day(0, 5)}")
    assert part["kinds"] == ["stop_loss", "sell"]
    assert bot.get("analytics/signals?symbol=BTC/USDT&strategy=none")["kinds"] == []
    assert list(bot.refused(400, "GET", "analytics/signals")["fields"]) == ["symbol"]


def test_how_far_trades_went(bot: Caller) -> None:
    bot.post(
        "trades",
        [
            closed(trade_id="a", lowest_price="90", highest_price="115", stop_loss="95", net_pnl="20", pnl_pct="10"),
            closed(trade_id="b", exit_time=day(3), direction="short", lowest_price="90", highest_price="115"),
            closed(trade_id="c", exit_time=day(2)),
            trade(trade_id="open"),
        ],
    )
    found = bot.get("analytics/mae-mfe")
    assert found["trade_ids"] == ["b", "c", "a"] and found["total"] == 3
    assert found["mae_pct"] == [-15, None, -10] and found["mfe_pct"] == [10, None, 15]
    assert found["r_multiple"] == [None, None, 2] and found["pnl_pct"] == [None, None, 10]
    assert found["mae_pct"][2] == bot.get("trades?trade_id=a")["trades"][0]["mae_pct"]
    assert bot.get("analytics/mae-mfe?limit=1")["trade_ids"] == ["b"]
    assert bot.get("analytics/mae-mfe?direction=long")["total"] == 2


def test_costs_of_another_account_are_not_counted(bot: Caller, program: Any, other_account: Account) -> None:
    post_results(bot, [5, 5], fees="1", slippage="1")
    bot.post("cashflows", flow())
    stranger = program(of=other_account)
    post_results(stranger, [1, 1], fees="0.1")
    assert steps(stranger.get("analytics/waterfall")) == {
        "trades": Decimal("2.2"), "fees": Decimal("-0.2"), "end": 2,
    }  # fmt: skip
    assert stranger.get("analytics/sankey")["total_trades"] == 2
