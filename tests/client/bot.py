"""A bot that trades until it is killed: `python -m tests.client.bot URL KEY SPOOL LEDGER NAME`.

The ledger gets a line for each report after the client has said that it is kept; the file `--times` one with the
seconds that the report took, and those that the thread worked for it. After `--most` trades it waits.
"""

import argparse
import os
import time

from botv2_client import Client


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("url", "key", "spool", "ledger", "name"):
        parser.add_argument(name)
    parser.add_argument("--times", default=os.devnull)
    parser.add_argument("--pause", type=float, default=0.005)
    parser.add_argument("--most", type=int, default=0)
    options = parser.parse_args()
    client = Client(options.url, options.key, bot=options.name, spool=options.spool, trust_env=False)
    ledger, times = (os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT) for path in (options.ledger, options.times))

    def note(trade_id: str, status: str, begun: tuple[float, float], kept: bool) -> None:
        seconds, worked = (now - then for now, then in zip(clocks(), begun, strict=True))
        if kept:
            os.write(ledger, f"{trade_id} {status}\n".encode())
        os.write(times, f"{seconds:.6f} {worked:.6f}\n".encode())

    number = 0
    while not options.most or number < options.most:
        trade_id, begun = f"{options.name}-{number}", clocks()
        kept = client.trade_open(trade_id, symbol="BTC/USDT", direction="long", size="0.1", entry_price="30000")
        note(trade_id, "open", begun, kept)
        begun = clocks()
        kept = client.trade_close(trade_id, exit_price="30100", fees="0.5")
        note(trade_id, "closed", begun, kept)
        number += 1
        time.sleep(options.pause)
    while True:
        time.sleep(1)


def clocks() -> tuple[float, float]:
    return time.perf_counter(), time.thread_time()


if __name__ == "__main__":
    main()
