"""A real BotV2 server in its own process, as `make run` starts it: for sockets, crashes and browsers."""

import contextlib
import filecmp
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import httpx

from botv2.env import ROOT
from tests.isolation import isolated, manage
from tools.services import free_port

PATIENCE = 60.0
ONE_BY_ONE = """
import io, json
from django.core.management import call_command
told = []
for name, *arguments in commands:
    told.append(io.StringIO())
    call_command(name, *arguments, stdout=told[-1])
print(json.dumps([each.getvalue() for each in told]))
"""
PREPARED = Path(tempfile.gettempdir()) / "botv2-tests-static"


class Server:
    """One data folder and, between `start` and `stop` or `kill`, one server on it."""

    def __init__(self, data: Path, settings: dict[str, str] | None = None) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = isolated({"BOTV2_DATA": data, "PORT": self.port, "DEMO": 0, **(settings or {})})
        self.environment |= {"DJANGO_SETTINGS_MODULE": "botv2.settings", "PYTHONUNBUFFERED": "1"}
        self.log = data / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        data.mkdir(parents=True, exist_ok=True)

    def manage(self, *arguments: str, **environment: str) -> str:
        """Run a command on this server's data and return what it prints."""
        return manage({**self.environment, **environment}, *arguments)

    def manage_all(self, commands: Sequence[Sequence[str]], **environment: str) -> list[str]:
        """Run several commands in one process, whose start costs more than they do; return what each prints."""
        code = f"commands = {list(map(list, commands))!r}\n{ONE_BY_ONE}"
        found: list[str] = json.loads(self.manage("shell", "-v0", "-c", code, **environment))
        return found

    def init(self) -> None:
        """Run `init`; the static files are those that an earlier run of these sources prepared, if there is one."""
        static = self.data / "static"
        if PREPARED.is_dir() and not static.exists():
            shutil.copytree(PREPARED, static)
        self.manage("init")
        stamp = PREPARED / ".prepared"
        if not stamp.is_file() or not filecmp.cmp(static / ".prepared", stamp):
            fresh = PREPARED.with_name(f"{PREPARED.name}-{uuid.uuid4().hex}")
            shutil.copytree(static, fresh)
            shutil.rmtree(PREPARED, ignore_errors=True)
            with contextlib.suppress(OSError):  # another run was quicker
                fresh.rename(PREPARED)

    def start(self) -> None:
        """Start the server and return when it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            died = self.process.poll() is not None
            assert not died and time.monotonic() < deadline, f"the server did not start:\n{self.log.read_text()}"
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def sign_in_link(self) -> str:
        """The newest one-time link that the server printed."""
        links: list[str] = re.findall(r"http\S+/sign-in/\S+", self.log.read_text())
        return links[-1]

    def kill(self) -> None:
        """End the server at once, as a crash or the kernel would."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """End the server as a person would."""
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
            self.process = None
