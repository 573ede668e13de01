"""import_freqtrade: the mapping of docs/importing.md, the files it takes and the files it refuses."""

import gzip
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from dashboard.importers import files
from dashboard.models import Account, Strategy, Trade
from realtime.log import read
from tests.dashboard.commands import head, last_report, run

pytestmark = pytest.mark.django_db

START = 1_690_000_000_000
HOUR = 3_600_000
SIMPLE = {
    "pair": "ETH/USDT:USDT",
    "amount": 2.0,
    "stake_amount": 200.0,
    "open_rate": 100.0,
    "close_rate": 110.0,
    "fee_open": 0.001,
    "fee_close": 0.002,
    "profit_ratio": 0.0952,
    "profit_abs": 19.0412,
    "exit_reason": "roi",
    "initial_stop_loss_abs": 90.0,
    "stop_loss_abs": 104.5,
    "min_rate": 97.0,
    "max_rate": 112.0,
    "is_open": False,
    "enter_tag": None,
    "leverage": 1.0,
    "is_short": False,
    "open_timestamp": START,
    "close_timestamp": START + HOUR,
    "orders": [],
}


def order(price: float, amount: float, at: int, *, entry: bool, side: str, **more: Any) -> dict[str, Any]:
    return {
        "amount": amount, "safe_price": price, "ft_order_side": side, "order_filled_timestamp": at, "ft_is_entry": entry
    } | more  # fmt: skip


def document(*trades: Any, strategy: str = "Sample", **values: Any) -> str:
    """A result file; a trade may be JSON text, for digits that a float does not have."""
    texts = [trade if isinstance(trade, str) else json.dumps(trade) for trade in trades]
    outer = {
        "stake_currency": "USDT",
        "starting_balance": 1000,
        "backtest_start_ts": START,
        "timeframe": "5m",
        **values,
    }
    found = json.dumps({"strategy": {strategy: {"trades": "HERE", **outer}}, "strategy_comparison": []})
    return found.replace('"HERE"', f"[{', '.join(texts)}]")


@pytest.fixture
def load(account: Account, tmp_path: Path) -> Callable[..., str]:
    """Import one file of these trades and return what the command prints."""

    def call(*trades: Any, name: str = "result.json", **values: Any) -> str:
        path = tmp_path / name
        path.write_text(document(*trades, **values))
        return run("import_freqtrade", path, "--account", "main")

    return call


def test_simple_trade(load: Callable[..., str], account: Account) -> None:
    load(SIMPLE | {"enter_tag": "bb local_uptrend "})
    trade = Trade.objects.get()
    assert trade.trade_id.startswith("Sample-") and trade.trade_id.endswith("-1")
    assert (trade.symbol, trade.asset_class, trade.direction, trade.status) == (
        "ETH/USDT:USDT",
        "crypto",
        "long",
        "closed",
    )
    assert (trade.size, trade.leverage) == (2, 1)
    assert (trade.entry_price, trade.exit_price) == (100, 110)
    assert trade.entry_time == datetime(2023, 7, 22, 4, 26, 40, tzinfo=UTC)
    assert trade.exit_time == trade.entry_time + timedelta(hours=1)
    assert (trade.stop_loss, trade.initial_stop_loss) == (Decimal("104.5"), 90)
    assert (trade.lowest_price, trade.highest_price) == (97, 112)
    assert trade.net_pnl == Decimal("19.0412")  # not the 19.36 of the prices: funding is in it
    assert trade.pnl_pct == Decimal("9.52")
    assert trade.fees == Decimal("0.64")  # 2 * 100 * 0.001 + 2 * 110 * 0.002
    assert trade.funding is None
    assert (trade.exit_reason, trade.signal_type, trade.tags) == ("roi", "auto", ["bb", "local_uptrend"])
    assert trade.extra == {"stake_amount": Decimal(200), "stake_currency": "USDT", "timeframe": "5m"}
    assert trade.strategy.name == "Sample" and trade.strategy.allocated_capital == 1000
    assert [row.type for row in read(account.stream_key, 0, 10)] == ["strategy_update", "trade_executed"]


