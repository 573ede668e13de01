"""How long a query may take (bounded where somebody waits for the answer, not for commands), and a session be kept."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg
import pytest

from botv2.env import ROOT
from tests.api.samples import alert
from tests.isolation import isolated
from tests.server import Server
from tests.settings import POSTGRES

ASK = """
import {module}
from django.db import connection
names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
with connection.cursor() as cursor:
    if connection.vendor == "postgresql":
        for name in names:
            cursor.execute("SHOW " + name)
            print(cursor.fetchone()[0])
    else:
        cursor.execute("PRAGMA busy_timeout")
        print(cursor.fetchone()[0])
"""


def limits(folder: Path, module: str) -> list[str]:
    """The limits as a process has them that serves requests by `module`."""
    settings = {"BOTV2_DATA": folder, "DJANGO_SETTINGS_MODULE": "botv2.settings"}
    if POSTGRES:
        settings["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
    command = [sys.executable, "-c", ASK.format(module=module)]
    done = subprocess.run(command, cwd=ROOT, env=isolated(settings), capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.layer
def test_requests_are_bounded_and_commands_are_not(tmp_path: Path) -> None:
    served = [limits(tmp_path, "botv2.wsgi"), limits(tmp_path, "botv2.asgi")]
    command = limits(tmp_path, "django; django.setup()")
    if POSTGRES:
        assert (served, command) == ([["5s", "4s", "15s"]] * 2, ["0", "10s", "0"])
    else:
        assert (served, command) == ([["10000"]] * 2, ["10000"])


@pytest.mark.skipif(not POSTGRES, reason="a file has no sessions")
def test_sessions_of_a_time_without_writes_are_not_kept(new_server: Callable[..., Server]) -> None:
    server = new_server()
    key = server.manage("create_api_key", "--account", "main", "--scopes", "ingest").strip()
    bot = httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=20)
    url, name = os.environ["TEST_DATABASE_URL"], server.environment["DATABASE_URL"].rpartition("/")[2]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        refused = [bot.post("/api/alerts", json=alert(title=f"refused {number}")) for number in range(20)]
        assert {(each.status_code, each.headers["Retry-After"]) for each in refused} == {(503, "1")}
        connection.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    time.sleep(2)
    for number in range(40):  # the first that gets such a session has all of them renewed
        bot.post("/api/alerts", json=alert(title=f"again {number}"))
    assert [bot.post("/api/alerts", json=alert(title=f"taken {number}")).status_code for number in range(40)] == [
        201
    ] * 40
