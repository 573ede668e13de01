"""The end of a connection whose reader has stalled."""

import asyncio
import socket
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from botv2.websocket import CuttingProtocol

UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


async def talker(scope: Any, receive: Any, send: Any) -> None:
    """Sends until the peer takes no more, then gives up."""
    await send({"type": "websocket.accept"})
    try:
        async with asyncio.timeout(0.3):
            while True:
                await send({"type": "websocket.send", "text": "x" * 100_000})
    except TimeoutError:
        return


async def test_stalled_reader_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CuttingProtocol, "CUT_AFTER", 0.1)
    config, state = uvicorn.Config(talker, log_config=None, ws_per_message_deflate=False), ServerState()
    config.load()
    server = await asyncio.get_running_loop().create_server(
        lambda: CuttingProtocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    with socket.create_connection(server.sockets[0].getsockname()) as stalled:
        stalled.sendall(UPGRADE)
        async with asyncio.timeout(5):
            while not state.connections:
                await asyncio.sleep(0.01)
            while state.connections:
                await asyncio.sleep(0.01)
    server.close()