def test_old_names_blanks_and_zeros(load: Callable[..., str]) -> None:
    old = {name: value for name, value in SIMPLE.items() if name not in ("exit_reason", "enter_tag", "orders")}
    load(
        old | {"sell_reason": "sell_signal", "buy_tag": "dip", "stop_loss_abs": 0.0, "initial_stop_loss_abs": 0.0},
        SIMPLE | {"exit_reason": "", "min_rate": None, "leverage": None},
    )
    first, second = Trade.objects.order_by("id")
    assert (first.exit_reason, first.tags, first.stop_loss, first.initial_stop_loss) == (
        "sell_signal",
        ["dip"],
        None,
        None,
    )
    assert (second.exit_reason, second.lowest_price, second.leverage) == (None, None, 1)


def test_short_with_leverage_costs_and_funding(load: Callable[..., str]) -> None:
    load(
        SIMPLE | {
            "is_short": True, "leverage": 5.0, "profit_abs": -7.25, "profit_ratio": -0.18125, "funding_fees": -0.5,
            "fee_open_cost": 0.11, "fee_open_currency": "USDT", "fee_close_cost": 0.005, "fee_close_currency": "BNB",
            "liquidation_price": 119.5,
            "orders": [
                order(100.0, 2.0, START, entry=True, side="sell", ft_order_tag="breakdown"),
                order(110.0, 2.0, START + HOUR, entry=False, side="buy", ft_order_tag="roi"),
            ],
        }
    )  # fmt: skip
    trade = Trade.objects.get()
    assert (trade.direction, trade.leverage, trade.net_pnl, trade.funding) == (
        "short",
        5,
        Decimal("-7.25"),
        Decimal("-0.5"),
    )
    assert trade.pnl_pct == Decimal("-18.125")
    assert trade.fees == Decimal("0.55")  # charged in USDT: 0.11; charged in BNB: 2 * 110 * 0.002
    assert trade.pnl == Decimal("-6.2")  # gross: net + fees - funding
    assert [fill["side"] for fill in trade.fills] == ["sell", "buy"]
    assert trade.tags == ["breakdown"]
    assert trade.extra["liquidation_price"] == Decimal("119.5")


def test_partial_exits(load: Callable[..., str]) -> None:
    """The amount of a closed trade is its last leg; the size is what was bought, the exit price the average."""
    load(
        SIMPLE | {
            "amount": 1.0, "profit_abs": 33.3,
            "orders": [
                order(100.0, 2.0, START, entry=True, side="buy"),
                order(90.0, 1.0, START + 1000, entry=True, side="buy"),
                order(120.0, 2.0, START + 2000, entry=False, side="sell", ft_order_tag="half"),
                order(111.0, 0.0, START + 2500, entry=False, side="sell"),
                order(111.0, 5.0, None, entry=False, side="sell"),  # type: ignore[arg-type]
                order(105.0, 1.0, START + HOUR, entry=False, side="stoploss", filled=1.0),
            ],
        }
    )  # fmt: skip
    trade = Trade.objects.get()
    assert (trade.size, trade.exit_price, trade.net_pnl) == (3, 115, Decimal("33.3"))
    assert trade.fees == Decimal("0.98")  # 290 * 0.001 + 345 * 0.002
    assert [fill["fill_id"] for fill in trade.fills] == ["1", "2", "3", "4"]
    assert [fill["side"] for fill in trade.fills] == ["buy", "buy", "sell", "sell"]
    assert trade.tags == ["half"]


def test_identical_fills_of_one_second_are_two(load: Callable[..., str]) -> None:
    twin = order(100.0, 1.0, START, entry=True, side="buy")
    load(SIMPLE | {"orders": [twin, twin, order(110.0, 2.0, START + HOUR, entry=False, side="sell")]})
    trade = Trade.objects.get()
    assert trade.size == 2
    assert len(trade.fills) == 3
    assert trade.fills[0] | {"fill_id": "2"} == trade.fills[1]


