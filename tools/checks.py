"""Every check of the project: `python -m tools.checks [stage ...]`.

All stages run even when one fails, so that one run tells everything; any failure makes the exit code 1. A stage that
lacks a service or a program is skipped with a line that says how to get it, which is a failure when CI=true.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tests.isolation import isolated
from tools import programs, services
from tools.programs import Missing

ROOT = Path(__file__).resolve().parent.parent
COVERAGE = 90
WORKERS = 3  # tests of servers and sockets wait more than they work
BROWSERS = 2


class Failed(Exception):
    pass


def run(*command: str | Path, environment: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise Failed


def together(*steps: Callable[[], None]) -> None:
    """Run every step, also after one that failed."""
    failed = False
    for step in steps:
        try:
            step()
        except Failed:
            failed = True
    if failed:
        raise Failed


def python(*arguments: str, environment: Mapping[str, str] | None = None) -> None:
    run(sys.executable, *arguments, environment=environment)


def lint() -> None:
    together(
        lambda: python("-m", "ruff", "check", "--quiet", "--output-format", "concise", "."),
        lambda: python("-m", "ruff", "format", "--check", "--quiet", "--output-format", "concise", "."),
    )


def types() -> None:
    together(
        lambda: python("-m", "mypy"),
        lambda: python(
            "-m",
            "mypy",
            "--strict",
            "--follow-imports=silent",
            "--cache-dir",
            ".mypy_cache/strict",
            "analytics",
            "realtime",
            "client/src",
        ),
    )


def layers() -> None:
    python("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")


def migrations() -> None:
    manage("makemigrations", "--check", "--dry-run")


def deploy() -> None:
    manage("check", "--deploy", "--fail-level", "WARNING", SITE_URL="https://botv2.example")


def assets() -> None:
    with tempfile.TemporaryDirectory(prefix="botv2-check-") as data:
        environment = isolated({"BOTV2_DATA": data})
        python("manage.py", "build", environment=environment)
        python("manage.py", "asset_report", environment=environment)


def manage(*arguments: str, **settings: str) -> None:
    with tempfile.TemporaryDirectory(prefix="botv2-check-") as data:
        python("manage.py", *arguments, environment=isolated({"BOTV2_DATA": data, **settings}))


def py() -> None:
    pytest("--cov", f"--cov-fail-under={COVERAGE}", "--ignore=tests/e2e", f"-n{WORKERS}")


def py_pg() -> None:
    with services.postgres() as database_url, services.redis() as redis_url:
        urls = {"TEST_DATABASE_URL": database_url, "TEST_REDIS_URL": redis_url}
        environment = {**os.environ, **urls, "BOTV2_TEST_BACKEND": "postgres"}
        # What an answer looks like does not depend on the database: generated requests run once.
        pytest("--ignore=tests/e2e", "--ignore=tests/torture/test_fuzz.py", f"-n{WORKERS}", environment=environment)


def js() -> None:
    # Named one by one: what `node --test` makes of a folder differs between its versions.
    files = sorted((ROOT / "tests" / "js").rglob("*.test.js"))
    if not files:
        print("no tests/js/**/*.test.js", flush=True)
        raise Failed
    run(*programs.node(), "--test", *files)


def js_types() -> None:
    node = programs.node()
    node_modules(node)
    tsc = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
    together(*(partial(run, *node, tsc, "--project", name) for name in ("tsconfig.json", "tsconfig.worker.json")))


def node_modules(node: list[str]) -> None:
    """What package.json names for the checks, at exactly its versions."""
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    if any(installed(name) != version for name, version in wanted.items()):
        options = "--ignore-scripts --no-package-lock --no-audit --no-fund --loglevel=error".split()
        run(*programs.npm(node), "install", *options)


def installed(package: str) -> str:
    path = ROOT / "node_modules" / package / "package.json"
    return str(json.loads(path.read_text())["version"]) if path.is_file() else ""


def e2e() -> None:
    programs.chromium()
    programs.shell()
    node_modules(programs.node())
    pytest("tests/e2e", f"-n{BROWSERS}")


def pytest(*arguments: str, environment: Mapping[str, str] | None = None) -> None:
    python("-m", "pytest", "-q", *arguments, environment=environment)


STAGES: dict[str, Callable[[], None]] = {
    "lint": lint,
    "types": types,
    "layers": layers,
    "migrations": migrations,
    "deploy": deploy,
    "assets": assets,
    "py": py,
    "py-pg": py_pg,
    "js": js,
    "js-types": js_types,
    "e2e": e2e,
}


def perform(name: str) -> tuple[str, bool]:
    """Run one stage; return what to say of it and whether it is well."""
    try:
        STAGES[name]()
    except Failed:
        return "FAILED", False
    except Missing as missing:
        return f"skipped: {missing}", os.environ.get("CI") != "true"
    except Exception as error:
        return f"FAILED: {type(error).__name__}: {error}", False
    return "ok", True


def main(names: list[str]) -> int:
    summary, well = [], True
    for name in names or STAGES:
        print(f"\n== {name}", flush=True)
        start = time.monotonic()
        said, good = perform(name)
        well = well and good
        summary.append(f"{name:<12}{time.monotonic() - start:7.1f} s  {said}")
        print(f"== {summary[-1]}", flush=True)
    print("\n" + "\n".join(summary))
    print("All well." if well else "Not well: see the stages above.")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
