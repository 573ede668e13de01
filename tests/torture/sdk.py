"""Row 28: bots with the project's own client, killed again and again, then alone for an hour.

The bot writes a line to its ledger, outside of client and server, once the client has said that a report is kept, and
how long it was held up. In the full form the hour without a server is the trades of an hour (each second one is opened
and closed), told in the two minutes in which the server is down: an hour of waiting between attempts is not tried. A
killed process is no power cut.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from botv2_client import Client
from tests.server import ROOT, Server
from tests.torture.crash import cluster, reporting_key
from tests.torture.ledger import read_log, stored_trades
from tests.torture.outcome import Outcome, Row, Scale
from tests.torture.rolling import percentile, wait_for

HELD_UP = 0.005  # seconds, for 99 % of the reports
DRAINED = 120.0  # seconds from the start of the server
TRADES_OF_AN_HOUR = 3_600
CHANGES = {"open": "opened", "closed": "closed"}


class Bot:
    """`tests.client.bot` in a process of its own, which trades until it is killed or has made so many trades."""

    def __init__(
        self, folder: Path, server: Server, key: str, name: str, *, pause: float = 0.005, most: int = 0
    ) -> None:
        self.folder, self.name = folder, name
        self.ledger, self.times, self.spool = folder / "ledger", folder / f"{name}.times", folder / "bot.spool"
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "tests.client.bot",
            server.url,
            key,
            self.spool,
            self.ledger,
            name,
        ]
        options: list[str | Path] = ["--times", self.times, "--pause", str(pause), "--most", str(most)]
        self.process = subprocess.Popen([*command, *options], cwd=ROOT, stdin=subprocess.DEVNULL)

    def trades(self) -> bool:
        return self.times.exists() and self.times.stat().st_size > 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def kept(ledger: Path) -> set[tuple[str, str]]:
    """The reports that the client said are kept."""
    pairs = (line.split() for line in ledger.read_text().splitlines())
    return {(name, status) for name, status in pairs}


def held_up(folder: Path) -> tuple[list[float], list[float]]:
    """How long each report held up the bot, and how much of that its thread worked, in seconds."""
    lines = [line.split() for path in folder.glob("*.times") for line in path.read_text().splitlines()]
    return [float(line[0]) for line in lines], [float(line[1]) for line in lines]


def drain(server: Server, key: str, spool: Path) -> float:
    """Seconds until a client has nothing left to send."""
    begun = time.monotonic()
    with Client(server.url, key, spool=spool, trust_env=False) as client:
        client.flush(2 * DRAINED)
    return time.monotonic() - begun


def compared(server: Server, key: str, ledger: Path, killed: int) -> Outcome:
    """What the bot's ledger, the log and the stored trades say: the same, but for one step ahead of each kill."""
    found, reports = Outcome(), kept(ledger)
    told = Counter(
        (event["d"]["trade_id"], event["d"]["change"])
        for event in read_log(server.url, key)
        if event["type"] == "trade_executed"
    )
    wanted = {(name, CHANGES[status]) for name, status in reports}
    lost = sorted(wanted - set(told))
    stored = stored_trades(server.url, key)
    closed = {name for name, change in told if change == "closed"}
    ahead = set(told) - wanted  # kept, and killed before the ledger had it
    found.figures = {"reports_kept": len(reports), "trades_stored": len(stored), "changes_ahead": len(ahead)}
    found.want(not lost, f"{len(lost)} kept reports are lost: {lost[:3]}")
    doubled = [change for change, count in told.items() if count > 1]
    found.want(not doubled, f"{len(doubled)} changes stand twice in the log: {doubled[:3]}")
    found.want(len(ahead) <= killed, f"{len(ahead)} changes that no ledger knows of, with {killed} kills")
    statuses = {name: "closed" if name in closed else "open" for name, _ in told}
    found.want(stored == statuses, f"{len(stored)} trades stored, {len(statuses)} told")
    return found