def test_open_trades(load: Callable[..., str]) -> None:
    entry = order(100.0, 2.0, START, entry=True, side="buy")
    leaving = order(120.0, 1.0, START + 1000, entry=False, side="sell")
    still = SIMPLE | {"is_open": True, "close_rate": None, "close_timestamp": None, "exit_reason": None}
    load(
        still | {"profit_abs": 4.5, "orders": [entry]},
        still | {"amount": 1.0, "profit_abs": 20.0, "realized_profit": 20.0, "orders": [entry, leaving]},
        still | {"amount": 1.0, "profit_abs": 20.0, "total_profit_abs": 21.5, "orders": [entry, leaving]},
    )
    plain, partly, valued = Trade.objects.order_by("id")
    assert {trade.status for trade in (plain, partly, valued)} == {"open"}
    assert (plain.exit_price, plain.exit_time, plain.net_pnl, plain.fees) == (
        None,
        None,
        Decimal("4.5"),
        Decimal("0.2"),
    )
    assert (partly.size, partly.net_pnl, partly.realized_pnl) == (2, None, 20)
    assert partly.fees == Decimal("0.44")
    assert valued.net_pnl == Decimal("21.5")


def test_more_than_18_decimals_are_rounded_half_even_and_counted(load: Callable[..., str]) -> None:
    text = json.dumps(SIMPLE | {"pair": "PEPE/USDT", "close_rate": "RATE", "profit_abs": "PROFIT", "min_rate": None})
    text = text.replace('"RATE"', "0.0000012345678901235").replace('"PROFIT"', "1e-7")
    said = load(text)
    trade = Trade.objects.get()
    assert trade.exit_price == Decimal("0.000001234567890124")  # ...0123|5 goes to the even neighbour
    assert trade.net_pnl == Decimal("0.0000001")
    assert last_report()["rounded"] == 1 and "1 numbers rounded" in said
    assert "0 numbers" not in load(SIMPLE) and last_report()["rounded"] == 0


def test_unusable_trades_are_named_and_the_others_imported(load: Callable[..., str]) -> None:
    bad: list[tuple[dict[str, Any], str]] = [
        ({"amount": 0.0}, "size: Must be greater than 0."),
        ({"amount": "2"}, "amount: is not a number"),
        ({"open_rate": -5}, "entry_price: Must be greater than 0."),
        ({"close_rate": None}, "exit_price: A trade that is closed needs it."),
        ({"profit_abs": None}, "profit_abs: is missing"),
        ({"profit_abs": 10**18}, "profit_abs: has more than 18 digits before the point"),
        ({"close_timestamp": START - 1}, "exit_time: Must not be before entry_time."),
        ({"open_timestamp": 10**17}, "open_timestamp: is not a time that exists"),
        (
            {"open_timestamp": 4 * 10**12, "close_timestamp": 4 * 10**12},
            "entry_time: Must not be more than 24 hours ahead.",
        ),
        ({"pair": "../etc"}, "symbol: May hold"),
        ({"pair": None}, "symbol: This field is required."),
        ({"exit_reason": "x" * 256}, "exit_reason: Must have 1 to 255 characters."),
        ({"orders": [1]}, "orders: is not a list of objects"),
        ({"min_rate": 120.0}, "highest_price: Must not be below lowest_price."),
    ]
    said = load(SIMPLE, *(SIMPLE | change for change, _ in bad), 7, SIMPLE | {"pair": "BTC/USDT"})
    assert Trade.objects.count() == 2
    reasons = dict(last_report()["rejected"])
    assert len(reasons) == len(bad) + 1
    for number, (_, reason) in enumerate(bad, 2):
        assert reason in reasons[f"Sample trade {number}"], number
    assert reasons[f"Sample trade {len(bad) + 2}"] == "is not an object"
    assert f"{len(bad) + 1} rejected" in said and "  Sample trade 3: amount: is not a number" in said


