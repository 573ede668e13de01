"""`make stack` as somebody meets it: started, signed in over TLS, reported to, followed by sockets, ended."""

import asyncio
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from botv2.env import ROOT
from tests.isolation import isolated
from tests.torture.reader import Seen, follow

LINK = re.compile(r"https://\S+/sign-in/\S+")
TRADE = {
    "trade_id": "1", "symbol": "BTC/USDT", "direction": "long", "size": "1", "status": "open", "entry_price": "1",
    "entry_time": "2026-01-05T09:00:00Z",
}  # fmt: skip


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ssl.SSLContext]]:
    """The sign-in link that the stack prints, and whom to trust."""
    folder = tmp_path_factory.mktemp("stack")
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.stack", str(folder)],
        cwd=ROOT, env=isolated({}), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        found = next((match[0] for line in process.stdout if (match := LINK.search(line))), None)
        assert found, f"it printed no link and ended with {process.wait(5)}"
        yield found, ssl.create_default_context(cafile=folder / "certificate.pem")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert not [name for name in os.listdir("/proc") if name.isdigit() and runs_in(folder, name)], "it left processes"


def runs_in(folder: Path, pid: str) -> bool:
    try:
        return str(folder).encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False


def test_the_whole_installation_answers(link: tuple[str, ssl.SSLContext]) -> None:
    address, trust = link
    root = address.partition("/sign-in/")[0]
    with httpx.Client(base_url=root, verify=trust, trust_env=False, timeout=20, follow_redirects=True) as person:
        page = person.get(address)
        assert page.status_code == 200 and "/a/main" in str(page.url)
        assert page.headers["strict-transport-security"]
        style = re.search(r'href="(/static/CACHE/[^"]+\.css)"', page.text)
        assert style and "immutable" in person.get(style[1]).headers["cache-control"]
        headers = {"X-CSRFToken": person.cookies["__Host-csrf"], "Referer": root}
        body = {"name": "bot", "scopes": ["read", "ingest"]}
        key = (
            person.post("/api/keys?account=main", json=body, headers=headers).raise_for_status().json()["data"]["token"]
        )
    seen = asyncio.run(followed(root, key, trust))
    for each in seen:
        assert each.faults == []
        assert [event["d"]["trade_id"] for event in each.events.values() if event["type"] == "trade_executed"] == ["1"]


async def followed(root: str, key: str, trust: ssl.SSLContext) -> list[Seen]:
    """What two sockets, of which nginx gives each to another process, saw of a trade that was reported meanwhile."""
    stop, seen = asyncio.Event(), [Seen(), Seen()]
    following = asyncio.gather(*(follow([root], key, "main", each, stop, trust) for each in seen))
    try:
        async with httpx.AsyncClient(base_url=root, verify=trust, trust_env=False, timeout=20) as bot:
            await until(lambda: all(each.epoch for each in seen))
            answer = await bot.post("/api/trades", json=[TRADE], headers={"Authorization": f"Bearer {key}"})
            last = answer.raise_for_status().json()["data"]["items"][0]["seq"]
        await until(lambda: all(each.position >= last for each in seen))
    finally:
        stop.set()
        await following
    return seen


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not done():
            await asyncio.sleep(0.05)
