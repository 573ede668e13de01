"""A BotV2 whose answers a test chooses, for what a real one hardly ever says."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import httpx

Answer = Callable[[httpx.Request], httpx.Response]


class FakeBotV2:
    """Takes everything, unless the next of `script` says otherwise. `refuses(item)` names items it does not take."""

    def __init__(self) -> None:
        self.script: deque[Answer] = deque()
        self.always: Answer | None = None
        self.refuses: Callable[[Any], bool] = lambda item: False
        self.requests: list[tuple[float, str, Any]] = []
        self.lock = threading.Lock()
        self.transport = httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            assert len(request.content) <= 1024 * 1024
            body = json.loads(request.content)
            self.requests.append((time.monotonic(), request.url.path.removeprefix("/api/"), body))
            if self.script:
                return self.script.popleft()(request)
            if self.always:
                return self.always(request)
        if isinstance(body, list):
            items = [self.item(index, item) for index, item in enumerate(body)]
            return httpx.Response(200, json={"success": True, "data": {"summary": {}, "items": items}})
        return httpx.Response(200, json={"success": True, "data": {}})

    def item(self, index: int, item: Any) -> dict[str, Any]:
        refused = self.refuses(item)
        errors = {"size": ["Must be greater than 0."]} if refused else {}
        return {"index": index, "status": "invalid" if refused else "created", "seq": None, "errors": errors}

    def bodies(self, path: str) -> list[Any]:
        return [body for _, asked, body in self.requests if asked == path]

    def items(self, path: str) -> list[Any]:
        return [item for body in self.bodies(path) for item in body]


def says(status: int, message: str = "no", **headers: str) -> Answer:
    error = {"code": "x", "message": message, "fields": {}, "request_id": "1"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: httpx.Response(status, json={"success": False, "error": error}, headers=named)


def breaks(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused", request=request)
