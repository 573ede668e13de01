"""Libraries that stand before libc in the processes of a server, made here with the system's compiler."""

import shutil
import subprocess
from pathlib import Path

from tools.programs import Missing


def built(source: str, library: Path) -> Path:
    """The library made of this C. Raises Missing."""
    if not (compiler := shutil.which("cc") or shutil.which("gcc")):
        raise Missing(f"no C compiler to make {library.name}: apt-get install gcc libc6-dev")
    flags = ["-shared", "-fPIC", "-O1", "-U_FORTIFY_SOURCE", "-pthread"]
    command = [compiler, *flags, "-xc", "-", "-o", str(library), "-ldl"]
    subprocess.run(command, input=source, text=True, check=True)
    return library
