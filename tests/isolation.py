"""The environment of everything a test starts: what the product's settings say, whatever the machine and `.env` say."""

import os
import secrets
from collections.abc import Mapping

from botv2.env import SETTINGS


def isolated(values: Mapping[str, object]) -> dict[str, str]:
    """This process's environment with every setting of BotV2 blank but for `values` and fresh secrets.

    Blank, not absent: the environment wins over `.env`, so a file at the repository root changes no result.
    """
    product = {setting.name: "" for setting in SETTINGS}
    product |= {"SECRET_KEY": secrets.token_urlsafe(48), "KEY_PEPPER": secrets.token_urlsafe(48)}
    return {**os.environ, **product, **{name: str(value) for name, value in values.items()}}
