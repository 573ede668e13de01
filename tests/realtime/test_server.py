"""What only a real server shows: its own limits, its signals, close codes that reach a client."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from realtime.protocol import MAX_IN, Close
from tests.server import Server


@pytest.fixture
def socket(server: Server) -> Iterator[ClientConnection]:
    with open_socket(server, new_key(server)) as found:
        yield found


@contextmanager
def open_socket(server: Server, token: str) -> Iterator[ClientConnection]:
    """A socket that has read its welcome."""
    headers = {"Authorization": f"Bearer {token}"}
    address = server.url.replace("http", "ws") + "/ws/v1"
    with connect(address, additional_headers=headers, subprotocols=[Subprotocol("botv2.v1")], proxy=None) as found:
        assert json.loads(found.recv(5))["t"] == "welcome"
        yield found


def new_key(server: Server) -> str:
    slug = f"account{time.monotonic_ns()}"
    server.manage("create_account", slug)
    return server.manage("create_api_key", "--account", slug, "--scopes", "read").strip()


def test_no_compression(socket: ClientConnection) -> None:
    assert socket.response is not None
    assert "Sec-WebSocket-Extensions" not in socket.response.headers


def test_bye_and_code_reach_the_client(socket: ClientConnection) -> None:
    socket.send("nonsense")
    assert json.loads(socket.recv(5)) == {"t": "bye", "code": 4500, "retry_after": None}
    with pytest.raises(ConnectionClosed):
        socket.recv(5)
    assert socket.close_code == Close.BAD_FRAME


def test_frame_beyond_the_limit_is_not_read(socket: ClientConnection) -> None:
    socket.send("x" * (MAX_IN + 1))
    with pytest.raises(ConnectionClosed):
        socket.recv(5)
    assert socket.close_code == 1009


def test_server_that_stops_says_bye_first(new_server) -> None:
    server = new_server()
    token = new_key(server)
    with ExitStack() as stack:
        sockets = [stack.enter_context(open_socket(server, token)) for _ in range(3)]
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 5
        for each in sockets:
            assert json.loads(each.recv(5)) == {"t": "bye", "code": 4001, "retry_after": 1}
            with pytest.raises(ConnectionClosed):
                each.recv(5)
            assert each.close_code == Close.DRAINING
