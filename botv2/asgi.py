"""HTTP and sockets for an ASGI server (uvicorn; daphne under `runserver`)."""

import asyncio
import os
import signal
import threading
from types import FrameType
from typing import Any

from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "botv2.settings")
django = get_asgi_application()

from botv2 import __version__  # noqa: E402  all of these need the apps
from botv2.checks import refuse_bad_settings  # noqa: E402
from botv2.gate import AccessGate  # noqa: E402
from botv2.keeper import keep_open, limit_requests  # noqa: E402
from botv2.middleware import BodyLimit  # noqa: E402
from realtime import hub  # noqa: E402
from realtime.consumer import LiveConsumer  # noqa: E402

refuse_bad_settings()
limit_requests()


async def no_such_socket(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.close"})


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    while (await receive())["type"] == "lifespan.startup":
        keep_open()
        drain_before_stopping()
        await send({"type": "lifespan.startup.complete"})
    await hub.close()
    await send({"type": "lifespan.shutdown.complete"})


def drain_before_stopping() -> None:
    """Say bye to the sockets before the server hears of the signal that ends it: it would just cut them off."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    draining: list[asyncio.Task[None]] = []

    def install(number: int) -> None:
        stop = signal.getsignal(number)
        if not callable(stop):
            return

        async def drain_then_stop() -> None:
            try:
                await hub.drain()
            finally:
                stop(number, None)

        def handle(number: int, frame: FrameType | None) -> None:
            if draining:
                stop(number, frame)
            else:
                loop.call_soon_threadsafe(lambda: draining.append(loop.create_task(drain_then_stop())))

        signal.signal(number, handle)

    for number in (signal.SIGTERM, signal.SIGINT):
        install(number)


live = LiveConsumer.as_asgi(gate=AccessGate(), server_version=__version__)


async def sockets(scope: Any, receive: Any, send: Any) -> None:
    await (live if scope["path"] == "/ws/v1" else no_such_socket)(scope, receive, send)


files = dict.fromkeys(("/api/imports", "/api/imports/preview"), settings.IMPORT_MAX_SIZE)
http = BodyLimit(django, settings.DATA_UPLOAD_MAX_MEMORY_SIZE, files)
application = ProtocolTypeRouter({"http": http, "websocket": sockets, "lifespan": lifespan})
