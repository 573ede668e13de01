"""`python -m botv2_client`: a look into a spool from outside."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.client.conftest import MakeClient, Target, open_trade


def command(*arguments: Any, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("BOTV2_URL", "BOTV2_KEY")}
    return subprocess.run(
        [sys.executable, "-m", "botv2_client", *map(str, arguments)],
        env={**clean, "NO_PROXY": "*", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_shows_and_sends_what_a_dead_bot_left(
    target: Target, make_client: MakeClient, spool: Path, free_address: str
) -> None:
    client = make_client(free_address)
    open_trade(client, "t-1")
    open_trade(client, "t-2", size="-1")
    client.close(0)
    assert json.loads(command("stats", spool).stdout) == {"queued": 2, "dead": 0}
    assert command("flush", spool).returncode == 2
    assert command("flush", spool, "--timeout", "0.5", BOTV2_URL=free_address, BOTV2_KEY="bv2_nobody").returncode == 1
    done = command("flush", spool, BOTV2_URL=target.server.url, BOTV2_KEY=target.key)
    assert done.returncode == 0, done.stderr
    assert (json.loads(done.stdout)["sent"], json.loads(done.stdout)["dead"]) == (1, 1)
    assert list(target.trades()) == ["t-1"]
    (letter,) = map(json.loads, command("dead", spool).stdout.splitlines())
    assert letter["kind"] == "trade" and letter["error"].startswith("size: ")
    assert json.loads(command("retry", spool).stdout) == {"retried": 1}
    assert json.loads(command("stats", spool).stdout) == {"queued": 1, "dead": 0}


def test_it_makes_no_spool_of_its_own(tmp_path: Path) -> None:
    done = command("stats", tmp_path / "nothing")
    assert done.returncode == 2 and "there is no spool" in done.stderr
    assert list(tmp_path.iterdir()) == []
