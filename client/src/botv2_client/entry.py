"""What lies in the spool: one entry for each report, and what a request may hold of them."""

import json
from dataclasses import dataclass

MAX_ITEMS = 500
MAX_BODY = 1024 * 1024
ENVELOPE = 1024  # bytes of a request's body that are not its entries, at most
LISTS = {
    "trade": "trades",
    "snapshot": "portfolio",
    "cash_flow": "cashflows",
    "alert": "alerts",
    "strategy": "strategies",
}
CANDLE, HEARTBEAT = "candle", "heartbeat"


@dataclass(frozen=True)
class Entry:
    """One report. Every text is ASCII, so that neither the spool nor the wire can stumble over it."""

    kind: str
    body: str
    series: str = ""  # of a candle: the JSON of what its request says beside the rows
    slot: str | None = None  # a newer entry of the same slot replaces this one while it is unsent
    trade: str | None = None  # whose essentials are to be remembered
    essentials: str | None = None  # None once the trade is over


@dataclass(frozen=True)
class Batch:
    """Entries of one kind and series that make one request, oldest first."""

    kind: str
    series: str
    rows: list[tuple[int, str]]

    def request(self) -> tuple[str, str]:
        """The path below /api/ and the body."""
        bodies = ",".join(body for _, body in self.rows)
        if self.kind == HEARTBEAT:
            return "heartbeat", bodies
        if self.kind == CANDLE:
            series = json.loads(self.series)
            path = f"market/{series.pop('symbol')}/ohlcv"
            return path, f'{json.dumps(series)[:-1]},"candles":[{bodies}]}}'
        return LISTS[self.kind], f"[{bodies}]"
