"""Bring `.venv` in step with the requirements: `python tools/environment.py base|dev`. Instant when nothing changed.

Runs under the system's Python, so it uses the standard library alone.
"""

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def main(kind: str) -> None:
    base = ROOT / "requirements" / "base.txt"
    with base.open() as lock:
        # Two `make` at once would otherwise install into the same folder.
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = base.read_text() + ((ROOT / "requirements" / "dev.txt").read_text() if kind == "dev" else "")
        stamp = VENV / f"installed-{kind}"
        if whole() and stamp.is_file() and stamp.read_text() == wanted:
            return
        if not whole():
            create()
        print("Installing Python packages; this happens once.", flush=True)
        run(PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-q", "-r", f"requirements/{kind}.txt")
        (VENV / "installed-base").write_text(base.read_text())
        stamp.write_text(wanted)


def whole() -> bool:
    """Whether the environment was finished once and its Python still starts in it: folders move, versions go."""
    in_it = "import sys; sys.exit(sys.prefix == sys.base_prefix)"
    try:
        done = subprocess.run([PYTHON, "-c", in_it], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0 and (VENV / "installed-base").is_file()


def create() -> None:
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise SystemExit(
            f"Python {version} has no venv module. On Debian and Ubuntu: apt-get install python{version}-venv"
        ) from None
    shutil.rmtree(VENV, ignore_errors=True)
    run(sys.executable, "-m", "venv", VENV)


def run(*command: str | Path) -> None:
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed; see above.")


if __name__ == "__main__":
    main(sys.argv[1])
