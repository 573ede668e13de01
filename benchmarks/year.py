"""A year of one account as benchmarks need it: 100,000 trades, 105,120 snapshots, 500,000 candles.

Runs inside a server's environment: `python -m benchmarks.year`; prints the key to read and report with. The rows are
written without events, because it is reading that is measured.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import django

django.setup()

from django.db import transaction  # noqa: E402  needs the apps
from django.utils import timezone  # noqa: E402

from dashboard.models import Account, MarketData, Portfolio, Strategy, Trade  # noqa: E402
from dashboard.services.access import account_create  # noqa: E402
from dashboard.services.keys import key_create  # noqa: E402

SLUG, TRADES, SNAPSHOTS, CANDLES = "year", 100_000, 105_120, 500_000
STRATEGIES, SYMBOLS = 8, ("BTC/USDT", "ETH/USDT", "SOL/USDT", "ADA/USDT")
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
BATCH = 2_000


def trades(account: Account, chance: random.Random) -> Iterator[Trade]:
    strategies = [Strategy.objects.create(account=account, name=f"Strategy {n}") for n in range(STRATEGIES)]
    for number in range(TRADES):
        entered = BEGIN + timedelta(minutes=5 * number, seconds=number % 60)
        price, size = cents(chance.uniform(10, 60_000)), cents(chance.uniform(0.1, 5))
        result = cents(chance.gauss(0.4, 40))
        yield Trade(
            account=account, strategy=chance.choice(strategies), trade_id=f"t{number}", symbol=chance.choice(SYMBOLS),
            direction=chance.choice(["long", "short"]), size=size, status="closed" if number < TRADES - 20 else "open",
            entry_price=price, entry_time=entered, exit_price=price + 1 if number < TRADES - 20 else None,
            exit_time=entered + timedelta(minutes=chance.randrange(600)) if number < TRADES - 20 else None,
            initial_stop_loss=price * Decimal("0.99"), net_pnl=result, fees=cents(1), duration_seconds=600,
            exit_reason=chance.choice(["roi", "stop_loss", "exit_signal"]), tags=[chance.choice(["a", "b"])],
            created_at=entered, updated_at=entered,
        )  # fmt: skip


def snapshots(account: Account, chance: random.Random) -> Iterator[Portfolio]:
    value = Decimal(100_000)
    for number in range(SNAPSHOTS):
        value = max(value + cents(chance.gauss(0.5, 60)), Decimal(1000))
        yield Portfolio(account=account, timestamp=BEGIN + timedelta(minutes=5 * number), total_value=value,
                        cash_balance=value / 2, daily_change=cents(5), daily_change_pct=cents(1))  # fmt: skip


def candles(account: Account, chance: random.Random) -> Iterator[MarketData]:
    price = Decimal(30_000)
    for number in range(CANDLES):
        price = max(price + cents(chance.gauss(0, 10)), Decimal(100))
        yield MarketData(account=account, symbol="BTC/USDT", exchange="binance", timeframe="1m", open=price,
                         high=price + 3, low=price - 3, close=price + 1, volume=cents(chance.uniform(1, 90)),
                         timestamp=BEGIN + timedelta(minutes=number))  # fmt: skip


def cents(value: float) -> Decimal:
    return Decimal(round(value * 100)).scaleb(-2)


def fill() -> str:
    account = Account.objects.filter(slug=SLUG).first()
    if account is None:
        with transaction.atomic():
            account, chance = account_create(slug=SLUG, exchange="binance"), random.Random(1)
            rows: list[tuple[Any, Iterator[Any]]] = [
                (Trade, trades(account, chance)), (Portfolio, snapshots(account, chance)),
                (MarketData, candles(account, chance)),
            ]  # fmt: skip
            for model, made in rows:
                for batch in chunks(made):
                    model.objects.bulk_create(batch)
    return key_create(account=account, scopes=["read", "ingest"], now=timezone.now(), name="benchmark")[1]


def chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


if __name__ == "__main__":
    print(fill())
