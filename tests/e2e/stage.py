"""Accounts for looking at the pages: real trades, values and candles moved to the days before today, or made ones.

The files are not part of the project (`shared_data` of tests/conftest.py says where they lie); without them the same
accounts are filled by a seeded walk. Two bots, alerts, an annotation, open trades and positions complete them.
"""

import csv
import gzip
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

from tests.e2e.bots import Bot
from tests.server import Server

BTC = "BTC/USDT:USDT"
RESULTS = {"reinforced_average_143": "ReinforcedAverage", "sample_160": "Sample"}
OPEN = 3  # trades of each strategy that are still open
BATCH = 500
STEP = timedelta(minutes=5)

REST = """
from datetime import timedelta
from django.contrib.auth import get_user_model
from django.utils import timezone
from dashboard.models import Account, Annotation, Authenticator, Beat, Bot, Membership
from dashboard.services.access import account_create
users = get_user_model().objects
person = users.get(username={user!r})
careful = users.create_user("careful", password={password!r})
Authenticator.objects.create(user=careful, name="Phone", secret="", last_step=0, created_at=timezone.now())
users.create_user("stranger", password={password!r})
Membership.objects.create(user=person, account=Account.objects.get(slug="equities"), role="owner")
account_create(slug="waiting", name="Waiting", owner=person)
noted = {{"date": timezone.now() - timedelta(days=15), "created_at": timezone.now(), "updated_at": timezone.now()}}
perps = Account.objects.get(slug="perps")
Annotation.objects.create(account=perps, chart_id="equity", type="news", text="The Fed spoke", author=person, **noted)
newest = {newest}
for place, bot in enumerate(Bot.objects.filter(account__slug__in=["perps", "equities"])):
    gaps = range(newest - 120 - 40 * place, newest - 118 - 40 * place)
    Beat.objects.bulk_create(Beat(bot=bot, slot=slot) for slot in range(newest - 287, newest) if slot not in gaps)
"""


