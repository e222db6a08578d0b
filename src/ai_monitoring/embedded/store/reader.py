"""Reading: what queries ask of the file. Whatever SQLite can decide by itself is decided there, not in Python.

The SQL that callers give is their own; what users write is bound to its `?`.
"""

import json
import math
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ai_monitoring.embedded.store.database import connected, explained, unpack
from ai_monitoring.embedded.store.records import Labels, Span

_LINES = "SELECT time, text, level, metadata FROM line WHERE stream = ? AND time >= ? AND time < ?"
_SPAN = "trace_id, span_id, parent_id, service, name, kind, begin, end, status, rest"


class QueryTimeoutError(Exception):
    """A query took longer than it may."""


@dataclass(frozen=True)
class Condition:
    """SQL about a line's columns `level`, `metadata` (JSON or NULL) and `text`, and what stands for its `?`."""

    sql: str
    values: tuple[str | int | float, ...] = ()

    def __and__(self, other: "Condition") -> "Condition":
        """Without parentheses, a hundred of which SQLite refuses: an OR brings its own."""
        return Condition(f"{self.sql} AND {other.sql}", self.values + other.values)


EVERY = Condition("1")


@dataclass(frozen=True)
class Row:
    """A line as it is read. `metadata` without the level."""

    time: int
    text: str
    level: str
    metadata: dict[str, str]


class Reader:
    """One query's view of the file: what is committed later does not appear in it."""

    def __init__(self, connection: sqlite3.Connection, seconds: float = math.inf) -> None:
        """`seconds` is how long the query may take from now on."""
        self._connection, self._seconds = connection, seconds
        self._deadline = time.monotonic() + seconds

    def is_late(self) -> bool:
        """Whether the query has had its time."""
        return time.monotonic() > self._deadline

    def check_time(self) -> None:
        """For work on what was read. Raises QueryTimeoutError once the query has had its time."""
        if self.is_late():
            raise QueryTimeoutError(f"The query took longer than {self._seconds:g} s.")

    def streams(self) -> dict[int, Labels]:
        """Each stream's labels, by its number."""
        found = self._connection.execute("SELECT id, labels FROM stream ORDER BY id")
        return {number: unpack(labels) for number, labels in found}

    def has_lines(self, stream: int, begin: int, end: int) -> bool:
        """Whether the stream has a line in [begin, end)."""
        query = "SELECT 1 FROM line WHERE stream = ? AND time >= ? AND time < ? LIMIT 1"
        return self._connection.execute(query, (stream, begin, end)).fetchone() is not None

    def lines(
        self, stream: int, begin: int, end: int, *, where: Condition = EVERY, backward: bool = False
    ) -> Iterator[Row]:
        """The stream's lines in [begin, end), oldest first or, `backward`, newest first, read as they are asked for."""
        order = "DESC" if backward else "ASC"
        query = f"{_LINES} AND ({where.sql}) ORDER BY time {order}, sequence {order}"
        for moment, text, level, metadata in self._connection.execute(query, (stream, begin, end, *where.values)):
            yield Row(moment, text, level, json.loads(metadata) if metadata else {})

    def grouped(
        self, stream: int, begin: int, end: int, measures: Sequence[str], keys: Sequence[str], where: Condition = EVERY
    ) -> Iterator[tuple[Any, ...]]:
        """The stream's lines in (begin, end], as LogQL's windows are: for each value of `keys` the `measures`.

        Keys are SQL about a line, measures are aggregates in SQL. Rows are (keys…, measures…).
        """
        columns = ", ".join([*keys, *measures])
        group = f" GROUP BY {', '.join(keys)}" if keys else " HAVING count(*) > 0"
        query = f"SELECT {columns} FROM line WHERE stream = ? AND time > ? AND time <= ? AND ({where.sql}){group}"  # noqa: S608
        yield from self._connection.execute(query, (stream, begin, end, *where.values))

    def trace_ids(self, where: str, values: Sequence[Any] = ()) -> Iterator[str]:
        """The trace of each span for which SQL about its columns holds, newest span first, so that traces repeat."""
        query = f"SELECT trace_id FROM span WHERE {where} ORDER BY begin DESC"  # noqa: S608
        for (trace_id,) in self._connection.execute(query, values):
            yield trace_id

    def spans(self, where: str, values: Sequence[Any] = (), limit: int = -1) -> Iterator[Span]:
        """Spans for which SQL about their columns holds, newest first."""
        query = f"SELECT {_SPAN} FROM span WHERE {where} ORDER BY begin DESC LIMIT ?"  # noqa: S608
        for *columns, rest in self._connection.execute(query, (*values, limit)):
            message, scope, attributes, resource, events, links = json.loads(rest)
            yield Span._make([*columns, message, scope, attributes, resource, tuple(events), tuple(links)])


@contextmanager
def reading(file: Path, seconds: float) -> Iterator[Reader]:
    """A reader inside the block, in which no query may take longer than `seconds`.

    Raises QueryTimeoutError, and DatabaseError for a file that cannot be read.
    """
    with explained(file, of_query=True), connected(file, read_only=True) as connection:
        reader = Reader(connection, seconds)
        connection.set_progress_handler(reader.is_late, 10_000)
        connection.execute("BEGIN")
        try:
            yield reader
        except sqlite3.OperationalError:
            # Perhaps it was interrupted.
            reader.check_time()
            raise
