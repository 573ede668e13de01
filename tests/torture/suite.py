"""The torture suite: every row of the report, one after the other.

    python -m tests.torture.suite [--rows 1 3 9] [--short] [--seed N] [--report var/torture]

Each row has its own ledger outside of the system and says what it measured; a goal that is missed makes the exit code
1. `--short` tries the same with few repetitions. Writes report.json and report.md.
"""

import argparse
import json
import os
import platform
import random
import sys
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botv2 import __version__
from tests.torture import (
    backup,
    crash,
    databases,
    faults,
    load,
    network,
    order,
    ordinary,
    power,
    restore,
    rolling,
    sdk,
    soak,
    static,
    storms,
)
from tests.torture.outcome import Outcome, Row, Scale

MODULES = (
    backup, crash, databases, faults, load, network, order, ordinary, power, restore, rolling, sdk, soak, static,
    storms,
)  # fmt: skip
ROWS = sorted((row for module in MODULES for row in module.ROWS), key=lambda row: row.number)


def perform(row: Row, scale: Scale) -> dict[str, Any]:
    begun = time.monotonic()
    try:
        found = row.run(scale)
    except Exception as error:
        traceback.print_exc()
        found = Outcome(faults=[f"{type(error).__name__}: {error}"])
    return {
        "row": row.number, "name": row.name, "goal": row.goal, "met": not found.faults,
        "seconds": round(time.monotonic() - begun, 1), "figures": found.figures, "faults": found.faults,
    }  # fmt: skip


def report(rows: Sequence[dict[str, Any]], scale: Scale) -> dict[str, Any]:
    return {
        "version": __version__, "at": datetime.now(UTC).isoformat(timespec="seconds"), "seed": scale.seed,
        "form": "short" if scale.short else "full", "python": platform.python_version(), "cores": os.cpu_count(),
        "met": sum(row["met"] for row in rows), "rows": rows,
    }  # fmt: skip


def markdown(found: dict[str, Any]) -> str:
    lines = [
        "# Torture report", "",
        f"BotV2 {found['version']}, {found['at']}, seed {found['seed']}, {found['form']} form, {found['cores']} cores.",
        "",
        "`kill -9` does not test power loss; row 25 simulates it, for SQLite.",
        "The load and the server share the same cores.", "",
        "| # | what | goal | met | measured | s |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for row in found["rows"]:
        figures = "; ".join(f"{name} {value}" for name, value in row["figures"].items() if name != "at")
        told = "yes" if row["met"] else "**no**: " + "; ".join(row["faults"])[:500]
        cells = (row["row"], row["name"], row["goal"], told, figures, row["seconds"])
        lines.append("| " + " | ".join(str(cell).replace("|", "/").replace("\n", " ") for cell in cells) + " |")
    return "\n".join([*lines, "", f"{found['met']} of {len(found['rows'])} goals met.", ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[])
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--report", type=Path, default=Path("var/torture"))
    options = parser.parse_args()
    scale, done = Scale(options.seed, options.short), []
    options.report.mkdir(parents=True, exist_ok=True)
    for row in ROWS:
        if options.rows and row.number not in options.rows:
            continue
        print(f"{row.number:>2} {row.name} ...", flush=True)
        done.append(perform(row, scale))
        print(
            f"   {'met' if done[-1]['met'] else 'NOT MET'} in {done[-1]['seconds']} s: {done[-1]['figures']}",
            flush=True,
        )
        for fault in done[-1]["faults"]:
            print(f"   fault: {fault}", flush=True)
        found = report(done, scale)
        (options.report / "report.json").write_text(json.dumps(found, indent=2, default=str) + "\n")
        (options.report / "report.md").write_text(markdown(found))
    print(f"{sum(row['met'] for row in done)} of {len(done)} goals met; {options.report}/report.md", flush=True)
    return 0 if done and all(row["met"] for row in done) else 1


if __name__ == "__main__":
    sys.exit(main())
