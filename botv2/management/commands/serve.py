"""`manage.py serve`: one uvicorn on 127.0.0.1, a sign-in link for the owner, and the demo bot beside it."""

import contextlib
import os
import socket
import subprocess
import sys
import warnings
from typing import Any

import uvicorn
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from botv2 import jobs
from botv2.checks import refuse_bad_settings
from botv2.keeper import limit_requests
from dashboard.models import Account, ApiKey
from dashboard.services.keys import key_create, key_revoke
from dashboard.services.links import sign_in_link_create

DEMO_KEY = "demo bot of this server"


class Command(BaseCommand):
    help = "Serve BotV2 on 127.0.0.1:PORT with everything in one process."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_bad_settings()
        limit_requests()
        port = settings.CONFIG["PORT"]
        listener = self.listen(port)
        token = self.demo_token() if settings.CONFIG["DEMO"] else None
        user = get_user_model().objects.filter(is_active=True).order_by("pk").first()
        if user is None:
            raise CommandError("There is no user yet. Run `python manage.py init` first.")
        link = f"{settings.SITE_URL}/sign-in/{sign_in_link_create(user=user, now=timezone.now())}"
        line = f"BotV2 is at {settings.SITE_URL} - sign in once, within 15 minutes: {link}"
        # WhiteNoise hands files over as blocks read in a thread, which is as it should be for files.
        warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
        jobs.Embedded().start()
        with contextlib.suppress(KeyboardInterrupt):
            Server(server_config(), line, token).run(sockets=[listener])

    def listen(self, port: int) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(2048)
        except OSError as error:
            raise CommandError(
                f"Port {port} is in use or not allowed ({error.strerror}). Choose another: PORT=8001."
            ) from None
        return listener

    def demo_token(self) -> str | None:
        """A new key for the demo bot; those of earlier starts end. None without a demo account."""
        account = Account.objects.filter(kind=Account.Kind.DEMO, slug="demo").first()
        if account is None:
            return None
        now = timezone.now()
        for key in ApiKey.objects.filter(account=account, name=DEMO_KEY, revoked_at__isnull=True):
            key_revoke(key, now=now)
        return key_create(account=account, scopes=["read", "ingest"], now=now, name=DEMO_KEY)[1]


def server_config() -> uvicorn.Config:
    """One place for how HTTP and sockets are served; addresses behind proxies are our middleware's business."""
    return uvicorn.Config(
        "botv2.asgi:application",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws="botv2.websocket:CuttingProtocol",
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=5,
    )


class Server(uvicorn.Server):
    """Says where it is once it can be reached, and only then starts the demo bot."""

    def __init__(self, config: uvicorn.Config, line: str, demo_token: str | None) -> None:
        super().__init__(config)
        self.line, self.demo_token = line, demo_token
        self.demo: subprocess.Popen[bytes] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self.line, flush=True)
            if self.demo_token:
                self.demo = start_demo_bot(self.demo_token)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.demo is not None:
            self.demo.terminate()
        await super().shutdown(sockets)


def start_demo_bot(token: str) -> subprocess.Popen[bytes]:
    """The bot ends when its standard input does, that is, when this process ends in whatever way."""
    environment = {
        **os.environ,
        "BOTV2_URL": f"http://127.0.0.1:{settings.CONFIG['PORT']}",
        "BOTV2_KEY": token,
        "BOTV2_SPOOL": str(settings.DATA_DIR / "demo-bot.spool"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "botv2.demo_bot"], stdin=subprocess.PIPE, env=environment, cwd=settings.BASE_DIR
    )