def killed_again_and_again(scale: Scale, whole: Outcome) -> None:
    kills, chance = scale.of(50, 5), random.Random(scale.seed)
    with tempfile.TemporaryDirectory(prefix="botv2-sdk-") as name, cluster(Path(name) / "var", False) as servers:
        folder, server = Path(name), servers[0]
        key = reporting_key(server)
        for life in range(kills):
            bot = Bot(folder, server, key, f"life{life}")
            wait_for(bot.trades, 30)
            time.sleep(chance.uniform(0, 2.0))
            bot.kill()
        seconds = drain(server, key, bot.spool)
        more = {"kills": kills, "drained_seconds": round(seconds, 1)}
        add(whole, "killed", compared(server, key, bot.ledger, kills), more)
        judge(whole, "killed", seconds, folder)
        whole.want(whole.figures["killed"]["reports_kept"] >= kills, "hardly anything was reported")


def server_down(scale: Scale, whole: Outcome) -> None:
    """The bot goes on while the server is down; it is the bot's own client that sends when the server is back."""
    most, down = scale.of(TRADES_OF_AN_HOUR, 150), scale.of(120, 6)
    with tempfile.TemporaryDirectory(prefix="botv2-sdk-") as name, cluster(Path(name) / "var", False) as servers:
        folder, server = Path(name), servers[0]
        key = reporting_key(server)
        server.kill()
        bot = Bot(folder, server, key, "hour", pause=down / most / 1.2, most=most)
        begun = time.monotonic()
        wait_for(lambda: bot.ledger.exists() and len(bot.ledger.read_text().splitlines()) >= 2 * most, down + 120)
        time.sleep(max(0.0, down - (time.monotonic() - begun)))
        away = time.monotonic() - begun
        server.start()
        begun = time.monotonic()
        head = until_sent(server, key, most, 2 * DRAINED)
        seconds = time.monotonic() - begun
        bot.kill()
        more = {"trades_made": most, "down_seconds": round(away, 1), "drained_seconds": round(seconds, 1)}
        add(whole, "server down", compared(server, key, bot.ledger, 0), more)
        judge(whole, "server down", seconds, folder)
        whole.want(head == most, f"server down: {head} of {most} trades arrived")


def until_sent(server: Server, key: str, most: int, patience: float) -> int:
    """Wait until so many trades are stored as closed; return how many are."""
    count = 0

    def all_there() -> bool:
        nonlocal count
        count = sum(status == "closed" for status in stored_trades(server.url, key).values())
        return count >= most

    wait_for(all_there, patience)
    return count


def add(whole: Outcome, name: str, found: Outcome, more: dict[str, Any]) -> None:
    whole.figures[name] = more | found.figures
    whole.faults += [f"{name}: {fault}" for fault in found.faults]


def judge(whole: Outcome, name: str, drained: float, folder: Path) -> None:
    times, worked = held_up(folder)
    p99 = percentile(times, 0.99)
    whole.figures[name] |= {
        "held_up_ms_p50": milliseconds(percentile(times, 0.5)), "held_up_ms_p99": milliseconds(p99),
        "held_up_ms_max": milliseconds(max(times)), "worked_ms_p99": milliseconds(percentile(worked, 0.99)),
    }  # fmt: skip
    whole.want(p99 <= HELD_UP, f"{name}: reports held the bot up for {milliseconds(p99)} ms (p99)")
    whole.want(drained <= DRAINED, f"{name}: drained after {drained:.0f} s")


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)


def bots(scale: Scale) -> Outcome:
    whole = Outcome()
    killed_again_and_again(scale, whole)
    server_down(scale, whole)
    return whole


ROWS = [
    Row(
        28,
        "Bots with the client: kill -9, and the server down for an hour's trades",
        "0 lost, 0 doubled; drained within 2 min; reports take at most 5 ms (p99)",
        bots,
    )
]
