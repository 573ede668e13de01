"""Look into a spool: `python -m botv2_client stats|dead|retry|flush SPOOL`. `flush` needs BOTV2_URL and BOTV2_KEY."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from botv2_client.client import SPOOL_LIMIT, Client
from botv2_client.letters import dead_letters, retry_dead
from botv2_client.spool import Spool
from botv2_client.tally import Tally


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m botv2_client", description="Look into a spool.")
    parser.add_argument("command", choices=["stats", "dead", "retry", "flush"])
    parser.add_argument("spool", type=Path)
    parser.add_argument("--limit", type=int, default=100, help="of the dead letters shown")
    parser.add_argument("--timeout", type=float, default=60, help="seconds that flush waits")
    options = parser.parse_args()
    if not options.spool.is_file():
        parser.error(f"there is no spool {options.spool}")
    if options.command == "flush":
        return flush(options.spool, options.timeout)
    spool = Spool(options.spool, SPOOL_LIMIT, Tally())
    try:
        if options.command == "stats":
            queued, dead = spool.counts()
            print(json.dumps({"queued": queued, "dead": dead}))
        elif options.command == "retry":
            print(json.dumps({"retried": retry_dead(spool, None)}))
        else:
            for letter in dead_letters(spool, options.limit):
                print(json.dumps(asdict(letter), default=str))
    finally:
        spool.close()
    return 0


def flush(spool: Path, timeout: float) -> int:
    """Send what the spool holds; 1 if something is left. The program that has it open may send it as well."""
    try:
        client = Client(os.environ["BOTV2_URL"], os.environ["BOTV2_KEY"], spool=spool)
    except KeyError as missing:
        print(f"set {missing.args[0]}", file=sys.stderr)
        return 2
    with client:
        flushed = client.flush(timeout)
        print(json.dumps(asdict(client.stats()), default=str))
    return 0 if flushed else 1


if __name__ == "__main__":
    sys.exit(main())
