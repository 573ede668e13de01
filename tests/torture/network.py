"""A network that cuts replies, delays, crumbles, starves and falls silent, between bots, a reader and the server."""

import asyncio
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from botv2_client.messages import Event, Snapshot
from botv2_client.stream import follow
from tests.torture.crash import cluster, reporting_key, under_load
from tests.torture.ledger import Ledger, trade
from tests.torture.outcome import Outcome, Row, Scale
from tests.torture.proxy import Faults, Proxy, proxied

HALF_OPEN_WITHIN = 45.0  # seconds until a client that hears nothing comes back by itself
WEATHER = {
    "2 s latency": Faults(latency=2.0),
    "5 % resets": Faults(reset=0.05),
    "one byte at a time": Faults(slice=1),
    "10 kB/s": Faults(bandwidth=10_000),
}


def through(scale: Scale, disturb: Any, faults: Faults | None = None) -> dict[str, Any]:
    """The load of the crash run through a proxy; `disturb(proxy, ledger)` decides how long."""
    random.seed(scale.seed)
    with tempfile.TemporaryDirectory(prefix="botv2-network-") as folder, cluster(Path(folder), False) as servers:
        key = reporting_key(servers[0])
        with proxied(servers[0].port, seed=scale.seed, faults=faults) as proxy:
            url = f"http://127.0.0.1:{proxy.port}"
            return under_load([url], key, lambda ledger: calm(proxy, disturb(proxy, ledger)), direct=servers[0].url)


def calm(proxy: Proxy, found: dict[str, Any]) -> dict[str, Any]:
    """The weather clears, so that what is under way can be finished and compared."""
    proxy.faults = Faults()
    return found


def replies_cut(scale: Scale) -> Outcome:
    """Row 3: the request arrives, the answer does not; bots repeat it."""
    wanted, patience = scale.of(5_000, 30), scale.of(3_600, 60)

    def disturb(proxy: Proxy, ledger: Ledger) -> dict[str, Any]:
        deadline = time.monotonic() + patience
        while ledger.cut_off < wanted and time.monotonic() < deadline:
            time.sleep(0.1)
        return {"replies_cut": proxy.counts.replies_cut}

    found = Outcome.of(through(scale, disturb, Faults(cut_reply=0.3)))
    replayed = found.figures["posts_cut_off"]
    found.want(replayed >= wanted, f"{replayed} posts were repeated, {wanted} wanted")
    return found


def weather(scale: Scale) -> Outcome:
    """Row 23: every kind of bad network in turn, then silence without a close."""
    whole = Outcome()
    for name, faults in WEATHER.items():

        def disturb(proxy: Proxy, ledger: Ledger) -> dict[str, Any]:
            time.sleep(scale.of(600, 3))
            return {"resets": proxy.counts.resets}

        found = Outcome.of(through(scale, disturb, faults))
        told = ("posts", "posts_cut_off", "acknowledged_changes", "events_seen", "client_connections")
        whole.figures[name] = {each: found.figures[each] for each in told}
        whole.faults += [f"{name}: {fault}" for fault in found.faults]
        whole.want(found.figures["acknowledged_changes"] > 0, f"{name}: nothing got through")
    half_open(scale, whole)
    return whole


def half_open(scale: Scale, whole: Outcome) -> None:
    """The connection goes silent without a close: the client must notice, come back and miss nothing."""
    with tempfile.TemporaryDirectory(prefix="botv2-network-") as folder, cluster(Path(folder), False) as servers:
        key = reporting_key(servers[0])
        with proxied(servers[0].port, seed=scale.seed) as proxy:
            found = asyncio.run(silence(proxy, servers[0].url, key))
    whole.figures["half-open"] = {"noticed_within_seconds": round(found, 1)}
    whole.want(found <= HALF_OPEN_WITHIN, f"half-open: noticed after {found:.0f} s")


async def silence(proxy: Proxy, direct: str, key: str) -> float:
    """Seconds from the silence until an event that happened in it is seen on a new connection."""
    begun = 0.0
    async with httpx.AsyncClient(base_url=direct, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as bot:
        async for message in follow(f"http://127.0.0.1:{proxy.port}", key, trust_env=False):
            if isinstance(message, Snapshot):
                proxy.faults = Faults(silent=True)
                begun, connections = time.monotonic(), proxy.counts.connections
                (await bot.post("/api/trades", json=trade("in-silence", "open"))).raise_for_status()
                # What is silent stays so; only a new connection gets through.
                helper = asyncio.create_task(open_again(proxy, connections))
            elif isinstance(message, Event) and message.type == "trade_executed":
                await helper
                return time.monotonic() - begun
    raise AssertionError("the stream ended")


async def open_again(proxy: Proxy, connections: int) -> None:
    while proxy.counts.connections <= connections:
        await asyncio.sleep(0.05)
    proxy.faults = Faults()


ROWS = [
    Row(3, "Trades doubled by retries, 30 % of replies cut", "0 doubled; 5,000 posts repeated", replies_cut),
    Row(23, "Bad networks, ten minutes each", "0 lost; half-open found within 45 s", weather),
]
