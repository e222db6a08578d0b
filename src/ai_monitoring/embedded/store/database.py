"""The SQLite file: its tables, and the connections to it.

Lines of a stream lie beside each other in the order of their time, so that a query over a stream and a time range reads
one piece of the file, and retention deletes one.
"""

import fcntl
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ai_monitoring.embedded.store.records import Labels

VERSION = 1
"""Of the tables below, kept in the file's `user_version`."""
BUSY_SECONDS = 30.0

_TABLES = """
CREATE TABLE stream (id INTEGER PRIMARY KEY, labels TEXT NOT NULL UNIQUE);
-- `sequence` tells lines of one moment apart, in the order in which they came.
CREATE TABLE line (
    stream INTEGER NOT NULL, time INTEGER NOT NULL, sequence INTEGER NOT NULL,
    level TEXT NOT NULL, metadata TEXT, text TEXT NOT NULL,
    PRIMARY KEY (stream, time, sequence)
) WITHOUT ROWID;
CREATE TABLE span (
    trace_id TEXT NOT NULL, span_id TEXT NOT NULL, parent_id TEXT NOT NULL,
    service TEXT NOT NULL, name TEXT NOT NULL, kind INTEGER NOT NULL,
    begin INTEGER NOT NULL, end INTEGER NOT NULL, status INTEGER NOT NULL,
    rest TEXT NOT NULL,
    PRIMARY KEY (trace_id, span_id)
) WITHOUT ROWID;
CREATE INDEX span_begin ON span (begin);
"""


_FOREIGN = "move it away, then an empty one is made in its place"
_FOLDER = "its folder has to be there, and writable for the user who starts this"
_ADVICE = {
    sqlite3.SQLITE_BUSY: "end the program that holds it",
    sqlite3.SQLITE_CANTOPEN: _FOLDER,
    sqlite3.SQLITE_FULL: "free space on its disk",
    sqlite3.SQLITE_IOERR: "look at its disk: is it full, or failing?",
    sqlite3.SQLITE_PERM: _FOLDER,
    sqlite3.SQLITE_READONLY: _FOLDER,
}
"""What helps, by SQLite's code; other errors come from a damaged or foreign file."""


class DatabaseError(Exception):
    """The file cannot be used; the message says why and what to do."""


@contextmanager
def explained(file: Path, *, of_query: bool = False) -> Iterator[None]:
    """Raises DatabaseError for what SQLite raises inside the block, unless it is the fault `of_query`."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        if of_query and code == sqlite3.SQLITE_ERROR:
            raise
        advice = _ADVICE.get(code & 0xFF, _FOREIGN)
        raise DatabaseError(f"The store {file} cannot be used ({error}): {advice}.") from error


@contextmanager
def claimed(file: Path) -> Iterator[None]:
    """No other process may claim the file inside the block. Raises DatabaseError where one has, OSError."""
    with file.with_name(f"{file.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            text = f"The store {file} is in use by another process: end that one, or use another folder."
            raise DatabaseError(text) from error
        yield


def create(file: Path) -> None:
    """Make the file and its tables unless they are there. Raises DatabaseError for one of another version."""
    with connected(file) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            # Lines of more than a quarter of a page take pages of their own.
            connection.execute("PRAGMA page_size = 8192")
            # Before the first table: pages that retention frees can then be given back.
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
        elif version != VERSION:
            raise DatabaseError(
                f"{file} has tables of version {version}, this program knows {VERSION}: move the file away."
            )


@contextmanager
def connected(file: Path, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection inside the block. A commit is on disk once it returns."""
    connection = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -8000")  # kB
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        yield connection
    finally:
        connection.close()


def pack(labels: Labels) -> str:
    return json.dumps(dict(labels), ensure_ascii=False, separators=(",", ":"))


def unpack(packed: str) -> Labels:
    return tuple(json.loads(packed).items())
