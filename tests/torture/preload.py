"""Libraries that stand before libc in the processes of a server, made here with the system's compiler."""

import subprocess
from pathlib import Path

from tools import programs


def built(source: str, library: Path) -> Path:
    """The library made of this C. Raises Missing."""
    flags = ["-shared", "-fPIC", "-O1", "-U_FORTIFY_SOURCE", "-pthread"]
    command = [programs.compiler(), *flags, "-xc", "-", "-o", str(library), "-ldl"]
    subprocess.run(command, input=source, text=True, check=True)
    return library
