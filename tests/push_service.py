"""A push service for tests, on this machine: it takes what is pushed, opens it as a browser would, answers as told."""

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02


def packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Browser:
    """The keys of one browser's subscription."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint, self.auth = endpoint, os.urandom(16)
        self.private = ec.generate_private_key(ec.SECP256R1())

    def subscription(self, **more: str) -> dict[str, str]:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "p256dh": packed(point), "auth": packed(self.auth), **more}

    def open(self, body: bytes) -> Any:
        return json.loads(http_ece.decrypt(body, private_key=self.private, auth_secret=self.auth))


@dataclass
class Pushed:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    def signed(self) -> bool:
        return bool(Vapid02.verify(self.headers["authorization"]))


@dataclass
class PushService:
    """`answers` are the next statuses and their headers, by path; 201 where none is left."""

    url: str
    pushed: list[Pushed] = field(default_factory=list)
    answers: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)

    def browser(self, name: str) -> Browser:
        return Browser(f"{self.url}/{name}")

    def told(self, browser: Browser) -> list[Any]:
        """What this browser was told, opened with its keys."""
        return [browser.open(each.body) for each in self.pushed if browser.endpoint.endswith(each.path)]


@contextmanager
def push_service() -> Iterator[PushService]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.pushed.append(Pushed(self.path, headers, body))
            status, more = (service.answers.get(self.path) or [(201, {})]).pop(0)
            self.send_response(status)
            for name, value in {"Content-Length": "0", **more}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = PushService(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
