"""SQLite files for this room: private, durable, used by several processes, forked ones among them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from ai_monitoring.sqlite_files import Forkable, opened, transaction


class Database(Forkable):
    """The file and its tables, made on first use. Any thread may use it; raises sqlite3.Error and OSError.

    What is deleted is overwritten. `journal` WAL lets readers and a writer work at once; with DELETE no copy of what
    was there stays in a second file.
    """

    def __init__(self, file: Path, tables: str, journal: Literal["WAL", "DELETE"] = "WAL") -> None:
        self.file = file
        self._tables, self._journal = tables, journal
        self._opened: sqlite3.Connection | None = None
        self._inherited: sqlite3.Connection | None = None
        super().__init__()

    def read(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self.alone:
            return self._connection().execute(query, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and on the disk at the end of the block."""
        with self.alone, transaction(connection := self._connection()):
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """As `transaction`, for reading alone: nobody else is kept from writing."""
        with self.alone:
            connection = self._connection()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")

    def forget_copies(self) -> bool:
        """Empty the write-ahead log, which may hold what was deleted. False where a reader is in the way."""
        with self.alone:
            (busy, *_), *_ = self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return not busy

    def close(self) -> None:
        with self.alone:
            if self._opened:
                self._opened.close()
            self._opened = None

    def leave(self) -> None:
        # Not dropped either, which would close it, and with it drop the parent's locks.
        self._inherited, self._opened = self._opened, None

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = opened(self.file, self._tables, f"journal_mode={self._journal}", "secure_delete=ON")
        return self._opened
