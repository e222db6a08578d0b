"""The ledger of consents and other legal bases: who, for which purpose, since when, told by whom."""

import time
from pathlib import Path
from typing import Any, Final, NamedTuple

from ai_monitoring.compliance.database import Database
from ai_monitoring.compliance.kinds import LegalBasis

FILE: Final = "consent.sqlite"
GRANTED: Final = "granted"
WITHDRAWN: Final = "withdrawn"
_TABLES = """
CREATE TABLE IF NOT EXISTS consent (
    id INTEGER PRIMARY KEY, subject TEXT NOT NULL, purpose TEXT NOT NULL, status TEXT NOT NULL, basis TEXT NOT NULL,
    source TEXT NOT NULL, at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS consent_subject ON consent (subject, purpose, id);
"""
_COLUMNS = "purpose, status, basis, source, at"


class Standing(NamedTuple):
    """One line of the ledger. `status` is granted or withdrawn, `at` in Unix seconds."""

    purpose: str
    status: str
    basis: LegalBasis
    source: str
    at: float

    def as_json(self) -> dict[str, Any]:
        return self._asdict()


class ConsentLedger:
    """Lines in `consent.sqlite` of `folder`, on the disk when a method returns. Subjects are pseudonyms.

    Raises sqlite3.Error and OSError. Any thread and any number of processes may use it.
    """

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder / FILE, _TABLES)

    def grant(
        self,
        subject: str,
        purpose: str,
        source: str,
        basis: LegalBasis = LegalBasis.CONSENT,
        at: float | None = None,
    ) -> Standing:
        """From now on data of the subject may be processed for the purpose, on that basis; `source` says who told."""
        return self._write(subject, Standing(purpose, GRANTED, LegalBasis(basis), source, _moment(at)))

    def withdraw(self, subject: str, purpose: str, source: str, at: float | None = None) -> Standing:
        """From now on it may not; what was done before stays lawful (GDPR Article 7(3))."""
        known = self.standing(subject, purpose)
        basis = known.basis if known else LegalBasis.CONSENT
        return self._write(subject, Standing(purpose, WITHDRAWN, basis, source, _moment(at)))

    def standing(self, subject: str, purpose: str) -> Standing | None:
        """What holds now; None where nothing was ever said."""
        query = f"SELECT {_COLUMNS} FROM consent WHERE subject = ? AND purpose = ? ORDER BY id DESC LIMIT 1"  # noqa: S608
        rows = self._database.read(query, subject, purpose)
        return _standing(rows[0]) if rows else None

    def history(self, subject: str, purpose: str | None = None) -> list[Standing]:
        """All that was said of the subject, oldest first."""
        condition, values = ("", ()) if purpose is None else (" AND purpose = ?", (purpose,))
        query = f"SELECT {_COLUMNS} FROM consent WHERE subject = ?{condition} ORDER BY id"  # noqa: S608
        return [_standing(row) for row in self._database.read(query, subject, *values)]

    def forget(self, subject: str) -> int:
        """Overwrite all lines of the subject in the file; how many there were. `forget_copies` ends it."""
        with self._database.transaction() as connection:
            return connection.execute("DELETE FROM consent WHERE subject = ?", (subject,)).rowcount

    def forget_copies(self) -> None:
        """Empty the file's log of what was forgotten. Raises OSError where a reader keeps an old copy: try again."""
        if not self._database.forget_copies():
            raise OSError(f"{self._database.file} is being read, and keeps a copy until that ends")

    def close(self) -> None:
        self._database.close()

    def _write(self, subject: str, line: Standing) -> Standing:
        query = f"INSERT INTO consent (subject, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608
        with self._database.transaction() as connection:
            connection.execute(query, (subject, *line))
        return line


def _standing(row: tuple[Any, ...]) -> Standing:
    purpose, status, basis, source, at = row
    return Standing(purpose, status, LegalBasis(basis), source, at)


def _moment(at: float | None) -> float:
    return time.time() if at is None else at
