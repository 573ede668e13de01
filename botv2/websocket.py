"""uvicorn's WebSocket protocol, with an end for readers that have stalled."""

import asyncio

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class CuttingProtocol(WebSocketsSansIOProtocol):
    """Cuts the connection off when the peer has not taken what was left to say.

    Closing a transport waits, for ever, until its buffer is sent: a client that stopped reading would keep it.
    """

    CUT_AFTER = 1.0  # seconds after the application or the closing handshake has ended

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        if not self.disconnected:
            handshake = 0.0 if self.close_timer is None else self.close_timeout
            self.loop.call_later(handshake + self.CUT_AFTER, self.transport.abort)
