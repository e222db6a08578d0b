"""The audit log: append-only, sealed, hash-chained, in one SQLite file that several processes may write."""

import json
import logging
import secrets
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ai_monitoring.compliance.anchor import Anchor
from ai_monitoring.compliance.chain import GENESIS, Entry
from ai_monitoring.compliance.database import Database
from ai_monitoring.compliance.keyring import HOUSE, Key, Keyring
from ai_monitoring.compliance.signing import Signer, statement_of

FILE: Final = "audit.sqlite"
COLUMNS: Final = "sequence, at, action, id, key, sealed, hash"
_TABLES = """
CREATE TABLE IF NOT EXISTS entry (
    sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, action TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL,
    sealed BLOB NOT NULL, hash BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS entry_id ON entry (id);
CREATE INDEX IF NOT EXISTS entry_key ON entry (key, sequence);
-- Signed: where the chain ends (head), and where it begins once old entries are gone (checkpoint).
CREATE TABLE IF NOT EXISTS signed (kind TEXT PRIMARY KEY, statement TEXT NOT NULL);
-- What the last verification found.
CREATE TABLE IF NOT EXISTS verdict (one INTEGER PRIMARY KEY CHECK (one = 1), at REAL NOT NULL, verdict TEXT NOT NULL);
"""
_NONCE_BYTES: Final = 12
_PAGE: Final = 1_000
_NEVER: Final = 2**63 - 1

logger = logging.getLogger("ai_monitoring.compliance")


class Event(NamedTuple):
    """What happened. `at` in microseconds since 1970; `subject` is a pseudonym, or "" where nobody is concerned."""

    id: str
    at: int
    action: str
    subject: str
    record: Mapping[str, Any]


