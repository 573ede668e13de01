"""What a record call costs a bot's loop: `python -m benchmarks.client [--calls 5000]`.

A bot that reports 200 times a second, beside its sender: with BotV2 up, with nothing listening, and with an address
that takes the request and never answers. Then as fast as it can, with BotV2 up.
"""

import argparse
import json
import logging
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from botv2_client import Client
from botv2_client.fields import Position
from tests.server import Server
from tools.services import free_port

PACE = 1 / 200
POSITION: Position = {
    "symbol": "BTC/USDT",
    "direction": "long",
    "size": "0.1",
    "entry_price": "64000.5",
    "mark_price": "64010",
    "value": "6401",
    "unrealized_pnl": "0.95",
}


@contextmanager
def silent_address() -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def report(client: Client, number: int) -> None:
    match number % 4:
        case 0:
            client.trade_open(
                f"t-{number}", symbol="BTC/USDT", direction="long", size="0.1", entry_price=64000.5, strategy="Bench"
            )
        case 1:
            client.trade_update(f"t-{number - 1}", highest_price="64100", lowest_price="63900", net_pnl="12.34")
        case 2:
            client.snapshot(f"{10_000 + number}", positions=[POSITION] * 5)
        case 3:
            client.trade_close(f"t-{number - 3}", exit_price="64100")


def measure(url: str, key: str, folder: Path, calls: int, pace: float) -> dict[str, float | int]:
    took = []
    client = Client(url, key, bot="bench", spool=folder / f"{time.monotonic_ns()}.spool", trust_env=False)
    for number in range(calls):
        began = time.perf_counter()
        report(client, number)
        took.append((time.perf_counter() - began) * 1000)
        time.sleep(pace)
    began = time.perf_counter()
    flushed = client.flush(60 if pace == 0 else 5)
    drained = time.perf_counter() - began
    stats = client.stats()
    client.close(0)
    cuts = statistics.quantiles(took, n=1000, method="inclusive")
    figures = {"p50_ms": cuts[499], "p99_ms": cuts[989], "p999_ms": cuts[998], "max_ms": max(took)}
    found: dict[str, float | int] = {name: round(value, 3) for name, value in figures.items()}
    found |= {"calls": calls, "sent": stats.sent, "queued": stats.queued, "dead": stats.dead}
    return found | ({"drained_s": round(drained, 2)} if flushed else {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=5000)
    options = parser.parse_args()
    logging.disable()
    with tempfile.TemporaryDirectory(prefix="botv2-client-") as name:
        folder = Path(name)
        server = Server(folder / "var")
        server.manage("init")
        server.start()
        try:
            key = server.manage("create_api_key", "--account", "main", "--scopes", "ingest").strip()
            down = f"http://127.0.0.1:{free_port()}"
            with silent_address() as silent:
                for what, url, pace in (
                    ("up", server.url, PACE),
                    ("down", down, PACE),
                    ("silent", silent, PACE),
                    ("up, as fast as it can", server.url, 0.0),
                ):
                    found = measure(url, key, folder, options.calls, pace)
                    print(json.dumps({"figure": "record_call", "server": what, **found}), flush=True)
        finally:
            server.kill()


if __name__ == "__main__":
    main()
