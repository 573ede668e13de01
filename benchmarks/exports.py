"""What exports cost the server: `python -m benchmarks.exports [--trades 100000]`.

One server as `make run` starts it; its memory is what the kernel says of its process: before, and at most during.
"""

import argparse
import json
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from tests.server import Server

BATCH = 500
FORMATS = ("csv", "json", "xlsx")


def closed_trade(number: int) -> dict[str, object]:
    began = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=5 * number)
    price, size = f"{20_000 + number % 40_000}.{number % 100:02}", f"0.{1 + number % 99_999_999:08}"
    fill = {"fill_id": f"f-{number}", "side": "buy", "price": price, "size": size, "time": began.isoformat()}
    return {
        "trade_id": f"t-{number}",
        "symbol": ("BTC/USDT", "ETH/USDT")[number % 2],
        "strategy": f"Strategy {number % 8}",
        "direction": ("long", "short")[number % 2],
        "size": size,
        "status": "closed",
        "entry_price": price,
        "entry_time": began.isoformat(),
        "exit_price": f"{20_000 + number % 41_000}.5",
        "exit_time": (began + timedelta(hours=3)).isoformat(),
        "stop_loss": "19000",
        "fees": "0.12345678",
        "exit_reason": "roi",
        "tags": ["benchmark", f"week-{number % 52}"],
        "fills": [fill, {**fill, "fill_id": f"g-{number}", "side": "sell"}],
        "extra": {"timeframe": "5m"},
    }


class Memory:
    """The resident memory of a process, in MB."""

    def __init__(self, pid: int) -> None:
        self.folder = Path(f"/proc/{pid}")
        (self.folder / "clear_refs").write_text("5")  # forget the peak so far
        self.before = self.now("VmRSS")

    def now(self, name: str) -> float:
        line = next(line for line in (self.folder / "status").read_text().splitlines() if line.startswith(name))
        return int(line.split()[1]) / 1024

    def extra(self) -> float:
        return round(self.now("VmHWM") - self.before, 1)


def settle(pid: int) -> None:
    """Wait until the server has followed what was reported: its jobs run in the same process."""
    spent, idle = -1.0, 0
    while idle < 3:
        time.sleep(2)
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        now = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        spent, idle = now, idle + 1 if now - spent < 0.1 else 0


def export(bot: httpx.Client, memory: Memory, form: str, pause: float = 0) -> dict[str, object]:
    """Read one export; after its first megabyte the reader rests for `pause` seconds."""
    began, first, length = time.perf_counter(), 0.0, 0
    with bot.stream("GET", f"/api/export/trades?format={form}") as response:
        response.raise_for_status()
        for part in response.iter_raw():
            first = first or time.perf_counter() - began
            if length < 2**20 <= length + len(part):
                time.sleep(pause)
            length += len(part)
    seconds = round(time.perf_counter() - began, 1)
    sizes = {"sent_mb": round(length / 2**20, 1), "extra_mb": memory.extra()}
    return {"format": form, "pause": pause, "seconds": seconds, "first_byte_ms": round(first * 1000), **sizes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trades", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="botv2-exports-") as folder:
        server = Server(Path(folder) / "var")
        server.manage("init")
        server.start()
        try:
            key = server.manage("create_api_key", "--account", "main", "--scopes", "read,ingest").split()[-1]
            headers = {"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"}
            bot = httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=300)
            for first in range(0, options.trades, BATCH):
                batch = [closed_trade(number) for number in range(first, min(first + BATCH, options.trades))]
                bot.post("/api/trades", json=batch).raise_for_status()
            server.stop()
            server.start()
            bot.get("/api/trades").raise_for_status()
            assert server.process is not None
            settle(server.process.pid)
            for form, pause in [*((form, 0) for form in FORMATS), ("csv", 10)]:
                found = export(bot, Memory(server.process.pid), form, pause)
                print(json.dumps({"figure": "export", "trades": options.trades, **found}))
        finally:
            server.kill()


if __name__ == "__main__":
    main()
