"""The market of the demo bot: a random walk."""

import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

# The first price of each, and the decimals of its tick.
MARKETS = {"BTC/USDT": (64_000.0, 1), "ETH/USDT": (3_100.0, 2), "SOL/USDT": (150.0, 2), "ADA/USDT": (0.45, 5)}
NOISE = 0.0007  # standard deviation of a minute's return
TREND = 0.000035


def text(value: float) -> str:
    return f"{value:.8f}".rstrip("0").rstrip(".") or "0"


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass
class Market:
    """Prices that wander, with trends that last for hours."""

    rng: random.Random
    prices: dict[str, float] = field(default_factory=lambda: {name: start for name, (start, _) in MARKETS.items()})
    trends: dict[str, float] = field(default_factory=lambda: dict.fromkeys(MARKETS, 0.0))

    def step(self, minutes: float) -> None:
        for name, price in self.prices.items():
            memory = 0.995**minutes
            self.trends[name] = self.trends[name] * memory + self.rng.gauss(0, TREND * math.sqrt(1 - memory**2))
            move = self.rng.gauss(self.trends[name] * minutes, NOISE * math.sqrt(minutes))
            self.prices[name] = price * math.exp(move)

    def price(self, symbol: str) -> float:
        return round(self.prices[symbol], MARKETS[symbol][1])

    def candle(self, symbol: str, before: float, at: datetime) -> list[Any]:
        now = self.price(symbol)
        spread = abs(self.rng.gauss(0, 0.0006)) * now
        high, low = max(before, now) + spread, min(before, now) - spread
        places = MARKETS[symbol][1]
        volume = round(abs(self.rng.gauss(800_000, 300_000)) / now, 4)
        return [stamp(at), before, round(high, places), round(low, places), now, volume]