def test_a_second_import_changes_nothing(load: Callable[..., str], account: Account) -> None:
    load(SIMPLE, SIMPLE | {"pair": "BTC/USDT"})
    before, rows = head(account), list(Trade.objects.order_by("id").values())
    said = load(SIMPLE, SIMPLE | {"pair": "BTC/USDT"}, name="copy.json")
    assert head(account) == before
    assert list(Trade.objects.order_by("id").values()) == rows
    assert "0 created, 0 updated, 2 skipped" in said


def test_another_run_of_the_strategy_has_trades_of_its_own(load: Callable[..., str]) -> None:
    """Runs that differ only in a later exit share their first trades."""
    load(SIMPLE, SIMPLE | {"pair": "BTC/USDT"})
    load(SIMPLE, SIMPLE | {"pair": "BTC/USDT", "close_rate": 99.0, "profit_abs": -3.0})
    assert Trade.objects.count() == 4
    assert Strategy.objects.count() == 1


def test_strategy_names_are_kept_and_made_fit_for_ids(load: Callable[..., str]) -> None:
    load(SIMPLE, strategy="Üb er/9")
    trade = Trade.objects.get()
    assert trade.strategy.name == "Üb er/9"
    assert trade.trade_id.startswith("_b_er_9-")


def test_capital_that_people_set_is_kept(load: Callable[..., str], account: Account) -> None:
    Strategy.objects.create(account=account, name="Sample", allocated_capital=Decimal(5))
    load(SIMPLE)
    assert Strategy.objects.get().allocated_capital == 5


def test_no_trades(load: Callable[..., str], account: Account) -> None:
    assert "0 created, 0 updated, 0 skipped (known), 0 rejected" in load()
    assert Strategy.objects.get().allocated_capital == 1000
    before = head(account)
    load()
    assert head(account) == before


def packed(kind: str, text: str, path: Path) -> None:
    if kind == "gzip":
        path.write_bytes(gzip.compress(text.encode()))
    elif kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("backtest-result-1_config.json", json.dumps({"strategy": "Sample", "exchange": {}}))
            archive.writestr("backtest-result-1_market_change.feather", b"\x00\x01")
            archive.writestr("backtest-result-1.json", text)
    else:
        path.write_text(text, encoding="utf-8-sig" if kind == "bom" else "utf-8")


