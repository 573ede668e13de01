"""Many clients at once: all back at one moment, far behind, coming and going, stalled, or just there."""

import asyncio
import gc
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.fanout import memory, pid_of, tokens_of
from tests.server import Server
from tests.torture.crash import cluster
from tests.torture.crowd import Crowd
from tests.torture.ledger import trade
from tests.torture.outcome import Outcome, Row, Scale

ACCOUNT = "main"
LIST = 500


@contextmanager
def one_server(sockets: int) -> Iterator[tuple[Server, list[str]]]:
    """A server on SQLite and a token for each of so many sockets."""
    with tempfile.TemporaryDirectory(prefix="botv2-storm-") as folder, cluster(Path(folder), False) as servers:
        yield servers[0], tokens_of(servers[0], sockets)


def reporting(server: Server, token: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False, timeout=60)


async def fill(server: Server, token: str, events: int, name: str = "fill") -> int:
    """Trades until so many events were added; the number of the last."""
    last = 0
    async with reporting(server, token) as bot:
        for start in range(0, events, LIST):
            body = [trade(f"{name}-{number}", "open") for number in range(start, min(start + LIST, events))]
            answer = (await bot.post("/api/trades", json=body)).raise_for_status().json()
            last = max(item["seq"] for item in answer["data"]["items"])
    return last


def all_at_once(scale: Scale) -> Outcome:
    """Row 6: everybody is away while events happen and comes back in the same moment."""
    found, clients, rounds = Outcome(), scale.of(200, 40), scale.of(10, 2)
    with one_server(clients) as (server, tokens):
        asyncio.run(storm(server, tokens[:clients], rounds, found))
    return found


async def storm(server: Server, tokens: list[str], rounds: int, found: Outcome) -> None:
    crowd = Crowd(ACCOUNT)
    last = await fill(server, tokens[0], 1, "first")
    await crowd.enter(server.port, tokens)
    took = []
    for number in range(rounds):
        crowd.leave()
        last = await fill(server, tokens[0], 200, f"away{number}")
        begun = time.monotonic()
        await crowd.come_back(server.port)
        await crowd.until(last, 30)
        took.append(time.monotonic() - begun)
    found.figures = {"clients": len(tokens), "rounds": rounds, "exact_within_seconds_max": round(max(took), 2)}
    found.want(all(member.at >= last for member in crowd.members), "a client is not at the head")
    found.want(not crowd.gaps and not crowd.faults, f"{crowd.gaps} gaps; {crowd.faults[:3]}")
    found.want(max(took) <= 10, f"exact after {max(took):.1f} s")
    crowd.leave()


def far_behind(scale: Scale) -> Outcome:
    """Row 7: a gap of 50,000 events is replayed; one more is an honest reset."""
    found, gap = Outcome(), 50_000
    if scale.short:
        gap = 5_000
    with one_server(20) as (server, tokens):
        asyncio.run(replay(server, tokens[0], gap, found, beyond=not scale.short))
    return found


async def replay(server: Server, token: str, gap: int, found: Outcome, *, beyond: bool) -> None:
    crowd = Crowd(ACCOUNT)
    await fill(server, token, 1, "first")
    await asyncio.sleep(1)
    await crowd.enter(server.port, [token])
    crowd.leave()
    missed = crowd.members[0].at
    last = await fill(server, token, gap - 1, "gap")
    last = max(last, missed + gap - 1)
    begun = time.monotonic()
    await crowd.come_back(server.port)
    await crowd.until(last, 120)
    found.figures = {"events": last - missed, "seconds": round(time.monotonic() - begun, 2)}
    found.want(crowd.members[0].at >= last and not crowd.gaps, f"at {crowd.members[0].at} of {last}")
    if beyond:
        crowd.leave()
        missed = crowd.members[0].at
        await fill(server, token, gap + 1000, "beyond")
        await crowd.come_back(server.port)
        found.figures["reset_beyond"] = crowd.members[0].resets[-1:]
        found.want(crowd.members[0].resets[-1:] == ["too_far"], f"beyond it: {crowd.members[0].resets}")
    crowd.leave()


def churn(scale: Scale) -> Outcome:
    """Row 16: connect and go, over and over; nothing stays behind."""
    found, cycles = Outcome(), scale.of(20_000, 200)
    with one_server(200) as (server, tokens):
        asyncio.run(come_and_go(server, tokens[:100], cycles, found))
    return found


