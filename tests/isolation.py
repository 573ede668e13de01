"""The environment of everything a test starts: what the product's settings say, whatever the machine and `.env` say."""

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping

from botv2.env import ROOT, SETTINGS

PATIENCE = 300.0


def isolated(values: Mapping[str, object]) -> dict[str, str]:
    """This process's environment with every setting of BotV2 blank but for `values` and fresh secrets.

    Blank, not absent: the environment wins over `.env`, so a file at the repository root changes no result.
    """
    product = {setting.name: "" for setting in SETTINGS}
    product |= {"SECRET_KEY": secrets.token_urlsafe(48), "KEY_PEPPER": secrets.token_urlsafe(48)}
    return {**os.environ, **product, **{name: str(value) for name, value in values.items()}}


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """Run a command of the product in this environment and return what it prints; it has to end well."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
    return done.stdout
