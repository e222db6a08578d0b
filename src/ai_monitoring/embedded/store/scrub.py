"""What is left of deleted lines: SQLite moves rows about, and pieces of them stay in unused space of its pages, also
with `secure_delete`. To write the file anew is the one way to be rid of them, and takes a second for some 50 MB.
"""

import sqlite3
from pathlib import Path


class Scrub:
    """Runs on the writer's connection, outside its transactions. That it is due outlives the process."""

    def __init__(self, connection: sqlite3.Connection, file: Path) -> None:
        self._connection = connection
        self._due = file.with_name(f"{file.name}.scrub")
        self._at_rest = True

    def owe(self) -> None:
        """Lines are about to be deleted. Raises OSError."""
        self._due.touch(mode=0o600)
        self._at_rest = False

    def step(self) -> None:
        """Write the file anew if that is due and nothing was deleted since the last step: erasures come one upon
        another. Raises sqlite3.Error and OSError; it is due again then, and where a query still reads what was.
        """
        if self._at_rest and self._due.exists():
            self._connection.execute("VACUUM")
            if emptied(self._connection):
                self._due.unlink()
        self._at_rest = True


def emptied(connection: sqlite3.Connection) -> bool:
    """Copy the write-ahead log into the file and empty it; False where a query still reads it."""
    (busy, *_), *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return not busy
