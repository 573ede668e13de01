"""What a bot reports is what BotV2 has, to the last digit; what it cannot report never disturbs the bot."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from botv2.env import ROOT
from botv2_client import Client
from botv2_client.fields import Position
from tests.client.conftest import MakeClient, Target, open_trade
from tests.client.fake import FakeBotV2

DIGITS = "123456789012345678.123456789012345678"


def test_a_trade_lives_under_one_id(target: Target, make_client: MakeClient) -> None:
    client = make_client(target)
    assert open_trade(client, "t-1", strategy="Trend", stop_loss="63000", tags=["breakout"])
    assert client.trade_update("t-1", highest_price="64200", lowest_price="63900")
    assert client.flush()
    assert target.trades()["t-1"]["status"] == "open"
    assert client.close()
    # The bot starts again and knows no more than the id.
    again = make_client(target)
    assert again.trade_close("t-1", exit_price="64100.5", fees="1.25", exit_reason="target")
    assert again.flush()
    trade = target.trades()["t-1"]
    assert (trade["status"], trade["strategy"], trade["exit_reason"]) == ("closed", "Trend", "target")
    assert (trade["stop_loss"], trade["highest_price"], trade["bot"]) == (63000, 64200, "tester")
    assert trade["net_pnl"] == 8.75
    assert again.stats().refused == 0


def test_everything_a_bot_may_say_arrives(target: Target, make_client: MakeClient) -> None:
    client = make_client(target)
    client.strategy("Trend", allocated_capital=Decimal("5000"), parameters={"rsi": 31.5, "period": 14})
    open_trade(client, "t-1", strategy="Trend")
    position: Position = {
        "symbol": "BTC/USDT",
        "direction": "long",
        "size": "0.1",
        "entry_price": 64000.5,
        "mark_price": 64010,
        "value": "6401",
        "unrealized_pnl": "0.95",
    }
    client.snapshot("10000.95", cash_balance=3599, positions=[position])
    client.cash_flow("f-1", amount=10_000, kind="deposit")
    client.candle("BTC/USDT:USDT", "1m", datetime(2026, 1, 1, tzinfo=UTC), 1, 2, 0.5, 1.5, 100, exchange="kraken")
    client.alert("slippage is high", severity="warning", type="trade", trade_id="t-1", strategy="Trend")
    client.heartbeat(version="1.0", open_positions=1)
    assert client.flush()
    stats = client.stats()
    assert (stats.sent, stats.queued, stats.refused, stats.dropped) == (7, 0, 0, {})
    snapshot = target.get("snapshot")
    (strategy,) = snapshot["strategies"]
    assert (strategy["allocated_capital"], strategy["parameters"]) == (5000, {"rsi": 31.5, "period": 14})
    assert snapshot["portfolio"]["total_value"] == 10000.95
    assert snapshot["portfolio"]["positions"][0]["mark_price"] == 64010
    (alert,) = snapshot["alerts"]
    assert (alert["title"], alert["trade_id"]) == ("slippage is high", "t-1")
    (bot,) = snapshot["bots"]
    assert (bot["name"], bot["state"], bot["open_positions"]) == ("tester", "running", 1)
    candle = target.get("market/BTC/USDT:USDT")
    assert (candle["exchange"], candle["low"], candle["close"]) == ("kraken", 0.5, 1.5)
    (flow,) = [event["d"] for event in target.get("events")["events"] if event["type"] == "cashflow"]
    assert flow["amount"] == 10_000


NUMBERS: list[tuple[Any, str]] = [
    (Decimal(DIGITS), DIGITS),
    (Decimal("1E-18"), "0.000000000000000001"),
    (Decimal("1.50E+3"), "1500"),
    (DIGITS, DIGITS),
    (10**17, "100000000000000000"),
    (0.1, "0.1"),
    (1e-7, "0.0000001"),
    (1e17, "100000000000000000"),
    (0.30000000000000004, "0.30000000000000004"),
    (1.2345678901234567e-05, "0.000012345678901235"),
    (np.float64(0.25), "0.25"),
    (np.float32(0.5), "0.5"),
    (np.int64(7), "7"),
]


def test_numbers_arrive_exactly(target: Target, make_client: MakeClient) -> None:
    client = make_client(target)
    for said, _ in NUMBERS:
        assert client.snapshot("1", margin_used=said)
    assert client.flush()
    assert client.stats().last_error is None
    events = [event for event in target.text("events") if '"portfolio_update"' in event]
    for event, (_, kept) in zip(events, NUMBERS, strict=True):
        assert f'"margin_used":{kept},' in event


class Evil:
    def __repr__(self) -> str:
        raise RuntimeError("no")


endless: dict[str, Any] = {}
endless["itself"] = endless

BAD: dict[str, Callable[[Any], Any]] = {
    "an object": lambda client: client.trade_open("t-2", symbol="X", direction="long", size=object(), entry_price=1),
    "not a number": lambda client: client.snapshot(float("nan")),
    "infinity": lambda client: client.snapshot(Decimal("Infinity")),
    "an argument missing": lambda client: client.trade_open("t-2"),
    "arguments too many": lambda client: client.heartbeat("running", 1, 2, 3),
    "an id of another kind": lambda client: client.trade_close(Evil(), exit_price=1),
    "no rows": lambda client: client.candles("BTC/USDT", "1m", None),
    "an empty row": lambda client: client.candles("BTC/USDT", "1m", [[]]),
    "a symbol that is a path": lambda client: client.candle("../trades", "1m", "2026-01-01T00:00:00Z", 1, 1, 1, 1, 1),
    "endless": lambda client: client.alert("loop", data=endless),
    "too large": lambda client: client.alert("large", message="x" * 2_000_000),
    "keys of another kind": lambda client: client.alert("keys", data={(1, 2): 3}),
    "bytes": lambda client: client.strategy(b"Trend"),
    "digits without end": lambda client: client.snapshot(10**5000),
}


def test_the_bot_of_the_readme_reports(target: Target, tmp_path: Path) -> None:
    page = (ROOT / "client" / "README.md").read_text()
    program = page.split("```python\n")[1].split("```")[0].replace("http://127.0.0.1:8000", target.server.url)
    assert len(program.splitlines()) <= 10
    environment = {**os.environ, "BOTV2_KEY": target.key, "NO_PROXY": "*"}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True, timeout=60)
    trade = target.trades()["t-1"]
    assert (trade["status"], trade["highest_price"], trade["fees"]) == ("closed", 64210, 0.64)
    assert target.get("portfolio")["total_value"] == 10007.35


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_said_is_a_dead_letter(fake: FakeBotV2, make_client: MakeClient, name: str) -> None:
    client = make_client(fake)
    assert BAD[name](client) is False
    open_trade(client, "t-1")
    assert client.flush()
    (letter,) = client.dead_letters()
    assert letter.error and not letter.retriable
    assert client.retry_dead() == 0
    stats = client.stats()
    assert (stats.refused, stats.dead, stats.sent) == (1, 1, 1)


REFUSED: dict[str, Callable[[Client], bool]] = {
    "size": lambda client: open_trade(client, "bad", size="-1"),
    "symbol": lambda client: open_trade(client, "bad", symbol="BTC\ud800"),
    "strategy": lambda client: open_trade(client, "bad", strategy="a\0b"),
    "entry_time": lambda client: open_trade(client, "bad", entry_time=datetime(2026, 1, 1)),  # noqa: DTZ001
    "wrong": lambda client: open_trade(client, "bad", wrong=1),
    "entry_price": lambda client: open_trade(client, "bad", entry_price=Decimal("0.1234567890123456789")),
    "body is nested": lambda client: open_trade(client, "bad", extra=deep(30)),
}


def deep(levels: int) -> dict[str, Any]:
    return {"deeper": deep(levels - 1)} if levels else {}


def test_what_the_server_refuses_is_a_dead_letter_and_the_rest_arrives(target: Target, make_client: MakeClient) -> None:
    client = make_client(target)
    for number, refused in enumerate(REFUSED.values()):
        open_trade(client, f"t-{number}")
        assert refused(client)
    open_trade(client, "t-last")
    assert client.flush(30)
    assert len(target.trades()) == len(REFUSED) + 1
    letters = client.dead_letters()
    assert len(letters) == client.stats().refused == len(REFUSED)
    said = " ".join(letter.error for letter in letters)
    assert [name for name in REFUSED if name not in said] == []
    assert all(json.loads(letter.body)["trade_id"] == "bad" for letter in letters)


def test_the_newest_heartbeat_and_the_newest_candle_replace_what_is_unsent(
    target: Target, make_client: MakeClient, free_address: str
) -> None:
    client = make_client(free_address)
    for number in range(50):
        client.heartbeat(open_positions=number)
        client.candle("BTC/USDT", "1m", "2026-01-01T00:00:00Z", 1, 2 + number, 1, 1 + number, 5)
    client.candle("BTC/USDT", "1m", "2026-01-01T00:01:00Z", 1, 1, 1, 1, 5)
    client.heartbeat(bot="another")
    assert client.stats().queued == 4
    client.close(0)
    assert make_client(target).flush()
    bots = {bot["name"]: bot["open_positions"] for bot in target.get("snapshot")["bots"]}
    assert bots == {"tester": 49, "another": None}
    assert [row["close"] for row in target.get("market/BTC/USDT/ohlcv", timeframe="1m")["candles"]] == [50, 1]


def test_an_old_heartbeat_is_not_sent(fake: FakeBotV2, make_client: MakeClient, spool: Path, free_address: str) -> None:
    client = make_client(free_address)
    client.heartbeat()
    open_trade(client, "t-1")
    client.close(0)
    with sqlite3.connect(spool) as db:
        db.execute("UPDATE queue SET at = at - 3600")
    db.close()
    again = make_client(fake)
    assert again.flush()
    assert [path for _, path, _ in fake.requests] == ["trades"]
    assert again.stats().dropped == {"heartbeat": 1}