class AuditLog:
    """The log in `folder`, with its keys and its signed head; a second copy of the head lies in the file `anchor`.

    Raises sqlite3.Error and OSError. Any thread and any number of processes may append.
    """

    def __init__(self, folder: Path, anchor: Path | None = None) -> None:
        self.database = Database(folder / FILE, _TABLES)
        self.keyring = Keyring(folder)
        self.signer = Signer(folder)
        self.anchor = Anchor(anchor or folder / "audit.head")
        self._unkept = False

    def append(self, events: Sequence[Event]) -> None:
        """Write the events, all or none, and the head that covers them."""
        if not events:
            return
        keys = self.keyring.keys((event.subject, event.at) for event in events)
        with self.database.transaction() as connection:
            sequence, previous = self._end(connection)
            entries = []
            for event in events:
                sequence += 1
                entries.append(_sealed(sequence, event, keys[event.subject, event.at], previous))
                previous = entries[-1].hash
            connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", entries)
            head = self.signer.signed({"kind": "head", "sequence": sequence, "hash": previous.hex(), "at": time.time()})
            connection.execute("INSERT OR REPLACE INTO signed VALUES ('head', ?)", (json.dumps(head),))
        with self.database.alone:  # no fork meanwhile: a child would inherit the lock of the head's file
            self._keep(head)

    def record(self, entry: Entry) -> dict[str, Any] | None:
        """What an entry says; None where its key is destroyed, or is not the one that sealed it."""
        secret = self.keyring.secret(entry.key)
        if secret is None:
            return None
        nonce, ciphertext = entry.sealed[:_NONCE_BYTES], entry.sealed[_NONCE_BYTES:]
        try:
            content: dict[str, Any] = json.loads(AESGCM(secret).decrypt(nonce, ciphertext, entry.bound()))
        except InvalidTag:
            return None
        return content

    def entries(self, subject: str | None = None, since: int = 0, newest: int = -1) -> Iterator[Entry]:
        """Entries from `since` on (microseconds since 1970), oldest first; of a `subject` those under its key alone.

        `newest` is how many of the newest, all where it is below 0.
        """
        condition = "at >= ?"
        values: list[int | str] = [since]
        if subject is not None:
            condition += " AND key = ?"
            values.append(self.keyring.identifier(subject) or "-")
        chosen = f"SELECT sequence FROM entry WHERE {condition} ORDER BY sequence DESC LIMIT ?"  # noqa: S608
        ((first, last),) = self.database.read(f"SELECT min(sequence), max(sequence) FROM ({chosen})", *values, newest)  # noqa: S608
        query = f"SELECT {COLUMNS} FROM entry WHERE {condition} AND sequence BETWEEN ? AND ? ORDER BY sequence LIMIT ?"  # noqa: S608
        while first is not None and (rows := self.database.read(query, *values, first, last, _PAGE)):
            yield from map(Entry._make, rows)
            first = rows[-1][0] + 1

    def prune(self, before: int) -> int:
        """Delete the oldest entries, up to the first that is not older than `before` (microseconds since 1970). One of
        the future was written by a clock that was ahead, and goes with an older one behind it.

        A signed checkpoint says where the chain begins from then on. Keys that nothing needs any more are destroyed.
        Returns how many entries went.
        """
        with self.database.transaction() as connection:
            now = time.time_ns() // 1000
            query = "SELECT min(sequence) FROM entry WHERE at BETWEEN ? AND ?"
            (kept,) = connection.execute(query, (before, now)).fetchone()
            query = "SELECT sequence, hash FROM entry WHERE at < ? AND sequence < ? ORDER BY sequence DESC LIMIT 1"
            last = connection.execute(query, (before, _NEVER if kept is None else kept)).fetchone()
            if last is None:
                return 0
            statement = {"kind": "checkpoint", "sequence": last[0], "hash": last[1].hex(), "at": time.time()}
            signed = json.dumps(self.signer.signed(statement))
            connection.execute("INSERT OR REPLACE INTO signed VALUES ('checkpoint', ?)", (signed,))
            count = connection.execute("DELETE FROM entry WHERE sequence <= ?", last[:1]).rowcount
        used = {key for (key,) in self.database.read("SELECT DISTINCT key FROM entry")}
        self.keyring.keep_only(used, before)
        return count

    def extent(self) -> tuple[int, int]:
        """How many entries there are, and the time of the oldest in microseconds since 1970; 0 where there is none."""
        ((first, last, oldest),) = self.database.read(
            "SELECT min(sequence), max(sequence), (SELECT at FROM entry ORDER BY sequence LIMIT 1) FROM entry"
        )
        return (0, 0) if first is None else (last - first + 1, oldest)

    def close(self) -> None:
        self.database.close()
        self.keyring.close()

    def _keep(self, head: Mapping[str, Any]) -> None:
        try:
            self.anchor.advance(head, self._follows)
        except (OSError, ValueError, sqlite3.Error) as error:
            # The entries are written: whoever took this for their failure would write them twice.
            if not self._unkept:
                logger.error("The audit log's head is not kept in %s: %s", self.anchor.file, error)
            self._unkept = True
            return
        self._unkept = False

    def _follows(self, head: Mapping[str, Any]) -> bool:
        """Whether the entry that an earlier head names is there, or retention has deleted it."""
        rows = self.database.read("SELECT lower(hex(hash)) FROM entry WHERE sequence = ?", head["sequence"])
        if rows:
            return bool(rows[0][0] == head.get("hash"))
        rows = self.database.read("SELECT statement FROM signed WHERE kind = 'checkpoint'")
        checkpoint = statement_of(rows[0][0]) if rows else {}
        begins = checkpoint.get("kind") == "checkpoint" and self.signer.holds(checkpoint)
        return begins and bool(head["sequence"] <= checkpoint["sequence"])

    def _end(self, connection: sqlite3.Connection) -> tuple[int, bytes]:
        """The last entry's number and hash, by the head: a log that was cut short is never grown on in silence."""
        row = connection.execute("SELECT statement FROM signed WHERE kind = 'head'").fetchone()
        if row is None:
            return 0, GENESIS
        head = json.loads(row[0])
        return head["sequence"], bytes.fromhex(head["hash"])


def house_event(action: str, record: Mapping[str, Any]) -> Event:
    """An event of now that concerns no subject."""
    return Event(new_id(), time.time_ns() // 1000, action, HOUSE, record)


def new_id() -> str:
    """An identifier of an entry that is still to be written: 16 hexadecimal digits."""
    return secrets.token_hex(8)


def _sealed(sequence: int, event: Event, key: Key, previous: bytes) -> Entry:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    entry = Entry(sequence, event.at, event.action, event.id, key.id, b"", b"")
    content = json.dumps(event.record, separators=(",", ":")).encode()
    entry = entry._replace(sealed=nonce + AESGCM(key.secret).encrypt(nonce, content, entry.bound()))
    return entry._replace(hash=entry.hash_after(previous))
