"""The keys that seal audit entries: one for each subject, one of the house. What has lost its key is gone."""

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from ai_monitoring.compliance.database import Database

FILE: Final = "keys.sqlite"
HOUSE: Final = ""
"""Stands for a subject where there is none."""

# An entry names its key by `id`, which says nothing of the subject once this row is gone. `erased` tells late entries.
_TABLES = """
CREATE TABLE IF NOT EXISTS key (
    subject TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, secret BLOB NOT NULL, made INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS erased (subject TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
"""
_ERASED = "SELECT 1 FROM erased WHERE subject = ? AND at >= ?"
"""Whether the subject was erased after that time."""


class Key(NamedTuple):
    """An AES-256 key and its name."""

    id: str
    secret: bytes


class Keyring:
    """Keys in `keys.sqlite` of `folder`. Times in microseconds since 1970. Raises sqlite3.Error and OSError.

    Its journal is deleted with each commit, and what is deleted overwritten, so that no copy of a key stays in a file.
    """

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder / FILE, _TABLES, "DELETE")

    def keys(self, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Key]:
        """For each subject and time a key, made on first use.

        What happened before the subject's erasure, and comes late, gets a key that is kept nowhere.
        """
        pairs = set(wanted)
        found = {pair: key for pair in pairs if (key := self._known(*pair)) is not None}
        if missing := pairs - found.keys():
            with self._database.transaction() as connection:
                found |= {pair: self._made(connection, *pair) for pair in sorted(missing)}
        return found

    def secret(self, identifier: str) -> bytes | None:
        """The key of that name; None once it is destroyed."""
        rows = self._database.read("SELECT secret FROM key WHERE id = ?", identifier)
        return rows[0][0] if rows else None

    def identifier(self, subject: str) -> str | None:
        """The name of the subject's key; None where there is none."""
        rows = self._database.read("SELECT id FROM key WHERE subject = ?", subject)
        return rows[0][0] if rows else None

    def destroy(self, subject: str, now: int | None = None) -> int:
        """Overwrite the subject's key; how many there were. Entries of before that come later are sealed for nobody."""
        at = time.time_ns() // 1000 if now is None else now
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO erased VALUES (?, ?)", (_digest(subject), at))
            return connection.execute("DELETE FROM key WHERE subject = ?", (subject,)).rowcount

    def keep_only(self, used: Mapping[str, object] | set[str], made_before: int) -> int:
        """Destroy subjects' keys of before that time that no entry names any more; how many those were."""
        rows = self._database.read("SELECT id FROM key WHERE made < ? AND subject <> ?", made_before, HOUSE)
        unused = [identifier for (identifier,) in rows if identifier not in used]
        if unused:
            with self._database.transaction() as connection:
                connection.executemany("DELETE FROM key WHERE id = ?", [(identifier,) for identifier in unused])
        return len(unused)

    def close(self) -> None:
        self._database.close()

    def _known(self, subject: str, at: int) -> Key | None:
        query = f"SELECT id, secret FROM key WHERE subject = ? AND NOT EXISTS ({_ERASED})"  # noqa: S608
        rows = self._database.read(query, subject, _digest(subject), at)
        return Key(*rows[0]) if rows else None

    def _made(self, connection: sqlite3.Connection, subject: str, at: int) -> Key:
        key = Key(secrets.token_hex(8), secrets.token_bytes(32))
        if connection.execute(_ERASED, (_digest(subject), at)).fetchone():
            return key
        made = time.time_ns() // 1000
        connection.execute("INSERT OR IGNORE INTO key VALUES (?, ?, ?, ?)", (subject, key.id, key.secret, made))
        # Another process may have been quicker.
        return Key(*connection.execute("SELECT id, secret FROM key WHERE subject = ?", (subject,)).fetchone())


def _digest(subject: str) -> str:
    return hashlib.sha256(subject.encode()).hexdigest()
