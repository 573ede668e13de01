"""How far named streams have got, kept in the spool."""

import logging
import sqlite3
from contextlib import suppress

from botv2_client.messages import Position
from botv2_client.spool import Spool


class Positions:
    """The saved positions of one stream, one for each account."""

    def __init__(self, spool: Spool, name: str) -> None:
        self.spool, self.name = spool, name

    def load(self, account: str) -> Position | None:
        found = "SELECT account, epoch, seq FROM positions WHERE name = ? AND account = ?"
        with suppress(sqlite3.Error), self.spool.transaction() as db:
            row = db.execute(found, (self.name, account)).fetchone()
            return Position(*row) if row else None
        return None

    def save(self, position: Position) -> None:
        """Where it cannot be saved, messages come again after the next start."""
        values = (self.name, position.account, position.epoch, position.seq)
        try:
            with self.spool.transaction() as db:
                db.execute("INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?)", values)
        except sqlite3.Error as error:
            self.spool.tally.trouble(f"the position of stream {self.name} cannot be saved: {error}", logging.ERROR)
