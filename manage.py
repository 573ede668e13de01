#!/usr/bin/env python
"""Command line of BotV2."""

import os
import sys
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "botv2.settings")
    if sys.argv[1:2] == ["init"]:
        # Settings are read at import, so the secrets they need have to exist before.
        from botv2.env import ensure_secrets, read_config

        ensure_secrets(Path(read_config()["BOTV2_DATA"]), os.environ)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
