"""Translations: `locale/` as people write it, compiled into the folder of all state. No other program is needed."""

import os
from pathlib import Path

import polib
from django.conf import settings

SOURCES = settings.BASE_DIR / "locale"
PLACE = "LC_MESSAGES/django"


def sources() -> dict[str, Path]:
    """Language code -> its catalogue. English is what the code says."""
    return {path.parents[1].name: path for path in sorted(SOURCES.glob(f"*/{PLACE}.po"))}


def compile_catalogues() -> None:
    """Servers that start at the same time may do it at once: each file is there as a whole or as it was."""
    for language, source in sources().items():
        target: Path = settings.LOCALE_PATHS[0] / language / f"{PLACE}.mo"
        target.parent.mkdir(parents=True, exist_ok=True)
        compiled = polib.pofile(str(source)).to_binary()
        if target.is_file() and target.read_bytes() == compiled:
            continue
        fresh = target.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(compiled)
        fresh.replace(target)
