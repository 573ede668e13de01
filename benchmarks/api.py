"""What a request costs: `python -m benchmarks.api [--database-url URL] [--data FOLDER]`.

CPU milliseconds of the serving process a request, floor = 1, over a year of one account (benchmarks/year.py): ours
under gunicorn as in production, the floor (benchmarks/floor.py) and, where a tutorial has it, plain Django REST
Framework (benchmarks/plain.py), all in one run, one after the other. Then what a process pays once: the first
statistics of all trades, and those after one more trade. Ends with 1 if a goal is missed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.server import ROOT, Server
from tools.services import free_port

TICK = 1000 / os.sysconf("SC_CLK_TCK")
LEAST, MOST = 1.0, 400  # CPU seconds and requests of one measurement, whichever ends it first


@dataclass(frozen=True)
class Row:
    """One request, the same of the floor and of plain DRF, and what it may cost: times the floor, or milliseconds."""

    name: str
    path: str
    floor: str | None = None
    plain: str | None = None
    times: float | None = None
    most: float | None = None


ROWS = [
    Row("100 trades", "trades?limit=100", "trades", "trades", times=2.5),
    Row("100 trades, filtered", "trades?limit=100&strategy=Strategy+3&status=closed", "filtered", "filtered", 2.5),
    Row("1,000 candles", "market/BTC/USDT/ohlcv?timeframe=1m&limit=1000", "candles", "candles", times=2.5),
    Row("100 snapshots", "portfolio/history?limit=100", "history", "history"),
    Row("portfolio now", "portfolio", "portfolio", "portfolio"),
    Row("equity of a year, 1,000 points", "portfolio/equity?points=1000", "equity", most=6),
    Row("statistics, nothing changed", "trades/stats", "stats", most=5),
    Row("statistics by strategy", "trades/stats?group_by=strategy"),
    Row("statistics, filtered", "trades/stats?direction=long"),
    Row("all risk metrics", "risk/metrics"),
    Row("snapshot of the Overview", "snapshot"),
]


class Process:
    """One serving process and what it has cost so far."""

    def __init__(self, pid: int, client: httpx.Client) -> None:
        self.pid, self.client = pid, client

    def cpu(self) -> float:
        """Milliseconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * TICK

    def ask(self, path: str, **headers: str) -> httpx.Response:
        answer = self.client.get(path, headers=headers)
        assert answer.status_code in (200, 304), (path, answer.text[:300])
        return answer

    def cost(self, path: str, **headers: str) -> float:
        for _ in range(3):
            self.ask(path, **headers)
        begun, done = self.cpu(), 0
        while done < 20 or (done < MOST and self.cpu() - begun < LEAST * 1000):
            self.ask(path, **headers)
            done += 1
        return (self.cpu() - begun) / done

    def once(self, act: Callable[[], object]) -> float:
        begun = self.cpu()
        act()
        return self.cpu() - begun


