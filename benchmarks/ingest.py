"""How many trades a second are stored, with their events: `python -m benchmarks.ingest [--database-url URL]`.

A server as `make run` starts it, or with --gunicorn HTTP as in production; closed trades of 8 strategies in lists of
500, one list after the other, then one trade a request with 16 requests in flight. The bodies are made before the clock
starts. Ends with 1 below 3,000 and 100 a second.
"""

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from tests.server import ROOT, Server

BATCHES, SINGLES, IN_FLIGHT = 20, 800, 16
GOALS = {"lists of 500": 3_000.0, "one a request": 100.0}


def trade(number: int) -> dict[str, object]:
    return {
        "trade_id": f"ingest-{number}", "symbol": "BTC/USDT", "strategy": f"Strategy {number % 8}", "direction": "long",
        "size": "0.5", "status": "closed", "entry_price": "30000.25", "entry_time": "2026-01-01T00:00:00Z",
        "exit_price": "30001.5", "exit_time": "2026-01-01T01:00:00Z", "fees": "0.1", "net_pnl": "0.525",
        "exit_reason": "roi", "tags": ["a"],
    }  # fmt: skip


class Poster:
    """One connection that posts prepared bodies."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(self, bodies: Sequence[bytes]) -> None:
        for body in bodies:
            self.connection.request("POST", "/api/trades", body, self.headers)
            answer = self.connection.getresponse()
            text = answer.read()
            assert answer.status in (200, 201), text[:300]


def rate(port: int, token: str, bodies: Sequence[bytes], trades: int, threads: int) -> float:
    posters = [Poster(port, token) for _ in range(threads)]
    workers = [
        threading.Thread(target=poster.post, args=(bodies[index::threads],)) for index, poster in enumerate(posters)
    ]
    begun = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return trades / (time.perf_counter() - begun)


def measure(port: int, token: str) -> dict[str, float]:
    lists = [
        json.dumps([trade(500 * batch + number) for number in range(500)]).encode() for batch in range(BATCHES + 1)
    ]
    singles = [json.dumps(trade(10**6 + number)).encode() for number in range(SINGLES)]
    Poster(port, token).post(lists[BATCHES:])
    return {
        "lists of 500": rate(port, token, lists[:BATCHES], 500 * BATCHES, 1),
        "one a request": rate(port, token, singles, SINGLES, IN_FLIGHT),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", default="")
    parser.add_argument("--gunicorn", action="store_true", help="serve HTTP as in production")
    options = parser.parse_args()
    unlimited = {"THROTTLE_READ": "1000000/1000000", "THROTTLE_INGEST": "1000000/1000000"}
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), {"DATABASE_URL": options.database_url, **unlimited})
        server.manage("init")
        slug = f"ingest-{time.time_ns()}"[:30]
        server.manage("create_account", slug, "--kind", "paper")
        token = server.manage("create_api_key", "--account", slug, "--scopes", "ingest").split()[-1]
        if options.gunicorn:
            command = ["gunicorn", "botv2.wsgi:application", "--bind", f"127.0.0.1:{server.port}", "-w", "1", "-k",
                       "gthread", "--threads", "8", "--log-level", "error"]  # fmt: skip
            process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=server.environment)
            while not server.answers():
                time.sleep(0.1)
        else:
            server.start()
        try:
            found = measure(server.port, token)
        finally:
            if options.gunicorn:
                process.terminate()
                process.wait(20)
            else:
                server.kill()
    print("| trades a second | stored | goal |\n|---|--:|--:|")
    for name, value in found.items():
        print(f"| {name} | {value:,.0f} | {GOALS[name]:,.0f} |")
    return 1 if any(found[name] < goal for name, goal in GOALS.items()) else 0


if __name__ == "__main__":
    sys.exit(main())
