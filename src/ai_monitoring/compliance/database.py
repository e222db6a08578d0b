"""SQLite files for this room: private, durable, used by several processes, opened anew after a fork."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Literal

from ai_monitoring.sqlite_files import opened, transaction


class Database:
    """The file and its tables, made on first use. Any thread may use it; raises sqlite3.Error and OSError.

    What is deleted is overwritten. `journal` WAL lets readers and a writer work at once; with DELETE no copy of what
    was there stays in a second file.
    """

    def __init__(self, file: Path, tables: str, journal: Literal["WAL", "DELETE"] = "WAL") -> None:
        self.file = file
        self._tables, self._journal = tables, journal
        self._pid, self._lock = os.getpid(), RLock()
        self._opened: tuple[int, sqlite3.Connection] | None = None

    def read(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._alone():
            return self._connection().execute(query, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, and on the disk at the end of the block."""
        with self._alone(), transaction(self._connection()):
            yield self._connection()

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own, for which nothing changes inside the block."""
        connection = self._open()
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.close()

    def forget_copies(self) -> bool:
        """Empty the write-ahead log, which may hold what was deleted. False where a reader is in the way."""
        with self._alone():
            (busy, *_), *_ = self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return not busy

    def close(self) -> None:
        with self._alone():
            if self._opened and self._opened[0] == os.getpid():
                self._opened[1].close()
            self._opened = None

    def _alone(self) -> AbstractContextManager[Any]:
        if self._pid != os.getpid():
            # Forked, perhaps while another thread, which is not here, held it.
            self._pid, self._lock = os.getpid(), RLock()
        return self._lock

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None or self._opened[0] != os.getpid():
            # A forked process must not even close its parent's connection: that would drop the parent's locks.
            self._inherited = self._opened
            self._opened = (os.getpid(), self._open())
        return self._opened[1]

    def _open(self) -> sqlite3.Connection:
        return opened(self.file, self._tables, f"journal_mode={self._journal}", "secure_delete=ON")