@pytest.mark.parametrize("kind", ["plain", "bom", "gzip", "zip"])
def test_files_are_known_by_what_they_hold(account: Account, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "whatever.bin"
    packed(kind, document(SIMPLE), path)
    run("import_freqtrade", path, "--account", "main")
    assert Trade.objects.count() == 1


REFUSED: dict[str, tuple[bytes, str]] = {
    "list of arrays": (json.dumps([["BTC/USDT", 0.1, 1600000000, 1600003600, 1, 60, 1.0, 1.1]]).encode(), "is a list"),
    "not json": (b"pair,profit\n", "expected a freqtrade backtest result"),
    "a number": (b"17", "expected a freqtrade backtest result"),
    "a config": (b'{"strategy": "Sample"}', "expected a freqtrade backtest result"),
    "a last_result": (b'{"latest_backtest": "x.json"}', "expected a freqtrade backtest result"),
    "no strategies": (b'{"strategy": {}}', "expected a freqtrade backtest result"),
    "trades are an object": (b'{"strategy": {"S": {"trades": {}}}}', "expected a freqtrade backtest result"),
    "deep nesting": (b"[" * 200_000, "expected a freqtrade backtest result"),
    "empty": (b"", "expected a freqtrade backtest result"),
    "not utf-8": (b'{"strategy": "\xff"}', "is not UTF-8"),
    "broken gzip": (gzip.compress(document(SIMPLE).encode())[:-20], "is damaged"),
    "broken zip": (b"PK\x03\x04 nothing", "is damaged"),
    "nameless strategy": (document(SIMPLE, strategy=" ").encode(), "a name has 1 to 100 printable characters"),
    "lone surrogate": (document(SIMPLE, strategy="\ud800").encode(), "a name has 1 to 100 printable characters"),
    "other currency": (document(SIMPLE, stake_currency="BTC").encode(), "make an account with --currency BTC"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_other_files_are_refused_and_the_rest_is_done(account: Account, tmp_path: Path, case: str) -> None:
    content, reason = REFUSED[case]
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    bad.write_bytes(content)
    good.write_text(document(SIMPLE))
    out = StringIO()
    with pytest.raises(CommandError, match=r"bad\.json"):
        call_command("import_freqtrade", bad, good, account="main", stdout=out, stderr=StringIO())
    assert reason in out.getvalue()
    assert Trade.objects.count() == 1
    assert "good.json: 1 created" in out.getvalue()


def test_files_that_unpack_to_too_much_are_refused(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_JSON", 100_000)
    text = document(SIMPLE) + " " * 100_000
    for kind in ("gzip", "zip", "plain"):
        path = tmp_path / kind
        packed(kind, text, path)
        with pytest.raises(CommandError):
            run("import_freqtrade", path, "--account", "main")
        assert "MiB of JSON" in last_report()["error"]
    assert not Trade.objects.exists()


def test_missing_files_and_accounts(account: Account, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no account 'nope'\. Accounts: main"):
        run("import_freqtrade", tmp_path / "x.json", "--account", "nope")
    with pytest.raises(CommandError, match="Not imported"):
        run("import_freqtrade", tmp_path / "x.json", "--account", "main")
    assert "cannot be read: No such file" in last_report()["error"]


def test_a_terminal_sees_progress_and_others_only_the_last_line(account: Account, tmp_path: Path) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    path = tmp_path / "r.json"
    path.write_text(document(*(SIMPLE | {"open_timestamp": START + n} for n in range(700))))
    for stream, lines in ((StringIO(), 0), (Terminal(), 1)):
        call_command("import_freqtrade", path, account="main", stdout=StringIO(), stderr=stream)
        *progress, last = stream.getvalue().splitlines()
        assert ("r.json: 500 trades" in stream.getvalue()) == bool(lines)
        assert "700 trades in" in last
        assert bool(progress) == bool(lines)


def test_real_files_agree_with_freqtrade_to_the_cent(account: Account, shared_data: Path) -> None:
    """Counts, wins, losses and profit by strategy in one account; its own sums carry float noise below 1e-8."""
    paths = sorted((shared_data / "freqtrade_backtests").glob("*.gz"))
    if not paths:
        pytest.skip("no freqtrade results in the shared data")
    run("import_freqtrade", *paths, "--account", "main")
    cent = Decimal("1e-8")
    for path in paths:
        with gzip.open(path) as file:
            results = json.load(file, parse_float=Decimal)["strategy"]
        for name, told in results.items():
            trades = Trade.objects.filter(strategy__name=name, account=account, status="closed")
            profits = [trade.net_pnl for trade in trades if trade.net_pnl is not None]
            assert len(profits) == told["total_trades"], name
            assert sum(profit > 0 for profit in profits) == told["wins"], name
            assert sum(profit < 0 for profit in profits) == told["losses"], name
            assert sum(profits, Decimal(0)).quantize(cent) == Decimal(told["profit_total_abs"]).quantize(cent), name
            stored = {(trade.symbol, trade.entry_time, trade.net_pnl) for trade in trades}
            for raw in told["trades"]:
                at = datetime.fromtimestamp(raw["open_timestamp"] // 1000, UTC)
                assert (raw["pair"], at, raw["profit_abs"]) in stored
    before, rows = head(account), list(Trade.objects.order_by("id").values())
    run("import_freqtrade", *paths, "--account", "main")
    assert head(account) == before
    assert list(Trade.objects.order_by("id").values()) == rows
