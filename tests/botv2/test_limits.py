"""How long a query may take: bounded where somebody waits for the answer, not for commands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from botv2.env import ROOT
from tests.isolation import isolated
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
