"""A whole installation on this machine: `python -m tools.stack [FOLDER]`, or `with stack(folder) as running:`.

nginx with TLS, two HTTP and two socket processes, a worker, PostgreSQL, and a Redis of its own with a password: what
docs/deploy.md describes, as plain processes on free ports of 127.0.0.1. Each is ended by its own process id.
"""

import getpass
import os
import secrets
import signal
import ssl
import string
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psycopg

from botv2.env import ROOT
from tests.isolation import isolated, manage
from tools import certificate, programs, services

PATIENCE = 60.0
HTTP = ("http-1", "http-2")
SOCKETS = ("sockets-1", "sockets-2")
SERVERS = (*HTTP, *SOCKETS)
NGINX = """
user $user;
worker_processes 1;
pid $folder/nginx.pid;
error_log $folder/nginx.log warn;
events { worker_connections 4096; }
http {
    access_log off;
    client_body_temp_path $folder/nginx-body;
    proxy_temp_path $folder/nginx-proxy;
    fastcgi_temp_path $folder/nginx-fastcgi;
    uwsgi_temp_path $folder/nginx-uwsgi;
    scgi_temp_path $folder/nginx-scgi;
    include $folder/botv2.conf;
}
"""


class Stack:
    """The processes by name: `http-1`, `http-2`, `sockets-1`, `sockets-2`, `worker`, `nginx`."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.ports = {name: services.free_port() for name in (*SERVERS, "plain", "tls")}
        self.url = f"https://127.0.0.1:{self.ports['tls']}"
        self.certificate, self.certificate_key = certificate.make(folder, "127.0.0.1")
        self.trust = ssl.create_default_context(cafile=self.certificate)
        self.environment = isolated(
            {
                "DJANGO_SETTINGS_MODULE": "botv2.settings",
                "BOTV2_DATA": folder / "var",
                "SITE_URL": self.url,
                "TRUSTED_PROXIES": "127.0.0.1",
                "DEMO": 0,
                "METRICS_TOKEN": secrets.token_urlsafe(32),
                "SSL_CERT_FILE": self.certificate,
                **settings,
            }
        )
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def command(self, name: str) -> tuple[list[str], dict[str, str]]:
        """What runs as `name`, and its share of the connections to PostgreSQL."""
        bind = f"127.0.0.1:{self.ports.get(name)}"
        if name in HTTP:
            gunicorn = ["-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", bind, "botv2.wsgi"]
            return [sys.executable, *gunicorn], {"DB_POOL_SIZE": "8", "HTTP_THREADS": "8"}
        if name in SOCKETS:
            return [sys.executable, "manage.py", "sockets", "--bind", bind], {"DB_POOL_SIZE": "6"}
        if name == "worker":
            return [sys.executable, "manage.py", "work"], {"DB_POOL_SIZE": "4"}
        log, settings = f"{self.folder}/nginx.log", f"{self.folder}/nginx.conf"
        return [programs.nginx(), "-e", log, "-c", settings, "-g", "daemon off;"], {}

    def start(self, name: str) -> None:
        """Start a process; a server is started when it answers."""
        command, settings = self.command(name)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**self.environment, **settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + PATIENCE
        while name != "worker" and not self.answers(name):
            died = self.processes[name].poll() is not None
            if died or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start:\n{(self.folder / f'{name}.log').read_text()[-2000:]}")
            time.sleep(0.05)

    def answers(self, name: str) -> bool:
        url = self.url if name == "nginx" else f"http://127.0.0.1:{self.ports[name]}"
        try:
            return httpx.get(f"{url}/healthz", timeout=2, trust_env=False, verify=self.trust).is_success
        except httpx.TransportError:
            return False

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> int:
        """End a process as an operator would; return its exit code."""
        process = self.processes.pop(name)
        process.send_signal(number)
        try:
            return process.wait(45)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def restart(self, name: str) -> None:
        self.stop(name)
        self.start(name)

    def stop_all(self) -> None:
        for name in list(self.processes):
            self.stop(name)

    def manage(self, *arguments: str, **environment: str) -> str:
        return manage({**self.environment, **environment}, *arguments)

    def configure_nginx(self) -> None:
        names = {name.upper().replace("-", "_"): f"127.0.0.1:{self.ports[name]}" for name in SERVERS}
        site = string.Template((ROOT / "deploy" / "nginx" / "botv2.conf.template").read_text()).safe_substitute(
            names,
            LISTEN_PLAIN=f"127.0.0.1:{self.ports['plain']}",
            LISTEN_TLS=f"127.0.0.1:{self.ports['tls']}",
            SERVER_NAME="127.0.0.1",
            CERTIFICATE=self.certificate,
            CERTIFICATE_KEY=self.certificate_key,
        )
        (self.folder / "botv2.conf").write_text(site)
        frame = string.Template(NGINX).substitute(user=getpass.getuser(), folder=self.folder)
        (self.folder / "nginx.conf").write_text(frame)


@contextmanager
def stack(folder: Path, redis_url: str | None = None, **settings: str) -> Iterator[Stack]:
    """A running installation with an empty database of its own. Raises Missing."""
    programs.nginx()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as leaving:
        server = leaving.enter_context(services.postgres())
        name = f"botv2_stack_{uuid.uuid4().hex[:12]}"
        admin = leaving.enter_context(psycopg.connect(server, autocommit=True))
        admin.execute(f'CREATE DATABASE "{name}"')
        leaving.callback(admin.execute, f'DROP DATABASE "{name}" WITH (FORCE)')
        if redis_url is None:
            redis_url = leaving.enter_context(services.throwaway_redis(secrets.token_urlsafe(24)))
        running = Stack(
            folder, {"DATABASE_URL": f"{server.rpartition('/')[0]}/{name}", "REDIS_URL": redis_url, **settings}
        )
        running.manage("init")
        running.configure_nginx()
        leaving.callback(running.stop_all)
        for each in (*SERVERS, "worker", "nginx"):
            running.start(each)
        yield running


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "var" / "stack").absolute()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    print("Starting PostgreSQL, Redis, nginx, two HTTP and two socket processes, and a worker ...", flush=True)
    with stack(folder) as running:
        print(running.manage("sign_in_link").strip(), flush=True)
        print(f"Logs, certificate and configuration are in {folder}. End with Ctrl-C.", flush=True)
        try:
            while all(process.poll() is None for process in running.processes.values()):
                time.sleep(0.5)
        except KeyboardInterrupt:
            return 0
        dead = [name for name, process in running.processes.items() if process.poll() is not None]
        print(f"{', '.join(dead)} ended by itself; see {folder}/*.log.", flush=True)
        return 1


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
