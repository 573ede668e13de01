"""What stands in a log line, and what never does."""

import io
import json
import logging
import logging.config
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.contextvars import bind_contextvars, clear_contextvars

from botv2 import logs
from tests.server import Server

Log = Callable[..., str]
SECRETS = (
    "Authorization: Bearer bv2_live_a1b2c3d4_" + "Z9y8X7w6" * 4 + "_k3",
    "key bv2_live_a1b2c3d4_" + "Z9y8X7w6" * 4 + "_k3 was refused",
    "cannot reach postgres://bot:Z9y8X7w6@db.internal/botv2",
    "cannot reach redis://:Z9y8X7w6@127.0.0.1:6379/0",
    "GET /sign-in/Z9y8X7w6Z9y8X7w6 ended",
    "GET /reset/Z9y8X7w6Z9y8X7w6?x=1",
    "GET /invite/Z9y8X7w6Z9y8X7w6",
    "{'password': 'Z9y8X7w6', 'name': 'eve'}",
    "SECRET_KEY=Z9y8X7w6Z9y8",
    "api-key: Z9y8X7w6Z9y8",
    "authorization basic Z9y8X7w6Zm9v",
)


@pytest.fixture
def log() -> Iterator[Callable[..., Log]]:
    """`log(json=True)` returns a function that logs a message in this format and returns what was written."""
    clear_contextvars()

    def make(*, json: bool) -> Log:
        formatter = logs.config(level="INFO", json=json)["formatters"]["event"]
        made: Any = logging.config.DictConfigurator({"version": 1}).configure_custom(dict(formatter))

        def write(message: str, *arguments: Any, **options: Any) -> str:
            stream = io.StringIO()
            handler = logging.StreamHandler(stream)
            handler.setFormatter(made)
            logger = logging.Logger("botv2.test")
            logger.addHandler(handler)
            logger.warning(message, *arguments, **options)
            return stream.getvalue()

        return write

    yield make
    clear_contextvars()


def test_a_line_of_json_says_what_when_and_about_whom(log: Callable[..., Log]) -> None:
    bind_contextvars(request_id="0123", account="main", key="a1b2c3d4")
    written = log(json=True)("took %s", 3, extra={"status": 200, "request": object()})
    assert written.endswith("\n") and written.count("\n") == 1
    event = json.loads(written)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "took 3", "level": "warning", "logger": "botv2.test", "status": 200,
        "request_id": "0123", "account": "main", "key": "a1b2c3d4",
    }  # fmt: skip


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("text", SECRETS)
def test_what_looks_like_a_secret_is_taken_out(log: Callable[..., Log], text: str, as_json: bool) -> None:
    written = log(json=as_json)("%s", text)
    assert "Z9y8X7w6" not in written
    assert "[redacted]" in written
    try:
        raise ValueError(text)
    except ValueError:
        written = log(json=as_json)("it failed", exc_info=True)
    assert "ValueError" in written
    assert written.count("Z9y8X7w6") == written.count(f'"{text}"')


@pytest.mark.parametrize("name", ["password", "new_password", "token", "Cookie", "apikey", "session_key", "csrf"])
def test_what_is_named_like_a_secret_is_taken_out(name: str) -> None:
    assert logs.redact(None, "", {name: "Z9", "event": "x"}) == {name: "[redacted]", "event": "x"}


@pytest.mark.parametrize(
    "nasty", ["a\r\nlevel=error forged", "\x1b[31mred\x1b[0m", "a\u2028b", "\x00\x07\x9b31m", "a\nb"]
)
def test_no_text_makes_a_line_of_its_own(log: Callable[..., Log], nasty: str) -> None:
    for as_json in (True, False):
        bind_contextvars(account=nasty)
        written = log(json=as_json)("said %s", nasty)
        assert written.count("\n") == 1
        assert not any(ord(sign) < 32 or ord(sign) in {127, 155} for sign in written[:-1])
        try:
            raise ValueError(nasty)
        except ValueError:
            lines = log(json=as_json)("failed", exc_info=True)[:-1].split("\n")
        assert all(line.startswith("    ") for line in lines[1:])
        assert not any(ord(sign) < 32 or ord(sign) in {127, 155} for line in lines for sign in line)


def test_patterns_are_quick_on_any_text() -> None:
    for text in ("bv2_" * 25_000, "://" + "a" * 100_000, "password" * 12_000, "/sign-in/" * 11_000, "bearer " * 14_000):
        begun = time.monotonic()
        logs.clean(text)
        assert time.monotonic() - begun < 1


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.startswith("{")]


def test_each_request_is_a_line_with_its_account_and_key(new_server: Callable[..., Server]) -> None:
    server = new_server(LOG_FORMAT="json")
    key = server.manage("create_api_key", "--account", "main", "--scopes", "read").strip()
    client = httpx.Client(base_url=server.url, trust_env=False, timeout=20)
    client.get(server.sign_in_link())
    link = server.sign_in_link().rpartition("/")[2]
    client.get("/a/main/", params={"symbol": "asked"})
    answer = client.get("/api/trades?symbol=asked", headers={"Authorization": f"Bearer {key}"})
    ids = {line["request_id"]: line for line in lines_of(server.log) if line["event"] == "request"}
    mine = ids[answer.headers["X-Request-Id"]]
    assert {name: mine[name] for name in ("method", "path", "view", "status", "account", "key", "address")} == {
        "method": "GET", "path": "/api/trades", "view": "TradeViewSet", "status": 200,
        "account": "main", "key": key.split("_")[2], "address": "127.0.0.1",
    }  # fmt: skip
    page = [line for line in ids.values() if line["path"] == "/a/main/"]
    assert [(line["account"], line["person"]) for line in page[-1:]] == [("main", 1)]
    assert any(line["path"] == "/sign-in/[redacted]" for line in ids.values())
    logged = "\n".join(json.dumps(line) for line in ids.values())
    assert link not in logged and key not in logged and "asked" not in logged
