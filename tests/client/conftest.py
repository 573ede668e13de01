"""Clients, and what they report to: a real server, or one whose answers a test chooses."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from botv2_client import Client
from tests.client.fake import FakeBotV2
from tests.server import Server
from tools.services import free_port

MakeClient = Callable[..., Client]


@dataclass
class Target:
    """An account of its own on a real server, with a key that may do all a bot may."""

    server: Server
    account: str
    key: str

    @classmethod
    def on(cls, server: Server) -> "Target":
        account = f"account{time.monotonic_ns()}"
        key = ["create_api_key", "--account", account, "--scopes", "read,ingest"]
        return cls(server, account, server.manage_all([["create_account", account], key])[1].strip())

    def get(self, path: str, **params: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = httpx.get(f"{self.server.url}/api/{path}", headers=headers, params=params, trust_env=False, timeout=30)
        return answer.raise_for_status().json()["data"]

    def text(self, path: str) -> list[str]:
        """The events of the log as they are written, for numbers that a float would round."""
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = httpx.get(f"{self.server.url}/api/{path}", headers=headers, trust_env=False, timeout=30)
        return answer.raise_for_status().text.split('{"s":')[1:]

    def trades(self) -> dict[str, Any]:
        """All trades by their producer's id."""
        found: dict[str, Any] = {}
        params: dict[str, Any] = {"limit": 1000}
        while True:
            page = self.get("trades", **params)
            found |= {row["trade_id"]: row for row in page["trades"]}
            if not page["next_cursor"]:
                return found
            params["cursor"] = page["next_cursor"]


@pytest.fixture
def target(server: Server) -> Target:
    return Target.on(server)


@pytest.fixture
def fake() -> FakeBotV2:
    return FakeBotV2()


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "bot.spool"


@pytest.fixture
def free_address() -> str:
    """Where nothing listens."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def make_client(spool: Path) -> Iterator[MakeClient]:
    """`make_client(target)` or `make_client(fake)`, on this test's spool unless another is named."""
    made: list[Client] = []

    def make(of: Target | FakeBotV2 | str, **options: Any) -> Client:
        if isinstance(of, FakeBotV2):
            url, key, options = "http://botv2.example", "bv2_fake", {"transport": of.transport, **options}
        else:
            url, key = (of, "bv2_nobody") if isinstance(of, str) else (of.server.url, of.key)
        made.append(Client(url, key, **{"bot": "tester", "spool": spool, "trust_env": False, **options}))
        return made[-1]

    yield make
    for client in made:
        client.close(0)


def open_trade(client: Client, name: str, **rest: Any) -> bool:
    values = {"symbol": "BTC/USDT", "direction": "long", "size": "0.1", "entry_price": "64000.5", **rest}
    return client.trade_open(name, **values)


def wait_until(condition: Callable[[], Any], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