@contextmanager
def serving(command: list[str], environment: dict[str, str], **headers: str) -> Iterator[Process]:
    port = free_port()
    where = [part.replace("PORT", str(port)) for part in command]
    process = subprocess.Popen([sys.executable, "-m", *where], cwd=ROOT, env=environment)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Accept-Encoding": "identity", **headers},
                          trust_env=False, timeout=60)  # fmt: skip
    try:
        for _ in range(400):
            try:
                client.get("/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield Process(int(children[0]) if children else process.pid, client)
    finally:
        client.close()
        process.terminate()
        process.wait(20)


def gunicorn(module: str) -> list[str]:
    return ["gunicorn", module, "-w", "1", "--bind", "127.0.0.1:PORT", "--log-level", "error", "--keep-alive", "60",
            "-k", "gthread", "--threads", "1"]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database-url", default="")
    parser.add_argument("--data", type=Path, help="keep the generated year here for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        return measure(Server(options.data or Path(temporary), {"DATABASE_URL": options.database_url}))


def measure(server: Server) -> int:
    url = server.environment["DATABASE_URL"]
    server.manage("init")
    made = subprocess.run([sys.executable, "-m", "benchmarks.year"], cwd=ROOT, env=server.environment,
                          stdout=subprocess.PIPE, text=True, check=True)  # fmt: skip
    token = made.stdout.strip()
    floor = {**server.environment, "FLOOR_DATABASE": url or str(server.data / "botv2.sqlite3")}
    unlimited = {"THROTTLE_READ": "1000000/1000000", "THROTTLE_INGEST": "1000000/1000000"}
    ours = {**server.environment, **unlimited}
    costs: dict[str, dict[str, float]] = {row.name: {} for row in ROWS}
    with serving(gunicorn("benchmarks.plain:application"), ours) as process:
        for row in ROWS:
            if row.plain:
                costs[row.name]["plain"] = process.cost(f"/{row.plain}")
    with serving(["uvicorn", "benchmarks.floor:app", "--port", "PORT", "--log-level", "critical"], floor) as process:
        for row in ROWS:
            if row.floor:
                costs[row.name]["floor"] = process.cost(f"/{row.floor}")
    with serving(gunicorn("botv2.wsgi:application"), ours, Authorization=f"Bearer {token}") as process:
        once = first(process)
        for row in ROWS:
            costs[row.name]["ours"] = process.cost(f"/api/{row.path}")
        once |= unchanged(process) | deep(process)
    return report(costs, once, postgres=bool(url))


def first(process: Process) -> dict[str, tuple[float, float | None]]:
    """What the first question of a process costs, and the next one after one more trade."""
    process.ask("/api/alerts")
    cold = process.once(lambda: process.ask("/api/trades/stats"))
    trade = {"trade_id": f"more-{time.time_ns()}", "symbol": "BTC/USDT", "direction": "long", "size": "1",
             "status": "closed", "entry_price": "100", "entry_time": "2026-01-01T00:00:00Z", "exit_price": "101",
             "exit_time": "2026-01-02T00:00:00Z"}  # fmt: skip
    assert process.client.post("/api/trades", json=trade).status_code == 201
    after = process.once(lambda: process.ask("/api/trades/stats"))
    return {"statistics, first of a process": (cold, None), "statistics, after one more trade": (after, None)}


def unchanged(process: Process) -> dict[str, tuple[float, float | None]]:
    tag = process.ask("/api/trades?limit=100").headers["ETag"]
    return {"unchanged (304)": (process.cost("/api/trades?limit=100", **{"If-None-Match": tag}), 1.0)}


def deep(process: Process) -> dict[str, tuple[float, float | None]]:
    """The first page by cursor and the one behind 90,000 trades."""
    path = "/api/trades?limit=1000"
    cursor = process.ask(path).json()["data"]["next_cursor"]
    second = process.cost(f"/api/trades?limit=100&cursor={cursor}")
    for _ in range(89):
        cursor = process.ask(f"{path}&cursor={cursor}").json()["data"]["next_cursor"]
    return {
        "page behind 1,000 by cursor": (second, None),
        "page behind 90,000 by cursor": (process.cost(f"/api/trades?limit=100&cursor={cursor}"), second * 1.25),
    }


def report(costs: dict[str, dict[str, float]], once: dict[str, tuple[float, float | None]], *, postgres: bool) -> int:
    missed = []
    print(f"\n| request ({'PostgreSQL' if postgres else 'SQLite'}) | floor | ours | times | plain DRF | times |")
    print("|---|--:|--:|--:|--:|--:|")
    for row in ROWS:
        found = costs[row.name]
        floor, ours, plain = found.get("floor"), found["ours"], found.get("plain")
        cells = [f"{value:.2f}" if value is not None else "" for value in (
            floor, ours, floor and ours / floor, plain, floor and plain and plain / floor)]  # fmt: skip
        print(f"| {row.name} | {' | '.join(cells)} |")
        if (row.times and floor and ours / floor > row.times) or (row.most and ours > row.most):
            missed.append(row.name)
    print("\n| once | CPU ms | goal |\n|---|--:|--:|")
    cold = 120.0 if postgres else 400.0
    for name, (cost, goal) in once.items():
        most = cold if name.startswith("statistics") else goal
        print(f"| {name} | {cost:.1f} | {'' if most is None else f'{most:.1f}'} |")
        if most is not None and cost > most:
            missed.append(name)
    print(f"\nMissed: {', '.join(missed) or 'nothing'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
