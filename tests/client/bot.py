"""A bot that trades until it is killed: `python -m tests.client.bot URL KEY SPOOL LEDGER NAME`.

The ledger gets a line for each report after the client has said that it is kept.
"""

import os
import sys
import time

from botv2_client import Client


def main(url: str, key: str, spool: str, ledger: str, name: str) -> None:
    client = Client(url, key, bot=name, spool=spool, trust_env=False)
    lines = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    number = 0
    while True:
        trade_id = f"{name}-{number}"
        if client.trade_open(trade_id, symbol="BTC/USDT", direction="long", size="0.1", entry_price="30000"):
            os.write(lines, f"{trade_id} open\n".encode())
        if client.trade_close(trade_id, exit_price="30100", fees="0.5"):
            os.write(lines, f"{trade_id} closed\n".encode())
        number += 1
        time.sleep(0.005)


if __name__ == "__main__":
    main(*sys.argv[1:])