async def come_and_go(server: Server, tokens: list[str], cycles: int, found: Outcome) -> None:
    async def round_of(count: int) -> None:
        for _ in range(count // len(tokens)):
            crowd = Crowd(ACCOUNT)
            await crowd.enter(server.port, tokens)
            crowd.leave()
            found.faults += crowd.faults

    await round_of(len(tokens) * 2)
    await asyncio.sleep(6)
    before = descriptors(server), memory(pid_of(server))
    await round_of(cycles)
    await asyncio.sleep(6)
    after = descriptors(server), memory(pid_of(server))
    found.figures = {
        "cycles": cycles, "descriptors": [before[0], after[0]], "megabytes": [round(before[1], 1), round(after[1], 1)],
    }  # fmt: skip
    found.want(after[0] <= before[0], f"{after[0] - before[0]} descriptors stayed open")
    found.want(after[1] - before[1] <= 20, f"{after[1] - before[1]:.0f} MB more")


def descriptors(server: Server) -> int:
    return len(list(Path(f"/proc/{pid_of(server)}/fd").iterdir()))


def idle(scale: Scale) -> Outcome:
    """Row 14: sockets that just wait, and what each costs."""
    found, sockets = Outcome(), scale.of(1_000, 100)
    with one_server(sockets) as (server, tokens):
        asyncio.run(wait_there(server, tokens[:sockets], scale.of(60, 3), found))
    return found


async def wait_there(server: Server, tokens: list[str], seconds: int, found: Outcome) -> None:
    first = Crowd(ACCOUNT)
    await first.enter(server.port, tokens[:20])
    before, crowd = memory(pid_of(server)), Crowd(ACCOUNT)
    await crowd.enter(server.port, tokens[20:])
    await asyncio.sleep(seconds)
    each = (memory(pid_of(server)) - before) / (len(tokens) - 20) * 1000
    found.figures = {"sockets": len(tokens), "held_seconds": seconds, "kilobytes_each": round(each, 1)}
    found.want(each <= 60, f"{each:.0f} kB each")
    found.want(not crowd.faults, f"{crowd.faults[:3]}")
    crowd.leave()
    first.leave()


def slow_readers(scale: Scale) -> Outcome:
    """Row 10: half of the clients stop reading; the others notice nothing."""
    found, each = Outcome(), scale.of(50, 10)
    with one_server(2 * each) as (server, tokens):
        asyncio.run(stall(server, tokens, each, scale.of(30, 5), found))
    return found


async def stall(server: Server, tokens: list[str], each: int, seconds: int, found: Outcome) -> None:
    good, stalled = Crowd(ACCOUNT), Crowd(ACCOUNT)
    await fill(server, tokens[0], 1, "first")
    await asyncio.sleep(1)
    await good.enter(server.port, tokens[:each])
    alone = await steady(server, tokens[0], good, seconds, "alone")
    await stalled.enter(server.port, tokens[each : 2 * each])
    for member in stalled.members:
        assert member.transport is not None
        member.transport.pause_reading()
    before = memory(pid_of(server))
    beside = await steady(server, tokens[0], good, seconds, "beside")
    grown = memory(pid_of(server)) - before
    found.figures = {
        "good": each, "stalled": each, "p99_ms_alone": round(alone * 1000), "p99_ms_beside": round(beside * 1000),
        "megabytes_more": round(grown, 1),
    }  # fmt: skip
    found.want(grown <= 50, f"{grown:.0f} MB more")
    found.want(not good.gaps and not good.faults, f"{good.gaps} gaps; {good.faults[:3]}")
    good.leave()
    stalled.leave()
    gc.collect()


async def steady(server: Server, token: str, crowd: Crowd, seconds: int, name: str) -> float:
    """The p99 in seconds of some twenty events a second."""
    crowd.begin()
    last = 0
    for number in range(seconds * 4):
        last = await fill(server, token, 5, f"{name}{number}")
        await asyncio.sleep(0.25)
    await crowd.until(last, 15)
    return crowd.latency(0.99)


ROWS = [
    Row(6, "Restart storm: everybody back at once", "all exact within 10 s", all_at_once),
    Row(7, "Offline gap bridged by replay", "50,000 events exact; beyond, a reset", far_behind),
    Row(10, "Stalled readers beside good ones", "at most 50 MB more; the good ones lose nothing", slow_readers),
    Row(14, "Sockets held idle", "1,000, at most 60 kB each", idle),
    Row(16, "Connect and close", "20,000 cycles, nothing left behind", churn),
]
