"""The ledger that a run keeps outside of the servers, and what it is compared with."""

import ssl
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

Trust = ssl.SSLContext | bool
CHANGES = {"open": "opened", "closed": "closed"}


@dataclass
class Ledger:
    """What the servers acknowledged, kept outside of them."""

    acknowledged: dict[str, set[str]] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    posts: int = 0
    cut_off: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, trades: list[dict[str, Any]], answer: dict[str, Any]) -> None:
        with self.lock:
            for trade, item in zip(trades, answer.get("items", [answer]), strict=True):
                if item["status"] not in {"created", "updated", "duplicate"}:
                    self.refused.append(f"{trade['trade_id']} {trade['status']}: {item}")
                self.acknowledged.setdefault(trade["trade_id"], set()).add(trade["status"])
                if item["seq"] is not None:
                    self.numbers[item["seq"]] = trade["trade_id"]

    def copy(self) -> "Ledger":
        """What is acknowledged at this moment."""
        with self.lock:
            return Ledger({name: set(each) for name, each in self.acknowledged.items()}, dict(self.numbers))

    def changes(self) -> set[tuple[str, str]]:
        """The trades and changes that the log has to tell."""
        return {(name, CHANGES[each]) for name, all_ in self.acknowledged.items() for each in all_}

    def rows(self) -> dict[str, str]:
        """The trades that have to be stored, and their status."""
        return {name: "closed" if "closed" in all_ else "open" for name, all_ in self.acknowledged.items()}

    def compare(self, events: Iterable[dict[str, Any]], stored: dict[str, str]) -> list[str]:
        """What the whole log, one event after the other, and the stored trades say otherwise."""
        faults = list(self.refused)
        told: Counter[tuple[str, str]] = Counter()
        last = misplaced = misnamed = 0
        for event in events:
            misplaced += event["s"] != last + 1
            last = event["s"]
            name = event["d"]["trade_id"] if event["type"] == "trade_executed" else None
            if name is not None:
                told[name, event["d"]["change"]] += 1
            misnamed += self.numbers.get(last, name) != name
        if misplaced:
            faults.append("the log has a gap or a double")
        wanted = self.changes()
        if lost := wanted - set(told):
            faults.append(f"{len(lost)} acknowledged changes are not in the log: {sorted(lost)[:3]}")
        if doubled := [change for change, count in told.items() if count > 1]:
            faults.append(f"{len(doubled)} changes stand twice in the log: {doubled[:3]}")
        if set(told) - wanted:
            faults.append("the log has changes that nobody was answered for")
        if stored != self.rows():
            faults.append(f"{len(stored)} trades stored, {len(self.acknowledged)} acknowledged")
        if misnamed or max(self.numbers, default=0) > last:
            faults.append("an acknowledged number names another event")
        return faults


def trade(name: str, status: str) -> dict[str, Any]:
    body = {
        "trade_id": name,
        "symbol": "BTC/USDT",
        "direction": "long",
        "size": "0.1",
        "strategy": "crash",
        "status": status,
        "entry_price": "30000",
        "entry_time": "2026-01-01T00:00:00Z",
    }
    if status == "closed":
        body |= {"exit_price": "30100", "exit_time": "2026-01-01T01:00:00Z", "fees": "0.5"}
    return body


def reader(url: str, key: str, trust: Trust) -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False, verify=trust)


def each_event(url: str, key: str, trust: Trust = True) -> Iterator[dict[str, Any]]:
    """The whole event log over plain HTTP, one event after the other."""
    since = 0
    with reader(url, key, trust) as client:
        while True:
            page = client.get("/api/events", params={"since": since, "limit": 1000}).raise_for_status()
            events = page.json()["data"]["events"]
            if not events:
                return
            yield from events
            since = events[-1]["s"]


def read_log(url: str, key: str, trust: Trust = True) -> list[dict[str, Any]]:
    return list(each_event(url, key, trust))


def stored_trades(url: str, key: str, trust: Trust = True) -> dict[str, str]:
    found: dict[str, str] = {}
    cursor: str | None = None
    with reader(url, key, trust) as client:
        while True:
            params: dict[str, int | str] = {"limit": 1000} | ({"cursor": cursor} if cursor else {})
            data = client.get("/api/trades", params=params).raise_for_status().json()["data"]
            found |= {row["trade_id"]: row["status"] for row in data["trades"]}
            cursor = data["next_cursor"]
            if not cursor:
                return found
