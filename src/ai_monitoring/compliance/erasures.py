"""Which erasures were asked for: how each run ended, and whom a step that failed still has to be done for."""

import time
from pathlib import Path
from typing import Final

from ai_monitoring.compliance.database import Database

FILE: Final = "erasures.sqlite"
COMPLETE: Final = "complete"
PARTIAL: Final = "partial"

# A subject stands here only until its erasure is complete. The journal is deleted with each commit.
_TABLES = """
CREATE TABLE IF NOT EXISTS pending (subject TEXT PRIMARY KEY, since REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY, at REAL NOT NULL, status TEXT NOT NULL, receipt TEXT NOT NULL);
"""


class Erasures:
    """Lines in `erasures.sqlite` of `folder`. Raises sqlite3.Error and OSError."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder / FILE, _TABLES, "DELETE")

    def begin(self, subject: str) -> None:
        """From now on until `end` the subject's erasure is pending, even if this process dies."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO pending VALUES (?, ?)", (subject, time.time()))

    def end(self, subject: str, status: str, receipt: str) -> None:
        """One run is over; `complete` ends the erasure."""
        with self._database.transaction() as connection:
            query = "INSERT INTO run (at, status, receipt) VALUES (?, ?, ?)"
            connection.execute(query, (time.time(), status, receipt))
            if status == COMPLETE:
                connection.execute("DELETE FROM pending WHERE subject = ?", (subject,))

    def pending(self) -> list[str]:
        """Subjects whose erasure is not complete, the oldest first."""
        return [subject for (subject,) in self._database.read("SELECT subject FROM pending ORDER BY since")]

    def counts(self) -> dict[str, int]:
        """How many runs ended so, by status."""
        rows = self._database.read("SELECT status, count(*) FROM run GROUP BY status")
        return {COMPLETE: 0, PARTIAL: 0, **dict(rows)}

    def close(self) -> None:
        self._database.close()