class Stage:
    """`perps` trades futures of the last month; `equities` holds six years of daily values; `waiting` is empty.

    One person owns them all. `careful`, who has the same password, owes a second factor; `stranger` has no account.
    """

    def __init__(self, server: Server, shared: Path | None = None) -> None:
        self.server, self.shared = server, shared
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.perps = Bot(server, "perps", name="Perps 5m", exchange="binance", initial_capital="2000")
        self.equities = Bot(server, "equities", name="Equities", currency="USD", periods_per_year="252")
        self.candles()
        self.trades()
        self.values()
        self.notices()

    @property
    def user(self) -> Bot:
        """Whose person sees all accounts."""
        return self.perps

    def trades(self) -> None:
        """A month of trades, the newest of them open, hourly values of the account, positions."""
        rows = sorted(self.reports(), key=lambda row: row["exit_time"])
        rows, running = rows[:-OPEN], rows[-OPEN:]
        for at in range(0, len(rows), BATCH):
            self.perps.post("trades", rows[at : at + BATCH])
        positions = []
        for row in running:
            entry, mark = float(row["entry_price"]), float(row["exit_price"])
            gained = (mark - entry if row["direction"] == "long" else entry - mark) * float(row["size"])
            stop = row.get("stop_loss")
            kept = {
                name: value for name, value in row.items() if name not in {"exit_price", "exit_time", "exit_reason"}
            }
            self.perps.post(
                "trades", kept | {"status": "open", "net_pnl": f"{gained:.6f}", "entry_time": self.ago(2.6)}
            )
            held = {name: row[name] for name in ("symbol", "direction", "size", "entry_price", "strategy")}
            held |= {
                "mark_price": row["exit_price"],
                "value": f"{mark * float(row['size']):.4f}",
                "asset_class": "crypto",
            }
            positions.append(held | {"unrealized_pnl": f"{gained:.6f}"} | ({"stop_loss": stop} if stop else {}))
        self.perps.post("portfolio", list(self.hourly(rows)))
        total = 2000 + sum(float(row["net_pnl"]) for row in rows)
        invested = sum(float(position["value"]) for position in positions)
        newest = {
            "timestamp": self.ago(0.02), "total_value": f"{total:.4f}", "cash_balance": f"{total - invested:.4f}",
            "margin_used": f"{invested:.2f}", "margin_available": f"{total - invested:.2f}",
            "unrealized_pnl": str(sum(float(each["unrealized_pnl"]) for each in positions)), "positions": positions,
        }  # fmt: skip
        self.perps.post("portfolio", newest)
        for name in RESULTS.values():
            limits = {"max_daily_loss": "20", "max_drawdown": "15", "allocated_capital": "1000"}
            self.perps.post("strategies", {"name": name, "description": "Mean reversion on five minutes."} | limits)

    def reports(self) -> Iterator[dict[str, Any]]:
        for name, strategy in RESULTS.items():
            yield from self.recorded(name, strategy) if self.shared else self.made(strategy)
        yield from self.of_candles("Sample")

    def recorded(self, name: str, strategy: str) -> Iterator[dict[str, Any]]:
        """The trades of a freqtrade backtest, so much later that the last of them closed today."""
        assert self.shared
        with gzip.open(self.shared / "freqtrade_backtests" / f"{name}.json.gz") as file:
            (result,) = json.load(file)["strategy"].values()
        shift = self.now - max(moment(row["close_date"]) for row in result["trades"]) - timedelta(minutes=20)
        for number, row in enumerate(result["trades"]):
            yield {
                "trade_id": f"{strategy[:2].upper()}-{number}", "symbol": row["pair"], "strategy": strategy,
                "asset_class": "crypto", "direction": "short" if row["is_short"] else "long", "status": "closed",
                "size": str(row["amount"]), "entry_price": str(row["open_rate"]), "exit_price": str(row["close_rate"]),
                "entry_time": stamp(moment(row["open_date"]) + shift),
                "exit_time": stamp(moment(row["close_date"]) + shift), "net_pnl": f"{row['profit_abs']:.8f}",
                "pnl_pct": f"{row['profit_ratio'] * 100:.6f}", "fees": f"{row['stake_amount'] * 0.001:.6f}",
                "stop_loss": str(row["initial_stop_loss_abs"]), "lowest_price": str(row["min_rate"]),
                "highest_price": str(row["max_rate"]), "exit_reason": row["exit_reason"],
            }  # fmt: skip

    def made(self, strategy: str) -> Iterator[dict[str, Any]]:
        chance = random.Random(strategy)
        for number in range(150):
            price, entered = chance.uniform(0.2, 90), self.now - timedelta(hours=chance.uniform(3, 700))
            moved = price * chance.gauss(0.0004, 0.006)
            size = 100 / price
            yield {
                "trade_id": f"{strategy[:2].upper()}-{number}", "symbol": chance.choice(SYMBOLS), "strategy": strategy,
                "asset_class": "crypto", "direction": chance.choice(["long", "short"]), "status": "closed",
                "size": f"{size:.3f}", "entry_price": f"{price:.4f}", "exit_price": f"{price + moved:.4f}",
                "entry_time": stamp(entered), "exit_time": stamp(entered + timedelta(hours=chance.uniform(0.2, 3))),
                "net_pnl": f"{moved * size:.6f}", "fees": "0.1", "stop_loss": f"{price * 0.9:.4f}",
                "lowest_price": f"{price * 0.99:.4f}", "highest_price": f"{price * 1.01:.4f}",
                "exit_reason": chance.choice(["roi", "stop_loss", "exit_signal"]),
            }  # fmt: skip

    def of_candles(self, strategy: str) -> Iterator[dict[str, Any]]:
        """Trades at prices of the candles, for Market and the trade's own chart."""
        for number, (entry, leave) in enumerate(zip(self.rows[-1800:-20:90], self.rows[-1770:-10:88], strict=False)):
            size, bought, sold = 0.002, float(entry[4]), float(leave[4])
            yield {
                "trade_id": f"BTC-{number}", "symbol": BTC, "strategy": strategy, "asset_class": "crypto",
                "direction": "long", "status": "closed", "size": str(size), "entry_price": entry[4],
                "exit_price": leave[4], "entry_time": entry[0], "exit_time": leave[0], "fees": "0.08",
                "net_pnl": f"{(sold - bought) * size - 0.08:.6f}", "stop_loss": f"{bought * 0.985:.1f}",
                "take_profit": f"{bought * 1.02:.1f}", "lowest_price": f"{min(bought, sold) * 0.997:.1f}",
                "highest_price": f"{max(bought, sold) * 1.002:.1f}", "exit_reason": "exit_signal",
            }  # fmt: skip

    def hourly(self, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        value, at = 2000.0, 0
        hours = int((self.now - moment(rows[0]["exit_time"])).total_seconds() // 3600)
        for hour in range(min(hours, BATCH - 1), 0, -1):
            while at < len(rows) and rows[at]["exit_time"] <= self.ago(hour):
                value, at = value + float(rows[at]["net_pnl"]), at + 1
            yield {"timestamp": self.ago(hour), "total_value": f"{value + (25 if 90 < hour <= 300 else 0):.4f}"}

    def candles(self) -> None:
        """Thirty days of five minutes of Bitcoin, up to now."""
        real = self.shared and table(self.shared / "candles" / "BTC_PERP_5m_derived.csv.gz")
        rows = real or list(walked())
        begin = self.now - timedelta(seconds=self.now.timestamp() % STEP.seconds)
        self.rows = [[stamp(begin - STEP * (len(rows) - 1 - number)), *row[1:6]] for number, row in enumerate(rows)]
        for at in range(0, len(self.rows), 1000):
            self.perps.post(f"market/{BTC}/ohlcv", {"timeframe": "5m", "candles": self.rows[at : at + 1000]})

    def values(self) -> None:
        """Six years of daily values in another currency, and what is held at their end."""
        if self.shared:
            returns = [
                float(row[1]) for row in table(self.shared / "portfolio" / "pyfolio_test_returns.csv.gz", head=0)
            ]
        else:
            chance = random.Random(6)
            returns = [chance.gauss(0.0004, 0.015) for _ in range(1500)]
        value, values = 100_000.0, []
        for each in returns:
            value *= 1 + each
            values.append(value)
        back = (self.now - timedelta(days=number) for number in count())
        days = list(islice((day for day in back if day.weekday() < 5), len(values)))[::-1]
        rows = [{"timestamp": stamp(day), "total_value": f"{each:.2f}"} for day, each in zip(days, values, strict=True)]
        for at in range(0, len(rows), BATCH):
            self.equities.post("portfolio", rows[at : at + BATCH])
        chance = random.Random(7)
        self.equities.post(
            "trades",
            [
                {
                    "trade_id": f"EQ-{number}", "symbol": symbol, "strategy": "Rotation", "asset_class": "stocks",
                    "direction": "long", "status": "closed", "size": "40", "entry_price": "50", "exit_price": "51",
                    "entry_time": stamp(day - timedelta(hours=6)), "exit_time": stamp(day - timedelta(hours=1)),
                    "net_pnl": f"{chance.gauss(4, 160):.2f}", "fees": "1",
                }
                for number, (day, symbol) in enumerate((day, symbol) for day in days[-70:] for symbol in STOCKS)
            ],
        )  # fmt: skip

    def notices(self) -> None:
        """Bots with a day of heartbeats, alerts, an annotation, cash flows."""
        alert, both = self.perps.post, {"type": "risk", "severity": "warning"}
        alert(
            "alerts",
            {
                "type": "system",
                "severity": "info",
                "title": "Heartbeat gap closed",
                "message": "Sample silent for 42 s",
            },
        )
        alert(
            "alerts",
            both
            | {"title": "Losing week", "message": "Realised −5.37 since Monday · limit −5.00", "strategy": "Sample"},
        )
        alert(
            "alerts",
            {
                "type": "system",
                "severity": "critical",
                "title": "Exchange refuses orders",
                "message": "binance answers 418 since 14:40; no order was placed.",
            },
        )
        self.perps.post(
            "cashflows",
            [
                {
                    "flow_id": "d-1",
                    "timestamp": self.ago(300),
                    "amount": "25",
                    "kind": "deposit",
                    "note": "From the savings account",
                },
                {"flow_id": "w-1", "timestamp": self.ago(90), "amount": "-25", "kind": "withdrawal"},
            ],
        )
        for bot, name, held in (
            (self.perps, "ReinforcedAverage", 3),
            (self.perps, "Sample", 2),
            (self.equities, "Rotation", 7),
        ):
            bot.post("heartbeat", {"bot": name, "state": "running", "version": "2026.1", "open_positions": held})
        self.server.manage(
            "shell",
            "-c",
            REST.format(user=self.user.user, password=self.user.password, newest=int(self.now.timestamp()) // 300),
        )

    def ago(self, hours: float) -> str:
        return stamp(self.now - timedelta(hours=hours))


SYMBOLS = ("ADA/USDT:USDT", "ETH/USDT:USDT", "XMR/USDT:USDT", "TRX/USDT:USDT", "LTC/USDT:USDT")
STOCKS = ("AMD", "CERN", "COST", "DELL", "GPS", "INTC", "MMM")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def table(path: Path, head: int = 1) -> list[list[str]]:
    with gzip.open(path, "rt") as file:
        return list(csv.reader(file))[head:]


def walked() -> Iterator[list[str]]:
    chance, price = random.Random(5), 40_000.0
    for _ in range(30 * 288):
        opened, price = price, price * (1 + chance.gauss(0, 0.0011))
        high, low = max(opened, price) * 1.0006, min(opened, price) * 0.9994
        yield ["", *(f"{each:.1f}" for each in (opened, high, low, price, chance.uniform(1, 90)))]
